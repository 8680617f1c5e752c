-- Records of different connections that may be one thing, where the rules cannot say: somebody has to.
create table belay.match_review (
  tenant text collate "C" not null,
  id bigint not null generated always as identity,
  -- The record that came last, and the canonical id that it has got for the time being.
  connection text collate "C" not null,
  resource text collate "C" not null,
  external_id text collate "C" not null,
  record text collate "C" not null,
  -- The things that it may be: canonical ids, the kinds of the keys in common, and how sure one can be.
  candidates jsonb not null,
  why text collate "C" not null check (why in ('several', 'weak', 'taken')),
  state text collate "C" not null default 'open' check (state in ('open', 'linked', 'apart')),
  at timestamptz not null default belay.now(),
  decided_at timestamptz,
  decided_by text,
  primary key (tenant, id)
);

create index match_review_open on belay.match_review (tenant, id) where state = 'open';

-- Canonical ids that were given up for another one, with what had them: enough to take it back.
create table belay.merge_event (
  tenant text collate "C" not null,
  id bigint not null generated always as identity,
  survivor text collate "C" not null,
  merged text collate "C" not null,
  -- The records that had the merged id: [connection, resource, external id].
  moved jsonb not null,
  why text not null,
  by text not null,
  at timestamptz not null default belay.now(),
  undone_at timestamptz,
  undone_by text,
  primary key (tenant, id)
);

create index merge_event_record on belay.merge_event (tenant, survivor);

-- Records that we are about to create at a connection: one that turns up there before the answer came is ours.
create table belay.expected_record (
  tenant text collate "C" not null,
  connection text collate "C" not null,
  resource text collate "C" not null,
  -- The canonical id.
  record text collate "C" not null,
  -- As in the records: a keyed hash of what it will be mapped to.
  hash bytea not null check (octet_length(hash) = 16),
  at timestamptz not null default belay.now(),
  primary key (tenant, connection, resource, record)
);
