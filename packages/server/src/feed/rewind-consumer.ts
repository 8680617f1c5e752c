import type { Db } from "../db/index.ts";
import { type ConsumerKey, findConsumer, moveCursors, type RewindTarget } from "./consumer-store.ts";
import { unknownConsumer } from "./define-consumer.ts";
import { tooFarBehind } from "./read-changes.ts";

/** Where to go on: behind a position, before the first change of a moment (ISO 8601), at the very start, or behind everything there is. */
export type RewindPlace = RewindTarget | "start" | "end";

/**
 * Lets a consumer go on from another place, backwards or forwards. What its readers hold they cannot acknowledge any more. From the `start`, and wherever else
 * `newestOnly` is agreed to, it gets of old versions only the newest of each record, deletions included: who follows them ends with what is true.
 *
 * @param tenant Only in the feed of this tenant.
 * @returns how many feeds were moved.
 * @throws `FEED_CONSUMER_UNKNOWN`; `FEED_TOO_FAR_BEHIND` where more has been forgotten since that place, and then none is moved.
 */
export async function rewindConsumer(
  db: Db,
  consumer: ConsumerKey,
  place: RewindPlace,
  { tenant, newestOnly = false }: { readonly tenant?: string | undefined; readonly newestOnly?: boolean | undefined } = {},
): Promise<number> {
  if ((await findConsumer(db, consumer)) === undefined) throw unknownConsumer(consumer);
  const target = place === "start" ? { position: 0 } : place === "end" ? { position: Number.MAX_SAFE_INTEGER } : place;
  return db.transaction().execute(async (tx) => {
    const { moved, forgotten } = await moveCursors(tx, consumer, target, { tenant, compacted: newestOnly || place === "start" });
    if (forgotten.length > 0) throw tooFarBehind(consumer, forgotten);
    return moved;
  });
}
