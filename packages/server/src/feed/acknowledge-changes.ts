import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { type ConsumerKey, endLease, findConsumer, leaveLine, type Place } from "./consumer-store.ts";
import { unknownConsumer } from "./define-consumer.ts";

/** What became of a batch. */
export interface Acknowledged {
  /** Where the consumer stands now in each feed of the batch. */
  readonly positions: readonly Place[];
  /** Feeds of the batch that another reader has by now: what came of them in this batch comes again, or has come to the other. */
  readonly lost: number;
}

/**
 * Moves a consumer over what it has been given. What it has not been given, or is not held by this batch any more, it cannot acknowledge. Doing it twice is safe. A lease
 * that has run out is still good as long as nobody else got its changes.
 *
 * @param through Where less was done than was given: the last position that was, of each tenant named. What follows comes again at once.
 * @throws `FEED_CONSUMER_UNKNOWN`, `FEED_LEASE_LOST` when nothing of the batch is held any more.
 */
export async function acknowledgeChanges(
  db: Db,
  consumer: ConsumerKey,
  batch: string,
  through: readonly Place[] = [],
): Promise<Acknowledged> {
  const positions = await db.transaction().execute(async (tx) => await acknowledgeWithin(tx, consumer, batch, { through }));
  const feeds = Number(batch.slice(batch.lastIndexOf(".") + 1));
  if (positions.length > 0) return { positions, lost: Math.max(0, feeds - positions.length) };
  if ((await findConsumer(db, consumer)) === undefined) throw unknownConsumer(consumer);
  throw lostBatch();
}

/**
 * The same within a transaction of the reader, who writes in it what came of the batch: together, or not at all. The cursors are locked from then on.
 *
 * @param except Tenants of whose changes nothing could be made now: they come again when the lease runs out.
 * @returns where the consumer stands in the feeds that it still held; what came of others must not be written.
 * @throws `FEED_LEASE_LOST` for a text that is no batch.
 */
export async function acknowledgeWithin(
  tx: Db,
  consumer: ConsumerKey,
  batch: string,
  { through = [], except = [] }: { readonly through?: readonly Place[]; readonly except?: readonly string[] } = {},
): Promise<readonly Place[]> {
  const [, lease] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,6})$/.exec(batch) ?? [];
  if (lease === undefined) throw lostBatch();
  const ended = await endLease(tx, consumer, lease, { through, except });
  if (ended.length > 0) await leaveLine(tx, consumer, ended.map(({ tenant }) => tenant)); // prettier-ignore
  return ended;
}

function lostBatch(): BelayError {
  return new BelayError("FEED_LEASE_LOST", "This batch holds nothing. Read on: what was in it comes again, unless it was acknowledged.");
}
