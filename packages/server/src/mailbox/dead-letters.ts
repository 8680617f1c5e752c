import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import { insertEventsOf } from "../stream/index.ts";
import { type Cipher, openEach } from "../vault/index.ts";
import { payloadPurpose } from "./seal-work.ts";
import { openErrors } from "./sealed-texts.ts";
import { wakeMailboxes } from "./store.ts";
import type { Lane } from "./types.ts";

export interface DeadLetter {
  readonly tenant: string;
  readonly id: number;
  readonly mailbox: string;
  readonly flow: string;
  readonly connection: string;
  readonly eventType: string;
  readonly eventKey: string;
  readonly orderKey: string;
  readonly attempts: number;
  readonly code: string;
  readonly error: string;
  readonly diedAt: string;
}

export interface DeadLetterFilter {
  readonly tenant?: string;
  readonly code?: string;
  readonly flow?: string;
  /** Of these events. */
  readonly eventKeys?: readonly string[];
  /** Only ids below this one: the last of the page before. */
  readonly before?: number;
}

/** Dead letters, newest first. */
export async function listDeadLetters(db: Db, cipher: Cipher, filter: DeadLetterFilter, limit: number): Promise<DeadLetter[]> {
  const opened = await openErrors(cipher, await readDeadLetters(db, filter, limit));
  return opened.map((letter) => ({ ...letter, error: letter.error ?? "" }));
}

async function readDeadLetters(
  db: Db,
  filter: DeadLetterFilter,
  limit: number,
): Promise<(Omit<DeadLetter, "error"> & { readonly error: Uint8Array })[]> {
  const { rows } = await sql<Omit<DeadLetter, "error"> & { readonly error: Uint8Array }>`
    select tenant, id, mailbox, flow, connection, event_type as "eventType", event_key as "eventKey", order_key as "orderKey", attempts, code, error,
      to_char(died_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "diedAt"
    from belay.dead_letter
    where (${filter.tenant ?? null}::text is null or tenant = ${filter.tenant ?? null})
      and (${filter.code ?? null}::text is null or code = ${filter.code ?? null})
      and (${filter.flow ?? null}::text is null or flow = ${filter.flow ?? null})
      ${filter.eventKeys === undefined ? sql`` : sql`and event_key in (select json_array_elements_text(${JSON.stringify(filter.eventKeys)}::json))`}
      and id < ${filter.before ?? Number.MAX_SAFE_INTEGER}
    order by id desc limit ${limit}
  `.execute(db);
  return rows;
}

/** What a dead letter is about. */
export interface DeadLetterKey {
  readonly tenant: string;
  readonly id: number;
}

/** A dead letter with what it takes to judge its event anew. */
export interface DeadEvent extends DeadLetterKey {
  readonly flow: string;
  readonly connection: string;
  readonly eventKey: string;
  readonly eventType: string;
  readonly trace: string | null;
  /** The body as text; `undefined` when it cannot be opened. */
  readonly payload: string | undefined;
}

/** Those of the letters that died of one of `codes`. */
export async function readDeadEvents(
  db: Db,
  cipher: Cipher,
  letters: readonly DeadLetterKey[],
  codes: readonly string[],
): Promise<DeadEvent[]> {
  const { rows } = await sql<Omit<DeadEvent, "payload"> & { readonly payload: Uint8Array | null }>`
    select d.tenant, d.id, d.flow, d.connection, d.event_key as "eventKey", d.event_type as "eventType", d.trace,
      coalesce(d.payload, (select bytes from belay.blob b where b.tenant = d.tenant and b.hash = d.blob)) as payload
    from json_to_recordset(${JSON.stringify(letters)}::json) as x(tenant text, id bigint)
    cross join lateral (select * from belay.dead_letter d where d.tenant = x.tenant and d.id = x.id limit 1) d
    where d.code in (select json_array_elements_text(${JSON.stringify(codes)}::json))
    order by d.id
  `.execute(db);
  const opened = await openEach(
    cipher,
    rows.map(({ tenant, payload }) => ({ tenant, purpose: payloadPurpose, value: payload ?? new Uint8Array(0) })),
  );
  return rows.map((row, index) => {
    const one = opened[index];
    return { ...row, payload: one !== undefined && "bytes" in one ? Buffer.from(one.bytes).toString("utf8") : undefined };
  });
}

/** Takes dead letters away, and returns those that were still there: whoever gets one has to give it a new place in the same transaction. */
export async function takeDeadLetters(tx: Db, letters: readonly DeadLetterKey[]): Promise<DeadLetterKey[]> {
  const { rows } = await sql<DeadLetterKey>`
    delete from belay.dead_letter d using json_to_recordset(${JSON.stringify(letters)}::json) as x(tenant text, id bigint)
    where d.tenant = x.tenant and d.id = x.id
    returning d.tenant, d.id
  `.execute(tx);
  return rows;
}

const bulkPage = 500;

/**
 * Replays or discards every dead letter of a filter, in transactions of 500. Those that die while it runs are left alone, so it ends. Calling it again, or
 * twice at once, is safe.
 *
 * @returns how many were acted on.
 */
export async function actOnDeadLetters(
  db: Db,
  filter: DeadLetterFilter,
  act: (db: Db, letters: readonly DeadLetterKey[]) => Promise<number>,
): Promise<number> {
  let count = 0;
  for (let { before } = filter; ;) {
    const page = await readDeadLetters(db, { ...filter, ...(before !== undefined && { before }) }, bulkPage);
    if (page.length > 0) count += await act(db, page);
    if (page.length < bulkPage) return count;
    // Newest first, so a letter that died meanwhile lies above what is still to come.
    before = page.at(-1)?.id;
  }
}

/**
 * Gives dead letters another chance: each becomes a message again under its own id, ahead of the later ones of its order key, at once even
 * when a later one waits for its next attempt (which is then due as well), with the results of its
 * finished steps and the same idempotency keys. Replaying twice is safe: a letter that is no longer there is passed over.
 *
 * Steps that have finished since its last write are done anew, because they only read or worked something out: messages of its order key that came after it may
 * have been delivered since, and to act on what was there before them would undo or double what they did.
 *
 * @returns how many were replayed.
 */
export async function replayDeadLetters(db: Db, letters: readonly DeadLetterKey[]): Promise<number> {
  const parameter = JSON.stringify(letters);
  return await db.transaction().execute(async (tx) => {
    const { rows: mailboxes } = await sql<{ tenant: string; mailbox: string }>`
      select distinct d.tenant, d.mailbox from json_to_recordset(${parameter}::json) as x(tenant text, id bigint)
      cross join lateral (select d.tenant, d.mailbox from belay.dead_letter d where d.tenant = x.tenant and d.id = x.id limit 1) d
    `.execute(tx);
    if (mailboxes.length === 0) return 0;
    // Before anything else, as every commit does: whoever holds a mailbox must learn that there is more.
    await wakeMailboxes(
      tx,
      mailboxes.map(({ tenant, mailbox }) => ({ tenant, id: mailbox, ...splitMailbox(mailbox) })),
    );
    const { rows } = await sql<{ tenant: string; id: number; mailbox: string; order_key: string }>`
      with gone as (
        delete from belay.dead_letter d using json_to_recordset(${parameter}::json) as x(tenant text, id bigint)
        where d.tenant = x.tenant and d.id = x.id
        returning d.*
      ), touched as (
        update belay.blob b set stored_at = belay.now() from gone where b.tenant = gone.tenant and b.hash = gone.blob
      ), replayed as (
        insert into belay.message (tenant, mailbox, id, order_key, flow, connection, event_key, event_type, version, schema_version, payload, blob, trace,
          received_at, first_attempt_at, attempts, suspect, parked, code, error)
        select tenant, mailbox, id, order_key, flow, connection, event_key, event_type, version, schema_version, payload, blob, trace,
          belay.now(), first_attempt_at, 0, suspect, true, code, error from gone
        returning *
      ), told as (
        ${insertEventsOf("message.replayed", "replayed", { actor: "administrator" })}
      )
      select tenant, id, mailbox, order_key from replayed
    `.execute(tx);
    await sql`
      delete from belay.step s using json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, id bigint)
      where s.tenant = x.tenant and s.message = x.id and not s.wrote and not exists (
        select from belay.step w where w.tenant = s.tenant and w.message = s.message and w.wrote and w.finished_at >= s.finished_at
      )
    `.execute(tx);
    await sql`
      insert into belay.block as b (tenant, mailbox, order_key, due_at)
      select distinct tenant, mailbox, order_key, belay.now()
      from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, mailbox text, order_key text)
      on conflict (tenant, mailbox, order_key) do update set due_at = least(b.due_at, excluded.due_at)
    `.execute(tx);
    return rows.length;
  });
}

/**
 * Ends dead letters for good; they stay in history as `discarded`. Discarding twice is safe.
 *
 * @returns how many were discarded.
 */
export async function discardDeadLetters(db: Db, letters: readonly DeadLetterKey[]): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with gone as (
      delete from belay.dead_letter d using json_to_recordset(${JSON.stringify(letters)}::json) as x(tenant text, id bigint)
      where d.tenant = x.tenant and d.id = x.id
      returning d.*
    ), forgotten as (
      delete from belay.step s using gone where s.tenant = gone.tenant and s.message = gone.id
    ), told as (
      ${insertEventsOf("message.discarded", "gone", { actor: "administrator" })}
    )
    insert into belay.history (tenant, id, mailbox, order_key, flow, connection, event_key, event_type, version, schema_version, payload, blob, trace,
      received_at, attempts, outcome, code, error)
    select tenant, id, mailbox, order_key, flow, connection, event_key, event_type, version, schema_version, payload, blob, trace,
      received_at, attempts, 'discarded', code, error from gone
    returning id
  `.execute(db);
  return rows.length;
}

function splitMailbox(mailbox: string): { connection: string; lane: Lane } {
  const at = mailbox.lastIndexOf("/");
  return { connection: mailbox.slice(0, at), lane: mailbox.slice(at + 1) as Lane };
}
