import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { type BatchRunKey, cancelReading } from "./store.ts";

/**
 * Ends the reading of a run: nothing more is added to it. What was read is still worked through; `belay pause flow` stops that too.
 *
 * @throws `BATCH_RUN_UNKNOWN`.
 */
export async function cancelRun(db: Db, run: BatchRunKey): Promise<void> {
  if (!(await cancelReading(db, run))) throw new BelayError("BATCH_RUN_UNKNOWN", `There is no run "${run.id}" that reads.`);
}
