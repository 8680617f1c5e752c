-- What changed its state, in the order of commit: a reader that goes on from a place (transaction, number) misses nothing, because it is shown only what was written
-- by transactions older than every one that still runs.
create table belay.event (
  tenant text collate "C" not null,
  transaction xid8 not null default pg_current_xact_id(),
  number bigint generated always as identity,
  type text not null,
  at timestamptz not null default belay.now(),
  connection text collate "C",
  flow text collate "C",
  message bigint,
  reference text,
  actor text,
  cause text,
  trace text,
  data json not null default '{}',
  primary key (tenant, transaction, number)
);

create index event_order on belay.event (transaction, number);

create index event_at on belay.event using brin (at);
