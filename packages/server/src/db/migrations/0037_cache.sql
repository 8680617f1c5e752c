-- What providers answered, to be given again for a while. Losing it costs calls, not work. A row without a value is a call that somebody is making.
create table belay.cache_entry (
  tenant text collate "C" not null,
  connection text collate "C" not null,
  resource text collate "C" not null,
  -- A keyed hash of the call, whose path may name people.
  key bytea not null check (octet_length(key) = 16),
  -- A keyed hash of the id that was asked for. Null: it was searched.
  record bytea check (octet_length(record) = 16),
  -- Sealed.
  value bytea,
  bytes integer not null default 0,
  -- Before the call began.
  known_at timestamptz,
  -- Who asks now, when that began, and until when others wait for it.
  flight uuid,
  flight_at timestamptz,
  flight_until timestamptz,
  primary key (tenant, connection, resource, key)
);

create index cache_entry_known on belay.cache_entry (tenant, known_at);

-- Resources of which something is looked up: only for those do writes have something to end.
create table belay.cache_use (
  tenant text collate "C" not null,
  connection text collate "C" not null,
  resource text collate "C" not null,
  since timestamptz not null default belay.now(),
  -- When something of it was last changed, as far as anybody here knows: what was known before may be wrong.
  ended_at timestamptz,
  primary key (tenant, connection, resource)
);

create index cache_use_since on belay.cache_use (since);

alter table belay.measure drop constraint measure_kind_check;

alter table belay.measure add constraint measure_kind_check check (kind in ('ingest', 'run', 'call', 'queue', 'lookup'));
