-- Who may in. Of keys and sessions only hashes are kept: both are 256 random bits, which nobody finds again from a plain SHA-256.
-- Not below a tenant: a key is looked up before anybody knows whose it is.
create table belay.api_key (
  id text collate "C" primary key,
  hash bytea not null check (octet_length(hash) = 32),
  name text not null,
  role text not null check (role in ('admin', 'engineer', 'support', 'tenant')),
  tenant text collate "C",
  permissions text[],
  created_by text not null,
  created_at timestamptz not null default belay.now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  check (role <> 'tenant' or tenant is not null)
);

-- Who signs in. An operator is never deleted, only barred: the audit log names it by its id. Names and addresses are sealed; the fingerprint finds one by them.
create table belay.operator (
  id text collate "C" primary key,
  fingerprint bytea not null unique,
  name bytea not null,
  kind text not null check (kind in ('local', 'oidc')),
  role text not null check (role in ('admin', 'engineer', 'support')),
  password text,
  created_at timestamptz not null default belay.now(),
  signed_in_at timestamptz,
  barred_at timestamptz,
  check ((kind = 'local') = (password is not null))
);

-- The first administrator is made once, however many ask at the same time.
create unique index operator_first on belay.operator (kind) where kind = 'local';

create table belay.operator_session (
  hash bytea primary key check (octet_length(hash) = 32),
  id text collate "C" not null unique,
  operator text collate "C" not null references belay.operator (id),
  role text not null check (role in ('admin', 'engineer', 'support')),
  created_at timestamptz not null default belay.now(),
  seen_at timestamptz not null default belay.now(),
  expires_at timestamptz not null,
  ended_at timestamptz
);

create index operator_session_expiry on belay.operator_session (expires_at);

-- Wrong attempts to sign in, by account and by address, each as a keyed hash.
create table belay.sign_in_failure (
  subject bytea primary key,
  failures integer not null,
  failed_at timestamptz not null
);
