import { BelayError, isBelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { commitMessages, lockLease, notifyWorkers, type SealedWork, sealWork, toMailboxKey } from "../mailbox/index.ts";
import { identifyWith } from "../identity/index.ts";
import { applyPlan, insertSeen, type PagePlan, planPage, unlistMissing } from "../records/index.ts";
import { finishWalk } from "./finish-walk.ts";
import type { PageAnswer, WalkPage } from "./protocol.ts";
import { purposes } from "./purposes.ts";
import { countTroubles } from "./store.ts";
import { type DeskParts, endingText, type HeldWalk, lost } from "./held-walk.ts";
import { walkMessage } from "./walk-message.ts";
import { moveWalk } from "./walk-store.ts";

/** Somebody else changes the very records of a page so often only by mistake. */
const mostAttempts = 5;

/**
 * Keeps a page of a walk in one transaction: the walk's new place, the ids that were seen, the changes, the records, their troubles, and, where its turn is over, the message that
 * goes on. Only under the lease, and only if the walk is where this pair of hands has left it.
 *
 * @throws see `OpenWalk.take`.
 */
export async function takePage(parts: DeskParts, held: HeldWalk, page: WalkPage): Promise<PageAnswer> {
  const before = held.kept;
  const { identity } = held.sync;
  const planParts = { ...parts, identify: identity && identifyWith(parts, identity) };
  // What it compares with may be changed by the page before it: then it is not applied, and worked out anew.
  let plan = planPage(planParts, held.origin, page.records, page.retried);
  plan.catch(() => {});
  await before;
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const answer = await tryPage(parts, held, page, await plan);
    if (answer !== undefined) return answer;
    plan = planPage(planParts, held.origin, page.records, page.retried);
  }
  throw contended(held);
}

function contended({ sync }: HeldWalk): BelayError {
  return new BelayError("SYNC_PAGE_CONTENDED", `Records of sync "${sync.id}" change faster than a page of them can be kept.`, {
    retry: "backoff",
  });
}

/** Undefined: a record was changed by somebody else meanwhile. */
async function tryPage(parts: DeskParts, held: HeldWalk, page: WalkPage, plan: PagePlan): Promise<PageAnswer | undefined> {
  const { cipher, db } = parts;
  const { tenant } = held.row;
  const text = page.end === undefined ? page.cursor : endingText(page.end);
  const [cursor] = await cipher.seal([{ tenant, purpose: purposes.cursor, value: Buffer.from(text) }]);
  if (cursor === undefined) throw new Error("The cipher gave nothing back.");
  const next = page.yields && page.end === undefined ? walkMessage(held.row, held.row.lane) : undefined;
  const sealed = next === undefined ? [] : await sealWork(cipher, [{ messages: [next], quarantined: [] }]);
  const kept = await db
    .transaction()
    .execute((tx) => writePage(tx, held, { page, plan, cursor, sealed }))
    .catch((error: unknown) => {
      if (isBelayError(error) && error.code === "SYNC_PAGE_CONTENDED") return undefined;
      throw error;
    });
  if (kept === undefined) return undefined;
  held.revision += 1;
  held.pages += page.pages;
  held.hasTroubles ||= plan.troubles.length > 0;
  if (next !== undefined) parts.onCommitted([toMailboxKey(next)]);
  if (page.end !== undefined) await finishWalk(parts, held, page.end);
  return { goOn: next === undefined && page.end === undefined && !kept.paused };
}

interface Written {
  readonly page: WalkPage;
  readonly plan: PagePlan;
  readonly cursor: Uint8Array;
  readonly sealed: readonly SealedWork[];
}

/** Locks in the order that everybody keeps: mailbox, walk, feed, records. */
async function writePage(tx: Db, held: HeldWalk, { page, plan, cursor, sealed }: Written): Promise<{ readonly paused: boolean }> {
  const { row, lease } = held;
  const { tenant, id } = row;
  if (sealed.length > 0) {
    await commitMessages(tx, sealed);
    await notifyWorkers(tx, [lease]);
  }
  if (!(await lockLease(tx, lease))) throw lost();
  const { counts } = plan;
  const moved = await moveWalk(tx, {
    ...counts,
    tenant,
    id,
    revision: held.revision,
    cursor,
    pages: page.pages,
    seen: page.records.length,
    expected: page.expected,
  });
  if (moved === undefined) throw lost();
  if (row.countsSeen && plan.ids.length > 0) await insertSeen(tx, held.origin, held.revision, plan.ids);
  if (row.hasMissing && plan.ids.length > 0) await unlistMissing(tx, held.origin, plan.ids);
  const applied = await applyPlan(tx, plan, held.hasTroubles);
  if (applied === undefined) throw contended(held);
  if (applied.troubles !== 0) await countTroubles(tx, row, applied.troubles);
  return moved;
}
