import { type RawBuilder, sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { NewChange, StoredChange } from "./types.ts";

/** A change whose contents lie in a row of bytes; without a start it has none. */
export interface ChangeRow extends Omit<NewChange, "contents"> {
  readonly start?: number;
  readonly length?: number;
}

/**
 * Locks the end of the tenant's feed and appends behind it. The positions are drawn under the lock, which ends with the transaction: they are dense, and follow the order
 * of commits.
 *
 * @returns the position before the first.
 */
export async function appendRows(db: Db, tenant: string, rows: readonly ChangeRow[], bytes: Uint8Array): Promise<number> {
  const { rows: found } = await sql<{ before: number }>`
    with moved as (
      insert into belay.feed as f (tenant, position, at, changed) values (${tenant}, ${rows.length}::bigint, belay.now(), pg_current_xact_id())
      on conflict (tenant) do update set position = f.position + excluded.position, at = greatest(f.at, excluded.at), changed = excluded.changed
      returning position - ${rows.length}::bigint as before, at
    ), appended as (
      insert into belay.change (tenant, position, model, record, kind, at, connection, sync, previous, contents)
      select ${tenant}, moved.before + number, model, record, kind, moved.at, connection, sync, previous,
        case when start is not null then substring(${bytes}::bytea from start + 1 for length) end
      from moved, rows from (json_to_recordset(${JSON.stringify(rows)}::json) as (model text, record text, kind text, connection text, sync text, previous bigint,
        start integer, length integer)) with ordinality as x(model, record, kind, connection, sync, previous, start, length, number)
    )
    select before from moved
  `.execute(db);
  const [row] = found;
  if (row === undefined) throw new Error("An append gave no position.");
  return row.before;
}

/**
 * The same as part of a statement that writes the records as well: the clauses `moved`, with the position `before` the first, and `appended`, for a clause `given` with the members
 * of a row, where its contents lie, and its `number`, from 1.
 */
export function appendGiven(tenant: string, count: number, bytes: Uint8Array): RawBuilder<unknown> {
  return sql`
    moved as (
      insert into belay.feed as f (tenant, position, at, changed) values (${tenant}, ${count}::bigint, belay.now(), pg_current_xact_id())
      on conflict (tenant) do update set position = f.position + excluded.position, at = greatest(f.at, excluded.at), changed = excluded.changed
      returning position - ${count}::bigint as before, at
    ), appended as (
      insert into belay.change (tenant, position, model, record, kind, at, connection, sync, previous, contents)
      select ${tenant}, moved.before + given.number, given.model, given.record, given.kind, moved.at, given.connection, given.sync, given.previous,
        case when given.start is not null then substring(${bytes}::bytea from given.start + 1 for given.length) end
      from moved, given
    )
  `;
}

/** Locks the end of a tenant's feed until the transaction ends: nobody else appends. @returns where it is. */
export async function lockFeed(tx: Db, tenant: string): Promise<number> {
  const { rows } = await sql<{ position: number }>`
    insert into belay.feed as f (tenant, position, at, changed) values (${tenant}, 0, belay.now(), pg_current_xact_id())
    on conflict (tenant) do update set position = f.position
    returning position
  `.execute(tx);
  return rows[0]?.position ?? 0;
}

/** The end of the feed of each tenant; one that has none is missing. */
export async function readPositions(db: Db, tenants: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ tenant: string; position: number }>`
    select f.tenant, f.position from json_array_elements_text(${JSON.stringify(tenants)}::json) x(tenant)
    cross join lateral (select * from belay.feed f where f.tenant = x.tenant limit 1) f
  `.execute(db);
  return new Map(rows.map(({ tenant, position }) => [tenant, position]));
}

/** A version of a record and those that it replaced, newest first; what retention has forgotten is missing at the end. */
export async function readVersions(db: Db, tenant: string, newest: number, limit: number): Promise<StoredChange[]> {
  const { rows } = await sql<StoredChange>`
    with recursive version as (
      (select c.*, 1 as depth from belay.change c where tenant = ${tenant} and position = ${newest}::bigint)
      union all
      select c.*, v.depth + 1 from version v join belay.change c on c.tenant = v.tenant and c.position = v.previous where v.depth < ${limit}::integer
    )
    select ${columns} from version c order by depth
  `.execute(db);
  return rows;
}

/** Versions at known positions, in no promised order: of records their newest, which is always there. */
export async function readChangesAt(
  db: Db,
  places: readonly { readonly tenant: string; readonly position: number }[],
): Promise<StoredChange[]> {
  const { rows } = await sql<StoredChange>`
    select ${columns} from json_to_recordset(${JSON.stringify(places)}::json) as x(tenant text, position bigint)
    cross join lateral (select * from belay.change c where c.tenant = x.tenant and c.position = x.position limit 1) c
  `.execute(db);
  return rows;
}

/** The position of the last change before a time, ISO 8601; 0: there is none, or nothing before it is kept. */
export async function positionBefore(db: Db, tenant: string, at: string): Promise<number> {
  const { rows } = await sql<{
    position: number | null;
  }>`select belay.feed_position_before(${tenant}, ${at}::timestamptz) as position`.execute(db);
  return rows[0]?.position ?? 0;
}

/** Of which record the versions at these positions are, without what they hold. */
export async function readOwners(
  db: Db,
  tenant: string,
  positions: readonly number[],
): Promise<ReadonlyMap<number, Pick<StoredChange, "record" | "kind">>> {
  const { rows } = await sql<Pick<StoredChange, "position" | "record" | "kind">>`
    select c.position, c.record, c.kind from json_array_elements_text(${JSON.stringify(positions)}::json) x(position)
    cross join lateral (select * from belay.change c where c.tenant = ${tenant} and c.position = x.position::bigint limit 1) c
  `.execute(db);
  return new Map(rows.map(({ position, ...owner }) => [position, owner]));
}

/** Where a feed ends. */
export interface FeedEnd {
  readonly tenant: string;
  readonly position: number;
}

/**
 * The feeds to which somebody appended in a transaction that was not over at a moment that was seen before, without looking at the others.
 *
 * @param seen What the last look gave; "0": all feeds.
 */
export async function listMovedFeeds(db: Db, seen: string): Promise<{ readonly feeds: readonly FeedEnd[]; readonly seen: string }> {
  const { rows } = await sql<{ seen: string; tenant: string | null; position: number | null }>`
    select s.seen, f.tenant, f.position
    from (select pg_snapshot_xmin(pg_current_snapshot())::text as seen) s left join belay.feed f on f.changed >= ${seen}::xid8
  `.execute(db);
  const feeds = rows.flatMap(({ tenant, position }) => (tenant === null || position === null ? [] : [{ tenant, position }]));
  return { feeds, seen: rows[0]?.seen ?? seen };
}

/** What follows in a feed, up to a number of changes, without what they hold. */
export async function readHeads(
  db: Db,
  tenant: string,
  after: number,
  limit: number,
): Promise<Pick<StoredChange, "position" | "model" | "record" | "kind" | "connection">[]> {
  const { rows } = await sql<Pick<StoredChange, "position" | "model" | "record" | "kind" | "connection">>`
    select position, model, record, kind, connection from belay.change
    where tenant = ${tenant} and position > ${after}::bigint order by tenant, position limit ${limit}::integer
  `.execute(db);
  return rows;
}

/** Feeds in which retention has something to look at, by tenant: up to where it may look. */
export async function listSweepable(db: Db, days: number, after: string, limit: number): Promise<{ tenant: string; until: number }[]> {
  const { rows } = await sql<{ tenant: string; until: number }>`
    select x.tenant, x.until
    from (
      select f.tenant, f.swept, belay.feed_position_before(f.tenant, (select belay.now()) - ${days}::float8 * interval '1 day') as until
      from belay.feed f where f.tenant > ${after} and f.swept < f.position
    ) x where x.until > x.swept order by x.tenant limit ${limit}::integer
  `.execute(db);
  return rows;
}

/**
 * Looks at the next `limit` versions up to a position and forgets those that they replaced. That something is missing is said in the same statement, so that no reader is
 * led over a gap.
 *
 * @returns how many were looked at.
 */
export async function sweepVersions(db: Db, tenant: string, until: number, limit: number): Promise<number> {
  const { rows } = await sql<{ looked: number }>`
    with feed as materialized (
      select swept from belay.feed where tenant = ${tenant} for no key update
    ), looked as materialized (
      select c.position, c.previous from feed, belay.change c where c.tenant = ${tenant} and c.position > feed.swept and c.position <= ${until}::bigint
      order by c.tenant, c.position limit ${limit}::integer
    ), gone as (
      delete from belay.change where tenant = ${tenant} and position = any (array(select previous from looked where previous is not null)) returning position
    ), told as (
      update belay.feed f set swept = (select max(position) from looked), kept_after = greatest(f.kept_after, (select max(position) from gone))
      where f.tenant = ${tenant} and exists (select from looked)
    )
    select count(*)::integer as looked from looked
  `.execute(db);
  return rows[0]?.looked ?? 0;
}

const columns = sql`c.tenant, c.position, c.model, c.record, c.kind, to_char(c.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
  c.connection, c.sync, c.previous, c.contents`;
