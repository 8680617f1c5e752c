import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { Notice, NoticeKind } from "./notice.ts";

export interface SecretPrint {
  readonly tenant: string;
  readonly name: string;
  readonly print: Uint8Array;
}

export interface SecretSince extends Omit<SecretPrint, "print"> {
  readonly sinceMs: number;
}

/** Notes what secrets are now. @returns since when each is that. */
export async function noteSecrets(db: Db, secrets: readonly SecretPrint[]): Promise<SecretSince[]> {
  const given = secrets.map(({ tenant, name, print }) => ({ tenant, name, print: Buffer.from(print).toString("base64") }));
  const { rows } = await sql<SecretSince>`
    insert into belay.secret_age as s (tenant, name, print)
    select tenant, name, decode(print, 'base64') from json_to_recordset(${JSON.stringify(given)}::json) as x(tenant text, name text, print text)
    order by tenant collate "C", name collate "C"
    on conflict (tenant, name) do update set
      print = excluded.print, since = case when s.print = excluded.print then s.since else belay.now() end
    returning tenant, name, (extract(epoch from since) * 1000)::float8 as "sinceMs"
  `.execute(db);
  return rows;
}

/** Raises what is not raised yet. @returns those that were raised now. */
export async function raiseNotices(db: Db, notices: readonly Notice[]): Promise<NoticeKey[]> {
  const { rows } = await sql<NoticeKey>`
    insert into belay.notice as n (tenant, kind, subject, what, remedy)
    select tenant, kind, subject, what, remedy
    from json_to_recordset(${JSON.stringify(notices)}::json) as x(tenant text, kind text, subject text, what text, remedy text)
    order by tenant collate "C", kind, subject collate "C"
    on conflict (tenant, kind, subject) do update set
      what = excluded.what, remedy = excluded.remedy, raised_at = belay.now(), gone_at = null
    where n.gone_at is not null
    returning tenant, kind, subject
  `.execute(db);
  return rows;
}

/** Ends what is no longer found. @returns those that were ended now. */
export async function endNotices(db: Db, found: readonly NoticeKey[]): Promise<NoticeKey[]> {
  const keys = found.map(({ tenant, kind, subject }) => ({ tenant, kind, subject }));
  const { rows } = await sql<NoticeKey>`
    update belay.notice as n set gone_at = belay.now()
    where gone_at is null and not exists (
      select from json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text, kind text, subject text)
      where x.tenant = n.tenant and x.kind = n.kind and x.subject = n.subject
    )
    returning tenant, kind, subject
  `.execute(db);
  return rows;
}

export interface NoticeKey {
  readonly tenant: string;
  readonly kind: NoticeKind;
  readonly subject: string;
}

export interface StoredNotice extends Notice {
  /** ISO 8601, UTC. */
  readonly raisedAt: string;
}

/** What is open, the oldest first, `limit` behind the first `skip`. */
export async function readNotices(db: Db, skip: number, limit: number): Promise<StoredNotice[]> {
  const { rows } = await sql<StoredNotice>`
    select tenant, kind, subject, what, remedy, to_char(raised_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "raisedAt"
    from belay.notice where gone_at is null order by notice.raised_at, tenant, kind, subject offset ${skip}::integer limit ${limit}::integer
  `.execute(db);
  return rows;
}
