import { toMs } from "@belay/sdk";
import { decideDeletes, type DeleteDecision } from "@belay/sdk/walk";
import type { Db } from "../db/index.ts";
import { lockLease } from "../mailbox/index.ts";
import { applyPlan, clearMissing, deleteSeen, listMissing, planDeletes, readMissing, unlistMissing } from "../records/index.ts";
import { insertEvents } from "../stream/index.ts";
import { walkOf } from "./compare-walk.ts";
import { type DeskParts, endingText, type HeldWalk, lost } from "./held-walk.ts";
import type { WalkEnding } from "./protocol.ts";
import { purposes } from "./purposes.ts";
import { countTroubles, moveSync } from "./store.ts";

import { endWalk, moveWalk, readOpenWalk } from "./walk-store.ts";

/** So many records are deleted in one transaction. */
const chunk = 500;

/**
 * Does what is left when the last page of a walk is kept: decides what becomes of records that it has not seen, deletes those that may go, and ends it. It may be done again
 * from any point: until the walk is ended it is found as it was left.
 */
export async function finishWalk(parts: DeskParts, held: HeldWalk, ending: WalkEnding): Promise<void> {
  const decision = await decide(parts, held, ending);
  if (decision.kind === "apply") await deleteMissing(parts, held, ending);
  const progress = ending.progress === null ? null : await sealProgress(parts, held, ending.progress);
  await parts.db.transaction().execute(async (tx) => {
    if (!(await lockLease(tx, held.lease))) throw lost();
    await end(tx, held, ending, decision, progress);
  });
}

async function decide({ db, clock }: DeskParts, held: HeldWalk, { proof, whyNone, reached }: WalkEnding): Promise<DeleteDecision> {
  const { row, sync, origin } = held;
  if (!row.countsSeen || !reached || proof?.covers !== "all") return { kind: "none", why: "nothing-missing" };
  const missing = await db
    .transaction()
    .execute((tx) => listMissing(tx, origin, { resource: origin.resource, knownUntil: row.begunAfter }));
  const { maxFraction, hold } = sync.deletes;
  return decideDeletes({
    proof,
    whyNone,
    missing,
    known: row.records,
    nowMs: clock.now(),
    ...(maxFraction !== undefined && { maxFraction }),
    ...(hold !== undefined && { holdMs: toMs(hold) }),
  });
}

/** In parts, each of which takes what it deletes off the list. */
async function deleteMissing(parts: DeskParts, held: HeldWalk, ending: WalkEnding): Promise<void> {
  for (;;) {
    const ids = await readMissing(parts.db, held.origin, chunk);
    if (ids.length === 0) return;
    await deleteSome(parts, held, ending, ids);
  }
}

async function deleteSome(parts: DeskParts, held: HeldWalk, ending: WalkEnding, ids: readonly string[]): Promise<void> {
  const { row } = held;
  const { tenant, id } = row;
  const plan = await planDeletes(parts, held.origin, ids);
  const [cursor] = await parts.cipher.seal([{ tenant, purpose: purposes.cursor, value: Buffer.from(endingText(ending)) }]);
  if (cursor === undefined) throw new Error("The cipher gave nothing back.");
  await parts.db.transaction().execute(async (tx) => {
    if (!(await lockLease(tx, held.lease))) throw lost();
    const move = { tenant, id, revision: held.revision, cursor, pages: 0, seen: 0, expected: null };
    if ((await moveWalk(tx, { ...plan.counts, unchanged: 0, ...move })) === undefined) throw lost();
    await unlistMissing(tx, held.origin, ids);
    // Whoever has changed one of them meanwhile is told as a lost walk is: the next attempt looks again.
    const applied = await applyPlan(tx, plan, held.hasTroubles);
    if (applied === undefined) throw lost();
    if (applied.troubles !== 0) await countTroubles(tx, row, applied.troubles);
  });
  held.revision += 1;
}

async function end(
  tx: Db,
  held: HeldWalk,
  { proof, whyNone, reached }: WalkEnding,
  decision: DeleteDecision,
  progress: Uint8Array | null,
): Promise<void> {
  const { row, sync, origin } = held;
  const { tenant, connection, id } = row;
  // Its counts, those of this very walk's deletes included.
  const counted = await readOpenWalk(tx, row);
  const isEnded = await endWalk(tx, {
    tenant,
    id,
    state: reached ? "complete" : "incomplete",
    proof: proof === null ? null : JSON.stringify(proof),
    whyNoProof: proof === null ? whyNone.join(" ") : null,
    code: reached ? null : "SYNC_WALK_STUCK",
  });
  if (!isEnded || counted === undefined) throw lost();
  const isFull = row.kind !== "incremental";
  const isProven = reached && proof !== null;
  await moveSync(tx, {
    ...origin,
    complete: reached,
    proven: isProven,
    progress,
    mapping: reached && isFull ? sync.mapping : null,
    growth: counted.growth,
    decided: reached && row.countsSeen,
    holdMs: decision.kind === "held" ? toMs(sync.deletes.hold) : null,
    wantsFull: false,
  });
  if (row.countsSeen) await deleteSeen(tx, row, [id]);
  if (decision.kind === "none" && row.countsSeen && reached) await clearMissing(tx, origin);
  if (decision.kind === "held")
    await insertEvents(tx, [
      { type: "sync.deletes-held", tenant, connection, flow: sync.id, data: { count: decision.count, fraction: decision.fraction } },
    ]);
  if (!reached)
    await insertEvents(tx, [{ type: "sync.walk-failed", tenant, connection, flow: sync.id, cause: "SYNC_WALK_STUCK", data: { walk: id } }]);
}

/** Nothing more is tried with the walk. What it has kept stays; the next one begins from where this one began. */
export async function failWalk({ db, comparer }: DeskParts, held: HeldWalk, code: string): Promise<void> {
  const { row, sync, origin } = held;
  const { tenant, connection, id } = row;
  await db.transaction().execute(async (tx) => {
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
    if (row.countsSeen) await deleteSeen(tx, row, [id]);
    await insertEvents(tx, [{ type: "sync.walk-failed", tenant, connection, flow: sync.id, cause: code, data: { walk: id } }]);
  });
}

async function sealProgress({ cipher }: DeskParts, { row: { tenant } }: HeldWalk, progress: string): Promise<Uint8Array | null> {
  const [sealed] = await cipher.seal([{ tenant, purpose: purposes.progress, value: Buffer.from(progress) }]);
  return sealed ?? null;
}
