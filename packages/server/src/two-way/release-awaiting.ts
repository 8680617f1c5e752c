import type { Db } from "../db/index.ts";
import { lockUnderReview } from "../identity/index.ts";
import { commitMessages, type MailboxKey, notifyWorkers, sealWork, toMailboxKey } from "../mailbox/index.ts";
import { hastenSyncs, notifySchedulers, readLastLooks, type SyncKey } from "../syncs/index.ts";
import type { Logger } from "../telemetry/index.ts";
import { findSides, type Sides } from "./find-sides.ts";
import { type AwaitingPlace, endAwaiting, listAwaiting, listLookedFor, setUnderReview } from "./store.ts";
import type { TurnParts } from "./take-turn.ts";
import { writeMessage } from "./write-message.ts";

/** So many two-way syncs at once, and so many of their things in one transaction. */
const mostPlaces = 200;
const chunk = 500;

interface ReleaseParts extends TurnParts {
  readonly logger: Logger;
}

interface Awaiting {
  readonly place: AwaitingPlace;
  readonly sides: Sides;
  /** The sync whose walk is waited for. */
  readonly sync: SyncKey;
}

/**
 * Lets things be created that were looked for at their other side: a walk that began after they had come has come to its end there, so what is there of them is linked to them by now. Where
 * that is yet to be done, the next walk is made to begin soon.
 *
 * @returns the mailboxes that got something to do, and where to go on; undefined: at the beginning.
 */
export async function releaseAwaiting(
  parts: ReleaseParts,
  after: AwaitingPlace | undefined,
): Promise<{ readonly mailboxes: readonly MailboxKey[]; readonly next: AwaitingPlace | undefined }> {
  const places = await listAwaiting(parts.db, after, mostPlaces);
  if (places.length === 0) return { mailboxes: [], next: undefined };
  const awaiting = places.flatMap((place) => toAwaiting(parts, place));
  const syncs = awaiting.map(({ sync }) => sync);
  const looks = new Map((await readLastLooks(parts.db, syncs)).map(({ since, ...sync }) => [textOf(sync), since]));
  const mailboxes: MailboxKey[] = [];
  const late: SyncKey[] = [];
  for (const each of awaiting) {
    const since = looks.get(textOf(each.sync));
    const released = since === undefined ? "late" : await release(parts, each, since);
    if (released === "late") late.push(each.sync);
    else mailboxes.push(...released);
  }
  if (late.length > 0 && (await hastenSyncs(parts.db, late)) > 0) await notifySchedulers(parts.db);
  return { mailboxes, next: places.length === mostPlaces ? places.at(-1) : undefined };
}

function toAwaiting({ catalog }: TurnParts, place: AwaitingPlace): Awaiting[] {
  const twoWay = catalog.twoWays.get(place.twoWay);
  const found = twoWay && findSides(catalog, twoWay, place.tenant);
  if (found?.kind !== "found") return [];
  const { sync, connection } = found.sides[place.awaits];
  return [{ place, sides: found.sides, sync: { tenant: place.tenant, sync, connection } }];
}

/** One tenant's trouble must not keep the others waiting. */
async function release(parts: ReleaseParts, each: Awaiting, since: string): Promise<readonly MailboxKey[] | "late"> {
  try {
    return await releaseSome(parts, each, since);
  } catch (error) {
    parts.logger.warn({ error, ...each.place }, "Things that were looked for could not be let go on; it is tried again.");
    return [];
  }
}

async function releaseSome(
  { db, cipher }: Pick<TurnParts, "db" | "cipher">,
  { place, sides }: Awaiting,
  since: string,
): Promise<readonly MailboxKey[] | "late"> {
  const looked = await listLookedFor(db, place, since, chunk);
  if (looked.length === 0) return "late";
  // What may be there under another name nobody creates before somebody has said whether it is.
  const asked = await leaveUnderReview(db, place, looked);
  const records = looked.filter((record) => !asked.includes(record));
  const messages = records.map((record) => writeMessage({ ...place, record }, sides, place.awaits));
  const [first] = messages;
  if (first === undefined) return [];
  const mailbox = toMailboxKey(first);
  const sealed = await sealWork(cipher, [{ messages, quarantined: [] }]);
  await db.transaction().execute(async (tx: Db) => {
    await commitMessages(tx, sealed);
    await notifyWorkers(tx, [mailbox]);
    // Should another process have done the same, they are merged once more, and nothing comes of it.
    await endAwaiting(tx, place, since, records);
  });
  return [mailbox];
}

/** What is decided meanwhile waits for no decision: reviews are locked before the things. @returns those that wait for one. */
async function leaveUnderReview(db: Db, place: AwaitingPlace, records: readonly string[]): Promise<readonly string[]> {
  return await db.transaction().execute(async (tx) => {
    const asked = await lockUnderReview(tx, place.tenant, records);
    if (asked.length > 0) await setUnderReview(tx, place, asked);
    return asked;
  });
}

function textOf({ tenant, sync, connection }: SyncKey): string {
  return `${tenant}\n${sync}\n${connection}`;
}
