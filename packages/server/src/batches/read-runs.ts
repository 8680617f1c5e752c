import { batchEvents } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { countOfFlow, type FlowCounts } from "../mailbox/index.ts";
import { type BatchRunRow, listRuns } from "./store.ts";

/** A run, and how far it is. */
export interface ShownRun extends Omit<BatchRunRow, "state" | "elapsedMs"> {
  /**
   * `stuck`: a page could not be read, and its dead letter waits for a person. `working`: everything was read, and some of it waits. `finished`: nothing is left to do but
   * what failed.
   */
  readonly state: "reading" | "stuck" | "working" | "finished" | "cancelled";
  readonly done: number;
  /** Dead letters, which wait for a person. */
  readonly failed: number;
  readonly waiting: number;
  /** When everything is done at the pace so far; `null`: how much there is, is not known, or nothing was done yet. */
  readonly etaSeconds: number | null;
}

/** The newest runs first, with their progress: counted for the request, so that no item costs anything for it. */
export async function readRuns(db: Db, filter: { readonly tenant?: string; readonly batch?: string }, limit: number): Promise<ShownRun[]> {
  const shown: ShownRun[] = [];
  for (const run of await listRuns(db, filter, limit)) {
    const counts = await countOfFlow(db, {
      tenant: run.tenant,
      mailbox: `${run.connection}/backfill`,
      flow: run.batch,
      keyPrefix: `${run.id}/`,
    });
    shown.push(toShown(run, counts));
  }
  return shown;
}

function toShown({ elapsedMs, state, ...run }: BatchRunRow, counts: readonly FlowCounts[]): ShownRun {
  const countsOf = (type: string): Pick<FlowCounts, "waiting" | "dead"> =>
    counts.find(({ eventType }) => eventType === type) ?? { waiting: 0, dead: 0 };
  const { waiting, dead } = countsOf(batchEvents.item);
  const done = Math.max(0, run.items - waiting - dead);
  const all = state === "reading" ? run.total : run.items;
  const left = all === null ? null : Math.max(0, all - done - dead);
  const etaSeconds = left === 0 ? 0 : left === null || done === 0 ? null : Math.ceil((left * elapsedMs) / done / 1_000);
  return { ...run, state: stateOf(state, waiting, countsOf(batchEvents.read).dead > 0), done, failed: dead, waiting, etaSeconds };
}

function stateOf(state: BatchRunRow["state"], waiting: number, isStuck: boolean): ShownRun["state"] {
  if (state === "reading") return isStuck ? "stuck" : "reading";
  if (state === "cancelled") return "cancelled";
  return waiting > 0 ? "working" : "finished";
}
