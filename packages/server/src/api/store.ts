import { sql } from "kysely";
import type { Db } from "../db/index.ts";

export interface RequestKey {
  readonly tenant: string;
  readonly key: string;
}

/**
 * Takes a key for a request, unless somebody has it: one who is still at work, or one who has left an answer. A key whose holder went silent, or that is past its
 * time, is taken over. @returns whether it was taken, and whether from one who went silent: what was asked for may have been done.
 */
export async function takeKey(
  db: Db,
  { tenant, key }: RequestKey,
  request: Uint8Array,
  times: { lockMs: number; keepMs: number },
): Promise<{ readonly isTaken: boolean; readonly wasSilent: boolean }> {
  const { rows } = await sql<{ wasSilent: boolean }>`
    with before as (
      select from belay.idempotency where tenant = ${tenant} and key = ${key} and answer is null and expires_at > belay.now()
    )
    insert into belay.idempotency as i (tenant, key, request, locked_until, expires_at)
    select ${tenant}, ${key}, ${request}::bytea, belay.now() + ${times.lockMs}::float8 * interval '1 millisecond',
      belay.now() + ${times.keepMs}::float8 * interval '1 millisecond'
    on conflict (tenant, key) do update
      set request = excluded.request, answer = null, locked_until = excluded.locked_until, expires_at = excluded.expires_at
      where i.expires_at <= belay.now() or (i.answer is null and i.locked_until <= belay.now() and i.request = excluded.request)
    returning exists (select from before) as "wasSilent"
  `.execute(db);
  return { isTaken: rows.length > 0, wasSilent: rows[0]?.wasSilent === true };
}

/** What is kept under a key. */
export async function readKey(db: Db, { tenant, key }: RequestKey): Promise<{ request: Uint8Array; answer: string | null } | undefined> {
  const { rows } = await sql<{ request: Uint8Array; answer: string | null }>`
    select request, answer from belay.idempotency where tenant = ${tenant} and key = ${key}
  `.execute(db);
  return rows[0];
}

/** Leaves the answer under a key that was taken. */
export async function keepAnswer(db: Db, { tenant, key }: RequestKey, answer: string): Promise<void> {
  await sql`update belay.idempotency set answer = ${answer} where tenant = ${tenant} and key = ${key}`.execute(db);
}

/** Gives a key back without an answer. */
export async function giveKeyBack(db: Db, { tenant, key }: RequestKey): Promise<void> {
  await sql`delete from belay.idempotency where tenant = ${tenant} and key = ${key} and answer is null`.execute(db);
}

/** Forgets keys past their time. @returns how many were deleted, at most `limit`. */
export async function deleteExpiredRequests(db: Db, limit: number): Promise<number> {
  const { rows } = await sql<{ deleted: number }>`
    with gone as (
      delete from belay.idempotency where ctid = any (array(select ctid from belay.idempotency where expires_at <= (select belay.now()) limit ${limit}))
      returning 1
    )
    select count(*)::integer as deleted from gone
  `.execute(db);
  return rows[0]?.deleted ?? 0;
}
