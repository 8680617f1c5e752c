import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { SyncKey } from "./types.ts";

/** So long hints are collected before a walk begins: what comes in a burst comes together. */
const collectMs = 500;

/** So long after the beginning of one walk that hints lead to the next begins at the earliest. */
const leastGapMs = 2_000;

/** Walks that hints lead to take one part in so many of the time: when they get long, they get rare, and every sync has its own period at the latest. */
const shareOfTime = 4;

/** When a walk that is hinted at begins: soon, but not right after one that has just been. */
const soon = sql`greatest(
  belay.now() + ${collectMs}::float8 * interval '1 millisecond',
  (select w.started_at + greatest(${leastGapMs}::float8 * interval '1 millisecond', case when w.kind = 'incremental' then ${shareOfTime}::integer * (w.ended_at - w.started_at) end)
    from belay.walk w where w.tenant = s.tenant and w.id = s.last_walk)
)`;

/**
 * Makes syncs due soon of whose changes there is word; where a walk is open, when it ends: only then it is known how long after its beginning the next may begin. Where there was word
 * already, and no walk has begun since, nothing is written.
 */
export async function hintSyncs(tx: Db, keys: readonly SyncKey[]): Promise<void> {
  const given = sql`json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text collate "C", sync text collate "C", connection text collate "C")`;
  // First the rows, and then whether a walk is open: whoever ends one holds the row by then, or waits for it and sees that there is word.
  await sql`
    select from (select * from ${given} order by 1, 2, 3) x
    cross join lateral (
      select from belay.sync s where s.tenant = x.tenant and s.sync = x.sync and s.connection = x.connection and s.hinted_at is null and s.next_due is not null
      limit 1 for update
    ) s
  `.execute(tx);
  await sql`
    update belay.sync s set hinted_at = belay.now(), next_due = case when exists (
      select from belay.walk o where o.tenant = s.tenant and o.sync = s.sync and o.connection = s.connection and o.state = 'open'
    ) then s.next_due else least(s.next_due, ${soon}) end
    from ${given}
    where s.tenant = x.tenant and s.sync = x.sync and s.connection = x.connection and s.hinted_at is null and s.next_due is not null
  `.execute(tx);
}

/** Walks have begun that see everything of which there was word until now. Only where the rows of the syncs are locked. */
export async function clearHints(tx: Db, keys: readonly SyncKey[]): Promise<void> {
  await sql`
    update belay.sync s set hinted_at = null
    from json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text collate "C", sync text collate "C", connection text collate "C")
    where s.tenant = x.tenant and s.sync = x.sync and s.connection = x.connection and s.hinted_at is not null
  `.execute(tx);
}

/** A walk has ended: where there was word of changes while it was open, the next begins soon. The row is written in any case, so that whoever has word waits, or was waited for. */
export async function dueAfterHint(tx: Db, { tenant, sync, connection }: SyncKey): Promise<void> {
  await sql`
    update belay.sync s set next_due = case when hinted_at is null then next_due else least(next_due, ${soon}) end
    where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and next_due is not null
  `.execute(tx);
}
