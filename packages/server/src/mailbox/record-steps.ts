import type { Db } from "../db/index.ts";
import { insertSteps } from "./store.ts";

export interface StepRecord {
  readonly tenant: string;
  readonly mailbox: string;
  readonly message: number;
  readonly name: string;
  /** JSON text. */
  readonly result: string;
}

/**
 * Group commit of step results: whoever arrives while a write is under way goes with the next. The returned function resolves when the result is on disk
 * and rejects when it could not be written. A result of a message that has ended meanwhile is dropped.
 */
export function recordSteps(db: Db): (record: StepRecord) => Promise<void> {
  let waiting: { record: StepRecord; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let running = false;
  const run = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await insertSteps(db, batch.map(({ record }) => record));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running = false;
  };
  return (record) =>
    new Promise((resolve, reject) => {
      waiting.push({ record, resolve, reject });
      if (!running) run().catch(reject);
    });
}
