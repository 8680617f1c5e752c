import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { OperatorRole } from "./operator-store.ts";

export interface LivingSession {
  /** Of the cookie's value, hexadecimal. */
  readonly hash: string;
  readonly id: string;
  readonly operator: string;
  readonly role: OperatorRole;
  readonly seenAtMs: number;
}

export interface StoredSession {
  readonly id: string;
  readonly operator: string;
  readonly role: OperatorRole;
  readonly createdAt: string;
  readonly seenAt: string;
  readonly expiresAt: string;
}

/** Begins a session, and remembers when its operator signed in. */
export async function insertSession(
  tx: Db,
  { hash, id, operator, role, livesMs }: { hash: Uint8Array; id: string; operator: string; role: OperatorRole; livesMs: number },
): Promise<void> {
  await sql`
    insert into belay.operator_session (hash, id, operator, role, expires_at)
    values (${hash}::bytea, ${id}, ${operator}, ${role}, belay.now() + ${livesMs}::float8 * interval '1 millisecond')
  `.execute(tx);
  await sql`update belay.operator set signed_in_at = belay.now() where id = ${operator}`.execute(tx);
}

const living = (idleMs: number): ReturnType<typeof sql> => sql`
  s.ended_at is null and s.expires_at > belay.now() and s.seen_at > belay.now() - ${idleMs}::float8 * interval '1 millisecond' and o.barred_at is null
`;

export async function selectLivingSessions(db: Db, hashes: readonly string[], idleMs: number): Promise<LivingSession[]> {
  const { rows } = await sql<LivingSession>`
    select encode(s.hash, 'hex') as hash, s.id, s.operator, s.role, (extract(epoch from s.seen_at) * 1000)::float8 as "seenAtMs"
    from unnest(${hashes}::text[]) as asked(hash)
    join belay.operator_session s on s.hash = decode(asked.hash, 'hex') join belay.operator o on o.id = s.operator
    where ${living(idleMs)}
  `.execute(db);
  return rows;
}

/** Sessions that live, newest first. */
export async function selectSessions(db: Db, idleMs: number): Promise<StoredSession[]> {
  const { rows } = await sql<StoredSession>`
    select s.id, s.operator, s.role, ${time("s.created_at")} as "createdAt", ${time("s.seen_at")} as "seenAt", ${time("s.expires_at")} as "expiresAt"
    from belay.operator_session s join belay.operator o on o.id = s.operator where ${living(idleMs)} order by s.created_at desc limit 1000
  `.execute(db);
  return rows;
}

export async function touchSession(db: Db, id: string): Promise<void> {
  await sql`update belay.operator_session set seen_at = belay.now() where id = ${id}`.execute(db);
}

/** @returns whether there is such a session; ending it twice keeps the first time. */
export async function endSession(db: Db, id: string): Promise<boolean> {
  const { rows } =
    await sql`update belay.operator_session set ended_at = coalesce(ended_at, belay.now()) where id = ${id} returning 1`.execute(db);
  return rows.length > 0;
}

/** The same by the cookie's hash. */
export async function endSessionOf(db: Db, hash: Uint8Array): Promise<void> {
  await sql`update belay.operator_session set ended_at = belay.now() where hash = ${hash}::bytea and ended_at is null`.execute(db);
}

/** Forgets sessions that ended a month ago, and attempts to sign in of yesterday. */
export async function deleteOldSessions(db: Db): Promise<void> {
  await sql`delete from belay.operator_session where expires_at < belay.now() - interval '30 days'`.execute(db);
  await sql`delete from belay.sign_in_failure where failed_at < belay.now() - interval '1 day'`.execute(db);
}

function time(column: string): ReturnType<typeof sql> {
  return sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
