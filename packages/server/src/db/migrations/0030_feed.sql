-- The end of the change feed of each tenant. Whoever appends locks the row until it commits, so that positions are dense and follow the order of commits: neither a
-- sequence nor a timestamp nor a transaction's id does, for all of them are drawn before the commit.
create table belay.feed (
  tenant text collate "C" primary key,
  -- Of the newest change.
  position bigint not null,
  -- Never runs backwards along the positions of a tenant, so that a moment is found by halving.
  at timestamptz not null,
  -- Who appended last. By it readers find the tenants in which something may be new, without looking at the others.
  changed xid8 not null,
  -- Up to here old versions may have been forgotten. Who stands before it gets no gap but a refusal.
  kept_after bigint not null default 0,
  -- Up to here retention has looked for versions that were replaced long ago.
  swept bigint not null default 0
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

create index feed_changed on belay.feed (changed);

-- Versions of records, which live here and nowhere else. The newest version of a record is kept for ever, others for a time.
create table belay.change (
  tenant text collate "C" not null,
  position bigint not null,
  model text collate "C" not null,
  record text collate "C" not null,
  kind text collate "C" not null check (kind in ('created', 'updated', 'deleted', 'restored', 'merged', 'unmerged')),
  at timestamptz not null,
  connection text collate "C",
  sync text collate "C",
  -- Where the version stands that this one replaced. By it old versions are found without an index of their own.
  previous bigint,
  -- Sealed. Of what was deleted there is nothing.
  contents bytea,
  primary key (tenant, position)
);

-- Who reads. An empty tenant stands for a reader of all tenants.
create table belay.feed_consumer (
  tenant text collate "C" not null,
  name text collate "C" not null,
  -- What is not of these is passed over; null: everything is read.
  models text[],
  connections text[],
  -- Where it begins in a feed that it has not read yet.
  begins_at timestamptz,
  -- All that transactions before this one appended has been put in line.
  seen xid8 not null default '0',
  created_at timestamptz not null default belay.now(),
  read_at timestamptz,
  primary key (tenant, name)
);

-- How far a consumer has come in the feed of a tenant, and who reads there now.
create table belay.feed_cursor (
  tenant text collate "C" not null,
  -- Whose consumer it is, as in its row.
  owner text collate "C" not null,
  consumer text collate "C" not null,
  -- Everything up to here was acknowledged, or passed over.
  position bigint not null,
  -- There may be more behind the position.
  in_line boolean not null,
  served_at timestamptz not null,
  -- It has agreed to get only the newest version of what is old.
  compacted boolean not null default false,
  lease uuid,
  -- null: nobody reads.
  leased_until timestamptz,
  -- How far the lease goes.
  through bigint,
  primary key (tenant, owner, consumer),
  foreign key (owner, consumer) references belay.feed_consumer (tenant, name) on delete cascade
) with (fillfactor = 70);

create index feed_cursor_line on belay.feed_cursor (owner, consumer, served_at) where in_line;

create index feed_cursor_lease on belay.feed_cursor (owner, consumer, lease);

-- The last position of a tenant before a moment.
create function belay.feed_position_before(of_tenant text, moment timestamptz) returns bigint language plpgsql stable as $$
declare
  low bigint := 0;
  high bigint;
  middle bigint;
  found_position bigint;
  found_at timestamptz;
begin
  select position into high from belay.feed where tenant = of_tenant;
  high := coalesce(high, 0);
  -- Everything up to low is before the moment, everything after high is not.
  while low < high loop
    middle := (low + high + 1) / 2;
    -- Old versions are missing here and there: look at the next one that is there.
    select c.position, c.at into found_position, found_at from belay.change c
      where c.tenant = of_tenant and c.position >= middle order by c.tenant, c.position limit 1;
    if found_position is null or found_at >= moment then high := middle - 1; else low := found_position; end if;
  end loop;
  return low;
end $$;
