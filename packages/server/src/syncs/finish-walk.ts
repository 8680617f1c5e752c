import { toMs } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { reconsiderReviews } from "../identity/index.ts";
import { lockLease } from "../mailbox/index.ts";
import {
  applyPlan,
  clearMissing,
  countMissing,
  deleteGoneTroubles,
  deleteSeen,
  type ListPart,
  planDeletes,
  readMissing,
  unlistMissing,
  unlistNamed,
} from "../records/index.ts";
import { insertEvents } from "../stream/index.ts";
import { walkOf } from "./compare-walk.ts";
import { decideLeaving, type LeavingDecision } from "./decide-leaving.ts";
import { dueAfterHint } from "./hint-store.ts";
import { type DeskParts, endingText, type HeldWalk, lost } from "./held-walk.ts";
import type { WalkEnding } from "./protocol.ts";
import { purposes } from "./purposes.ts";
import { countNamedDeletes, countTroubles, makeDue, moveSync, notifySchedulers } from "./store.ts";
import { endWalk, moveWalk, readOpenWalk } from "./walk-store.ts";

/** So many records are deleted in one transaction. */
const chunk = 500;

/**
 * Does what is left when the last page of a walk is kept: decides what becomes of records that it has not seen or that the provider has named as deleted, deletes those that may go, and ends it. It may be done again
 * from any point: until the walk is ended it is found as it was left.
 */
export async function finishWalk(parts: DeskParts, held: HeldWalk, ending: WalkEnding): Promise<void> {
  const leaving = await decideLeaving(parts, held, ending);
  const mayGo = leaving.decision.kind === "apply";
  const { identity } = held.sync;
  // Before anything is deleted: what was made anew in the place of a record is the same thing, and nobody is to take it for gone meanwhile.
  if (identity !== undefined) await reconsiderReviews(parts, identity, held.origin, mayGo ? leaving.part : "none");
  if (mayGo) await deleteListed(parts, held, ending, leaving.part);
  const progress = ending.progress === null ? null : await sealProgress(parts, held, ending.progress);
  await parts.db.transaction().execute(async (tx) => {
    if (!(await lockLease(tx, held.lease))) throw lost();
    await end(tx, held, ending, leaving, progress);
  });
}

/** In parts, each of which takes what it deletes off the list. */
async function deleteListed(parts: DeskParts, held: HeldWalk, ending: WalkEnding, part: ListPart): Promise<void> {
  for (;;) {
    const ids = await readMissing(parts.db, held.origin, chunk, part);
    if (ids.length === 0) return;
    await deleteSome(parts, held, ending, ids);
  }
}

async function deleteSome(parts: DeskParts, held: HeldWalk, ending: WalkEnding, ids: readonly string[]): Promise<void> {
  const { row } = held;
  const { tenant, id } = row;
  const plan = await planDeletes(parts, held.origin, ids);
  const [cursor] = await parts.cipher.seal([{ tenant, purpose: purposes.cursor, value: Buffer.from(endingText(ending, held)) }]);
  if (cursor === undefined) throw new Error("The cipher gave nothing back.");
  await parts.db.transaction().execute(async (tx) => {
    if (!(await lockLease(tx, held.lease))) throw lost();
    const move = { tenant, id, revision: held.revision, cursor, pages: 0, seen: 0, expected: null };
    if ((await moveWalk(tx, { ...plan.counts, unchanged: 0, ...move })) === undefined) throw lost();
    const named = await unlistMissing(tx, held.origin, ids);
    // Whoever has changed one of them meanwhile is told as a lost walk is: the next attempt looks again.
    const applied = await applyPlan(tx, plan, held.hasTroubles);
    if (applied === undefined) throw lost();
    if (applied.troubles !== 0) await countTroubles(tx, row, applied.troubles);
    if (named > 0) await countNamedDeletes(tx, row, named, toMs(held.sync.deletes.hold));
  });
  held.revision += 1;
}

async function end(
  tx: Db,
  held: HeldWalk,
  { proof, whyNone, reached }: WalkEnding,
  { decision, part, count, isNew }: LeavingDecision,
  progress: Uint8Array | null,
): Promise<void> {
  const { row, sync, origin } = held;
  const { tenant, connection, id } = row;
  // Where it has come to no end and says what the next one begins from, that is that everything has to be read.
  const isRefused = !reached && progress !== null;
  const whyFailed = isRefused ? "SYNC_POSITION_REFUSED" : "SYNC_WALK_STUCK";
  // Its counts, those of this very walk's deletes included.
  const counted = await readOpenWalk(tx, row);
  const isEnded = await endWalk(tx, {
    tenant,
    id,
    state: reached ? "complete" : "incomplete",
    proof: proof === null ? null : JSON.stringify(proof),
    whyNoProof: proof === null ? whyNone.join(" ") : null,
    code: reached ? null : whyFailed,
  });
  if (!isEnded || counted === undefined) throw lost();
  const isFull = row.kind !== "incremental";
  const isMappedAlike = held.mappedBy === sync.mapping;
  const isProven = reached && proof !== null;
  const hasCounted = reached && row.countsSeen;
  // Somebody is asked once about the same; where nobody has answered in time, once more.
  const asks = decision.kind === "held" && (isNew || row.isHoldOver || hasCounted);
  // Missing ones that no walk has proven to be missing now, or whose time is over, wait no more because others do.
  if (part === "named" && (hasCounted || (asks && row.isHoldOver))) await clearMissing(tx, origin, "missing");
  const isEmptied = row.hasHeld && (await countMissing(tx, origin)) === 0;
  await moveSync(tx, {
    ...origin,
    complete: reached,
    proven: isProven,
    progress,
    mapping: reached && isFull && isMappedAlike ? sync.mapping : null,
    growth: counted.growth,
    decided: hasCounted || isEmptied,
    holdMs: asks ? toMs(sync.deletes.hold) : null,
    // What another mapping has made is met again by no walk that reads only what has changed.
    wantsFull: !isMappedAlike || (!isFull && row.mapping !== sync.mapping),
  });
  await dueAfterHint(tx, row);
  if (held.hasTroubles && reached && proof?.covers === "all") {
    const gone = await deleteGoneTroubles(tx, origin, row.startedAtMs);
    if (gone > 0) await countTroubles(tx, row, -gone);
  }
  if (row.countsSeen) await deleteSeen(tx, row, [id]);
  if (asks)
    await insertEvents(tx, [
      { type: "sync.deletes-held", tenant, connection, flow: sync.id, data: { count, fraction: decision.fraction } },
    ]);
  if (!reached)
    await insertEvents(tx, [{ type: "sync.walk-failed", tenant, connection, flow: sync.id, cause: whyFailed, data: { walk: id } }]);
  // Until everything has been read, nothing that changes is heard of: that does not wait for the schedule.
  if (isRefused && (await makeDue(tx, origin, true))) await notifySchedulers(tx);
}

/** Nothing more is tried with the walk, if it is still this holder's. What it has kept stays; the next one begins from where this one began. */
export async function failWalk({ db, comparer }: DeskParts, held: HeldWalk, code: string): Promise<void> {
  const { row, sync, origin } = held;
  const { tenant, connection, id } = row;
  await db.transaction().execute(async (tx) => {
    // Somebody else may have taken it over, and go on with it.
    if (!(await lockLease(tx, held.lease))) return;
    const counted = await readOpenWalk(tx, row);
    const isEnded = await endWalk(tx, { tenant, id, state: "failed", proof: null, whyNoProof: null, code });
    if (!isEnded || counted === undefined) return;
    if (row.kind === "reconcile") await comparer?.fail(tx, walkOf(held), code);
    await moveSync(tx, {
      ...origin,
      complete: false,
      proven: false,
      progress: null,
      mapping: null,
      growth: counted.growth,
      decided: false,
      holdMs: null,
      // A walk that was to read everything has not.
      wantsFull: row.kind === "full",
    });
    await dueAfterHint(tx, row);
    if (row.countsSeen) await deleteSeen(tx, row, [id]);
    // The next one begins where this one did, and is told again.
    await unlistNamed(tx, held.origin);
    await insertEvents(tx, [{ type: "sync.walk-failed", tenant, connection, flow: sync.id, cause: code, data: { walk: id } }]);
  });
}

async function sealProgress({ cipher }: DeskParts, { row: { tenant } }: HeldWalk, progress: string): Promise<Uint8Array | null> {
  const [sealed] = await cipher.seal([{ tenant, purpose: purposes.progress, value: Buffer.from(progress) }]);
  return sealed ?? null;
}
