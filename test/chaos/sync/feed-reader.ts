import { acknowledgeChanges, defineConsumer, readChanges } from "../../../packages/server/src/feed/index.ts";
import type { Db } from "../../../packages/server/src/db/index.ts";
import type { Cipher } from "../../../packages/server/src/vault/index.ts";
import { isBelayError } from "@belay/sdk";
import type { Broken } from "../kernel/observer.ts";

const consumer = { owner: "", name: "reader" } as const;

/** Somebody who reads the feed from its start while it is written, and does not always acknowledge. */
export class FeedReader {
  /** What the records are by the feed alone, by canonical id; without those that are deleted. */
  readonly view = new Map<string, string>();
  readonly broken: Broken[] = [];
  readonly #db: Db;
  readonly #cipher: Cipher;
  readonly #random: () => number;
  /** Everything up to here was acknowledged. */
  #through = 0;

  constructor(db: Db, cipher: Cipher, random: () => number) {
    this.#db = db;
    this.#cipher = cipher;
    this.#random = random;
  }

  async define(): Promise<void> {
    await defineConsumer(this.#db, consumer, {}, "start");
  }

  /** Reads one batch, whose size does not fit pages of records. @returns whether there was one. */
  async read(acknowledges: boolean = this.#random() < 0.7): Promise<boolean> {
    const { batch, items } = await readChanges({ db: this.#db, cipher: this.#cipher }, consumer, {
      limit: 7,
      mostBytes: 1_000_000,
      leaseMs: 1,
    });
    if (batch === null) return false;
    for (const [index, { position, record, kind, data }] of items.entries()) {
      const expected = this.#through + index + 1;
      if (position !== expected)
        this.broken.push({ kind: "feed", text: `a reader should get position ${expected} next, and gets ${position}` });
      if (kind === "deleted") this.view.delete(record);
      else this.view.set(record, JSON.stringify(data));
    }
    if (acknowledges) await this.#acknowledge(batch, items.at(-1)?.position ?? this.#through);
    return true;
  }

  async #acknowledge(batch: string, through: number): Promise<void> {
    try {
      await acknowledgeChanges(this.#db, consumer, batch);
      this.#through = through;
    } catch (error) {
      // A batch that came again is another one.
      if (!isBelayError(error) || error.code !== "FEED_LEASE_LOST") throw error;
    }
  }
}
