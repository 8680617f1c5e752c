import { notifyWorkers, commitMessages, lockLease, sealWork, toMailboxKey } from "../mailbox/index.ts";
import { deleteSeen, insertSeen, unlistMissing } from "../records/index.ts";
import { insertEvents } from "../stream/index.ts";
import type { ComparedWalk, WalkComparer } from "./comparer.ts";
import { type DeskParts, endingText, type HeldWalk, lost } from "./held-walk.ts";
import type { PageAnswer, WalkEnding, WalkPage } from "./protocol.ts";
import { purposes } from "./purposes.ts";
import { dueAfterHint } from "./hint-store.ts";
import { walkMessage } from "./walk-message.ts";
import { endWalk, moveWalk } from "./walk-store.ts";

/**
 * Has a page of a walk compared, and keeps what was found and the walk's new place in one transaction. No record is written.
 *
 * @throws `LEASE_LOST`, and what the database, `Cipher` and the comparer throw.
 */
export async function comparePage(parts: DeskParts, held: HeldWalk, page: WalkPage): Promise<PageAnswer> {
  const { cipher, db } = parts;
  const { row, origin } = held;
  const { tenant, id } = row;
  const before = held.kept;
  const comparing = comparerOf(parts).compare(walkOf(held), page);
  comparing.catch(() => {});
  await before;
  const compared = await comparing;
  const text = page.end === undefined ? page.cursor : endingText(page.end, held);
  const [cursor] = await cipher.seal([{ tenant, purpose: purposes.cursor, value: Buffer.from(text) }]);
  if (cursor === undefined) throw new Error("The cipher gave nothing back.");
  const next = page.yields && page.end === undefined ? walkMessage(row, row.lane) : undefined;
  const sealed = next === undefined ? [] : await sealWork(cipher, [{ messages: [next], quarantined: [] }]);
  const ids = [...new Set(page.records.map(({ externalId }) => externalId).filter((one) => one !== null))];
  const { paused } = await db.transaction().execute(async (tx) => {
    if (sealed.length > 0) {
      await commitMessages(tx, sealed);
      await notifyWorkers(tx, [held.lease]);
    }
    if (!(await lockLease(tx, held.lease))) throw lost();
    const counts = { created: 0, updated: 0, deleted: 0, unchanged: compared.equal, troubled: compared.troubled, growth: 0 };
    const { pages, expected } = page;
    const move = { ...counts, tenant, id, revision: held.revision, cursor, pages, seen: page.records.length, expected };
    const moved = await moveWalk(tx, move);
    if (moved === undefined) throw lost();
    if (ids.length > 0) await insertSeen(tx, origin, held.revision, ids);
    // What waits to be deleted and is there after all waits no more, whoever has seen it.
    if (held.hasListed && ids.length > 0) await unlistMissing(tx, origin, ids);
    await compared.keep(tx);
    return moved;
  });
  held.revision += 1;
  held.pages += page.pages;
  if (next !== undefined) parts.onCommitted([toMailboxKey(next)]);
  if (page.end !== undefined) await finishComparison(parts, held, page.end);
  return { goOn: next === undefined && page.end === undefined && !paused };
}

/** Ends a walk that compared. It may be done again from any point; what the sync goes on from is left as it was. */
export async function finishComparison(parts: DeskParts, held: HeldWalk, ending: WalkEnding): Promise<void> {
  const comparer = comparerOf(parts);
  const { tenant, connection, id } = held.row;
  const { reached, proof, whyNone } = ending;
  await comparer.conclude(walkOf(held), ending);
  await parts.db.transaction().execute(async (tx) => {
    if (!(await lockLease(tx, held.lease))) throw lost();
    const isEnded = await endWalk(tx, {
      tenant,
      id,
      state: reached ? "complete" : "incomplete",
      proof: proof === null ? null : JSON.stringify(proof),
      whyNoProof: proof === null ? whyNone.join(" ") : null,
      code: reached ? null : "SYNC_WALK_STUCK",
    });
    if (!isEnded) throw lost();
    await comparer.end(tx, walkOf(held), ending);
    await dueAfterHint(tx, held.row);
    await deleteSeen(tx, held.row, [id]);
    if (!reached)
      await insertEvents(tx, [
        { type: "sync.walk-failed", tenant, connection, flow: held.sync.id, cause: "SYNC_WALK_STUCK", data: { walk: id } },
      ]);
  });
}

export function walkOf({ origin, row }: HeldWalk): ComparedWalk {
  return { origin, begunAfter: row.begunAfter };
}

/** Nobody begins such a walk in a process that has nobody to compare. */
function comparerOf({ comparer }: Pick<DeskParts, "comparer">): WalkComparer {
  if (comparer === undefined) throw new Error("This process compares nothing.");
  return comparer;
}
