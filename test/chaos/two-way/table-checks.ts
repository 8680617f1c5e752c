import type { HistoryDatabase } from "../kernel/line.ts";
import type { Broken } from "../kernel/observer.ts";

/** What holds at every moment between two transactions, where two syncs and a two-way sync write the same tables. */
const question = `
  select 'feed' as kind, 'the feed of ' || f.tenant || ' ends at ' || f.position || ', and holds ' || count(c.position) || ' changes' as text
  from belay.feed f left join belay.change c on c.tenant = f.tenant group by f.tenant, f.position
  having count(c.position) <> f.position or coalesce(max(c.position), 0) <> f.position
  union all
  select 'feed', 'the newest change of ' || r.external_id || ' at ' || r.connection || ' is not in the feed at ' || r.position from belay.record r
  where not exists (select from belay.change c where c.tenant = r.tenant and c.position = r.position and c.connection = r.connection and c.record = r.id)
  union all
  select 'feed', 'record ' || r.external_id || ' at ' || r.connection || ' is ' || case when r.hash is null then 'gone' else 'there' end || ', and its newest change says ' || c.kind
  from belay.record r join belay.change c on c.tenant = r.tenant and c.position = r.position
  where (r.hash is null) <> (c.kind = 'deleted') and c.kind not in ('merged', 'unmerged')
  union all
  select 'counted', 'there are ' || count(r.external_id) || ' living records at ' || s.connection || ', and ' || s.records || ' are counted'
  from belay.sync s left join belay.record r on r.tenant = s.tenant and r.connection = s.connection and r.hash is not null
  where not exists (select from belay.walk w where w.tenant = s.tenant and w.connection = s.connection and w.state = 'open')
  group by s.tenant, s.connection, s.records having count(r.external_id) <> s.records
  union all
  select 'stranded', 'the walk ' || w.id || ' is open, and nothing will go on with it' from belay.walk w
  where w.state = 'open' and not exists (select from belay.message m where m.tenant = w.tenant and m.flow = w.sync)
  union all
  select 'died', 'a message died: ' || coalesce(h.code, '') from belay.dead_letter h
`;

/** `mayDie`: there are persons of whom a side has two, and would have none more. */
export async function checkTwoWayTables(database: HistoryDatabase, mayDie: boolean): Promise<Broken[]> {
  const rows = (await database.run(question, [])).filter(({ kind }) => !mayDie || kind !== "died");
  return rows.map(({ kind, text }) => ({ kind: String(kind), text: String(text) }));
}

/** Whether nothing is under way, nothing is due, and everything that changed was looked at. */
export async function isAtRest(database: HistoryDatabase): Promise<boolean> {
  const [row] = await database.run(
    `select exists (select from belay.message) or exists (select from belay.mailbox where leased) or exists (select from belay.walk where state = 'open')
      or exists (select from belay.sync where next_due <= belay.now()) or exists (select from belay.two_way_link where awaits_since < 'infinity')
      or not exists (select from belay.two_way) or exists (select from belay.two_way t join belay.feed f on f.tenant = t.tenant where t.position < f.position) as busy`,
    [],
  );
  return row?.["busy"] === false;
}
