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
    delete from belay.walk_page p using json_array_elements_text(${JSON.stringify(walks)}::json) x(walk)
    where p.tenant = ${tenant} and p.walk = x.walk::bigint
  `.execute(tx);
}

/** Which records can be missing. */
export interface Among {
  readonly resource: string;
  /** The end of the feed when the walk began: what changed behind it was known only after that, and need not have been listed. */
  readonly knownUntil: number;
}

/**
 * Puts the living records that a walk has not seen on the list of those to be deleted, in the place of those that an earlier walk put there. The ids of a walk are in no order:
 * a hash of them is made, which our sessions otherwise never do, so its cost stays in proportion.
 *
 * @returns how many they are.
 */
export async function listMissing(tx: Db, { tenant, sync, connection, walk }: SeenBy, among: Among): Promise<number> {
  // What was never counted is thought to be little, and would be gone through for each record.
  await sql`set local enable_hashjoin = on`.execute(tx);
  await sql`set local enable_nestloop = off`.execute(tx);
  await sql`delete from belay.pending_delete where tenant = ${tenant} and sync = ${sync} and connection = ${connection}`.execute(tx);
  const { numAffectedRows = 0n } = await sql`
    insert into belay.pending_delete (tenant, sync, connection, external_id, walk)
    select r.tenant, ${sync}, r.connection, r.external_id, ${walk}::bigint from belay.record r
    left join (select unnest(ids) as id from belay.walk_page where tenant = ${tenant} and walk = ${walk}::bigint) seen on seen.id = r.external_id
    where r.tenant = ${tenant} and r.connection = ${connection} and r.resource = ${among.resource} and r.hash is not null
      and r.position <= ${among.knownUntil}::bigint and seen.id is null
  `.execute(tx);
  return Number(numAffectedRows);
}

/** Takes records that were seen after all off the list. */
export async function unlistMissing(tx: Db, { tenant, sync, connection }: Omit<SeenBy, "walk">, ids: readonly string[]): Promise<void> {
  await sql`
    delete from belay.pending_delete p using json_array_elements_text(${JSON.stringify(ids)}::json) x(id)
    where p.tenant = ${tenant} and p.sync = ${sync} and p.connection = ${connection} and p.external_id = x.id
  `.execute(tx);
}

/** The first of the list, by external id. */
export async function readMissing(db: Db, { tenant, sync, connection }: Omit<SeenBy, "walk">, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select external_id as id from belay.pending_delete where tenant = ${tenant} and sync = ${sync} and connection = ${connection}
    order by external_id limit ${limit}
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** How many records wait to be deleted. */
export async function countMissing(db: Db, { tenant, sync, connection }: Omit<SeenBy, "walk">): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from belay.pending_delete where tenant = ${tenant} and sync = ${sync} and connection = ${connection}
  `.execute(db);
  return rows[0]?.count ?? 0;
}

/** Clears the list. @returns how many were on it. */
export async function clearMissing(tx: Db, { tenant, sync, connection }: Omit<SeenBy, "walk">): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from belay.pending_delete where tenant = ${tenant} and sync = ${sync} and connection = ${connection}
  `.execute(tx);
  return Number(numAffectedRows);
}
