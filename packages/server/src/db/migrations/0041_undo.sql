-- Records that a walk has deleted, as they were: for some days they can be brought back. What they held lies in the version before the deletion.
create table belay.deleted_record (
  tenant text collate "C" not null,
  sync text collate "C" not null,
  connection text collate "C" not null,
  walk bigint not null,
  external_id text collate "C" not null,
  resource text collate "C" not null,
  -- Of the change that tells of the deletion, and of the version before it.
  position bigint not null,
  previous bigint not null,
  hash bytea not null,
  match_keys bytea[],
  at timestamptz not null default belay.now(),
  primary key (tenant, sync, connection, walk, external_id)
);

create index deleted_record_at on belay.deleted_record (at);
