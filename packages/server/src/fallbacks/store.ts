import { sql } from "kysely";
import type { Db } from "../db/index.ts";

export interface KnownRow {
  readonly tenant: string;
  /** Hexadecimal. */
  readonly key: string;
  /** Sealed, hexadecimal. */
  readonly value: string;
  /** How long ago it was surely true, ms. */
  readonly heldMs: number;
}

/** Keeps answers; a newer one that is there stays. Keys must differ. */
export async function upsertKnown(db: Db, rows: readonly KnownRow[]): Promise<void> {
  await sql`
    insert into belay.last_known (tenant, key, value, known_at)
    select tenant, decode(key, 'hex'), decode(value, 'hex'), (select belay.now()) - make_interval(secs => "heldMs" / 1000.0)
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, key text, value text, "heldMs" double precision)
    -- In one order, whoever writes: two processes may keep the same calls.
    order by 1, 2
    on conflict (tenant, key) do update set value = excluded.value, known_at = excluded.known_at
    where last_known.known_at < excluded.known_at
  `.execute(db);
}

export interface FoundRow {
  readonly tenant: string;
  /** Hexadecimal. */
  readonly key: string;
  readonly value: Uint8Array;
  readonly ageMs: number;
}

/** The answers of these calls, and how old they are now. */
export async function findKnown(db: Db, asked: readonly Pick<KnownRow, "tenant" | "key">[]): Promise<FoundRow[]> {
  const { rows } = await sql<FoundRow>`
    select k.tenant, encode(k.key, 'hex') as key, k.value, (extract(epoch from (select belay.now()) - k.known_at) * 1000)::double precision as "ageMs"
    from json_to_recordset(${JSON.stringify(asked)}::json) as x(tenant text, key text)
    cross join lateral (select * from belay.last_known k where k.tenant = x.tenant and k.key = decode(x.key, 'hex') limit 1) k
  `.execute(db);
  return rows;
}

/** Forgets answers older than so many days, at most `limit`. Says how many. */
export async function deleteOldKnown(db: Db, days: number, limit: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from belay.last_known where (tenant, key) in (
      select tenant, key from belay.last_known where known_at < (select belay.now()) - make_interval(days => ${days}) order by known_at limit ${limit}
    )
  `.execute(db);
  return Number(numAffectedRows);
}

/** Leaves each tenant its newest `most` answers. Says how many were forgotten. */
export async function deleteExcessKnown(db: Db, most: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from belay.last_known where (tenant, key) in (
      select tenant, key
      from (select tenant, key, row_number() over (partition by tenant order by known_at desc) as place from belay.last_known) ranked
      where place > ${most}
    )
  `.execute(db);
  return Number(numAffectedRows);
}
