import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import { toMailboxKey } from "./commit-messages.ts";
import { lanes } from "./fair-share.ts";
import type { Lane } from "./types.ts";

/** What waits to be written to a connection in one lane. */
export interface WaitingInLane {
  readonly lane: Lane;
  /** Messages that wait or run, counted up to 10,000. */
  readonly messages: number;
  /** When the first of them came in, epoch ms. */
  readonly oldestAtMs: number;
  /** When the lane is looked at again, epoch ms; null: it is worked on, or stands in line. */
  readonly goesOnAtMs: number | null;
  /** The code of what it waits for until then. */
  readonly why: string | null;
}

const mostCounted = 10_000;

/** What waits for one connection, by lane; lanes in which nothing waits are not in it. A few index look-ups. */
export async function readWaitingOf(
  db: Db,
  tenant: string,
  connection: string,
): Promise<{ readonly lanes: WaitingInLane[]; readonly nowMs: number }> {
  const ids = lanes.map((lane) => toMailboxKey({ tenant, target: connection, lane }).mailbox);
  const { rows } = await sql<WaitingInLane & { nowMs: number }>`
    select m.lane, counted.messages, (extract(epoch from oldest.received_at) * 1000)::float8 as "oldestAtMs",
      (extract(epoch from (case when m.paused_until > t.now then m.paused_until end)) * 1000)::float8 as "goesOnAtMs",
      case when m.paused_until > t.now then m.why end as why,
      (extract(epoch from t.now) * 1000)::float8 as "nowMs"
    from (select belay.now() as now) t
    cross join belay.mailbox m
    cross join lateral (
      select count(*)::float8 as messages
      from (select from belay.message x where x.tenant = m.tenant and x.mailbox = m.id limit ${mostCounted}) found
    ) counted
    cross join lateral (
      select x.received_at from belay.message x where x.tenant = m.tenant and x.mailbox = m.id order by x.id limit 1
    ) oldest
    where m.tenant = ${tenant} and m.id in (select json_array_elements_text(${JSON.stringify(ids)}::json))
    order by array_position(array['interactive', 'event', 'sync', 'backfill'], m.lane)
  `.execute(db);
  return { lanes: rows.map(({ nowMs: _, ...waiting }) => waiting), nowMs: rows[0]?.nowMs ?? 0 };
}
