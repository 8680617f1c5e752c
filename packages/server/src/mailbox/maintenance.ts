import { sql } from "kysely";
import { type Db, dropDayPartitions } from "../db/index.ts";

/** How long things are kept after they ended. */
export interface Retention {
  /** Days of history, whole days; older partitions are dropped. */
  readonly historyDays: number;
}

export const defaultRetention: Retention = { historyDays: 30 };

const preparedDays = 7;

/**
 * Prepares the partitions of the next days and drops those past their time. Calling it twice is safe. A partition that is being read stays until the next run.
 *
 * @returns the names of the partitions that were dropped.
 */
export async function maintainHistory(db: Db, retention: Retention): Promise<string[]> {
  await sql`select belay.ensure_history_partitions(${preparedDays})`.execute(db);
  return await dropDayPartitions(db, "history", retention.historyDays);
}

const sweepRows = 10_000;
/** A message may wait that long before it reaches history. */
export const longestWaitDays = 7;

/**
 * Deletes large payloads that nothing refers to any more: no message, no dead letter, and no history within its time. Storing or replaying one makes it young again.
 *
 * @returns how many were deleted, at most 10,000 a call.
 */
export async function sweepBlobs(db: Db, retention: Retention): Promise<number> {
  const { rows } = await sql<{ deleted: number }>`
    with gone as (
      delete from belay.blob
      where ctid = any (array(
        select b.ctid from belay.blob b
        where b.stored_at < belay.now() - ${retention.historyDays + longestWaitDays}::integer * interval '1 day'
          and not exists (select from belay.message m where m.tenant = b.tenant and m.blob = b.hash)
          and not exists (select from belay.dead_letter d where d.tenant = b.tenant and d.blob = b.hash)
        limit ${sweepRows}
      ))
      returning 1
    )
    select count(*)::integer as deleted from gone
  `.execute(db);
  return rows[0]?.deleted ?? 0;
}

/** Deletes step results whose message has ended: those that were written just as it did. @returns how many were deleted. */
export async function sweepSteps(db: Db): Promise<number> {
  const { rows } = await sql<{ deleted: number }>`
    with gone as (
      delete from belay.step s
      where s.finished_at < belay.now() - interval '1 day'
        and not exists (select from belay.message m where m.tenant = s.tenant and m.mailbox = s.mailbox and m.id = s.message)
        and not exists (select from belay.dead_letter d where d.tenant = s.tenant and d.id = s.message)
      returning 1
    )
    select count(*)::integer as deleted from gone
  `.execute(db);
  return rows[0]?.deleted ?? 0;
}

/** Mailboxes that have been due for longer than `seconds` and that no worker has taken, longest first. */
export async function findOverdueMailboxes(db: Db, seconds: number): Promise<{ tenant: string; mailbox: string; seconds: number }[]> {
  const { rows } = await sql<{ tenant: string; mailbox: string; seconds: number }>`
    select tenant, id as mailbox, extract(epoch from belay.now() - due_at)::float8 as seconds
    from (
      select tenant, id, due_at, paused_until from belay.mailbox where in_line
      union all
      select tenant, id, due_at, paused_until from belay.mailbox where due_at is not null and not in_line and due_at < (select belay.now())
    ) due
    where due_at < (select belay.now()) - ${seconds}::float8 * interval '1 second' and (paused_until is null or paused_until <= due_at)
    order by due_at limit 10
  `.execute(db);
  return rows;
}

/** Messages in the partition that catches what no prepared day holds. */
export async function countMisplacedHistory(db: Db): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*)::integer as count from (select from belay.history_default limit 1000) found`.execute(db);
  return rows[0]?.count ?? 0;
}
