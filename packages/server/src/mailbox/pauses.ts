import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import { compareMailboxes } from "./commit-messages.ts";
import { type MailboxRow, wakeMailboxes } from "./store.ts";
import type { Lane, MailboxKey } from "./types.ts";

/** What is paused now, as far as this process knows. */
export interface Pauses {
  /** Whether nothing may begin in a mailbox. */
  ofMailbox(mailbox: { readonly tenant: string; readonly connection: string }): boolean;
  /** Whether a flow's messages have to wait; others of the same mailbox go on. */
  ofFlow(tenant: string, flow: string): boolean;
}

/** Why a mailbox or a message waits that somebody has paused. */
export const pausedCode = "MAILBOX_PAUSED";

/** What is paused is looked at again that often: should whoever ended the pause have failed to wake it, it goes on by itself, ms. */
export const reviewPauseMs = 300_000;

/** What goes on; what is left out is not narrowed down. */
export interface Resumed {
  readonly tenant?: string;
  readonly connections?: readonly string[];
  readonly flow?: string;
}

/**
 * Lets paused mailboxes and messages go on at once. Those that are still paused for another reason are put down again. Calling it twice is safe, and every worker has to:
 * it wakes what it may have put down itself before it knew.
 *
 * @returns the mailboxes that have something to do now.
 */
export async function resumePaused(db: Db, resumed: Resumed): Promise<MailboxKey[]> {
  return await db.transaction().execute(async (tx) => {
    if (resumed.flow === undefined) return await resumeMailboxes(tx, resumed);
    const waiting = await findHeld(tx, resumed.flow, resumed.tenant);
    const mailboxes = [...new Map(waiting.map((row) => [`${row.tenant}\n${row.id}`, row])).values()].map(
      ({ order_key: _orderKey, ...mailbox }) => ({ ...mailbox, mailbox: mailbox.id }),
    );
    if (mailboxes.length === 0) return [];
    await wakeMailboxes(tx, mailboxes.toSorted(compareMailboxes));
    await liftBlocks(tx, waiting);
    return mailboxes;
  });
}

/** In the order of their keys, as every other writer locks them. */
async function resumeMailboxes(tx: Db, { tenant, connections }: Resumed): Promise<MailboxKey[]> {
  const { rows } = await sql<MailboxKey>`
    with paused as materialized (
      select tenant, id from belay.mailbox
      where why = 'MAILBOX_PAUSED' and not leased
        ${tenant === undefined ? sql`` : sql`and tenant = ${tenant}`}
        ${connections === undefined ? sql`` : sql`and connection = any(${[...connections]}::text[])`}
      order by tenant, id for update
    )
    update belay.mailbox m set paused_until = null, why = null, due_at = (select belay.now()), in_line = true
    from paused where m.tenant = paused.tenant and m.id = paused.id
    returning m.tenant, m.id as mailbox
  `.execute(tx);
  return rows;
}

interface HeldRow extends MailboxRow {
  readonly order_key: string;
}

/** The order keys at which a paused flow's messages wait. */
async function findHeld(tx: Db, flow: string, tenant: string | undefined): Promise<HeldRow[]> {
  const { rows } = await sql<HeldRow & { lane: Lane }>`
    select distinct b.tenant, b.id, b.connection, b.lane, m.order_key
    from belay.message m join belay.mailbox b on b.tenant = m.tenant and b.id = m.mailbox
    where m.code = 'MAILBOX_PAUSED' and m.parked and m.flow = ${flow} ${tenant === undefined ? sql`` : sql`and m.tenant = ${tenant}`}
  `.execute(tx);
  return rows;
}

async function liftBlocks(tx: Db, rows: readonly HeldRow[]): Promise<void> {
  await sql`
    update belay.block b set due_at = (select belay.now())
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, id text, order_key text)
    where b.tenant = x.tenant and b.mailbox = x.id and b.order_key = x.order_key
  `.execute(tx);
}
