-- Attempts that are told of: those that failed or had trouble, and a share of the others. Append-only, a day is one partition. What steps and exchanges were is in the
-- contents, compressed and sealed.
create table belay.attempt (
  tenant text collate "C" not null,
  message bigint not null,
  attempt integer not null,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  verdict text not null check (verdict in ('delivered', 'retry', 'dead', 'wait', 'suspended')),
  code text,
  next_at timestamptz,
  contents bytea not null
) partition by range (ended_at);

-- Few rows: a b-tree costs only those who are told of.
create index attempt_message on belay.attempt (tenant, message);

-- Catches rows when the partition of a day is missing.
create table belay.attempt_default partition of belay.attempt default;

-- Makes the partitions of today and the next days of a table that is partitioned by day; calling it twice is safe.
create function belay.ensure_day_partitions(parent text, days integer) returns void language plpgsql as $$
declare
  day date;
begin
  for day in select (belay.now() at time zone 'UTC')::date + n from generate_series(0, days) n loop
    if to_regclass('belay.' || parent || '_' || to_char(day, 'YYYYMMDD')) is null then
      begin
        execute format(
          'create table belay.%I partition of belay.%I for values from (%L) to (%L)',
          parent || '_' || to_char(day, 'YYYYMMDD'), parent, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC'
        );
      exception when check_violation then
        -- Rows of that day lie in the default partition already and stay there; a start must not fail for it.
        raise warning '% of % is in the default partition', parent, day;
      end;
    end if;
  end loop;
end
$$;
