import { toMs } from "@belay/sdk";
import { decideDeletes, type DeleteDecision } from "@belay/sdk/walk";
import { countListed, listMissing, type ListPart, unlistGone } from "../records/index.ts";
import type { DeskParts, HeldWalk } from "./held-walk.ts";
import type { WalkEnding } from "./protocol.ts";
import { readNamedDeletes } from "./store.ts";
import { readOpenWalk } from "./walk-store.ts";

/** What becomes of the records on the list of those to be deleted, now that a walk has ended. */
export interface LeavingDecision {
  readonly decision: DeleteDecision;
  /** About which of them it is: about those that the provider has named, unless the walk has proven which are missing. */
  readonly part: ListPart;
  /** How many they are. */
  readonly count: number;
  /** Some of them were not there when somebody was asked last. */
  readonly isNew: boolean;
}

const nothing: LeavingDecision = { decision: { kind: "none", why: "nothing-missing" }, part: "named", count: 0, isNew: false };

/**
 * Decides about them by the policy of the sync. What a walk has not seen, only under its proof. What the provider has named is counted together with what was deleted for that reason lately: an
 * accident that comes in many small parts is one. While some of it waits, what is named later waits with it.
 *
 * Safe to call again: what is deleted by its decision is counted in the same transaction, so that the rest meets the same decision.
 */
export async function decideLeaving(
  { db, clock }: DeskParts,
  held: HeldWalk,
  { proof, whyNone, reached }: WalkEnding,
): Promise<LeavingDecision> {
  const { row, sync, origin } = held;
  const isProven = row.countsSeen && reached && proof?.covers === "all";
  if (!isProven && !held.hasListed) return nothing;
  const { missing, named, namedNow } = await db.transaction().execute(async (tx) => {
    if (isProven) await listMissing(tx, origin, { resource: origin.resource, knownUntil: row.begunAfter });
    await unlistGone(tx, origin);
    return await countListed(tx, origin);
  });
  const { maxFraction, hold } = sync.deletes;
  const holdMs = toMs(hold);
  const before = named === 0 ? 0 : await readNamedDeletes(db, row, holdMs);
  // What this very walk has made and deleted so far is there as well, or no more.
  const growth = named === 0 ? 0 : ((await readOpenWalk(db, row))?.growth ?? 0);
  const decision = decideDeletes({
    proof: isProven ? (proof ?? undefined) : undefined,
    whyNone,
    missing: isProven ? missing : 0,
    named: named === 0 ? 0 : named + before,
    known: row.records + growth + before,
    maxFraction,
    holdMs,
    nowMs: clock.now(),
  });
  const count = isProven ? missing + named : named;
  return { decision, part: isProven ? "all" : "named", count, isNew: isProven || namedNow > 0 };
}
