import type { Rows } from "./kernel-database.ts";

export type Answer = { readonly rows: Rows } | { readonly error: Error };

/** A statement that waits for a lock which another connection holds. */
export interface Blocked {
  /** Its answer, if it has one by now. */
  look(): Promise<Answer | undefined>;
  /** Ends its waiting with an error. */
  cancel(): Promise<void>;
}

/** One connection to the database of a history. */
export interface Line {
  run(text: string, parameters: readonly unknown[]): Promise<Answer | Blocked>;
}

/** What the harness itself asks of the database of a history, outside all processes. */
export interface HistoryDatabase extends AsyncDisposable {
  /** One line: a transaction has the database to itself. Several: what a process sees is what PostgreSQL lets it see. */
  readonly lines: readonly Line[];
  /** Rises with whatever may have changed something. */
  readonly commits: number;
  /** Forgets the history before. */
  reset(): Promise<void>;
  /** What `belay.now()` says from the next statement on. */
  setClock(ms: number): void;
  run(text: string, parameters: readonly unknown[]): Promise<Rows>;
}
