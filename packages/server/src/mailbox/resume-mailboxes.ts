import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import { notifyWorkers } from "./store.ts";

/**
 * Lets go on at once what waits for one of these causes in the mailboxes of a tenant: whole mailboxes that pause, and single messages whose last attempt failed for it. Part of
 * the transaction that ends the cause. A mailbox that is just being given back because of it may still pause once more, until its time is over.
 *
 * @returns how many mailboxes go on.
 */
export async function resumeMailboxes(db: Db, tenant: string, causes: readonly string[]): Promise<number> {
  const { rows } = await sql<{ mailbox: string }>`
    with causes as materialized (
      select json_array_elements_text(${JSON.stringify(causes)}::json) as code
    ), failed as materialized (
      select distinct mailbox, order_key from belay.message where tenant = ${tenant} and parked and code in (select code from causes)
    ), held as materialized (
      -- Sorted, as every commit locks them.
      select id from belay.mailbox
      where tenant = ${tenant}
        and ((paused_until > (select belay.now()) and why in (select code from causes)) or id in (select mailbox from failed))
      order by id for update
    ), unblocked as (
      update belay.block b set due_at = (select belay.now()) from failed
      where b.tenant = ${tenant} and b.mailbox = failed.mailbox and b.order_key = failed.order_key and b.due_at > (select belay.now())
        and b.mailbox in (select id from held)
    )
    update belay.mailbox m
    set paused_until = null, why = null, due_at = case when m.leased then m.due_at else (select belay.now()) end,
      in_line = m.in_line or not m.leased, again = m.again or m.leased
    from held where m.tenant = ${tenant} and m.id = held.id
    returning m.id as mailbox
  `.execute(db);
  if (rows.length > 0)
    await notifyWorkers(
      db,
      rows.map(({ mailbox }) => ({ tenant, mailbox })),
    );
  return rows.length;
}
