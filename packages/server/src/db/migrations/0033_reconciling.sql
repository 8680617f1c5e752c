create sequence belay.reconciliation_id as bigint;

-- Comparisons of what Belay keeps with what the provider lists, through the mapping of today. One that found something is the plan of its repair.
create table belay.reconciliation (
  tenant text collate "C" not null,
  id bigint not null default nextval('belay.reconciliation_id'),
  sync text collate "C" not null,
  connection text collate "C" not null,
  state text collate "C" not null default 'waiting' check (state in ('waiting', 'walking', 'equal', 'planned', 'unproven', 'failed', 'applied')),
  -- Of the records, the share whose contents are compared and not their hashes alone.
  sample double precision not null,
  wanted_by text not null,
  wanted_at timestamptz not null default belay.now(),
  walk bigint,
  -- The version of the mapping that it compared by.
  mapping text,
  began_at timestamptz,
  ended_at timestamptz,
  -- How many records were kept when it began, and how many the provider said that there are.
  kept bigint,
  told bigint,
  compared bigint not null default 0,
  windows bigint not null default 0,
  -- Of them, those whose checksums agreed: their records were not looked at one by one.
  windows_equal bigint not null default 0,
  sampled bigint not null default 0,
  -- Records that could not be mapped, and those that somebody changed while they were compared: nobody can say whether they are equal.
  troubled bigint not null default 0,
  moved bigint not null default 0,
  -- The listing was seen to its end.
  proven boolean not null default false,
  why_unproven text,
  code text,
  primary key (tenant, id)
) with (fillfactor = 70);

-- One at a time.
create unique index reconciliation_open on belay.reconciliation (tenant, sync, connection) where state in ('waiting', 'walking');

create index reconciliation_waiting on belay.reconciliation (id) where state = 'waiting';

create index reconciliation_of_sync on belay.reconciliation (tenant, sync, connection, id);

-- What a comparison found, and what would mend it.
create table belay.discrepancy (
  tenant text collate "C" not null,
  reconciliation bigint not null,
  external_id text collate "C" not null,
  class text collate "C" not null check (class in ('missing', 'extra', 'stale', 'differing', 'duplicated', 'wrongly-linked')),
  why text not null,
  repair text collate "C" not null check (repair in ('write', 'delete', 'relink')),
  state text collate "C" not null default 'open' check (state in ('open', 'applied', 'skipped')),
  why_skipped text,
  -- The record as it was when it was compared: what has changed since is not touched. Null: there was none.
  record text collate "C",
  position bigint,
  source_version bigint,
  -- Of what is kept twice, the other; of what is linked wrongly, the canonical id that is right. Null there: a new one.
  other text collate "C",
  -- The record as the provider had it, mapped, and the fields that differ. Sealed.
  contents bytea,
  primary key (tenant, reconciliation, external_id, class)
);

create index discrepancy_open on belay.discrepancy (tenant, reconciliation, repair, external_id) where state = 'open';

-- When comparisons are made by themselves.
create table belay.reconcile_schedule (
  tenant text collate "C" not null,
  sync text collate "C" not null,
  connection text collate "C" not null,
  next_due timestamptz not null,
  primary key (tenant, sync, connection)
);

create index reconcile_schedule_due on belay.reconcile_schedule (next_due);
