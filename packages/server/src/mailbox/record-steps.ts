import { isBelayError } from "@belay/sdk";
import { type Db, processDatabaseError } from "../db/index.ts";
import type { Cipher } from "../vault/index.ts";
import { sealTexts } from "./sealed-texts.ts";
import { insertSteps } from "./store.ts";

export interface StepRecord {
  readonly tenant: string;
  readonly mailbox: string;
  readonly message: number;
  readonly name: string;
  /** JSON text. */
  readonly result: string;
  /** It may have changed something at the provider: never done again. What others saw or worked out, a replay may have to look at anew. */
  readonly wrote: boolean;
}

interface Waiting {
  readonly record: StepRecord;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit of step results: whoever arrives while a write is under way goes with the next. The returned function resolves when the result is on disk
 * and rejects when it could not be written. A result of a message that has ended meanwhile is dropped. A record that the database refuses costs no other.
 */
export function recordSteps(db: Db, cipher: Cipher): (record: StepRecord) => Promise<void> {
  let waiting: Waiting[] = [];
  let running = false;
  const run = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await write(db, cipher, batch);
    }
    running = false;
  };
  return (record) =>
    new Promise((resolve, reject) => {
      waiting.push({ record, resolve, reject });
      if (!running) run().catch(reject);
    });
}

/** Settles every promise of the batch; never rejects. */
async function write(db: Db, cipher: Cipher, batch: readonly Waiting[]): Promise<void> {
  try {
    const results = await sealTexts(
      cipher,
      "step.result",
      batch.map(({ record: { tenant, result } }) => ({ tenant, value: result })),
    );
    await insertSteps(
      db,
      batch.map(({ record }, index) => ({ ...record, result: results[index] ?? "" })),
    );
    for (const { resolve } of batch) resolve();
  } catch (error) {
    // One step's name, which the flow made up, may hold what Postgres refuses; or the keys of one tenant cannot be had.
    if (batch.length > 1 && (processDatabaseError(error) === "refused" || isBelayError(error)))
      for (const one of batch) await write(db, cipher, [one]);
    else for (const { reject } of batch) reject(error);
  }
}
