import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { Role } from "./roles.ts";

/** A key as it is kept: never its text. */
export interface StoredKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** The only tenant it may see; `null`: all. */
  readonly tenant: string | null;
  /** Fewer than the role has; `null`: all of them. */
  readonly permissions: readonly string[] | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

/** What is needed to let somebody in. */
export interface LivingKey extends Pick<StoredKey, "id" | "role" | "tenant" | "permissions"> {
  readonly hash: Uint8Array;
  readonly expiresAtMs: number | null;
  readonly lastUsedAtMs: number | null;
}

export interface NewKey extends Pick<StoredKey, "id" | "name" | "role" | "tenant" | "permissions" | "createdBy"> {
  readonly hash: Uint8Array;
  /** `null`: never. */
  readonly livesMs: number | null;
}

const shown = sql`
  id, name, role, tenant, permissions, created_by as "createdBy", ${time("created_at")} as "createdAt", ${time("expires_at")} as "expiresAt",
  ${time("last_used_at")} as "lastUsedAt", ${time("revoked_at")} as "revokedAt"
`;

export async function insertKey(db: Db, key: NewKey): Promise<StoredKey | undefined> {
  const { rows } = await sql<StoredKey>`
    insert into belay.api_key (id, hash, name, role, tenant, permissions, created_by, expires_at)
    values (${key.id}, ${key.hash}::bytea, ${key.name}, ${key.role}, ${key.tenant}, ${key.permissions}::text[], ${key.createdBy},
      belay.now() + ${key.livesMs}::float8 * interval '1 millisecond')
    returning ${shown}
  `.execute(db);
  return rows[0];
}

/** Keys by id, `limit` after `after`. Those that are revoked or past their time too. */
export async function selectKeys(db: Db, after: string, limit: number): Promise<StoredKey[]> {
  const { rows } = await sql<StoredKey>`select ${shown} from belay.api_key where id > ${after} order by id limit ${limit}::integer`.execute(
    db,
  );
  return rows;
}

/** Living keys that were made so many days ago or earlier, the oldest first, at most 10,000. */
export async function findAgedApiKeys(db: Db, days: number): Promise<StoredKey[]> {
  const { rows } = await sql<StoredKey>`
    select ${shown} from belay.api_key
    where revoked_at is null and (expires_at is null or expires_at > belay.now()) and created_at <= belay.now() - ${days}::float8 * interval '1 day'
    order by api_key.created_at limit 10000
  `.execute(db);
  return rows;
}

/** Those of the keys that live. */
export async function selectLivingKeys(db: Db, ids: readonly string[]): Promise<LivingKey[]> {
  const { rows } = await sql<LivingKey>`
    select id, hash, role, tenant, permissions, (extract(epoch from expires_at) * 1000)::float8 as "expiresAtMs",
      (extract(epoch from last_used_at) * 1000)::float8 as "lastUsedAtMs"
    from belay.api_key where id = any (${ids}::text[]) and revoked_at is null and (expires_at is null or expires_at > belay.now())
  `.execute(db);
  return rows;
}

/** One that can still be replaced: neither revoked nor past its time. Locked until the transaction ends. */
export async function lockLivingKey(tx: Db, id: string): Promise<StoredKey | undefined> {
  const { rows } = await sql<StoredKey>`
    select ${shown} from belay.api_key where id = ${id} and revoked_at is null and (expires_at is null or expires_at > belay.now()) for update
  `.execute(tx);
  return rows[0];
}

/** Ends a key in so many milliseconds, or earlier where it would have ended earlier. */
export async function endKeyWithin(db: Db, id: string, ms: number): Promise<void> {
  await sql`
    update belay.api_key set expires_at = least(expires_at, belay.now() + ${ms}::float8 * interval '1 millisecond') where id = ${id}
  `.execute(db);
}

/** @returns whether there is such a key; revoking it twice keeps the first time. */
export async function revokeKey(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql`update belay.api_key set revoked_at = coalesce(revoked_at, belay.now()) where id = ${id} returning 1`.execute(
    db,
  );
  return rows.length > 0;
}

/** Remembers that keys are in use. */
export async function touchKeys(db: Db, ids: readonly string[]): Promise<void> {
  await sql`update belay.api_key set last_used_at = belay.now() where id = any (${ids}::text[])`.execute(db);
}

function time(column: string): ReturnType<typeof sql> {
  return sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
