-- Who did what. One chain for the installation: each entry's hash covers the one before it, so no tenant stands first in the key.
create table belay.audit_entry (
  number bigint primary key check (number > 0),
  at timestamptz not null,
  tenant text collate "C" not null,
  actor text not null,
  role text not null,
  action text not null,
  object text not null,
  outcome text not null check (outcome in ('done', 'read', 'refused', 'failed')),
  status integer not null,
  code text not null,
  count integer not null check (count > 0),
  address bytea,
  previous bytea not null check (octet_length(previous) = 32),
  hash bytea not null check (octet_length(hash) = 32)
);

create index audit_entry_at on belay.audit_entry using brin (at);

create function belay.refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'The audit log is only added to.' using errcode = 'insufficient_privilege';
end $$;

create trigger audit_entry_stays before update or delete on belay.audit_entry
  for each row execute function belay.refuse_audit_change();

create trigger audit_entry_all_stay before truncate on belay.audit_entry
  for each statement execute function belay.refuse_audit_change();
