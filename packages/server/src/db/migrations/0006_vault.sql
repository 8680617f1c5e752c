-- The data keys of tenants, each wrapped by a master key that is not in the database. A destroyed one stays as a row without its key, so that what was
-- sealed under it is known to be gone and not broken.
create table belay.tenant_key (
  tenant text collate "C" not null,
  version integer not null check (version between 1 and 65535),
  wrapped bytea,
  master_key text not null,
  created_at timestamptz not null default belay.now(),
  destroyed_at timestamptz,
  primary key (tenant, version),
  check ((wrapped is null) = (destroyed_at is not null))
);
