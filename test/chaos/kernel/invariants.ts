import type { HistoryDatabase } from "./line.ts";
import type { Broken } from "./observer.ts";

/** What the harness knows from outside when it looks at the tables. */
export interface Known {
  /** Events whose delivery was acknowledged. */
  readonly acknowledged: readonly { readonly tenant: string; readonly connection: string; readonly event: string }[];
  /** How many runs of a message have failed, by its id. */
  readonly failedRuns: readonly { readonly message: number; readonly runs: number }[];
}

/** Clocks are set back by up to a second, more than once: what was due at once may then lie so far ahead. */
const clockTolerance = "interval '3 seconds'";

/** What holds at every moment between two transactions; one question for all of it, which names what is wrong. */
const question = `
  with event as (
    select tenant, connection, flow, event_key, id, attempts from belay.message
    union all select tenant, connection, flow, event_key, id, attempts from belay.history
    union all select tenant, connection, flow, event_key, id, attempts from belay.dead_letter
  ), work as (
    select tenant, mailbox, bool_or(not parked) as fresh from belay.message group by tenant, mailbox
  )
  select 'lost' as kind, 'the acknowledged event ' || x.event || ' of ' || x.connection || ' should be stored, and is nowhere' as text
  from json_to_recordset($1::json) as x(tenant text, connection text, event text)
  where not exists (select from event e where e.tenant = x.tenant and e.connection = x.connection and e.event_key = x.event)
  union all
  select 'doubled', 'the event ' || event_key || ' of ' || connection || ' should be stored once, and is stored ' || count(*) || ' times'
  from event group by tenant, connection, flow, event_key having count(*) > 1
  union all
  select 'ledger', 'message ' || e.id || ' has ' || coalesce(x.runs, 0) || ' failed runs, and ' || e.attempts || ' are counted'
  from event e left join json_to_recordset($2::json) as x(message bigint, runs integer) on x.message = e.id
  where e.attempts > coalesce(x.runs, 0)
  union all
  select 'stranded', 'message ' || m.id || ' waits unparked at or below its mailbox''s head ' || b.head || ', where nobody looks'
  from belay.message m join belay.mailbox b on b.tenant = m.tenant and b.id = m.mailbox where not m.parked and m.id <= b.head
  union all
  select 'stranded', 'message ' || m.id || ' is parked, but its order key has no block that leads to it'
  from belay.message m where m.parked
    and not exists (select from belay.block b where b.tenant = m.tenant and b.mailbox = m.mailbox and b.order_key = m.order_key)
  union all
  select 'stranded', 'mailbox ' || b.id || ' has work and is neither due nor leased'
  from belay.mailbox b join work w on w.tenant = b.tenant and w.mailbox = b.id where b.due_at is null
  union all
  select 'stranded', 'mailbox ' || b.id || ' has new messages and is not leased or paused, and should be due, but is in ' || (b.due_at - belay.now())
  from belay.mailbox b join work w on w.tenant = b.tenant and w.mailbox = b.id
  where w.fresh and not b.leased and b.due_at > belay.now() + ${clockTolerance} and coalesce(b.paused_until, '-infinity') < b.due_at
  union all
  select 'stranded', 'mailbox ' || b.id || ' should be due when its first block is, and is later by ' || (b.due_at - first.due_at)
  from belay.mailbox b
  join (select tenant, mailbox, min(due_at) as due_at from belay.block group by tenant, mailbox) first on first.tenant = b.tenant and first.mailbox = b.id
  where not b.leased and b.due_at > greatest(first.due_at, belay.now()) + ${clockTolerance} and coalesce(b.paused_until, '-infinity') < b.due_at
  union all
  select 'stale', 'entity ' || v.order_key || ' has the applied version ' || v.version || ', but ' || max(h.version) || ' was delivered'
  from belay.entity_version v join belay.history h on h.tenant = v.tenant and h.flow = v.flow and h.order_key = v.order_key
  where h.outcome = 'delivered' group by v.tenant, v.flow, v.order_key, v.version having max(h.version) > v.version
`;

export async function checkTables(database: HistoryDatabase, known: Known): Promise<Broken[]> {
  const rows = await database.run(question, [JSON.stringify(known.acknowledged), JSON.stringify(known.failedRuns)]);
  return rows.map(({ kind, text }) => ({ kind: String(kind), text: String(text) }));
}

/** What holds when there is nothing left to do. */
const lastQuestion = `
  select 'stranded' as kind, 'message ' || id || ' should have ended, and still waits with ' || attempts || ' failed attempts (' || coalesce(code, 'no error') || ')' as text
  from belay.message
  union all
  select 'stranded', 'the block of ' || order_key || ' should be lifted, because nothing waits behind it' from belay.block b
  where not exists (select from belay.message m where m.tenant = b.tenant and m.mailbox = b.mailbox and m.order_key = b.order_key and m.parked)
  union all
  select 'stranded', 'mailbox ' || id || ' has nothing to do, and is still leased' from belay.mailbox where leased
  union all
  select 'ledger', 'step ' || name || ' of message ' || message || ' is kept, though its message has ended'
  from belay.step s where not exists (select from belay.dead_letter d where d.tenant = s.tenant and d.id = s.message)
    and not exists (select from belay.message m where m.tenant = s.tenant and m.id = s.message)
`;

export async function checkRest(database: HistoryDatabase): Promise<Broken[]> {
  const rows = await database.run(lastQuestion, []);
  return rows.map(({ kind, text }) => ({ kind: String(kind), text: String(text) }));
}
