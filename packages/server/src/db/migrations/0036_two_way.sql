-- A two-way sync of a tenant, between its two connections: how far into the tenant's change feed it was looked what has to be written.
create table belay.two_way (
  tenant text collate "C" not null,
  two_way text collate "C" not null,
  a_connection text collate "C" not null,
  b_connection text collate "C" not null,
  -- Whatever changed up to here was looked at. What is merged is the state, so the old changes that retention took are not missed.
  position bigint not null default 0,
  at timestamptz not null default belay.now(),
  primary key (tenant, two_way)
) with (fillfactor = 70);

-- A thing that both sides of a two-way sync have, or are to have.
create table belay.two_way_link (
  tenant text collate "C" not null,
  two_way text collate "C" not null,
  -- The canonical id.
  record text collate "C" not null,
  -- Rises whenever the state is written: whoever has merged an older one merges again.
  revision integer not null default 0,
  -- What holds, and what each side had and was told. Sealed. Null: never merged.
  state bytea,
  -- The records that were merged, and in which version: their place in the feed. Null: that side has none.
  a_id text collate "C",
  a_position bigint,
  b_id text collate "C",
  b_position bigint,
  stands text collate "C" not null check (stands in ('waiting', 'equal', 'held', 'failed', 'gone')),
  -- The side at which it is to be created, once a walk that begins later has looked through it: it may be there already.
  awaits text collate "C" check (awaits in ('a', 'b')),
  awaits_since timestamptz,
  -- looked: that was done, and it is not there. sent: it may have been created since, nobody knows.
  creation text collate "C" check (creation in ('looked', 'sent')),
  -- Why a write was given up, or waits for another look. Null: there is nothing.
  code text,
  at timestamptz not null default belay.now(),
  primary key (tenant, two_way, record)
) with (fillfactor = 70);

create index two_way_link_awaits on belay.two_way_link (tenant, two_way, awaits, awaits_since) where awaits is not null;

-- Fields that both sides have changed and about which no rule decides. Each side keeps its own until somebody does.
create table belay.two_way_conflict (
  tenant text collate "C" not null,
  two_way text collate "C" not null,
  record text collate "C" not null,
  field text collate "C" not null,
  -- The values. Sealed.
  contents bytea not null,
  -- What somebody decided, until it is merged. Sealed. Null: nobody has.
  decision bytea,
  decided_by text,
  decided_at timestamptz,
  at timestamptz not null default belay.now(),
  primary key (tenant, two_way, record, field)
);
