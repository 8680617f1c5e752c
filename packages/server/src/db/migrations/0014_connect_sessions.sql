-- A link by which somebody connects an account. What it was made for is sealed; of the link itself, and of the state that is sent to the provider, only hashes are kept.
create table belay.connect_session (
  tenant text collate "C" not null,
  id text collate "C" not null,
  token bytea not null,
  connector text collate "C" not null,
  -- Set where an existing connection is reconnected.
  connection text collate "C",
  actor text not null,
  details bytea not null,
  attempts integer not null default 0,
  -- Why the last attempt came to nothing.
  notice text,
  -- While the browser is at the provider: by what its way back is known, and what is needed then. Taken once.
  state bytea,
  authorization_request bytea,
  -- A grant for another account than before, until somebody confirms it.
  pending bytea,
  created_at timestamptz not null default belay.now(),
  expires_at timestamptz not null,
  completed_at timestamptz,
  completed_connection text collate "C",
  primary key (tenant, id)
);

create unique index connect_session_token on belay.connect_session (token);

create unique index connect_session_state on belay.connect_session (state) where state is not null;

create index connect_session_expires on belay.connect_session (expires_at);

-- What has to be given back at the provider, sealed, until it was.
alter table belay.connection drop column revoke_due;

alter table belay.connection add column revoking bytea;

create index connection_revoking on belay.connection (disconnected_at) where revoking is not null;
