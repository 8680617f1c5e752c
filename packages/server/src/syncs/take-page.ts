import { BelayError, isBelayError } from "@belay/sdk";
import { externalIdsOf } from "@belay/sdk/sync";
import type { Db } from "../db/index.ts";
import { commitMessages, lockLease, notifyWorkers, type SealedWork, sealWork, toMailboxKey } from "../mailbox/index.ts";
import { identifyWith } from "../identity/index.ts";
import { applyPlan, insertSeen, listNamed, type PagePlan, planPage, unlistMissing } from "../records/index.ts";
import { finishWalk } from "./finish-walk.ts";
import type { PageAnswer, WalkPage } from "./protocol.ts";
import { lastInCommon } from "./pages-in-writing.ts";
import { purposes } from "./purposes.ts";
import { countTroubles } from "./store.ts";
import { cursorText, type DeskParts, endingText, type HeldWalk, lost } from "./held-walk.ts";
import { walkMessage } from "./walk-message.ts";
import { moveWalk } from "./walk-store.ts";

/** Somebody else changes the very records of a page so often only by mistake. */
const mostAttempts = 5;

/** Keeps a page of a walk behind those that were given before it, and lets those that come meanwhile know whose records it has. */
export function queuePage(parts: DeskParts, held: HeldWalk, page: WalkPage): Promise<PageAnswer> {
  const ids = externalIdsOf(page.records);
  const kept = takePage(parts, held, page, lastInCommon(held.writing, ids));
  const writing = { ids, kept };
  held.writing.add(writing);
  const end = (): void => void held.writing.delete(writing);
  kept.then(end, end);
  return kept;
}

/**
 * Keeps a page of a walk in one transaction: the walk's new place, the ids that were seen, the changes, the records, their troubles, and, where its turn is over, the message that
 * goes on. Only under the lease, and only if the walk is where this pair of hands has left it.
 *
 * @param inCommon Resolves when the pages are kept that have records in common with it; undefined: none that is being written has.
 * @throws see `OpenWalk.take`.
 */
async function takePage(parts: DeskParts, held: HeldWalk, page: WalkPage, inCommon: Promise<unknown> | undefined): Promise<PageAnswer> {
  const before = held.kept;
  const { identity } = held.sync;
  const planParts = { ...parts, identify: identity && identifyWith(parts, identity) };
  const planned = (): Promise<PagePlan> => planPage(planParts, held.origin, page.records, page.retried);
  let plan = inCommon === undefined ? planned() : inCommon.then(planned);
  plan.catch(() => {});
  await before;
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const answer = await tryPage(parts, held, page, await plan);
    if (answer !== undefined) return answer;
    plan = planned();
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
  const text = page.end === undefined ? cursorText(page.cursor, held) : endingText(page.end, held);
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

/**
 * Locks in the order that everybody keeps: mailbox, walk, feed, records. The statements leave together, and come to their turn one behind the other: nobody holds a lock for as long as
 * an answer takes. What is found out too late is rolled back.
 */
async function writePage(tx: Db, held: HeldWalk, { page, plan, cursor, sealed }: Written): Promise<{ readonly paused: boolean }> {
  const { row, lease } = held;
  const { tenant, id } = row;
  if (sealed.length > 0) {
    await commitMessages(tx, sealed);
    await notifyWorkers(tx, [lease]);
  }
  const { counts } = plan;
  const leased = lockLease(tx, lease);
  const moving = moveWalk(tx, {
    ...counts,
    tenant,
    id,
    revision: held.revision,
    cursor,
    pages: page.pages,
    seen: page.records.length,
    expected: page.expected,
  });
  const seen = row.countsSeen && plan.ids.length > 0 ? insertSeen(tx, held.origin, held.revision, plan.ids) : undefined;
  const unlisted = held.hasListed && plan.ids.length > 0 ? unlistMissing(tx, held.origin, plan.ids) : undefined;
  const listed = plan.leaving.length > 0 ? listNamed(tx, held.origin, plan.leaving) : undefined;
  held.hasListed ||= plan.leaving.length > 0;
  const applying = applyPlan(tx, plan, held.hasTroubles);
  // All have to have ended: what one of them sent after the rollback would be written for good.
  await Promise.allSettled([leased, moving, seen, unlisted, listed, applying]);
  if (!(await leased)) throw lost();
  const moved = await moving;
  if (moved === undefined) throw lost();
  await seen;
  await unlisted;
  await listed;
  const applied = await applying;
  if (applied === undefined) throw contended(held);
  if (applied.troubles !== 0) await countTroubles(tx, row, applied.troubles);
  return moved;
}
