import { type RawBuilder, sql } from "kysely";
import type { Db } from "../db/index.ts";

/** A consumer's name. Without an owner it reads the feeds of all tenants, else that of its owner. */
export interface ConsumerKey {
  /** A tenant; empty: the installation. */
  readonly owner: string;
  readonly name: string;
}

/** What a consumer reads. Absent: everything. */
export interface ChangeFilter {
  readonly models?: readonly string[];
  readonly connections?: readonly string[];
}

export interface ConsumerRow {
  readonly name: string;
  readonly models: string[] | null;
  readonly connections: string[] | null;
  readonly createdAt: string;
  readonly readAt: string | null;
  /** Changes behind its cursors, those that its filter passes over included. */
  readonly behind: number;
  /** Tenants in whose feeds those are. */
  readonly tenants: number;
}

/** A place in the feed of a tenant. */
export interface Place {
  readonly tenant: string;
  readonly position: number;
}

const textArray = (values: readonly string[] | undefined): RawBuilder<unknown> =>
  values === undefined ? sql`null` : sql`array(select json_array_elements_text(${JSON.stringify(values)}::json))`;

/** @returns whether there was none. */
export async function insertConsumer(db: Db, { owner, name }: ConsumerKey, { models, connections }: ChangeFilter): Promise<boolean> {
  const { rows } = await sql`
    insert into belay.feed_consumer (tenant, name, models, connections) values (${owner}, ${name}, ${textArray(models)}, ${textArray(connections)})
    on conflict (tenant, name) do nothing returning 1
  `.execute(db);
  return rows.length > 0;
}

/** Puts cursors at the ends of all feeds that there are: what is appended by transactions that still run comes after them. */
export async function skipToEnd(db: Db, { owner, name }: ConsumerKey): Promise<void> {
  await sql`
    with skipped as (
      insert into belay.feed_cursor (tenant, owner, consumer, position, in_line, served_at)
      select tenant, ${owner}, ${name}, position, false, '-infinity' from belay.feed where ${owner} in ('', tenant) returning 1
    )
    update belay.feed_consumer set seen = pg_snapshot_xmin(pg_current_snapshot())
    where tenant = ${owner} and name = ${name} and (select count(*) from skipped) >= 0
  `.execute(db);
}

export async function findConsumer(db: Db, { owner, name }: ConsumerKey): Promise<Pick<ConsumerRow, "models" | "connections"> | undefined> {
  const { rows } = await sql<Pick<ConsumerRow, "models" | "connections">>`
    select models, connections from belay.feed_consumer where tenant = ${owner} and name = ${name}
  `.execute(db);
  return rows[0];
}

/** All consumers of an owner, by name. */
export async function listConsumers(db: Db, owner: string): Promise<ConsumerRow[]> {
  const { rows } = await sql<ConsumerRow>`
    select c.name, c.models, c.connections, ${utc(sql`c.created_at`)} as "createdAt", ${utc(sql`c.read_at`)} as "readAt",
      coalesce(sum(f.position - coalesce(u.position, 0)), 0)::bigint as behind, count(*) filter (where f.position > coalesce(u.position, 0)) as tenants
    from belay.feed_consumer c
    left join belay.feed f on c.tenant in ('', f.tenant)
    left join belay.feed_cursor u on u.tenant = f.tenant and u.owner = c.tenant and u.consumer = c.name
    where c.tenant = ${owner}
    group by c.tenant, c.name order by c.name
  `.execute(db);
  return rows;
}

export interface SilentConsumer extends ConsumerKey {
  /** Days since it read last, or was defined. */
  readonly days: number;
}

/** Consumers that nobody has read for so many days, although something waits for them; the longest silent first. */
export async function findSilentConsumers(db: Db, days: number): Promise<SilentConsumer[]> {
  const { rows } = await sql<SilentConsumer>`
    select c.tenant as owner, c.name, extract(epoch from belay.now() - coalesce(c.read_at, c.created_at))::float8 / 86400 as days
    from belay.feed_consumer c
    where coalesce(c.read_at, c.created_at) < belay.now() - ${days}::float8 * interval '1 day' and exists (
      select from belay.feed f left join belay.feed_cursor u on u.tenant = f.tenant and u.owner = c.tenant and u.consumer = c.name
      where c.tenant in ('', f.tenant) and f.position > coalesce(u.position, 0)
    )
    order by days desc, c.tenant, c.name limit 10
  `.execute(db);
  return rows;
}

/** @returns whether there was one. Its cursors go with it. */
export async function deleteConsumer(db: Db, { owner, name }: ConsumerKey): Promise<boolean> {
  const { rows } = await sql`delete from belay.feed_consumer where tenant = ${owner} and name = ${name} returning 1`.execute(db);
  return rows.length > 0;
}

/**
 * Puts the feeds in line in which something may be new, without looking at the others: those that a transaction appended to which was not over when it was looked last.
 * Of several readers one does it, the others go on with what is in line.
 */
export async function lineUp(db: Db, { owner, name }: ConsumerKey): Promise<void> {
  await sql`
    with consumer as materialized (
      select seen from belay.feed_consumer where tenant = ${owner} and name = ${name} for no key update skip locked
    ), lined as (
      insert into belay.feed_cursor as u (tenant, owner, consumer, position, in_line, served_at)
      select f.tenant, ${owner}, ${name}, 0, true, '-infinity'
      from consumer c join belay.feed f on f.changed >= c.seen
      left join belay.feed_cursor k on k.tenant = f.tenant and k.owner = ${owner} and k.consumer = ${name}
      where ${owner} in ('', f.tenant) and (k.tenant is null or (not k.in_line and k.position < f.position))
      -- In one order, whoever locks cursors.
      order by f.tenant
      on conflict (tenant, owner, consumer) do update set in_line = true where not u.in_line
      returning 1
    )
    update belay.feed_consumer u set seen = greatest(u.seen, pg_snapshot_xmin(pg_current_snapshot())), read_at = belay.now()
    from consumer where u.tenant = ${owner} and u.name = ${name} and (select count(*) from lined) >= 0
  `.execute(db);
}

/** How many changes of a tenant a consumer of the installation has not acknowledged yet, those that its filter passes over included. */
export async function readBehind(db: Db, name: string, tenant: string): Promise<number> {
  const { rows } = await sql<{ behind: number }>`
    select f.position - coalesce((
      select u.position from belay.feed_cursor u where u.tenant = f.tenant and u.owner = '' and u.consumer = ${name}
    ), 0) as behind
    from belay.feed f where f.tenant = ${tenant}
  `.execute(db);
  return rows[0]?.behind ?? 0;
}

/** A feed that was taken out of the line to read in it. */
export interface TakenFeed extends Place {
  readonly compacted: boolean;
  /** Where the feed ended when it was taken. */
  readonly end: number;
}

/** Locks the cursors of those who were served longest ago and whom nobody holds. */
export async function takeFeeds(db: Db, { owner, name }: ConsumerKey, limit: number): Promise<TakenFeed[]> {
  const { rows } = await sql<TakenFeed>`
    select u.tenant, u.position, u.compacted, f.position as end
    from (
      select tenant, position, compacted, served_at from belay.feed_cursor
      where owner = ${owner} and consumer = ${name} and in_line and (leased_until is null or leased_until <= (select belay.now()))
      order by served_at limit ${limit}::integer for update skip locked
    ) u join belay.feed f on f.tenant = u.tenant order by u.served_at, u.tenant
  `.execute(db);
  return rows;
}

/** What follows in a feed, up to a number of changes. */
export interface Scanned {
  readonly tenant: string;
  /** How many were looked at, and the last of them. */
  readonly looked: number;
  readonly last: number | null;
  /** Position and bytes of those that the filter lets through, in order. */
  readonly wanted: readonly (readonly [position: number, bytes: number])[];
}

export async function scanFeeds(db: Db, places: readonly Place[], { models, connections }: ChangeFilter, each: number): Promise<Scanned[]> {
  const { rows } = await sql<Scanned>`
    select x.tenant, count(*)::integer as looked, max(c.position) as last,
      coalesce(json_agg(json_build_array(c.position, c.bytes) order by c.position) filter (where
        (${models === undefined} or c.model = any (${textArray(models)})) and (${connections === undefined} or c.connection = any (${textArray(connections)}))
      ), '[]') as wanted
    from json_to_recordset(${JSON.stringify(places)}::json) as x(tenant text, position bigint)
    cross join lateral (
      select position, model, connection, coalesce(octet_length(contents), 0) as bytes from belay.change c
      where c.tenant = x.tenant and c.position > x.position order by c.tenant, c.position limit ${each}::integer
    ) c
    group by x.tenant
  `.execute(db);
  return rows;
}

/**
 * Where a cursor lies and how far it is, looked up by its key whatever the planner believes: while the table grows it would read all of it for each tenant. The place holds as
 * long as the transaction has the row locked.
 */
function placeOf(tenant: RawBuilder<unknown>, owner: string, name: string): RawBuilder<unknown> {
  return sql`select ctid as place, position from belay.feed_cursor where tenant = ${tenant} and owner = ${owner} and consumer = ${name} offset 0`;
}

/** How a feed that was taken is put back. */
export interface Put extends Place {
  /** How far what was read goes; `null`: there was nothing to read, and the position moves. */
  readonly through: number | null;
}

/**
 * Leases what was read, and moves positions over what does not concern the consumer. Nothing is done for feeds of which something has been forgotten behind the position
 * meanwhile.
 *
 * @returns the lease, and the feeds that were put back: of which only the newest of what is old is given.
 */
export async function putBack(
  db: Db,
  { owner, name }: ConsumerKey,
  puts: readonly (Put & Pick<TakenFeed, "compacted">)[],
  leaseMs: number,
): Promise<{ lease: string; feeds: Map<string, { readonly newestOnly: boolean }> }> {
  const { rows } = await sql<{ lease: string; tenant: string; newestOnly: boolean }>`
    with drawn as materialized (select gen_random_uuid() as lease), found as materialized (
      select k.place, x.position, x.through, f.kept_after
      from json_to_recordset(${JSON.stringify(puts)}::json) as x(tenant text, position bigint, through bigint, compacted boolean)
      cross join lateral (${placeOf(sql`x.tenant`, owner, name)}) k
      cross join lateral (select kept_after from belay.feed where tenant = x.tenant offset 0) f
      where x.compacted or f.kept_after <= k.position
    )
    update belay.feed_cursor u set served_at = (select belay.now()), position = x.position,
      -- What is behind the last of the old versions is whole.
      compacted = u.compacted and x.position < x.kept_after,
      lease = case when x.through is null then u.lease else drawn.lease end,
      leased_until = case when x.through is null then u.leased_until else (select belay.now()) + ${leaseMs}::float8 * interval '1 ms' end,
      through = coalesce(x.through, u.through)
    from drawn, found x where u.ctid = x.place
    returning u.tenant, drawn.lease::text, u.compacted as "newestOnly"
  `.execute(db);
  return { lease: rows[0]?.lease ?? "", feeds: new Map(rows.map(({ tenant, newestOnly }) => [tenant, { newestOnly }])) };
}

/**
 * Takes those out of the line who have come to the end. Under a lock on the feed: somebody who appends at this moment is not seen yet, and would find the consumer in line
 * and leave it at that. Where somebody does, it stays in line. The transaction has the cursors locked.
 */
export async function leaveLine(db: Db, { owner, name }: ConsumerKey, tenants: readonly string[]): Promise<void> {
  await sql`
    with ended as materialized (
      select k.place from json_array_elements_text(${JSON.stringify(tenants)}::json) as x(tenant)
      cross join lateral (${placeOf(sql`x.tenant`, owner, name)}) k
      cross join lateral (select from belay.feed f where f.tenant = x.tenant and f.position <= k.position for share skip locked) f
    )
    update belay.feed_cursor u set in_line = false from ended where u.ctid = ended.place
  `.execute(db);
}

/**
 * Ends a lease and moves positions to its end, or as far as it is said. Again: changes nothing. `except`: what it holds of these tenants it holds until it runs out.
 *
 * @returns the tenants of whom it was ended, and their positions now.
 */
export async function endLease(
  db: Db,
  { owner, name }: ConsumerKey,
  lease: string,
  { through, except }: { readonly through: readonly Place[]; readonly except: readonly string[] },
): Promise<Place[]> {
  const { rows } = await sql<Place>`
    with held as materialized (
      select tenant from belay.feed_cursor where owner = ${owner} and consumer = ${name} and lease = ${lease}::uuid
        and tenant <> all (${textArray(except)}) order by tenant for update
    )
    update belay.feed_cursor u set
      -- Without an end the lease is over already: nothing bounds what is said then, and least() would take it as it is.
      position = case when u.through is null then u.position else greatest(u.position, least(u.through, coalesce(
        (select min(x.position) from json_to_recordset(${JSON.stringify(through)}::json) as x(tenant text, position bigint) where x.tenant = u.tenant), u.through))) end,
      leased_until = null, through = null
    from held where u.tenant = held.tenant and u.owner = ${owner} and u.consumer = ${name}
    returning u.tenant, u.position
  `.execute(db);
  return rows;
}

/** Where a consumer is to go on in each feed: behind a position, or before the first change of a moment (ISO 8601). */
export type RewindTarget = { readonly position: number } | { readonly time: string };

/**
 * Moves cursors, and takes away what readers hold. A position behind the end means the end.
 *
 * @param tenant Of this feed only.
 * @param compacted Whether the newest versions are enough where old ones have been forgotten. Where not, such feeds stay as they are.
 * @returns how many feeds were moved, and in which too much has been forgotten.
 */
export async function moveCursors(
  db: Db,
  { owner, name }: ConsumerKey,
  target: RewindTarget,
  { tenant, compacted }: { readonly tenant: string | undefined; readonly compacted: boolean },
): Promise<{ moved: number; forgotten: string[] }> {
  const position =
    "position" in target ? sql`${target.position}::bigint` : sql`belay.feed_position_before(f.tenant, ${target.time}::timestamptz)`;
  const { rows } = await sql<{ tenant: string; kept: boolean }>`
    with target as materialized (
      select f.tenant, least(f.position, ${position}) as position, f.kept_after from belay.feed f
      where ${owner} in ('', f.tenant) and (${tenant === undefined} or f.tenant = ${tenant ?? ""})
    ), moved as (
      insert into belay.feed_cursor as u (tenant, owner, consumer, position, in_line, served_at, compacted)
      select tenant, ${owner}, ${name}, position, true, '-infinity', position < kept_after from target
      where ${compacted} or position >= kept_after order by tenant
      on conflict (tenant, owner, consumer) do update
      set position = excluded.position, in_line = true, compacted = excluded.compacted, lease = null, leased_until = null, through = null
      returning 1
    )
    select tenant, ${compacted} or position >= kept_after as kept from target where (select count(*) from moved) >= 0 order by tenant
  `.execute(db);
  return { moved: rows.filter(({ kept }) => kept).length, forgotten: rows.filter(({ kept }) => !kept).map((row) => row.tenant) };
}

function utc(time: RawBuilder<unknown>): RawBuilder<string> {
  return sql`to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
