import { sql } from "kysely";
import type { Db } from "../db/index.ts";

/** A walk, and whose records it reads. */
export interface SeenBy {
  readonly tenant: string;
  readonly sync: string;
  readonly connection: string;
  readonly walk: number;
}

/** Keeps which records a page of a walk had. */
export async function insertSeen(tx: Db, { tenant, walk }: SeenBy, page: number, ids: readonly string[]): Promise<void> {
  await sql`
    insert into belay.walk_page (tenant, walk, page, ids)
    select ${tenant}, ${walk}::bigint, ${page}::integer, array(select json_array_elements_text(${JSON.stringify(ids)}::json))
    on conflict (tenant, walk, page) do update set ids = excluded.ids
  `.execute(tx);
}

/** Forgets which records walks before, and this one, have seen. */
export async function deleteSeen(tx: Db, { tenant }: Pick<SeenBy, "tenant">, walks: readonly number[]): Promise<void> {
  await sql`
    delete from belay.walk_page
    where tenant = ${tenant} and walk = any (array(select w::bigint from json_array_elements_text(${JSON.stringify(walks)}::json) w))
  `.execute(tx);
}

/** A walk of a sync, and whose records it reads. */
export interface NamedBy extends SeenBy {
  readonly resource: string;
}

/** Puts records on the list of those to be deleted that the provider has named, as far as they are there. */
export async function listNamed(tx: Db, { tenant, sync, connection, walk, resource }: NamedBy, ids: readonly string[]): Promise<void> {
  await sql`
    insert into belay.pending_delete as p (tenant, sync, connection, external_id, walk, named)
    select r.tenant, ${sync}, r.connection, r.external_id, ${walk}::bigint, true
    from json_array_elements_text(${JSON.stringify(ids)}::json) x(id)
    cross join lateral (
      select * from belay.record r
      where r.tenant = ${tenant} and r.connection = ${connection} and r.resource = ${resource} and r.external_id = x.id collate "C" and r.hash is not null limit 1
    ) r
    on conflict (tenant, sync, connection, external_id) do update set named = true, walk = excluded.walk where not p.named
  `.execute(tx);
}

/** Takes off the list what this walk has put there because the provider has named it: the walk has come to nothing, and the next one is told again. */
export async function unlistNamed(tx: Db, { tenant, sync, connection, walk }: SeenBy): Promise<void> {
  await sql`
    delete from belay.pending_delete where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and walk = ${walk}::bigint and named
  `.execute(tx);
}

/**
 * Takes records off the list that are gone already, because somebody else has deleted them. Each is looked up by itself (`offset 0`): joined, a plan that thinks little of a connection's
 * records would go through all of them for each.
 */
export async function unlistGone(tx: Db, { tenant, sync, connection, resource }: Omit<NamedBy, "walk">): Promise<void> {
  await sql`
    delete from belay.pending_delete p
    where p.tenant = ${tenant} and p.sync = ${sync} and p.connection = ${connection} and not exists (
      select from belay.record r
      where r.tenant = ${tenant} and r.connection = ${connection} and r.resource = ${resource} and r.external_id = p.external_id and r.hash is not null
      offset 0
    )
  `.execute(tx);
}

/** What is on the list. */
export interface ListedCounts {
  /** Those that a walk has not seen. */
  readonly missing: number;
  /** Those that the provider has named. */
  readonly named: number;
  /** Of those, the ones that this walk has put there. */
  readonly namedNow: number;
}

/** Counts what is on the list. */
export async function countListed(db: Db, { tenant, sync, connection, walk }: SeenBy): Promise<ListedCounts> {
  const { rows } = await sql<ListedCounts>`
    select count(*) filter (where not named) as missing, count(*) filter (where named) as named,
      count(*) filter (where named and walk = ${walk}::bigint) as "namedNow"
    from belay.pending_delete where tenant = ${tenant} and sync = ${sync} and connection = ${connection}
  `.execute(db);
  return rows[0] ?? { missing: 0, named: 0, namedNow: 0 };
}

/** Which records can be missing. */
export interface Among {
  readonly resource: string;
  /** The end of the feed when the walk began: what changed behind it was known only after that, and need not have been listed. */
  readonly knownUntil: number;
}

/**
 * Puts the living records that a walk has not seen on the list of those to be deleted, in the place of those that an earlier walk had not seen; what the provider has named stays there.
 * The ids of a walk are in no order: a hash of them is made, which our sessions otherwise never do, so its cost stays in proportion.
 *
 * @returns how many they are, besides those that were named.
 */
export async function listMissing(tx: Db, { tenant, sync, connection, walk }: SeenBy, among: Among): Promise<number> {
  // What was never counted is thought to be little, and would be gone through for each record.
  await sql`set local enable_hashjoin = on`.execute(tx);
  await sql`set local enable_nestloop = off`.execute(tx);
  await clearMissing(tx, { tenant, sync, connection }, "missing");
  const { numAffectedRows = 0n } = await sql`
    insert into belay.pending_delete (tenant, sync, connection, external_id, walk)
    select r.tenant, ${sync}, r.connection, r.external_id, ${walk}::bigint from belay.record r
    left join (select unnest(ids) as id from belay.walk_page where tenant = ${tenant} and walk = ${walk}::bigint) seen on seen.id = r.external_id
    where r.tenant = ${tenant} and r.connection = ${connection} and r.resource = ${among.resource} and r.hash is not null
      and r.position <= ${among.knownUntil}::bigint and seen.id is null
    on conflict (tenant, sync, connection, external_id) do nothing
  `.execute(tx);
  return Number(numAffectedRows);
}

/** Takes records off the list that were seen after all, or are deleted in this transaction. @returns how many of them the provider had named. */
export async function unlistMissing(tx: Db, { tenant, sync, connection }: Omit<SeenBy, "walk">, ids: readonly string[]): Promise<number> {
  const { rows } = await sql<{ named: boolean }>`
    delete from belay.pending_delete
    where tenant = ${tenant} and sync = ${sync} and connection = ${connection}
      and external_id = any (array(select json_array_elements_text(${JSON.stringify(ids)}::json)))
    returning named
  `.execute(tx);
  return rows.filter(({ named }) => named).length;
}

/** Part of the list: `missing` are those that a walk has not seen, `named` those that the provider has named. */
export type ListPart = "all" | "missing" | "named";

const isOf = (part: ListPart) => (part === "all" ? sql`true` : part === "named" ? sql`named` : sql`not named`);

/** The first of the list, by external id. */
export async function readMissing(
  db: Db,
  { tenant, sync, connection }: Omit<SeenBy, "walk">,
  limit: number,
  part: ListPart = "all",
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select external_id as id from belay.pending_delete where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and ${isOf(part)}
    order by external_id limit ${limit}
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** A record that waits to be deleted. */
export interface PendingDelete {
  readonly externalId: string;
  /** Its canonical id; null: it is gone already. */
  readonly record: string | null;
  /** `missing`: a walk through everything has not seen it; `named`: the provider has said that it is deleted, or the mapping leaves it out. */
  readonly why: "missing" | "named";
  /** The walk that put it on the list. */
  readonly walk: number;
}

/** The list, by external id, from behind one of them on. */
export async function listPending(
  db: Db,
  { tenant, sync, connection, resource }: Omit<NamedBy, "walk">,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<PendingDelete[]> {
  const { rows } = await sql<PendingDelete>`
    select p.external_id as "externalId", r.id as record, case when p.named then 'named' else 'missing' end as why, p.walk
    from (
      select * from belay.pending_delete
      where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and external_id > ${after} order by external_id limit ${limit}
    ) p
    left join lateral (
      select r.id from belay.record r
      where r.tenant = ${tenant} and r.connection = ${connection} and r.resource = ${resource} and r.external_id = p.external_id and r.hash is not null limit 1
    ) r on true
    order by p.external_id
  `.execute(db);
  return rows;
}

/** The walk that put those on the list which are there, the newest of several; 0: nothing is. */
export async function walkOfMissing(db: Db, { tenant, sync, connection }: Omit<SeenBy, "walk">): Promise<number> {
  const { rows } = await sql<{ walk: number }>`
    select coalesce(max(walk), 0) as walk from belay.pending_delete where tenant = ${tenant} and sync = ${sync} and connection = ${connection}
  `.execute(db);
  return rows[0]?.walk ?? 0;
}

/** How many records wait to be deleted. */
export async function countMissing(db: Db, { tenant, sync, connection }: Omit<SeenBy, "walk">): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from belay.pending_delete where tenant = ${tenant} and sync = ${sync} and connection = ${connection}
  `.execute(db);
  return rows[0]?.count ?? 0;
}

/** Clears the list. @returns how many were on it. */
export async function clearMissing(tx: Db, { tenant, sync, connection }: Omit<SeenBy, "walk">, part: ListPart = "all"): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from belay.pending_delete where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and ${isOf(part)}
  `.execute(tx);
  return Number(numAffectedRows);
}

/** Forgets which records of connections that are gone were to be deleted, and which could not be taken. */
export async function forgetListed(tx: Db, keys: readonly Pick<SeenBy, "tenant" | "connection">[]): Promise<void> {
  const given = sql`json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text collate "C", connection text collate "C")`;
  await sql`delete from belay.pending_delete p using ${given} where p.tenant = x.tenant and p.connection = x.connection`.execute(tx);
  await sql`delete from belay.record_trouble t using ${given} where t.tenant = x.tenant and t.connection = x.connection`.execute(tx);
}
