import { sql } from "kysely";
import type { Db } from "../db/index.ts";

/** What waits to be written to one connection. */
export interface QueueFigures {
  readonly tenant: string;
  readonly connection: string;
  /** Messages that wait or run. Of one mailbox at most 10,000 are counted. */
  readonly depth: number;
  /** Since the first of them came in, ms. */
  readonly oldestMs: number;
}

const mostMailboxes = 1_000;
/** The line is in no order of time; of a longer one some are looked at. */
const mostInLine = 50_000;
const mostMessages = 10_000;
const longestMs = 2_000;

/**
 * Looks at what waits, at the mailboxes that have been due for longest. Costs at most 2 s of one connection, however much waits.
 *
 * @returns `undefined` when another process looks at this moment.
 * @throws the database's error when it takes longer.
 */
export async function lookAtQueues(db: Db): Promise<QueueFigures[] | undefined> {
  return await db.transaction().execute(async (tx) => {
    const { rows: locks } = await sql<{
      ours: boolean;
    }>`select pg_try_advisory_xact_lock(hashtext('belay look at queues')) as ours`.execute(tx);
    if (locks[0]?.ours !== true) return undefined;
    await sql`select set_config('statement_timeout', ${`${longestMs}ms`}, true)`.execute(tx);
    const { rows } = await sql<QueueFigures>`
      select tenant, connection, sum(depth)::float8 as depth, max(age_ms) as "oldestMs"
      from (
        select m.tenant, m.connection, found.depth, oldest.age_ms
        from (
          select * from (
            (select tenant, id, connection, due_at from belay.mailbox where in_line limit ${mostInLine})
            union all
            (select tenant, id, connection, due_at from belay.mailbox where due_at is not null and not in_line order by due_at limit ${mostMailboxes})
          ) waiting order by due_at limit ${mostMailboxes}
        ) m
        cross join lateral (
          select count(*) as depth
          from (select from belay.message x where x.tenant = m.tenant and x.mailbox = m.id limit ${mostMessages}) counted
        ) found
        cross join lateral (
          select greatest(0, extract(epoch from (select belay.now()) - x.received_at) * 1000)::float8 as age_ms
          from belay.message x where x.tenant = m.tenant and x.mailbox = m.id order by x.id limit 1
        ) oldest
      ) queue
      group by tenant, connection
    `.execute(tx);
    return rows;
  });
}
