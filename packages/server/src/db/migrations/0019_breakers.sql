-- Whom nobody calls now: a row for each connection and each provider whose breaker is not closed. Of several that open the same one, the key decides; of several that
-- want to probe, the lease does.
create table belay.breaker (
  -- Empty for a provider: it is everybody's.
  tenant text collate "C" not null,
  scope text collate "C" not null check (scope in ('connection', 'provider')),
  -- The connection, or the provider.
  name text collate "C" not null,
  provider text collate "C" not null,
  -- Of a connection: while it failed, others of the same provider did well.
  alone boolean not null,
  opened_at timestamptz not null default belay.now(),
  -- When something was last seen to fail.
  failed_at timestamptz not null default belay.now(),
  -- How often it was opened, failed probes included; the pause grows with it.
  openings integer not null default 1 check (openings > 0),
  probe_at timestamptz not null,
  -- Rises with each probe: an answer counts for its own only.
  probe_token bigint not null default 0,
  -- A probe is under way until then; null: none is.
  probe_until timestamptz,
  primary key (tenant, scope, name),
  check ((scope = 'provider') = (tenant = ''))
);

create index breaker_provider on belay.breaker (provider);
