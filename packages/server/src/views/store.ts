import { sql } from "kysely";
import type { Db } from "../db/index.ts";

/** Which rows: of one version of a view, of one tenant. */
export interface RowsKey {
  readonly tenant: string;
  readonly view: string;
  readonly version: string;
}

export interface ViewRow {
  readonly id: string;
  readonly position: number;
  /** Sealed. */
  readonly contents: Uint8Array;
}

/** Writes rows in the place of those that were there. */
export async function upsertRows(db: Db, { tenant, view, version }: RowsKey, rows: readonly ViewRow[]): Promise<void> {
  if (rows.length === 0) return;
  const texts = rows.map(({ contents, ...row }) => ({ ...row, contents: Buffer.from(contents).toString("base64") }));
  await sql`
    insert into belay.view_row (tenant, view, version, id, position, contents)
    select ${tenant}, ${view}, ${version}, id, position, decode(contents, 'base64')
    from json_to_recordset(${JSON.stringify(texts)}::json) as x(id text collate "C", position bigint, contents text) order by id
    on conflict (tenant, view, version, id) do update set position = excluded.position, contents = excluded.contents
  `.execute(db);
}

/** Takes away rows of what is not there any more. */
export async function deleteRows(db: Db, { tenant, view, version }: RowsKey, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    delete from belay.view_row
    where tenant = ${tenant} and view = ${view} and version = ${version} and id = any (array(select json_array_elements_text(${JSON.stringify(ids)}::json)))
  `.execute(db);
}

/** Says that everything there is has been put together once. Again: changes nothing. */
export async function insertBuild(db: Db, { tenant, view, version }: RowsKey): Promise<void> {
  await sql`
    insert into belay.view_build (tenant, view, version) values (${tenant}, ${view}, ${version}) on conflict do nothing
  `.execute(db);
}

/** The versions of a view that are built, the newest first. */
export async function readBuilds(db: Db, tenant: string, view: string): Promise<string[]> {
  const { rows } = await sql<{ version: string }>`
    select version from belay.view_build where tenant = ${tenant} and view = ${view} order by built_at desc
  `.execute(db);
  return rows.map(({ version }) => version);
}

/** Forgets a version that nobody keeps up any more. @returns how many rows, at most `limit`. */
export async function deleteVersion(db: Db, view: string, version: string, limit: number): Promise<number> {
  await sql`delete from belay.view_build where view = ${view} and version = ${version}`.execute(db);
  const { numAffectedRows = 0n } = await sql`
    delete from belay.view_row where ctid = any (array(
      select ctid from belay.view_row where view = ${view} and version = ${version} limit ${limit}
    ))
  `.execute(db);
  return Number(numAffectedRows);
}

/** Rows in the order of their ids. `ids`: only these. `behind`: only what changed behind this position of the feed. */
export async function readRows(
  db: Db,
  { tenant, view, version }: RowsKey,
  {
    after,
    limit,
    ids,
    behind,
  }: { readonly after: string; readonly limit: number; readonly ids?: readonly string[]; readonly behind?: number | undefined },
): Promise<ViewRow[]> {
  const { rows } = await sql<ViewRow>`
    select id, position, contents from belay.view_row v
    where v.tenant = ${tenant} and v.view = ${view} and v.version = ${version} and v.id > ${after}
      ${ids === undefined ? sql`` : sql`and v.id = any (array(select x collate "C" from json_array_elements_text(${JSON.stringify(ids)}::json) x))`}
      ${behind === undefined ? sql`` : sql`and v.position > ${behind}::bigint`}
    order by v.id limit ${limit}
  `.execute(db);
  return rows;
}

/** How many rows there are. */
export async function countRows(db: Db, { tenant, view, version }: RowsKey): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from belay.view_row where tenant = ${tenant} and view = ${view} and version = ${version}
  `.execute(db);
  return rows[0]?.count ?? 0;
}
