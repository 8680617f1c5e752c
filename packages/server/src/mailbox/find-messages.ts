import { type RawBuilder, sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { Cipher } from "../vault/index.ts";
import { openErrors } from "./sealed-texts.ts";

/** Where a message is in its life. */
export const messageStates = ["waiting", "parked", "dead", "delivered", "superseded", "discarded"] as const;
export type MessageState = (typeof messageStates)[number];

/** A message without its payload: waiting, dead or ended. */
export interface MessageSummary {
  readonly tenant: string;
  readonly id: number;
  readonly mailbox: string;
  readonly flow: string;
  /** Where the event came from. */
  readonly connection: string;
  readonly eventType: string;
  readonly eventKey: string;
  readonly orderKey: string;
  readonly state: MessageState;
  /** Failed attempts; of one that has ended well, the last attempt too. */
  readonly attempts: number;
  /** ISO 8601, UTC. Of a replayed message: when it was replayed. */
  readonly receivedAt: string;
  /** ISO 8601, UTC; `null` as long as it waits. */
  readonly endedAt: string | null;
  /** Of the last failure. */
  readonly code: string | null;
  readonly error: string | null;
}

export interface MessageFilter {
  readonly tenant?: string | undefined;
  readonly mailbox?: string | undefined;
  readonly flow?: string | undefined;
  readonly state?: MessageState | undefined;
  /** Received, or replayed, at this time or later. */
  readonly since?: Date | undefined;
  /** Only of these; at least one. */
  readonly ids?: readonly number[] | undefined;
  /** Of this trace: 32 hexadecimal digits. */
  readonly traceId?: string | undefined;
}

/** Ids from `from` up to, but without, `below`. */
export interface IdWindow {
  readonly from: number;
  readonly below: number;
}

const isoTime = (column: RawBuilder<unknown>): RawBuilder<string> =>
  sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const columns = sql.raw("tenant, id, mailbox, flow, connection, event_type, event_key, order_key, attempts, received_at, code, error");

/**
 * Messages of a window of ids, newest first. Waiting ones are looked up mailbox by mailbox, dead ones by their key; of history Postgres reads the blocks whose
 * summary admits of the ids and the tenant. So it costs what the window is wide, not what history holds.
 */
export async function findMessages(
  db: Db,
  cipher: Cipher,
  filter: MessageFilter,
  window: IdWindow,
  limit: number,
): Promise<MessageSummary[]> {
  const { tenant, mailbox, flow, state, since, ids, traceId } = filter;
  const within = sql`id >= ${window.from}::bigint and id < ${window.below}::bigint
    ${ids === undefined ? sql`` : sql`and id = any (${`{${ids.join(",")}}`}::bigint[])`}
    ${traceId === undefined ? sql`` : sql`and substr(trace, 4, 32) = ${traceId}`}
    ${flow === undefined ? sql`` : sql`and flow = ${flow}`}
    ${since === undefined ? sql`` : sql`and received_at >= ${since.toISOString()}::timestamptz`}`;
  const ofTenant = tenant === undefined ? sql`` : sql`and tenant = ${tenant}`;
  const ofMailbox = mailbox === undefined ? sql`` : sql`and mailbox = ${mailbox}`;
  const last = sql`order by id desc limit ${limit}`;
  const parts: RawBuilder<unknown>[] = [];
  if (state === undefined || state === "waiting" || state === "parked") {
    parts.push(sql`(
      select ${columns}, case when parked then 'parked' else 'waiting' end as state, null::timestamptz as ended_at
      from (select tenant as of_tenant, id as of_mailbox from belay.mailbox
        where true ${ofTenant} ${mailbox === undefined ? sql`` : sql`and id = ${mailbox}`}) boxes
      cross join lateral (
        select * from belay.message
        where tenant = of_tenant and mailbox = of_mailbox and ${within} ${state === undefined ? sql`` : sql`and parked = ${state === "parked"}`}
        ${last}
      ) found ${last}
    )`);
  }
  if (state === undefined || state === "dead") {
    parts.push(sql`(
      select ${columns}, 'dead' as state, died_at as ended_at from belay.dead_letter where ${within} ${ofTenant} ${ofMailbox} ${last}
    )`);
  }
  if (state === undefined || state === "delivered" || state === "superseded" || state === "discarded") {
    parts.push(sql`(
      select ${columns}, outcome as state, finished_at as ended_at from belay.history
      where ${within} ${ofTenant} ${ofMailbox} ${state === undefined ? sql`` : sql`and outcome = ${state}`}
        -- What ended earlier was received earlier: its day need not be opened.
        ${since === undefined ? sql`` : sql`and finished_at >= ${since.toISOString()}::timestamptz`}
      ${last}
    )`);
  }
  const { rows } = await sql<Omit<MessageSummary, "error"> & { readonly error: Uint8Array | null }>`
    select tenant, id, mailbox, flow, connection, event_type as "eventType", event_key as "eventKey", order_key as "orderKey", state, attempts, code, error,
      ${isoTime(sql`received_at`)} as "receivedAt", ${isoTime(sql`ended_at`)} as "endedAt"
    from (${sql.join(parts, sql` union all `)}) found ${last}
  `.execute(db);
  return await openErrors(cipher, rows);
}

/** Those of the messages that are still there, newest first. Costs the same however far apart they are. */
export async function readMessages(db: Db, cipher: Cipher, ids: readonly number[], tenant?: string): Promise<MessageSummary[]> {
  if (ids.length === 0) return [];
  return await findMessages(db, cipher, { tenant, ids }, { from: Math.min(...ids), below: Math.max(...ids) + 1 }, ids.length);
}

/** The highest id that was given to a message, or 1. */
export async function readLastId(db: Db): Promise<number> {
  const { rows } = await sql<{ last: number }>`select last_value as last from belay.message_id`.execute(db);
  return rows[0]?.last ?? 1;
}
