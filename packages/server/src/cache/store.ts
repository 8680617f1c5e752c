import { sql } from "kysely";
import type { Db } from "../db/index.ts";

export interface ResourceKey {
  readonly tenant: string;
  readonly connection: string;
  readonly resource: string;
}

export interface EntryKey extends ResourceKey {
  /** Hexadecimal. */
  readonly key: string;
}

/** What is there when something is looked up. */
export interface Looked {
  /** Sealed; null: nothing that is young enough. */
  readonly value: Uint8Array | null;
  readonly ageMs: number | null;
  /** Somebody asks now. */
  readonly inFlight: boolean;
  /** For how long something of the resource has been looked up. */
  readonly usedMs: number;
  /** The same, and nothing of it was changed as far as anybody knows: what was known before that may be wrong. */
  readonly quietMs: number;
}

/** Looks an entry up. @returns `undefined` where nothing of the resource was ever looked up. */
export async function lookUp(db: Db, { tenant, connection, resource, key }: EntryKey, maxAgeMs: number): Promise<Looked | undefined> {
  const { rows } = await sql<Looked>`
    select case when e.young then e.value end as value, e.age as "ageMs", coalesce(e.flight_until > clock.now, false) as "inFlight",
      extract(epoch from clock.now - u.since)::float8 * 1000 as "usedMs",
      extract(epoch from clock.now - greatest(u.since, u.ended_at))::float8 * 1000 as "quietMs"
    from (select belay.now() as now) clock
    join belay.cache_use u on u.tenant = ${tenant} and u.connection = ${connection} and u.resource = ${resource}
    left join lateral (
      select e.value, e.flight_until, extract(epoch from clock.now - e.known_at)::float8 * 1000 as age,
        e.known_at > clock.now - ${maxAgeMs}::float8 * interval '1 ms' as young
      from belay.cache_entry e
      where e.tenant = ${tenant} and e.connection = ${connection} and e.resource = ${resource} and e.key = decode(${key}, 'hex')
    ) e on true
  `.execute(db);
  return rows[0];
}

/** Says that something of a resource is looked up. Twice: changes nothing. */
export async function insertUse(db: Db, { tenant, connection, resource }: ResourceKey): Promise<void> {
  await sql`
    insert into belay.cache_use (tenant, connection, resource) values (${tenant}, ${connection}, ${resource}) on conflict do nothing
  `.execute(db);
}

export interface Use {
  readonly connection: string;
  readonly resource: string;
  /** Seconds of the database's clock. */
  readonly since: number;
}

/** Uses that began at this second or later. */
export async function readUses(db: Db, since: number): Promise<Use[]> {
  const { rows } = await sql<Use>`
    select connection, resource, extract(epoch from since)::float8 as since from belay.cache_use where since >= to_timestamp(${since}::float8)
  `.execute(db);
  return rows;
}

/** A call that is about to be made. */
export interface Flight extends EntryKey {
  /** Hexadecimal; null: it is searched. */
  readonly record: string | null;
  readonly flight: string;
}

/** Says that somebody asks, unless somebody else does; from before the call begins. @returns whether. */
export async function takeFlight(
  db: Db,
  { tenant, connection, resource, key, record, flight }: Flight,
  flightMs: number,
): Promise<boolean> {
  const { rows } = await sql`
    insert into belay.cache_entry as e (tenant, connection, resource, key, record, flight, flight_at, flight_until)
    values (${tenant}, ${connection}, ${resource}, decode(${key}, 'hex'), decode(${record}::text, 'hex'), ${flight}::uuid, belay.now(),
      belay.now() + ${flightMs}::float8 * interval '1 ms')
    on conflict (tenant, connection, resource, key) do update
    set flight = excluded.flight, flight_at = excluded.flight_at, flight_until = excluded.flight_until
    where e.flight_until is null or e.flight_until <= excluded.flight_at
    returning 1
  `.execute(db);
  return rows.length > 0;
}

/**
 * Keeps what a flight brought, as known since before it began. One that has been ended, or taken over, brings nothing.
 *
 * @param value Sealed; null: it brought nothing, and another may begin.
 * @returns whether it is kept.
 */
export async function landFlight(
  db: Db,
  { tenant, connection, resource, key, flight }: Omit<Flight, "record">,
  value: Uint8Array | null,
): Promise<boolean> {
  const own = sql`tenant = ${tenant} and connection = ${connection} and resource = ${resource} and key = decode(${key}, 'hex') and flight = ${flight}::uuid`;
  if (value === null) {
    await sql`update belay.cache_entry set flight = null, flight_at = null, flight_until = null where ${own}`.execute(db);
    return false;
  }
  const { numAffectedRows = 0n } = await sql`
    update belay.cache_entry set value = ${value}::bytea, bytes = ${value.byteLength}::integer, known_at = flight_at,
      flight = null, flight_at = null, flight_until = null
    where ${own}
  `.execute(db);
  return numAffectedRows > 0n;
}

/** Something that was changed. */
export interface ChangeRow extends Omit<ResourceKey, "resource"> {
  /** Null: any. */
  readonly resource: string | null;
  /** Hexadecimal; null: any. */
  readonly record: string | null;
}

/**
 * Ends what is known of records from before: their entries and flights, and all searches of the resource, since nobody knows what they would find now. The row of a use is locked
 * first, in one order.
 */
export async function endEntries(db: Db, changes: readonly ChangeRow[]): Promise<void> {
  const given = sql`json_to_recordset(${JSON.stringify(changes)}::json) as x(tenant text collate "C", connection text collate "C", resource text collate "C", record text)`;
  await db.transaction().execute(async (tx) => {
    await sql`
      with locked as (
        select u.ctid from belay.cache_use u where exists (
          select from ${given} where x.tenant = u.tenant and x.connection = u.connection and (x.resource is null or x.resource = u.resource)
        )
        order by u.tenant, u.connection, u.resource for no key update
      )
      update belay.cache_use u set ended_at = belay.now() from locked where u.ctid = locked.ctid
    `.execute(tx);
    await sql`
      delete from belay.cache_entry e using ${given}
      where e.tenant = x.tenant and e.connection = x.connection and (x.resource is null or e.resource = x.resource)
        and (x.record is null or e.record is null or e.record = decode(x.record, 'hex'))
    `.execute(tx);
  });
}

/** Leaves a tenant its newest entries, as many as fit both bounds. @returns how many went. */
export async function trimEntries(db: Db, tenant: string, most: { readonly rows: number; readonly bytes: number }): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from belay.cache_entry e using (
      select ctid, row_number() over newest as place, sum(bytes) over newest as total
      from belay.cache_entry where tenant = ${tenant} and known_at is not null window newest as (order by known_at desc, key)
    ) x
    where e.ctid = x.ctid and e.flight is null and (x.place > ${most.rows} or x.total > ${most.bytes})
  `.execute(db);
  return Number(numAffectedRows);
}

/** Tenants that have entries, behind one of them. What it costs depends on how many they are, and not on how many entries they have. */
export async function listCachingTenants(db: Db, after: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ tenant: string }>`
    with recursive caching as (
      (select tenant from belay.cache_entry where tenant > ${after} order by tenant limit 1)
      union all
      select n.tenant from caching c cross join lateral (
        select e.tenant from belay.cache_entry e where e.tenant > c.tenant order by e.tenant limit 1
      ) n
    )
    select tenant from caching limit ${limit}::integer
  `.execute(db);
  return rows.map(({ tenant }) => tenant);
}

/** Forgets what of a tenant is too old for every caller, and flights that never landed. By the index: most are younger. @returns how many, at most `limit`. */
export async function deleteOldEntries(db: Db, tenant: string, hours: number, limit: number): Promise<number> {
  const before = sql`(select belay.now()) - ${hours}::float8 * interval '1 hour'`;
  const nobodyAsks = sql`(flight_until is null or flight_until < (select belay.now()))`;
  const { numAffectedRows = 0n } = await sql`
    delete from belay.cache_entry where ctid = any (array(
      select ctid from belay.cache_entry where tenant = ${tenant} and known_at < ${before} and ${nobodyAsks}
      union all
      select ctid from belay.cache_entry where tenant = ${tenant} and known_at is null and coalesce(flight_at, '-infinity') < ${before} and ${nobodyAsks}
      limit ${limit}
    ))
  `.execute(db);
  return Number(numAffectedRows);
}

/** Forgets what was looked up of connections that are gone. */
export async function forgetCached(tx: Db, keys: readonly Omit<ResourceKey, "resource">[]): Promise<void> {
  const given = sql`json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text collate "C", connection text collate "C")`;
  await sql`delete from belay.cache_entry e using ${given} where e.tenant = x.tenant and e.connection = x.connection`.execute(tx);
  await sql`delete from belay.cache_use u using ${given} where u.tenant = x.tenant and u.connection = x.connection`.execute(tx);
}

export interface CachedRow extends ResourceKey {
  readonly entries: number;
  readonly bytes: number;
  /** When something of it was last known to be changed, ISO 8601; null: never. */
  readonly endedAt: string | null;
}

/** What is kept, by connection and resource. */
export async function readCached(
  db: Db,
  { tenant, connection }: { readonly tenant?: string | undefined; readonly connection?: string | undefined },
  limit: number,
): Promise<CachedRow[]> {
  const { rows } = await sql<CachedRow>`
    select u.tenant, u.connection, u.resource, coalesce(e.entries, 0)::integer as entries, coalesce(e.bytes, 0)::float8 as bytes,
      to_char(u.ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "endedAt"
    from belay.cache_use u
    left join lateral (
      select count(*) as entries, sum(bytes) as bytes from belay.cache_entry e
      where e.tenant = u.tenant and e.connection = u.connection and e.resource = u.resource and e.known_at is not null
    ) e on true
    where (${tenant ?? null}::text is null or u.tenant = ${tenant ?? null}) and (${connection ?? null}::text is null or u.connection = ${connection ?? null})
    order by u.tenant, u.connection, u.resource limit ${limit}
  `.execute(db);
  return rows;
}
