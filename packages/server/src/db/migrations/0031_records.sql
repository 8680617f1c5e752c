-- What Belay keeps of the records of providers, and which record of ours each is: an external id of a connection leads to a canonical id. What they hold lies in their
-- newest change.
create table belay.record (
  tenant text collate "C" not null,
  connection text collate "C" not null,
  resource text collate "C" not null,
  external_id text collate "C" not null,
  -- The canonical id. Several rows have the same one when they were found to be the same thing.
  id text collate "C" not null,
  model text collate "C" not null,
  -- A keyed hash of what the record was mapped to, by which what has not changed is known. Null: it is deleted.
  hash bytea check (octet_length(hash) = 16),
  -- As the source counts it. Null: it does not.
  source_version bigint,
  -- Of its newest change in the tenant's feed.
  position bigint not null,
  deleted_at timestamptz,
  -- Keyed hashes of what it is recognised and found by.
  match_keys bytea[],
  primary key (tenant, connection, resource, external_id)
) with (fillfactor = 80);

create index record_id on belay.record (tenant, id);

create index record_match on belay.record using gin (match_keys) where match_keys is not null;

-- Records of providers that could not be taken; the next walk tries them again.
create table belay.record_trouble (
  tenant text collate "C" not null,
  sync text collate "C" not null,
  connection text collate "C" not null,
  -- What has no id of its own lies here under a hash of its contents, with a # in front.
  external_id text collate "C" not null,
  walk bigint not null,
  code text not null,
  -- The reason, and the record as it came. Sealed.
  contents bytea not null,
  at timestamptz not null default belay.now(),
  primary key (tenant, sync, connection, external_id)
);

-- How far a sync has come at a connection, and when it goes on.
create table belay.sync (
  tenant text collate "C" not null,
  sync text collate "C" not null,
  connection text collate "C" not null,
  -- What the next walk begins from: a watermark, a token. Sealed. Null: nothing has been read to its end yet.
  progress bytea,
  -- The version of the mapping that all records were mapped with.
  mapping text,
  -- When the next walk begins. Null: not by itself.
  next_due timestamptz,
  -- Somebody, or a changed mapping, wants the next walk to read everything.
  wants_full boolean not null default false,
  paused_at timestamptz,
  paused_by text,
  paused_why text,
  records bigint not null default 0,
  troubles bigint not null default 0,
  -- What is missing waits until then for somebody's approval, and is then left alone. Null: nothing waits.
  deletes_held_until timestamptz,
  last_walk bigint,
  last_complete_at timestamptz,
  -- When a walk last proved that it saw everything.
  last_proven_at timestamptz,
  primary key (tenant, sync, connection)
) with (fillfactor = 70);

create index sync_due on belay.sync (next_due) where next_due is not null and paused_at is null;

-- Settings of tenants that mappings are given.
create table belay.sync_setting (
  tenant text collate "C" not null,
  sync text collate "C" not null,
  -- Sealed.
  settings bytea not null,
  set_at timestamptz not null default belay.now(),
  set_by text not null,
  primary key (tenant, sync)
);

create sequence belay.walk_id as bigint;

-- Walks through a listing. An open one is continued by whoever gets its message; the revision tells whether somebody else has meanwhile.
create table belay.walk (
  tenant text collate "C" not null,
  id bigint not null default nextval('belay.walk_id'),
  sync text collate "C" not null,
  connection text collate "C" not null,
  kind text collate "C" not null check (kind in ('first', 'full', 'incremental', 'reconcile')),
  lane text collate "C" not null,
  state text collate "C" not null default 'open' check (state in ('open', 'complete', 'incomplete', 'failed', 'stopped')),
  revision integer not null default 0,
  -- Whether it keeps the ids that it sees, because there are records that it may find missing.
  counts_seen boolean not null,
  -- Where it stands. Sealed. Null: at its beginning.
  cursor bytea,
  -- How the end was told apart from a broken listing; null: it was not, and why.
  proof jsonb,
  why_no_proof text,
  pages integer not null default 0,
  seen bigint not null default 0,
  created bigint not null default 0,
  updated bigint not null default 0,
  unchanged bigint not null default 0,
  deleted bigint not null default 0,
  troubled bigint not null default 0,
  -- By how many records there are more because of it.
  growth bigint not null default 0,
  -- The end of the tenant's feed when it began: what changed behind that was known only later.
  begun_after bigint not null,
  -- How many records there will be, as the provider says or as the walk before saw; null: nobody knows.
  expected bigint,
  code text,
  started_at timestamptz not null default belay.now(),
  moved_at timestamptz not null default belay.now(),
  ended_at timestamptz,
  primary key (tenant, id)
) with (fillfactor = 70);

-- Walks of a sync at a connection never overlap.
create unique index walk_open on belay.walk (tenant, sync, connection) where state = 'open';

create index walk_of_sync on belay.walk (tenant, sync, connection, id);

-- The ids that a walk has seen, a row for each of its pages. Gone when its deletes were decided.
create table belay.walk_page (
  tenant text collate "C" not null,
  walk bigint not null,
  page integer not null,
  ids text[] collate "C" not null,
  primary key (tenant, walk, page)
);

-- Living records that a walk through everything did not see any more: they are deleted, or wait for somebody's approval, as the sync says.
create table belay.pending_delete (
  tenant text collate "C" not null,
  sync text collate "C" not null,
  connection text collate "C" not null,
  external_id text collate "C" not null,
  walk bigint not null,
  primary key (tenant, sync, connection, external_id)
);
