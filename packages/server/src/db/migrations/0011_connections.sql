-- Connections that were made while Belay runs, and what became of those of the configuration that were connected or disconnected since; of these only the facts count.
-- A row that was removed stays for a while as a mark, so that a process that missed the notice still learns of it.
create table belay.connection (
  tenant text collate "C" not null,
  id text collate "C" not null,
  connector text collate "C" not null,
  configured boolean not null,
  settings json not null default '{}',
  base_url text,
  limits json,
  endpoint text collate "C",
  -- Sealed, as all that names people is: the account at the provider, and who connected it.
  webhook_secrets bytea,
  account bytea,
  connected_by text,
  connected_at timestamptz,
  disconnected_by text,
  disconnected_at timestamptz,
  -- Set until the provider has been told that the credential is no longer used.
  revoke_due boolean not null default false,
  created_at timestamptz not null default belay.now(),
  removed_at timestamptz,
  -- The transaction that changed it last: who reads what is younger than every transaction that had ended at the last look misses nothing.
  changed xid8 not null default pg_current_xact_id(),
  primary key (tenant, id)
);

-- Ids are unique among all tenants, as mailboxes and the API need it.
create unique index connection_id on belay.connection (id);

create unique index connection_endpoint on belay.connection (endpoint) where endpoint is not null;

create index connection_changed on belay.connection (changed, id);
