import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { type Cipher, openEach } from "../vault/index.ts";
import { type ChangeFilter, type ConsumerKey, findConsumer, leaveLine, lineUp, putBack, scanFeeds, takeFeeds } from "./consumer-store.ts";
import { cutPage } from "./cut-page.ts";
import { unknownConsumer } from "./define-consumer.ts";
import { readChangesAt } from "./store.ts";
import { type ChangeKind, changePurpose, type StoredChange } from "./types.ts";

export interface FeedParts {
  readonly db: Db;
  readonly cipher: Cipher;
}

/** A change as a consumer gets it. */
export interface GivenChange extends Omit<StoredChange, "contents"> {
  readonly kind: ChangeKind;
  /** The canonical record; `null` after a deletion, and where it cannot be read any more. */
  readonly data: unknown;
  /** Its contents cannot be read any more: the tenant's keys have been destroyed. */
  readonly sealed: boolean;
}

export interface ChangeBatch {
  /** What the batch is acknowledged by; `null`: there is nothing new. */
  readonly batch: string | null;
  /** In the order of commit within each tenant. */
  readonly items: readonly GivenChange[];
  /** Tenants of whose old changes only the newest of each record are given. */
  readonly newestOnly: readonly string[];
}

export interface ReadOptions {
  /** Most changes of a batch. */
  readonly limit: number;
  /** Most bytes of contents; a longer change goes out alone. */
  readonly mostBytes: number;
  /** After so long without acknowledgement the changes come again. */
  readonly leaseMs: number;
}

/** Feeds of which nothing gets through the filter are passed over; after so many turns the caller is answered, and asks again. */
const mostTurns = 20;
const mostFeeds = 100;

/**
 * Gives a consumer what comes next and nobody holds, and leases it. Tenants take turns: who was served longest ago comes first, and of a page each gets its share.
 * What it costs does not depend on how many tenants there are in whose feeds nothing is new.
 *
 * @throws `FEED_CONSUMER_UNKNOWN`; `FEED_TOO_FAR_BEHIND`, as long as nobody rewinds it; then nothing is leased.
 */
export async function readChanges({ db, cipher }: FeedParts, consumer: ConsumerKey, options: ReadOptions): Promise<ChangeBatch> {
  const known = await findConsumer(db, consumer);
  if (known === undefined) throw unknownConsumer(consumer);
  const filter = { ...(known.models && { models: known.models }), ...(known.connections && { connections: known.connections }) };
  await lineUp(db, consumer);
  for (let turn = 0; turn < mostTurns; turn++) {
    const taken = await db.transaction().execute(async (tx) => takePage(tx, consumer, filter, options));
    if (taken === undefined) break;
    if (taken.changes.length === 0) continue;
    return { batch: taken.batch, items: await openChanges(cipher, taken.changes), newestOnly: taken.newestOnly };
  }
  return { batch: null, items: [], newestOnly: [] };
}

interface TakenPage {
  readonly batch: string;
  readonly changes: readonly StoredChange[];
  readonly newestOnly: readonly string[];
}

/** One turn. @returns `undefined` when nobody is in line. */
async function takePage(tx: Db, consumer: ConsumerKey, filter: ChangeFilter, options: ReadOptions): Promise<TakenPage | undefined> {
  const { limit, mostBytes, leaseMs } = options;
  const taken = await takeFeeds(tx, consumer, Math.min(limit, mostFeeds));
  if (taken.length === 0) return undefined;
  const filtered = filter.models !== undefined || filter.connections !== undefined;
  // Twice its share of each, because many have less; and where a filter takes some away, more.
  const each = (taken.length === 1 ? limit : Math.max(10, Math.ceil((2 * limit) / taken.length))) * (filtered ? 10 : 1);
  const scanned = await scanFeeds(tx, taken, filter, each);
  const { places, puts } = cutPage(taken, scanned, { limit, mostBytes, each });
  const changes = places.length === 0 ? [] : await readChangesAt(tx, places);
  const compacted = new Set(taken.filter((feed) => feed.compacted).map(({ tenant }) => tenant));
  const { lease, feeds } = await putBack(
    tx,
    consumer,
    puts.map((put) => ({ ...put, compacted: compacted.has(put.tenant) })),
    leaseMs,
  );
  const behind = puts.filter(({ tenant }) => !feeds.has(tenant)).map(({ tenant }) => tenant);
  if (behind.length > 0) throw tooFarBehind(consumer, behind);
  const passed = puts.filter(({ through }) => through === null).map(({ tenant }) => tenant);
  if (passed.length > 0) await leaveLine(tx, consumer, passed);
  const leased = puts.filter(({ through }) => through !== null).map(({ tenant }) => tenant);
  return {
    batch: `${lease}.${leased.length}`,
    changes: inOrder(changes, places),
    newestOnly: leased.filter((tenant) => feeds.get(tenant)?.newestOnly),
  };
}

/** Says what is missing and what to do. */
export function tooFarBehind({ name }: ConsumerKey, tenants: readonly string[]): BelayError {
  const named = tenants
    .slice(0, 5)
    .map((tenant) => `"${tenant}"`)
    .join(", ");
  const more = tenants.length > 5 ? ` and ${tenants.length - 5} others` : "";
  return new BelayError(
    "FEED_TOO_FAR_BEHIND",
    `Consumer "${name}" stands before what is kept of the changes of ${named}${more}. Let it read all records anew: belay changes rewind ${name} --to start.`,
  );
}

/** A statement promises no order. In compacted feeds a version may be gone by now whose successor is there. */
function inOrder(changes: readonly StoredChange[], places: readonly { tenant: string; position: number }[]): StoredChange[] {
  const nameOf = ({ tenant, position }: { tenant: string; position: number }): string => `${position} ${tenant}`;
  const byPlace = new Map(changes.map((change) => [nameOf(change), change]));
  return places.flatMap((place) => byPlace.get(nameOf(place)) ?? []);
}

async function openChanges(cipher: Cipher, changes: readonly StoredChange[]): Promise<GivenChange[]> {
  const sealed = changes.flatMap(({ contents, ...change }) =>
    contents === null ? [] : [{ tenant: change.tenant, purpose: changePurpose(change), value: contents }],
  );
  const opened = (await openEach(cipher, sealed)).values();
  return changes.map(({ contents, ...change }) => {
    if (contents === null) return { ...change, data: null, sealed: false };
    const { value } = opened.next();
    if (value === undefined || !("bytes" in value)) return { ...change, data: null, sealed: true };
    return { ...change, data: dataOf(JSON.parse(Buffer.from(value.bytes).toString())), sealed: false };
  });
}

function dataOf(contents: unknown): unknown {
  return typeof contents === "object" && contents !== null && "data" in contents ? contents.data : null;
}
