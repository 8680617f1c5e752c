import { type RawBuilder, sql } from "kysely";
import type { Db } from "../db/index.ts";
import { insertEventsOf } from "../stream/index.ts";
import type { Lane, MailboxKey, Message } from "./types.ts";

/*
 * Rows travel as one JSON parameter and their payloads as one bytea that is cut by offset: one round trip for any number of rows,
 * the same on Postgres and PGlite, and no escaping of bytes.
 */

export interface MailboxRow {
  readonly tenant: string;
  readonly id: string;
  readonly connection: string;
  readonly lane: Lane;
}

/**
 * Makes mailboxes due, creating those that are missing. Sorted by key, or two commits could deadlock. Locks every row, also those it leaves
 * unchanged: a false WHERE still locks.
 */
const wake = (rows: readonly MailboxRow[]): RawBuilder<unknown> => sql`
  insert into belay.mailbox as m (tenant, id, connection, lane, due_at, in_line)
  select tenant, id, connection, lane, (select belay.now()), true
  from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, id text, connection text, lane text)
  order by tenant collate "C", id collate "C"
  on conflict (tenant, id) do update set
    due_at = case when m.leased then m.due_at else greatest(excluded.due_at, m.paused_until) end,
    in_line = case when m.leased then m.in_line else coalesce(m.paused_until, '-infinity') <= excluded.due_at end,
    again = m.leased
  where (m.leased and not m.again)
    or (not m.leased and not m.in_line and (m.due_at is null or coalesce(m.paused_until, '-infinity') <= excluded.due_at))
`;

/** Makes mailboxes due and locks them until the transaction ends. Rows must be distinct. */
export async function wakeMailboxes(db: Db, rows: readonly MailboxRow[]): Promise<void> {
  await wake(rows).execute(db);
}

export interface MessageRow {
  readonly tenant: string;
  readonly mailbox: string;
  readonly order_key: string;
  readonly flow: string;
  readonly connection: string;
  readonly event_key: string;
  readonly event_type: string;
  readonly version: number | null;
  readonly trace: string | null;
  /** Where the sealed payload lies in the bytes that go along; length 0 and a blob's fingerprint when it is kept apart. */
  readonly start: number;
  readonly length: number;
  readonly blob: string | null;
}

const messageRecord = sql.raw(
  `x(tenant text, mailbox text, order_key text, flow text, connection text, event_key text, event_type text, version bigint, trace text,
     start integer, length integer, blob text, code text, error text)`,
);

/**
 * Makes mailboxes due and inserts their messages in the order given. The count comes before the first row is read, and thereby the locks before the first id is drawn:
 * within a mailbox ids follow the order of commit.
 *
 * @returns the ids, in the order given, where they are wanted: few need them, and all would pay for them.
 */
export async function insertMessages(
  db: Db,
  mailboxes: readonly MailboxRow[],
  rows: readonly MessageRow[],
  bytes: Uint8Array,
  withIds: boolean,
): Promise<number[]> {
  const result = await sql<{ id: number }>`
    with woken as (${wake(mailboxes)} returning 1)
    insert into belay.message (tenant, mailbox, order_key, flow, connection, event_key, event_type, version, trace, payload, blob, received_at)
    select tenant, mailbox, order_key, flow, connection, event_key, event_type, version, trace,
      case when blob is null then substring(${bytes}::bytea from start + 1 for length) end, decode(blob, 'hex'), (select belay.now())
    from json_to_recordset(${JSON.stringify(rows)}::json) as ${messageRecord}
    where (select count(*) from woken) >= 0
    ${withIds ? sql`returning id` : sql``}
  `.execute(db);
  return result.rows.map(({ id }) => id);
}

/** Keeps payloads that failed validation as dead letters of their own, in the order given. `error` is sealed, in base64. @returns their ids. */
export async function insertQuarantined(
  db: Db,
  rows: readonly (MessageRow & { readonly code: string; readonly error: string })[],
  bytes: Uint8Array,
): Promise<number[]> {
  const result = await sql<{ id: number }>`
    with quarantined as (
    insert into belay.dead_letter (tenant, id, mailbox, order_key, flow, connection, event_key, event_type, version, schema_version, trace,
      payload, blob, received_at, attempts, suspect, code, error)
    select tenant, nextval('belay.message_id'), mailbox, order_key, flow, connection, event_key, event_type, version, 1, trace,
      case when blob is null then substring(${bytes}::bytea from start + 1 for length) end, decode(blob, 'hex'), (select belay.now()), 0, false, code, decode(error, 'base64')
    from json_to_recordset(${JSON.stringify(rows)}::json) as ${messageRecord}
    returning *
    ), told as (
      ${insertEventsOf("message.quarantined", "quarantined")}
    )
    select id from quarantined order by id
  `.execute(db);
  return result.rows.map(({ id }) => id);
}

/** Stores large payloads, sealed, once per tenant and fingerprint; a repeated one is only touched, so that retention sees it is in use. Sorted by key. */
export async function insertBlobs(
  db: Db,
  rows: readonly { tenant: string; hash: string; start: number; length: number }[],
  bytes: Uint8Array,
): Promise<void> {
  await sql`
    insert into belay.blob (tenant, hash, bytes)
    select tenant, decode(hash, 'hex'), substring(${bytes}::bytea from start + 1 for length)
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, hash text, start integer, length integer)
    on conflict (tenant, hash) do update set stored_at = excluded.stored_at
  `.execute(db);
}

/** PostgreSQL takes less than 8,000 bytes. */
const longestNotice = 7_000;

/** Tells workers of other processes that mailboxes have got work; delivered when the transaction commits. Names them unless there are too many. */
export async function notifyWorkers(db: Db, mailboxes: readonly MailboxKey[]): Promise<void> {
  const names = JSON.stringify(mailboxes.map(({ tenant, mailbox }) => [tenant, mailbox]));
  await sql`select pg_notify('belay_mailbox', ${Buffer.byteLength(names) > longestNotice ? "" : names})`.execute(db);
}

/** What a notice of `notifyWorkers` names; `undefined` when it names nothing, or is somebody else's. */
export function readNotice(text: string): MailboxKey[] | undefined {
  try {
    const names: unknown = text === "" ? undefined : JSON.parse(text);
    if (!Array.isArray(names)) return undefined;
    return names.map(([tenant, mailbox]: [unknown, unknown]) => ({ tenant: String(tenant), mailbox: String(mailbox) }));
  } catch {
    return undefined;
  }
}

export interface FetchRequest extends MailboxKey {
  /** Fetch new messages with ids above this. */
  readonly after: number;
  readonly limit: number;
  readonly suspectUntil: number;
}

const blocksPerFetch = 64;
const messagesPerBlock = 16;

/** A message as it lies in the database. */
export type SealedRow = Omit<Message, "payload" | "steps" | "unreadable"> & {
  /** `null` when it is gone. */
  readonly payload: Uint8Array | null;
  /** Results by name, in base64. */
  readonly steps: Readonly<Record<string, string>>;
};

/**
 * The next messages of leased mailboxes, each mailbox in id order: first those behind blocks that are due, then new ones.
 * Parked messages are reached through their block only.
 */
export async function fetchSealed(db: Db, requests: readonly FetchRequest[]): Promise<SealedRow[]> {
  const { rows } = await sql<SealedRow>`
    with request as materialized (
      select * from json_to_recordset(${JSON.stringify(requests)}::json) as x(tenant text, mailbox text, after bigint, "limit" integer, "suspectUntil" bigint)
    ), next as (
      select m.*, false as blocked, r."suspectUntil" from request r
      cross join lateral (
        select order_key from belay.block b where b.tenant = r.tenant and b.mailbox = r.mailbox and b.due_at <= (select belay.now())
        order by b.due_at limit ${blocksPerFetch}
      ) b
      cross join lateral (
        select * from belay.message m
        where m.tenant = r.tenant and m.mailbox = r.mailbox and m.order_key = b.order_key and m.parked order by m.id limit ${messagesPerBlock}
      ) m
      union all
      select m.*, exists (select from belay.block b where b.tenant = m.tenant and b.mailbox = m.mailbox and b.order_key = m.order_key), r."suspectUntil"
      from request r
      cross join lateral (
        select * from belay.message m
        where m.tenant = r.tenant and m.mailbox = r.mailbox and m.id > r.after and not m.parked order by m.id limit r."limit"
      ) m
    )
    select n.tenant, n.mailbox, n.id, n.order_key as "orderKey", n.flow, n.connection, n.event_key as "eventKey", n.event_type as "eventType",
      n.version, coalesce(n.payload, (select bytes from belay.blob b where b.tenant = n.tenant and b.hash = n.blob)) as payload, n.trace,
      extract(epoch from n.received_at)::float8 * 1000 as "receivedAtMs", extract(epoch from n.first_attempt_at)::float8 * 1000 as "firstAttemptAtMs",
      n.attempts, n.suspect or n.id <= n."suspectUntil" as suspect, n.parked, n.blocked,
      case when n.version is not null then
        (select v.version from belay.entity_version v where v.tenant = n.tenant and v.flow = n.flow and v.order_key = n.order_key)
      end as "appliedVersion",
      case when n.suspect or n.id <= n."suspectUntil" then
        (select coalesce(json_object_agg(s.name, encode(s.result, 'base64')), '{}') from belay.step s where s.tenant = n.tenant and s.message = n.id)
      else '{}' end as steps
    from next n
    order by n.tenant, n.mailbox, n.parked desc, n.id
  `.execute(db);
  return rows;
}

/** Keeps results of finished steps of unfinished messages, sealed and in base64. Calling it again for the same step changes nothing: the first result counts. */
export async function insertSteps(
  db: Db,
  rows: readonly { tenant: string; mailbox: string; message: number; name: string; result: string; wrote: boolean }[],
): Promise<void> {
  await sql`
    insert into belay.step (tenant, mailbox, message, name, result, wrote)
    select x.tenant, x.mailbox, x.message, x.name, decode(x.result, 'base64'), x.wrote
    from json_to_recordset(${JSON.stringify(rows)}::json)
      as x(tenant text, mailbox text, message bigint, name text, result text, wrote boolean)
    where exists (select from belay.message m where m.tenant = x.tenant and m.mailbox = x.mailbox and m.id = x.message)
    -- Sorted: a worker that lost its lease may record the same steps at the same time as the one that took over.
    order by x.tenant, x.message, x.name
    on conflict do nothing
  `.execute(db);
}

/** Unfinished messages of all mailboxes. Costs a scan: for people, not for the hot path. */
export async function countWaiting(db: Db): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`select count(*)::integer as waiting from belay.message`.execute(db);
  return rows[0]?.waiting ?? 0;
}
