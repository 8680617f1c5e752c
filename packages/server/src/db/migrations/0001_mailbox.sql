-- Statements are separated by a blank line; a statement holds none. Forward only: never edit a merged migration.
create schema if not exists belay;

-- The one clock of every statement. Tests move it per session: set belay.clock_offset_ms = '3600000'.
create function belay.now() returns timestamptz language sql stable parallel safe as $$
  select clock_timestamp() + coalesce(nullif(current_setting('belay.clock_offset_ms', true), ''), '0')::bigint * interval '1 millisecond'
$$;

-- A mailbox is the wake-up of its messages: due_at says when a worker should look. While leased, due_at is when the lease ends.
create table belay.mailbox (
  tenant text collate "C" not null,
  id text collate "C" not null,
  connection text collate "C" not null,
  lane text collate "C" not null check (lane in ('interactive', 'event', 'sync', 'backfill')),
  due_at timestamptz,
  leased boolean not null default false,
  again boolean not null default false,
  token bigint not null default 0,
  head bigint not null default 0,
  -- Messages up to this id may have been begun under a lease that was lost: their effects are unknown until they end.
  suspect_until bigint not null default 0,
  paused_until timestamptz,
  why text,
  primary key (tenant, id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

create index mailbox_due on belay.mailbox (due_at) where due_at is not null;

-- Shared by messages and dead letters, so that an id means one thing for ever.
create sequence belay.message_id;

-- Unfinished work only: a finished message moves to history.
create table belay.message (
  tenant text collate "C" not null,
  mailbox text collate "C" not null,
  id bigint not null default nextval('belay.message_id'),
  order_key text collate "C" not null,
  flow text collate "C" not null,
  connection text collate "C" not null,
  event_key text collate "C" not null,
  event_type text collate "C" not null,
  version bigint,
  schema_version smallint not null default 1,
  payload bytea,
  blob bytea,
  trace text,
  received_at timestamptz not null,
  first_attempt_at timestamptz,
  attempts integer not null default 0,
  suspect boolean not null default false,
  parked boolean not null default false,
  code text,
  error text,
  primary key (tenant, mailbox, id),
  check ((payload is null) <> (blob is null))
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

-- Parked: behind a message of the same order key that waits for its next attempt. Always accompanied by a row in block.
create index message_parked on belay.message (tenant, mailbox, order_key, id) where parked;

-- So that a large payload can be seen to be in use; most messages carry theirs and have no entry here.
create index message_blob on belay.message (tenant, blob) where blob is not null;

create table belay.block (
  tenant text collate "C" not null,
  mailbox text collate "C" not null,
  order_key text collate "C" not null,
  due_at timestamptz not null,
  primary key (tenant, mailbox, order_key)
);

create index block_due on belay.block (tenant, mailbox, due_at);

-- The newest version applied per entity and flow: an older one never overwrites it.
create table belay.entity_version (
  tenant text collate "C" not null,
  flow text collate "C" not null,
  order_key text collate "C" not null,
  version bigint not null,
  primary key (tenant, flow, order_key)
) with (fillfactor = 80);

-- Results of finished steps of unfinished messages. Text, not jsonb: a result may hold what jsonb refuses.
create table belay.step (
  tenant text collate "C" not null,
  message bigint not null,
  name text not null,
  mailbox text collate "C" not null,
  result text not null,
  finished_at timestamptz not null default belay.now(),
  primary key (tenant, message, name)
);

create table belay.blob (
  tenant text collate "C" not null,
  hash bytea not null,
  bytes bytea not null,
  stored_at timestamptz not null default belay.now(),
  primary key (tenant, hash)
);

create table belay.dead_letter (
  tenant text collate "C" not null,
  id bigint not null,
  mailbox text collate "C" not null,
  order_key text collate "C" not null,
  flow text collate "C" not null,
  connection text collate "C" not null,
  event_key text collate "C" not null,
  event_type text collate "C" not null,
  version bigint,
  schema_version smallint not null,
  payload bytea,
  blob bytea,
  trace text,
  received_at timestamptz not null,
  first_attempt_at timestamptz,
  attempts integer not null,
  suspect boolean not null,
  code text not null,
  error text not null,
  died_at timestamptz not null default belay.now(),
  primary key (tenant, id)
);

create index dead_letter_blob on belay.dead_letter (tenant, blob) where blob is not null;

create index dead_letter_code on belay.dead_letter (tenant, code, id);

-- Append-only; a day is one partition, so that retention drops a table instead of deleting rows.
create table belay.history (
  tenant text collate "C" not null,
  id bigint not null,
  mailbox text collate "C" not null,
  order_key text collate "C" not null,
  flow text collate "C" not null,
  connection text collate "C" not null,
  event_key text collate "C" not null,
  event_type text collate "C" not null,
  version bigint,
  schema_version smallint not null,
  payload bytea,
  blob bytea,
  trace text,
  received_at timestamptz not null,
  attempts integer not null,
  outcome text not null check (outcome in ('delivered', 'superseded', 'discarded')),
  code text,
  error text,
  finished_at timestamptz not null default belay.now()
) partition by range (finished_at);

-- Ids rise with time, so a summary per block range finds a message; a b-tree would be paid for by every message.
create index history_id on belay.history using brin (id) with (pages_per_range = 16, autosummarize = on);

-- Catches rows when the partition of a day is missing; an alarm, not a place to stay.
create table belay.history_default partition of belay.history default;

-- Keys of events already taken in, until their provider can no longer deliver them again.
create table belay.dedupe (
  tenant text collate "C" not null,
  connection text collate "C" not null,
  key text collate "C" not null,
  expires_at timestamptz not null,
  primary key (tenant, connection, key)
);

create index dedupe_expires on belay.dedupe using brin (expires_at);

-- Makes the partitions of today and the next days; calling it twice is safe.
create function belay.ensure_history_partitions(days integer) returns void language plpgsql as $$
declare
  day date;
begin
  for day in select (belay.now() at time zone 'UTC')::date + n from generate_series(0, days) n loop
    if to_regclass('belay.history_' || to_char(day, 'YYYYMMDD')) is null then
      begin
        execute format(
          'create table belay.%I partition of belay.history for values from (%L) to (%L)',
          'history_' || to_char(day, 'YYYYMMDD'), day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC'
        );
      exception when check_violation then
        -- Rows of that day lie in the default partition already and stay there; a start must not fail for it.
        raise warning 'history of % is in the default partition', day;
      end;
    end if;
  end loop;
end
$$;
