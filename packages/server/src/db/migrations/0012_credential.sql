-- Who a connection is at its provider now: one row for each that was connected at run time, or whose credential is renewed. What is secret is sealed, bound to the
-- connection and to the version. Of two who want to renew one, the lease decides; what they then write counts only for the version that they read.
create table belay.credential (
  tenant text collate "C" not null,
  connection text collate "C" not null,
  connector text collate "C" not null,
  -- Rises with every change of the fields, also when they are forgotten.
  version integer not null check (version > 0),
  -- Null: forgotten.
  fields bytea,
  state text not null check (state in ('connected', 'needs_reconnect', 'provider_unavailable', 'misconfigured', 'disconnected')),
  expires_at timestamptz,
  -- When it ends if nobody uses or renews it.
  idle_expires_at timestamptz,
  -- When to try next; null: there is nothing to renew, or no use in trying.
  refresh_at timestamptz,
  refreshed_at timestamptz,
  scopes json,
  account json,
  -- Keyed hashes: of the refresh token in the fields, and of what the configuration held when it was taken over.
  token_print bytea,
  source_print bytea,
  lease_owner text,
  lease_generation bigint not null default 0,
  lease_until timestamptz,
  -- Calls with a single-use token of which no answer is known, when the last of them left, and until when it may still reach the provider.
  unanswered integer not null default 0,
  sent_at timestamptz,
  settles_at timestamptz,
  code text,
  failing_since timestamptz,
  attempts integer not null default 0,
  connected_by text,
  connected_at timestamptz not null default belay.now(),
  changed_at timestamptz not null default belay.now(),
  primary key (tenant, connection),
  check ((fields is null) = (state = 'disconnected'))
);

-- What is due, however many connections there are.
create index credential_due on belay.credential (refresh_at) where refresh_at is not null;

-- Other processes follow what has changed.
create index credential_changed on belay.credential (changed_at);
