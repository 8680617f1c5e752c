import { sql } from "kysely";
import type { Db } from "../db/index.ts";

/** A link by which somebody connects, as it is stored. */
export interface SessionRow {
  readonly tenant: string;
  readonly id: string;
  readonly connector: string;
  readonly connection: string | null;
  readonly actor: string;
  /** Sealed, as the next two. */
  readonly details: Uint8Array;
  readonly authorization: Uint8Array | null;
  readonly pending: Uint8Array | null;
  readonly attempts: number;
  readonly notice: string | null;
  readonly completed: boolean;
  readonly completedConnection: string | null;
}

type SessionKey = Pick<SessionRow, "tenant" | "id">;

const columns = sql`
  s.tenant, s.id, s.connector, s.connection, s.actor, s.details, s.authorization_request as authorization, s.pending, s.attempts, s.notice,
  s.completed_at is not null as completed, s.completed_connection as "completedConnection"
`;

/** @returns when it expires, ISO 8601. */
export async function insertSession(
  db: Db,
  row: Pick<SessionRow, "tenant" | "id" | "connector" | "connection" | "actor" | "details"> & { readonly token: Uint8Array },
  lifetimeMs: number,
): Promise<string> {
  const { rows } = await sql<{ expiresAt: string }>`
    insert into belay.connect_session (tenant, id, token, connector, connection, actor, details, expires_at)
    values (${row.tenant}, ${row.id}, ${row.token}::bytea, ${row.connector}, ${row.connection}, ${row.actor}, ${row.details}::bytea,
      belay.now() + ${lifetimeMs}::float8 * interval '1 millisecond')
    returning to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "expiresAt"
  `.execute(db);
  return rows[0]?.expiresAt ?? "";
}

/** The session of a link that is still good. @param token Its hash. */
export async function findSession(db: Db, token: Uint8Array): Promise<SessionRow | undefined> {
  const { rows } = await sql<SessionRow>`
    select ${columns} from belay.connect_session s where s.token = ${token}::bytea and s.expires_at > belay.now()
  `.execute(db);
  return rows[0];
}

/** Counts an attempt and forgets what the last one came to. @returns how many there were with this one. */
export async function countAttempt(db: Db, { tenant, id }: SessionKey): Promise<number> {
  const { rows } = await sql<{ attempts: number }>`
    update belay.connect_session set attempts = attempts + 1, notice = null where tenant = ${tenant} and id = ${id} returning attempts
  `.execute(db);
  return rows[0]?.attempts ?? 0;
}

/** The browser leaves for the provider; an earlier one that has not come back finds nothing any more. The link holds at least as long as the way may take. */
export async function keepAuthorization(
  db: Db,
  { tenant, id }: SessionKey,
  state: Uint8Array,
  sealed: Uint8Array,
  wayMs: number,
): Promise<void> {
  await sql`
    update belay.connect_session set state = ${state}::bytea, authorization_request = ${sealed}::bytea,
      expires_at = greatest(expires_at, belay.now() + ${wayMs}::float8 * interval '1 millisecond')
    where tenant = ${tenant} and id = ${id} and completed_at is null
  `.execute(db);
}

/** Takes what was kept for a browser that comes back: of several who come with the same state one gets it. @param state Its hash. */
export async function takeAuthorization(db: Db, state: Uint8Array): Promise<SessionRow | undefined> {
  const { rows } = await sql<SessionRow>`
    with s as (
      select * from belay.connect_session where state = ${state}::bytea and completed_at is null and expires_at > belay.now() for update
    ), taken as (
      update belay.connect_session t set state = null, authorization_request = null from s where t.tenant = s.tenant and t.id = s.id
    )
    select ${columns} from s
  `.execute(db);
  return rows[0];
}

/** Why an attempt came to nothing: the page says it. */
export async function setNotice(db: Db, { tenant, id }: SessionKey, notice: string): Promise<void> {
  await sql`update belay.connect_session set notice = ${notice} where tenant = ${tenant} and id = ${id}`.execute(db);
}

/** A grant waits to be confirmed. */
export async function keepPending(db: Db, { tenant, id }: SessionKey, sealed: Uint8Array): Promise<void> {
  await sql`
    update belay.connect_session set pending = ${sealed}::bytea where tenant = ${tenant} and id = ${id} and completed_at is null
  `.execute(db);
}

/** Takes the grant that waits; of several one gets it. */
export async function takePending(db: Db, { tenant, id }: SessionKey): Promise<Uint8Array | undefined> {
  const { rows } = await sql<{ pending: Uint8Array | null }>`
    with s as (select tenant, id, pending from belay.connect_session where tenant = ${tenant} and id = ${id} and pending is not null for update), taken as (
      update belay.connect_session t set pending = null from s where t.tenant = s.tenant and t.id = s.id
    )
    select pending from s
  `.execute(db);
  return rows[0]?.pending ?? undefined;
}

/** The link has done what it was made for, and does it no more. @returns whether it was the first time. */
export async function completeSession(db: Db, { tenant, id }: SessionKey, connection: string): Promise<boolean> {
  const { rows } = await sql`
    update belay.connect_session set completed_at = belay.now(), completed_connection = ${connection}, state = null, authorization_request = null, pending = null
    where tenant = ${tenant} and id = ${id} and completed_at is null returning 1
  `.execute(db);
  return rows.length > 0;
}

/** Forgets links that expired so many hours ago. @returns how many, at most `limit`. */
export async function deleteExpiredSessions(db: Db, hours: number, limit: number): Promise<number> {
  const { rows } = await sql<{ deleted: number }>`
    with gone as (
      delete from belay.connect_session where ctid = any (array(
        select ctid from belay.connect_session where expires_at < belay.now() - ${hours}::float8 * interval '1 hour' limit ${limit}::integer
      )) returning 1
    )
    select count(*)::integer as deleted from gone
  `.execute(db);
  return rows[0]?.deleted ?? 0;
}
