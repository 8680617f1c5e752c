import { type RawBuilder, sql } from "kysely";
import type { Db } from "../db/index.ts";
import { insertEventsOf } from "../stream/index.ts";
import type { MailboxKey } from "./types.ts";

/* The statements of `settleMailboxes`. Each takes rows as one JSON parameter. All run in one transaction; `handBack` comes first and locks the mailboxes. */

export interface MessageKey extends MailboxKey {
  readonly id: number;
}

const historyColumns = sql.raw(
  "tenant, id, mailbox, order_key, flow, connection, event_key, event_type, version, schema_version, payload, blob, trace, received_at, attempts",
);

/**
 * The places (ctid) of messages, each found by its key, and locked. Whoever changes them calls a function that takes places: see migration 0009 for why this is no
 * join.
 */
const placesOf = (rows: readonly MessageKey[]): RawBuilder<unknown> => sql`(
  select array_agg(m.ctid)
  from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, mailbox text, id bigint)
  cross join lateral (
    select ctid from belay.message m where m.tenant = x.tenant and m.mailbox = x.mailbox and m.id = x.id for update
  ) m
)`;

/** Moves finished messages to history. */
export async function finishMessages(db: Db, rows: readonly MessageKey[], outcome: "delivered" | "superseded"): Promise<void> {
  await sql`
    insert into belay.history (${historyColumns}, outcome, finished_at)
    select ${historyColumns}, ${outcome}, (select belay.now()) from belay.take_messages(${placesOf(rows)})
  `.execute(db);
}

/** Moves messages that nothing can be done about to the dead letters. `error` is sealed, in base64. */
export async function buryMessages(
  db: Db,
  rows: readonly (MessageKey & { readonly code: string; readonly error: string })[],
): Promise<void> {
  await sql`
    with buried as (
    insert into belay.dead_letter (${historyColumns}, first_attempt_at, suspect, code, error)
    select tenant, m.id, mailbox, order_key, flow, connection, event_key, event_type, version, schema_version, payload, blob, trace, received_at,
      attempts + 1, coalesce(first_attempt_at, belay.now()), true, x.code, decode(x.error, 'base64')
    from belay.take_messages(${placesOf(rows)}) m
    join json_to_recordset(${JSON.stringify(rows)}::json) as x(id bigint, code text, error text) on x.id = m.id
      returning *
    )
    ${insertEventsOf("message.dead-lettered", "buried", { data: sql`json_build_object('attempts', attempts)` })}
  `.execute(db);
}

/** Counts a failed attempt and parks the message until its next one. `attempts` is absolute, so that settling twice counts once; `error` is sealed, in base64. */
export async function retryMessages(
  db: Db,
  rows: readonly (MessageKey & { readonly attempts: number; readonly code: string; readonly error: string; readonly outage: boolean })[],
): Promise<void> {
  await sql`
    select belay.retry_messages(array_agg(m.ctid), array_agg(x.attempts), array_agg(x.code), array_agg(decode(x.error, 'base64')), array_agg(x.outage))
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, mailbox text, id bigint, attempts integer, code text, error text, outage boolean)
    cross join lateral (
      select ctid from belay.message m where m.tenant = x.tenant and m.mailbox = x.mailbox and m.id = x.id for update
    ) m
  `.execute(db);
}

/** Parks messages behind the block of their order key. */
export async function parkMessages(db: Db, rows: readonly MessageKey[]): Promise<void> {
  await sql`select belay.park_messages(${placesOf(rows)})`.execute(db);
}

/** Parks messages of a paused flow; their blocks come with `blockKeys`. */
export async function holdMessages(db: Db, rows: readonly MessageKey[]): Promise<void> {
  await sql`select belay.hold_messages(${placesOf(rows)})`.execute(db);
}

/** Marks messages that were begun and not finished: their effects are unknown from now on. */
export async function suspectMessages(db: Db, rows: readonly MessageKey[]): Promise<void> {
  await sql`select belay.suspect_messages(${placesOf(rows)})`.execute(db);
}

/** Gives messages the attempts back that met an outage, as long as nothing else has failed since. */
export async function forgiveMessages(db: Db, rows: readonly MessageKey[]): Promise<void> {
  await sql`select belay.forgive_messages(${placesOf(rows)})`.execute(db);
}

export interface BlockRow extends MailboxKey {
  readonly order_key: string;
  readonly after_ms: number;
}

/** Blocks order keys until their next attempt; an existing block is moved. */
export async function blockKeys(db: Db, rows: readonly BlockRow[]): Promise<void> {
  await sql`
    insert into belay.block (tenant, mailbox, order_key, due_at)
    select tenant, mailbox, order_key, belay.now() + after_ms * interval '1 millisecond'
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, mailbox text, order_key text, after_ms float8)
    on conflict (tenant, mailbox, order_key) do update set due_at = excluded.due_at
  `.execute(db);
}

/** Makes sure that parked messages have a block that leads to them; an existing one keeps its time. */
export async function ensureBlocks(db: Db, rows: readonly BlockRow[]): Promise<void> {
  await sql`
    insert into belay.block (tenant, mailbox, order_key, due_at)
    select tenant, mailbox, order_key, belay.now()
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, mailbox text, order_key text)
    on conflict do nothing
  `.execute(db);
}

/** Removes the blocks of order keys behind which nothing waits any more; the others are due at once. Runs after all parking. */
export async function unblockKeys(db: Db, rows: readonly (MailboxKey & { readonly order_key: string })[]): Promise<void> {
  await sql`
    select belay.delete_blocks(array_agg(b.ctid))
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, mailbox text, order_key text)
    cross join lateral (
      -- One key, written as a range in order: an equality would do for the index by time as well, which then reads all blocks of the mailbox.
      select ctid from belay.block b
      where b.tenant = x.tenant and b.mailbox = x.mailbox and b.order_key between x.order_key and x.order_key
      order by b.order_key limit 1 for update
    ) b
    -- A look of its own for each: as "not exists" it could become a join again.
    where (
      select true from belay.message m where m.tenant = x.tenant and m.mailbox = x.mailbox and m.order_key = x.order_key and m.parked limit 1
    ) is null
  `.execute(db);
}

/** Remembers the newest version applied to entities. Keys must be unique among the rows. */
export async function raiseVersions(
  db: Db,
  rows: readonly { readonly tenant: string; readonly flow: string; readonly order_key: string; readonly version: number }[],
): Promise<void> {
  await sql`
    insert into belay.entity_version as v (tenant, flow, order_key, version)
    select * from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, flow text, order_key text, version bigint)
    -- Sorted: an entity may be reached through two mailboxes, whose holders settle at once.
    order by tenant, flow, order_key
    on conflict (tenant, flow, order_key) do update set version = excluded.version where v.version < excluded.version
  `.execute(db);
}

/** Forgets the step results of messages that ended for good. */
export async function deleteSteps(db: Db, rows: readonly MessageKey[]): Promise<void> {
  await sql`
    select belay.delete_steps(array_agg(s.ctid))
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, id bigint)
    cross join lateral (select ctid from belay.step s where s.tenant = x.tenant and s.message = x.id for update) s
  `.execute(db);
}

export interface HandBackRow extends MailboxKey {
  readonly token: number;
  readonly head: number;
  /** The lease is renewed and the head moved: only now and then, see `handBack`. */
  readonly extend: boolean;
  readonly release: boolean;
  readonly more: boolean;
  readonly wait_ms: number | null;
  readonly why: string | null;
}

export interface HandedBack extends MailboxKey {
  /** Given back, and due at once. */
  readonly due: boolean;
  /** Not given back as asked: new messages have come, and it was leased anew, to the same worker, to fetch them. */
  readonly kept: boolean;
  /** The token from now on. */
  readonly token: number;
}

/**
 * For the mailboxes still held under the given tokens: moves the head, and either keeps the mailbox or gives it back, due when there is
 * something to do: at the end of a pause, at once, at its first block, or not at all. One to which new messages have come meanwhile is leased anew to its holder,
 * unless its turn is over: it only has to fetch them. Returns them; whatever is missing has been lost to another worker. The rows are
 * locked in the order of their keys, as by every other writer, until the transaction ends.
 *
 * A mailbox that is neither given back nor extended is locked and not written: while a transaction somewhere is held open, no version of a row can be
 * cleared away, and every look at the row would have to pass over all of them. Its head stays behind meanwhile, which costs no more than a few entries of an
 * index once.
 */
export async function handBack(db: Db, rows: readonly HandBackRow[], leaseMs: number): Promise<HandedBack[]> {
  const result = await sql<HandedBack>`
    with x as materialized (
      select *, (select belay.now()) + wait_ms * interval '1 millisecond' as waits_until
      from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, mailbox text, token bigint, head bigint, extend boolean,
        release boolean, more boolean, wait_ms float8, why text)
      order by tenant collate "C", mailbox collate "C"
    ), held as materialized (
      select x.* from x cross join lateral (
        select from belay.mailbox m where m.leased and m.tenant = x.tenant and m.id = x.mailbox and m.token = x.token for update
      ) m
    ), moved as (
      update belay.mailbox m
      set head = greatest(m.head, x.head), leased = not x.release or (m.again and not x.more),
        again = case when x.release then x.more else m.again end,
        -- The note is gone then: were the answer lost, giving it back once more must not count.
        token = m.token + (x.release and m.again and not x.more)::integer,
        paused_until = greatest(m.paused_until, x.waits_until), why = coalesce(x.why, m.why),
        due_at = case
          when not x.release or (m.again and not x.more) then (select belay.now()) + ${leaseMs}::float8 * interval '1 millisecond'
          when greatest(m.paused_until, x.waits_until) > (select belay.now()) then greatest(m.paused_until, x.waits_until)
          when x.more then (select belay.now())
          else (select min(b.due_at) from belay.block b where b.tenant = m.tenant and b.mailbox = m.id)
        end,
        in_line = case
          when not x.release or (m.again and not x.more) then false
          when greatest(m.paused_until, x.waits_until) > (select belay.now()) then false
          when x.more then true
          else coalesce((select min(b.due_at) from belay.block b where b.tenant = m.tenant and b.mailbox = m.id) <= (select belay.now()), false)
        end
      from held x
      where (x.extend or x.release) and m.tenant = x.tenant and m.id = x.mailbox
      returning m.tenant, m.id as mailbox, m.token, x.release and m.leased as kept,
        coalesce(not m.leased and m.due_at <= (select belay.now()), false) as due
    )
    select tenant, mailbox, token, due, kept from moved
    union all
    select tenant, mailbox, token, false, false from held where not (extend or release)
  `.execute(db);
  return result.rows;
}

/**
 * Makes mailboxes that were just given back due at their first block, for when blocks have changed since: unless new messages make them due at once, which
 * `again` remembers until the next claim, or they are paused.
 */
export async function rescheduleMailboxes(db: Db, rows: readonly MailboxKey[]): Promise<void> {
  await sql`
    update belay.mailbox m
    set due_at = first.due_at, in_line = coalesce(first.due_at <= (select belay.now()), false)
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, mailbox text)
    cross join lateral (select min(b.due_at) as due_at from belay.block b where b.tenant = x.tenant and b.mailbox = x.mailbox) first
    where m.tenant = x.tenant and m.id = x.mailbox and not m.leased
      and not m.again and (m.paused_until is null or m.paused_until <= (select belay.now()))
  `.execute(db);
}
