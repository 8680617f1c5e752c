import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { Lane, Lease } from "./types.ts";

/** How much of a lane's line a claim looks at. */
export interface LaneOrder {
  readonly lane: Lane;
  /** Tenants have their turns in the order of their ids; it goes on after this one, and round. */
  readonly after: string;
  /** How many tenants have a turn. */
  readonly tenants: number;
  /** Mailboxes of each of them. */
  readonly each: number;
}

export interface ClaimOrder {
  /** Mailboxes in all. */
  readonly room: number;
  readonly lanes: readonly LaneOrder[];
  /** Of tenants whose weight is not 1: they get so many times `each`. */
  readonly weights: ReadonlyMap<string, number>;
  /** By `<lane>/<tenant>`: how many at most, of those that have much already. */
  readonly left: ReadonlyMap<string, number>;
}

export interface Claimed {
  readonly leases: readonly Lease[];
  /** After whom each lane goes on the next time. */
  readonly after: ReadonlyMap<Lane, string>;
  /** Of how many tenants each lane gave something. */
  readonly tenants: ReadonlyMap<Lane, number>;
}

/**
 * Leases mailboxes that stand in line: lanes side by side, in each some of every tenant in turn, those that were due first before the others. Skips rows that other workers
 * hold. From tenant to tenant it jumps in the index: what it costs is a few steps for each turn, however many tenants and mailboxes there are.
 */
export async function claimMailboxes(db: Db, { room, lanes, weights, left }: ClaimOrder, leaseMs: number): Promise<Claimed> {
  const { rows } = await sql<Lease & { turn: number }>`
    with recursive visit as (
      select l.lane, l."after" collate "C" as "after", l.tenants, l."each", 0 as turn, l."after" collate "C" as tenant, false as wrapped
      from json_to_recordset(${JSON.stringify(lanes)}::json) as l(lane text, "after" text, tenants integer, "each" integer)
      union all
      select v.lane, v."after", v.tenants, v."each", v.turn + 1, next.tenant, next.wrapped
      from visit v
      cross join lateral (
        select (select m.tenant from belay.mailbox m where m.in_line and m.lane = v.lane and m.tenant > v.tenant order by m.tenant limit 1) as tenant
      ) ahead
      cross join lateral (
        select v.wrapped or ahead.tenant is null as wrapped,
          case when ahead.tenant is null and not v.wrapped
            then (select m.tenant from belay.mailbox m where m.in_line and m.lane = v.lane and m.tenant > '' order by m.tenant limit 1)
            else ahead.tenant
          end as tenant
      ) next
      where v.turn < v.tenants and next.tenant is not null and not (next.wrapped and next.tenant > v."after")
    ), due as materialized (
      select d.tenant, d.id, d.leased, v.turn
      from visit v
      cross join lateral (
        select coalesce((${toJson(weights)}::jsonb -> v.tenant)::float8, 1) as weight, (${toJson(left)}::jsonb -> (v.lane || '/' || v.tenant))::float8 as most
      ) s
      cross join lateral (
        select m.tenant, m.id, m.leased from belay.mailbox m
        where m.in_line and m.lane = v.lane and m.tenant = v.tenant
        order by m.due_at
        limit least(ceil(v."each" * s.weight), s.most, ${room})::integer
        for update skip locked
      ) d
      where v.turn > 0 limit ${room}
    )
    update belay.mailbox m
    set leased = true, in_line = false, again = false, token = m.token + 1, paused_until = null, why = null,
      suspect_until = case when due.leased then (select last_value from belay.message_id) else m.suspect_until end,
      due_at = (select belay.now()) + ${leaseMs}::float8 * interval '1 millisecond'
    -- Sorted, so that the index is read to its end before it is written to: only then does Postgres clear away the entries of earlier leases.
    from (select * from due order by tenant, id) due
    where m.tenant = due.tenant and m.id = due.id
    returning m.tenant, m.id as mailbox, m.connection, m.lane, m.token, m.head, due.leased as "takenOver",
      m.suspect_until as "suspectUntil", due.turn
  `.execute(db);
  const last = new Map<Lane, { turn: number; tenant: string }>();
  const found = new Map<Lane, Set<string>>();
  const leases = rows.map(({ turn, ...lease }): Lease => {
    const { lane, tenant } = lease;
    if (turn > (last.get(lane)?.turn ?? 0)) last.set(lane, { turn, tenant });
    found.set(lane, (found.get(lane) ?? new Set()).add(tenant));
    return lease;
  });
  return {
    leases,
    after: new Map([...last].map(([lane, { tenant }]) => [lane, tenant])),
    tenants: new Map([...found].map(([lane, names]) => [lane, names.size])),
  };
}

function toJson(map: ReadonlyMap<string, number>): string {
  return JSON.stringify(Object.fromEntries(map));
}

/** More at once would hold up the claim that waits for it. */
const mostInLine = 1_000;

/**
 * Puts those in line that have become due by time: whose retry or pause is over, and whose lease ran out. Whoever becomes due otherwise stands there already.
 *
 * @returns how many; there may be more when it is a thousand.
 */
export async function lineUp(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with late as materialized (
      select tenant, id from belay.mailbox
      where due_at is not null and not in_line and due_at <= (select belay.now())
        and (paused_until is null or paused_until <= (select belay.now()))
      order by due_at limit ${mostInLine} for update skip locked
    ), moved as (
      update belay.mailbox m set in_line = true from (select * from late order by tenant, id) late
      where m.tenant = late.tenant and m.id = late.id returning 1
    )
    select count(*)::integer as count from moved
  `.execute(db);
  return rows[0]?.count ?? 0;
}
