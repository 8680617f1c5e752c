import { sql } from "kysely";
import type { Db } from "../db/index.ts";

/** The last of them goes on so long after the first, at most. */
const spreadSeconds = 10;
const apartMs = 2;

/**
 * Lets the mailboxes of these tenants go on that pause for this cause, one shortly after the other instead of all at once: first those in which somebody waits, then those that
 * got work last, because what is fresh is worth most. Inside a mailbox the order stays. Part of the transaction that ends the cause. One that is just being given back
 * because of it may still pause once more, until its time is over. Workers find them when they next look, within a quarter of a second.
 *
 * @returns how many mailboxes go on.
 */
export async function resumeOneByOne(db: Db, tenants: readonly string[], cause: string): Promise<number> {
  const { rows } = await sql`
    with held as materialized (
      -- Sorted, as every commit locks them.
      select tenant, id, lane from belay.mailbox
      where tenant in (select json_array_elements_text(${JSON.stringify(tenants)}::json))
        and paused_until > (select belay.now()) and why = ${cause} and not leased
      order by tenant, id for update
    ), ranked as (
      select h.tenant, h.id,
        row_number() over (order by array_position(array['interactive', 'event', 'sync', 'backfill'], h.lane), newest.id desc nulls last) as place
      from held h
      left join lateral (
        select m.id from belay.message m where m.tenant = h.tenant and m.mailbox = h.id order by m.id desc limit 1
      ) newest on true
    )
    update belay.mailbox m
    set paused_until = null, why = null,
      due_at = (select belay.now()) + least(${spreadSeconds}::float8, ranked.place * ${apartMs}::float8 / 1000) * interval '1 second'
    from ranked where m.tenant = ranked.tenant and m.id = ranked.id
    returning 1
  `.execute(db);
  return rows.length;
}

/** How many mailboxes of each connection pause for this cause. */
export async function countWaitingFor(db: Db, cause: string): Promise<Map<string, number>> {
  const { rows } = await sql<{ connection: string; mailboxes: number }>`
    select connection, count(*)::integer as mailboxes from belay.mailbox where paused_until > (select belay.now()) and why = ${cause} group by connection
  `.execute(db);
  return new Map(rows.map(({ connection, mailboxes }) => [connection, mailboxes]));
}
