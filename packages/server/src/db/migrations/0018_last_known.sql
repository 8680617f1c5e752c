-- What calls that fall back on it were answered with last. A cache: losing it costs a fallback, not work.
create table belay.last_known (
  tenant text collate "C" not null,
  -- A keyed hash of connection and call, whose path may name people.
  key bytea not null check (octet_length(key) = 16),
  -- Sealed.
  value bytea not null,
  -- No later than the moment at which the provider answered.
  known_at timestamptz not null,
  primary key (tenant, key)
);

create index last_known_at on belay.last_known (known_at);
