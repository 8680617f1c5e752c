-- What was counted, per minute and per hour. Each process writes rows of its own, each time with all it has counted in that minute so far: writing one twice
-- changes nothing, and no process waits for another. An hour is merged from the minutes of all processes and has none.
create table belay.measure (
  tenant text collate "C" not null,
  step text not null check (step in ('minute', 'hour')),
  at timestamptz not null,
  kind text not null check (kind in ('ingest', 'run', 'call', 'queue')),
  connection text collate "C" not null,
  flow text collate "C" not null,
  endpoint text collate "C" not null,
  process text collate "C" not null,
  counts jsonb not null,
  latency jsonb,
  lag jsonb,
  primary key (tenant, step, at, kind, connection, flow, endpoint, process)
) with (fillfactor = 70);

create index measure_at on belay.measure (step, at);

-- A process that was killed loses what it has counted since it last wrote. What it had finished lies in history, by the time at which it ended.
create index history_finished on belay.history using brin (finished_at) with (pages_per_range = 16, autosummarize = on);
