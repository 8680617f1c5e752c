-- Calls through the proxy that failed, and a share of the others. Append-only, a day is one partition. What was said is in the contents, compressed and sealed.
create table belay.proxied_call (
  tenant text collate "C" not null,
  id bigint generated always as identity,
  connection text collate "C" not null,
  actor text not null,
  ended_at timestamptz not null,
  status integer,
  code text,
  contents bytea not null
) partition by range (ended_at);

create index proxied_call_order on belay.proxied_call (tenant, id);

-- Catches rows when the partition of a day is missing.
create table belay.proxied_call_default partition of belay.proxied_call default;
