import type { HistoryDatabase } from "../kernel/line.ts";
import type { Broken } from "../kernel/observer.ts";

/** What holds at every moment between two transactions; one question for all of it, which names what is wrong. */
const question = `
  with version as (
    select c.*, lag(c.position) over own as before, lag(c.kind) over own as kind_before, lead(c.position) over own as after
    from belay.change c window own as (partition by c.tenant, c.record order by c.position)
  ), living as (
    select tenant, count(*) as living from belay.record where hash is not null group by tenant
  )
  select 'feed' as kind, 'the feed of ' || f.tenant || ' ends at ' || f.position || ', and holds ' || count(c.position) || ' changes up to ' || coalesce(max(c.position), 0) as text
  from belay.feed f left join belay.change c on c.tenant = f.tenant group by f.tenant, f.position
  having count(c.position) <> f.position or coalesce(max(c.position), 0) <> f.position or min(c.position) <> 1
  union all
  select 'feed', 'the newest change of ' || r.external_id || ' should be at ' || coalesce(v.position, 0) || ', and its record says ' || r.position
  from belay.record r left join version v on v.tenant = r.tenant and v.record = r.id and v.after is null where v.position is distinct from r.position
  union all
  select 'feed', 'record ' || r.external_id || ' is ' || case when r.hash is null then 'gone' else 'there' end || ', and its newest change says ' || v.kind
  from belay.record r join version v on v.tenant = r.tenant and v.record = r.id and v.after is null where (v.kind = 'deleted') <> (r.hash is null)
  union all
  select 'feed', 'the change at ' || v.position || ' should name ' || coalesce(v.before, 0) || ' as the one before, and names ' || coalesce(v.previous, 0)
  from version v where v.before is distinct from v.previous
  union all
  select case when v.kind = 'created' then 'doubled' else 'feed' end,
    'the change at ' || v.position || ' says ' || v.kind || ' after ' || coalesce(v.kind_before, 'nothing')
  from version v where not (case v.kind
    when 'created' then v.kind_before is null
    when 'restored' then v.kind_before = 'deleted'
    else v.kind_before is not null and v.kind_before <> 'deleted' end)
  union all
  select 'doubled', 'the change at ' || v.position || ' is of a record that nobody knows' from version v
  where not exists (select from belay.record r where r.tenant = v.tenant and r.id = v.record)
  union all
  select 'doubled', 'the canonical id of ' || min(r.external_id) || ' is that of ' || max(r.external_id) || ' as well'
  from belay.record r group by r.tenant, r.id having count(*) > 1
  union all
  select 'counted', 'there are ' || coalesce(l.living, 0) || ' living records, and ' || s.records || ' are counted'
  from belay.sync s left join living l on l.tenant = s.tenant where s.records <> coalesce(l.living, 0)
    and not exists (select from belay.walk w where w.tenant = s.tenant and w.state = 'open')
  union all
  select 'counted', 'there are ' || count(t.external_id) || ' troubles, and ' || s.troubles || ' are counted'
  from belay.sync s left join belay.record_trouble t on t.tenant = s.tenant and t.sync = s.sync and t.connection = s.connection
  group by s.tenant, s.troubles having count(t.external_id) <> s.troubles
  union all
  select 'held', count(*) || ' records wait to be deleted, and nobody can approve or refuse it any more'
  from belay.pending_delete p join belay.sync s on s.tenant = p.tenant and s.sync = p.sync and s.connection = p.connection
  where s.deletes_held_until is null and not exists (select from belay.walk w where w.tenant = s.tenant and w.state = 'open') having count(*) > 0
  union all
  select 'stranded', 'the walk ' || w.id || ' is open, and nothing will go on with it' from belay.walk w join belay.sync s on s.tenant = w.tenant
  where w.state = 'open' and s.paused_at is null and not exists (select from belay.message m where m.tenant = w.tenant and m.flow = w.sync)
`;

/** What is wrong with the tables; `onceGone`: the records that the provider has had no more, or that were none of ours, at some time. */
export async function checkTables(database: HistoryDatabase, onceGone: ReadonlySet<string>): Promise<Broken[]> {
  const rows = await database.run(question, []);
  const gone = await database.run("select external_id as id from belay.record where hash is null", []);
  const wrongly = gone.map(({ id }) => String(id)).filter((id) => !onceGone.has(id));
  return [
    ...wrongly.map((id) => ({ kind: "false-delete", text: `${id} was at the provider all the time, and is deleted here` })),
    ...rows.map(({ kind, text }) => ({ kind: String(kind), text: String(text) })),
  ];
}
