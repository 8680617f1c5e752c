import { createHash } from "node:crypto";

/** One broken promise: a kind, and in words what was expected and what was seen. */
export interface Broken {
  readonly kind: string;
  readonly text: string;
}

/** Sees everything that leaves or enters a process of a history. Two runs of one history must look the same to it. */
export class Observer {
  readonly #hash = createHash("sha256");
  readonly #lines: string[] | undefined;
  events = 0;

  /** `keep`: the lines are kept for a reader; otherwise only their hash. */
  constructor(keep: boolean) {
    this.#lines = keep ? [] : undefined;
  }

  note(atMs: number, who: string, what: string, facts: unknown = ""): void {
    const line = `${atMs} ${who} ${what} ${typeof facts === "string" ? facts : JSON.stringify(facts)}`;
    this.events += 1;
    this.#hash.update(line).update("\n");
    this.#lines?.push(line);
  }

  digest(): string {
    return this.#hash.digest("hex").slice(0, 32);
  }

  get lines(): readonly string[] {
    return this.#lines ?? [];
  }
}
