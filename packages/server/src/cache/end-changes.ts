import type { CacheChange } from "@belay/sdk/http";
import type { Db } from "../db/index.ts";
import type { Logger } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { endEntries } from "./store.ts";

interface EndingParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly logger: Logger;
}

/** Ends entries of what was changed: what is said while one statement runs goes with the next. */
export class Endings {
  readonly #parts: EndingParts;
  #waiting: CacheChange[] = [];
  /** Ends with everything that was added until it was made. */
  #last: Promise<void> | undefined;

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  add(change: CacheChange): void {
    this.#waiting.push(change);
    this.settled()?.catch(() => undefined); // it is logged, and who has to know asks for the same promise
  }

  /** Resolves when everything that was added is written down. After a failure the next who asks tries again. Undefined: nothing is left. */
  settled(): Promise<void> | undefined {
    if (this.#waiting.length === 0) return this.#last;
    const before = this.#last ?? Promise.resolve();
    const last = before.catch(() => undefined).then(() => this.#write()); // its own changes wait still
    this.#last = last;
    const forget = (): void => {
      if (this.#last === last) this.#last = undefined;
    };
    last.then(forget, forget);
    return last;
  }

  async #write(): Promise<void> {
    const { db, cipher, logger } = this.#parts;
    const changes = this.#waiting;
    if (changes.length === 0) return;
    this.#waiting = [];
    try {
      const named = changes.flatMap(({ tenant, connection, resource, record }) =>
        record === null || resource === null ? [] : [{ tenant, value: recordName(connection, resource, record) }],
      );
      const hashes = (await cipher.fingerprint(named)).values();
      const rows = changes.map(({ record, ...change }) => {
        const hash = record === null || change.resource === null ? undefined : hashes.next().value;
        return { ...change, record: hash === undefined ? null : Buffer.from(hash).toString("hex") };
      });
      await endEntries(db, rows);
    } catch (error) {
      this.#waiting = [...changes, ...this.#waiting];
      logger.warn({ error, changes: changes.length }, "Entries of what was changed could not be ended; it is tried again.");
      throw error;
    }
  }
}

/** What a record's entries are found by. */
export function recordName(connection: string, resource: string, record: string): string {
  return JSON.stringify(["cache-record", connection, resource, record]);
}
