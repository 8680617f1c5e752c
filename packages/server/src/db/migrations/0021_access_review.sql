-- What the access review has found and nobody has mended yet: one row for a matter, however often it is looked at.
create table belay.notice (
  tenant text collate "C" not null,
  kind text not null check (kind in ('scopes-unused', 'static-key', 'rotation-due')),
  subject text collate "C" not null,
  what text not null,
  remedy text not null,
  raised_at timestamptz not null default belay.now(),
  gone_at timestamptz,
  primary key (tenant, kind, subject)
);

-- Since when a secret of the configuration is the one it is. Of the secret itself there is a keyed hash, under the tenant's key.
create table belay.secret_age (
  tenant text collate "C" not null,
  name text collate "C" not null,
  print bytea not null,
  since timestamptz not null default belay.now(),
  primary key (tenant, name)
);
