import type { Db } from "../db/index.ts";
import { hintSyncs } from "./hint-store.ts";
import type { SyncKey } from "./types.ts";

/**
 * Writes down that there is word of changes. One statement at a time, and what comes meanwhile goes with the next: a burst of any size costs a few statements, and those that find
 * it written already write nothing.
 */
export class HintWriter {
  readonly #db: Db;
  #waiting = new Map<string, SyncKey>();
  #next: Promise<void> | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(db: Db) {
    this.#db = db;
  }

  /** Resolves when it is on disk. Calling it twice is safe. @throws what the database throws; then nothing was written, or its answer was lost. */
  take(keys: readonly SyncKey[]): Promise<void> {
    for (const key of keys) this.#waiting.set(`${key.tenant}\n${key.sync}\n${key.connection}`, key);
    this.#next ??= this.#write();
    return this.#next;
  }

  async #write(): Promise<void> {
    await this.#writing.catch(() => {
      // Those who waited for it were told.
    });
    const keys = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#next = undefined;
    const writing = this.#db.transaction().execute(async (tx) => await hintSyncs(tx, keys));
    this.#writing = writing;
    await writing;
  }
}
