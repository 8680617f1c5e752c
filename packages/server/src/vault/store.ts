import { sql } from "kysely";
import type { Db } from "../db/index.ts";

export interface TenantKeyName {
  readonly tenant: string;
  readonly version: number;
}

export interface TenantKeyRow extends TenantKeyName {
  /** `null`: destroyed. */
  readonly wrapped: Uint8Array | null;
  readonly masterKey: string;
}

/** All keys of these tenants, oldest first. */
export async function readTenantKeys(db: Db, tenants: readonly string[]): Promise<TenantKeyRow[]> {
  const { rows } = await sql<TenantKeyRow>`
    select tenant, version, wrapped, master_key as "masterKey" from belay.tenant_key
    where tenant in (select json_array_elements_text(${JSON.stringify(tenants)}::json))
    order by tenant, version
  `.execute(db);
  return rows;
}

/** Adds keys. One that is there already stays: of two processes that make the same key, the first one's counts for both. */
export async function insertTenantKeys(
  db: Db,
  rows: readonly (TenantKeyName & { readonly wrapped: string; readonly masterKey: string })[],
): Promise<void> {
  await sql`
    insert into belay.tenant_key (tenant, version, wrapped, master_key)
    select tenant, version, decode(wrapped, 'base64'), "masterKey"
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, version integer, wrapped text, "masterKey" text)
    order by tenant collate "C", version
    on conflict do nothing
  `.execute(db);
}

/** One key for each master key that is needed. */
export async function sampleMasterKeys(db: Db): Promise<TenantKeyRow[]> {
  const { rows } = await sql<TenantKeyRow>`
    select distinct on (master_key) tenant, version, wrapped, master_key as "masterKey" from belay.tenant_key
    where destroyed_at is null order by master_key, tenant, version
  `.execute(db);
  return rows;
}

/** How many living keys a master key wraps, and of how many tenants. */
export interface MasterKeyUse {
  readonly masterKey: string;
  readonly keys: number;
  readonly tenants: number;
}

/** By which master keys the living keys are wrapped. */
export async function countMasterKeys(db: Db): Promise<MasterKeyUse[]> {
  const { rows } = await sql<MasterKeyUse>`
    select master_key as "masterKey", count(*)::integer as keys, count(distinct tenant)::integer as tenants from belay.tenant_key
    where destroyed_at is null group by master_key order by master_key
  `.execute(db);
  return rows;
}

/** When the key was made that is the oldest among those that tenants are sealed for with now. @returns ISO 8601, UTC; `null` when there is none. */
export async function readOldestInUse(db: Db): Promise<string | null> {
  const { rows } = await sql<{ at: string | null }>`
    select to_char(min(made) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
    from (select max(created_at) as made from belay.tenant_key where destroyed_at is null group by tenant) as newest
  `.execute(db);
  return rows[0]?.at ?? null;
}

/** Living keys behind `after` that another master key than `current` wraps, in the order of their names. */
export async function findForeignKeys(db: Db, current: string, after: TenantKeyName, limit: number): Promise<TenantKeyRow[]> {
  const { rows } = await sql<TenantKeyRow>`
    select tenant, version, wrapped, master_key as "masterKey" from belay.tenant_key
    where destroyed_at is null and master_key <> ${current} and (tenant, version) > (${after.tenant} collate "C", ${after.version}::integer)
    order by tenant, version limit ${limit}
  `.execute(db);
  return rows;
}

/** Replaces how a key is wrapped, unless it has been rewrapped or destroyed meanwhile. @returns whether it was replaced. */
export async function replaceWrapping(
  db: Db,
  { tenant, version, wrapped: before }: TenantKeyRow,
  wrapped: Uint8Array,
  masterKey: string,
): Promise<boolean> {
  const { rows } = await sql`
    update belay.tenant_key set wrapped = ${wrapped}::bytea, master_key = ${masterKey}
    where tenant = ${tenant} and version = ${version}::integer and wrapped = ${before}::bytea returning 1
  `.execute(db);
  return rows.length > 0;
}

/** Tenants behind `after` whose newest key lives and is older than that, with the version of the newest. */
export async function findAgedKeys(db: Db, olderThanDays: number, after: string, limit: number): Promise<TenantKeyName[]> {
  const { rows } = await sql<TenantKeyName>`
    select tenant, max(version) as version from belay.tenant_key
    where tenant > ${after} collate "C"
    group by tenant
    having max(created_at) <= belay.now() - ${olderThanDays}::float8 * interval '1 day' and bool_or(destroyed_at is null)
    order by tenant limit ${limit}
  `.execute(db);
  return rows;
}

/** Forgets the keys of a tenant and keeps that there were some. @returns how many were destroyed. */
export async function destroyTenantKeys(db: Db, tenant: string): Promise<number> {
  const { rows } = await sql`
    update belay.tenant_key set wrapped = null, destroyed_at = belay.now()
    where tenant = ${tenant} and destroyed_at is null returning 1
  `.execute(db);
  return rows.length;
}
