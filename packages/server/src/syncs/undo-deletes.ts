import { BelayError, type Sync, toMs } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { applyReturn, type DeletedBy, planReturn, readDeleted, type ReturnPlan } from "../records/index.ts";
import { insertEvents } from "../stream/index.ts";
import type { Cipher } from "../vault/index.ts";
import { growRecords, setPaused } from "./store.ts";

/** Why a record that a walk has deleted was not brought back. `came-back`: by itself, or somebody has changed it since. `too-late`: the time for it is over. */
export type WhyLeftAlone = "came-back" | "too-late" | "unreadable";

export interface LeftAlone {
  readonly externalId: string;
  readonly why: WhyLeftAlone;
}

/** What became of the records that a walk has deleted. */
export interface UndoneDeletes {
  /** How many are back. */
  readonly restored: number;
  /** How many were left as they are, and the first of them. */
  readonly leftAlone: number;
  readonly records: readonly LeftAlone[];
  /** The sync was paused for it; it was not before. */
  readonly paused: boolean;
}

/** So many records come back in one transaction. */
const chunk = 500;
const mostListed = 1_000;
/** Somebody else changes the very records that come back so often only by mistake. */
const mostAttempts = 5;

/**
 * Brings back what a walk has deleted: records, contents, canonical ids and match keys as they were before, told in the feed as restored. What came back by itself meanwhile is left
 * alone. The sync is paused, for its next walk would delete them again as long as the cause is there. In parts, and calling it twice is safe: when it is cut off, the next call goes on.
 *
 * @throws `SYNC_NOTHING_TO_UNDO`, `SYNC_PAGE_CONTENDED`.
 */
export async function undoDeletes(
  parts: { readonly db: Db; readonly cipher: Cipher },
  sync: Sync,
  by: DeletedBy,
  { actor }: { readonly actor: string },
): Promise<UndoneDeletes> {
  const undoMs = toMs(sync.deletes.undo);
  const records: LeftAlone[] = [];
  let [restored, leftAlone, paused, after] = [0, 0, false, ""];
  for (;;) {
    const some = await undoSome(parts, by, actor, { after, limit: chunk, undoMs });
    if (some === undefined) break;
    restored += some.restored;
    paused ||= some.paused;
    leftAlone += some.leftAlone.length;
    records.push(...some.leftAlone.slice(0, mostListed - records.length));
    after = some.last;
  }
  const { tenant, sync: id, connection, walk } = by;
  if (restored === 0 && leftAlone === 0)
    throw new BelayError(
      "SYNC_NOTHING_TO_UNDO",
      `Walk ${walk} of sync "${id}" at connection "${connection}" has deleted nothing that is known.`,
    );
  const data = { walk, restored, left: leftAlone };
  if (restored > 0) await insertEvents(parts.db, [{ type: "sync.deletes-undone", tenant, connection, flow: id, actor, data }]);
  return { restored, leftAlone, records, paused };
}

interface Some extends Pick<UndoneDeletes, "restored" | "paused"> {
  readonly leftAlone: readonly LeftAlone[];
  /** The last external id that was looked at. */
  readonly last: string;
}

/** Undefined: there are no more. */
async function undoSome(
  parts: { readonly db: Db; readonly cipher: Cipher },
  by: DeletedBy,
  actor: string,
  place: { readonly after: string; readonly limit: number; readonly undoMs: number },
): Promise<Some | undefined> {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const found = await readDeleted(parts.db, by, place);
    const last = found.at(-1)?.externalId;
    if (last === undefined) return undefined;
    const returning = found.filter(({ isGone, isRecent }) => isGone && isRecent);
    const plan = await planReturn(parts, by, returning);
    const done = await parts.db
      .transaction()
      .execute((tx) => write(tx, plan, actor))
      .catch(unlessContended);
    if (done === undefined) continue;
    const unreadable = new Set(plan.unreadable);
    const leftAlone = found.flatMap(({ externalId, isGone, isRecent }): LeftAlone[] => {
      const why = !isGone ? "came-back" : !isRecent ? "too-late" : unreadable.has(externalId) ? "unreadable" : undefined;
      return why === undefined ? [] : [{ externalId, why }];
    });
    return { ...done, restored: plan.rows.length, leftAlone, last };
  }
  throw new BelayError("SYNC_PAGE_CONTENDED", "Records that were to come back have changed meanwhile; try again.", { retry: "backoff" });
}

/** The sync's own row comes last, as for those who keep pages. */
async function write(tx: Db, plan: ReturnPlan, actor: string): Promise<Pick<Some, "paused">> {
  const { by, rows } = plan;
  if (rows.length === 0) return { paused: false };
  if (!(await applyReturn(tx, plan))) throw contended;
  await growRecords(tx, by, rows.length);
  const why = `The deletes of walk ${by.walk} were undone: resume the sync when their cause is mended.`;
  const paused = await setPaused(tx, by, actor, why);
  const { tenant, connection, sync } = by;
  if (paused) await insertEvents(tx, [{ type: "sync.paused", tenant, connection, flow: sync, actor, data: { why } }]);
  return { paused };
}

/** Rolls back where somebody else has been faster. */
const contended = new Error("A record has changed meanwhile.");

function unlessContended(error: unknown): undefined {
  if (error !== contended) throw error;
}
