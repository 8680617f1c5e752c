-- Rows of views: what a thing looks like, put together from the records of all connections. Made from the change feed, and anew from there when it is lost.
create table belay.view_row (
  tenant text collate "C" not null,
  view text collate "C" not null,
  -- Of the definition: those of another one are made beside these.
  version text collate "C" not null,
  -- The canonical id.
  id text collate "C" not null,
  -- The newest change of the records that it is put together from.
  position bigint not null,
  -- Sealed.
  contents bytea not null,
  primary key (tenant, view, version, id)
);

-- Which versions of a view have once been put together from everything that there is of a tenant.
create table belay.view_build (
  tenant text collate "C" not null,
  view text collate "C" not null,
  version text collate "C" not null,
  built_at timestamptz not null default belay.now(),
  primary key (tenant, view, version)
);
