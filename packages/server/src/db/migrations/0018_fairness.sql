-- Whoever is due now and not leased stands in line. Claims look at the line by lane and tenant, so that what they cost depends neither on how many tenants wait nor on
-- how many mailboxes one of them has. Who becomes due by time is put in line by a step of its own: until then it stands in nobody's way.
alter table belay.mailbox add column in_line boolean not null default false;

drop index belay.mailbox_due;

create index mailbox_line on belay.mailbox (lane, tenant, due_at) where in_line;

create index mailbox_due on belay.mailbox (due_at) where due_at is not null and not in_line;

-- Mailboxes and messages that somebody has paused: they are few, and found again when they go on.
create index mailbox_paused on belay.mailbox (tenant, connection) where why = 'MAILBOX_PAUSED';

create index message_paused on belay.message (tenant, flow) where code = 'MAILBOX_PAUSED';

-- Parks messages of a flow that is paused, without counting an attempt. By place, like its sisters of 0009.
create function belay.hold_messages(places tid[]) returns void language plpgsql
  set enable_indexscan = off set enable_seqscan = off as $$
begin
  update belay.message set parked = true, code = 'MAILBOX_PAUSED', error = null where ctid = any(places);
end $$;

-- What somebody has paused. An empty tenant stands for all of them.
create table belay.pause (
  tenant text collate "C" not null,
  scope text collate "C" not null check (scope in ('tenant', 'connection', 'flow', 'connector')),
  id text collate "C" not null,
  why text not null,
  paused_by text not null,
  paused_at timestamptz not null default belay.now(),
  primary key (tenant, scope, id)
);

-- How much of what there is a tenant gets, or a lane; one that is not here has its default.
create table belay.weight (
  tenant text collate "C" not null,
  lane text collate "C" not null,
  weight real not null check (weight > 0),
  set_by text not null,
  set_at timestamptz not null default belay.now(),
  primary key (tenant, lane),
  check ((tenant = '') <> (lane = ''))
);

-- What waits, by tenant: each process adds what it took in and what it finished, about once a second. Now and then somebody counts, because a process that is killed
-- has not said everything.
create table belay.backlog (
  tenant text collate "C" not null primary key,
  waiting bigint not null default 0,
  -- Finished in a second, as a mean that forgets: it halves in half a minute without work.
  finishing real not null default 0,
  changed_at timestamptz not null default belay.now(),
  counted_at timestamptz
) with (fillfactor = 70);

create index backlog_waiting on belay.backlog (waiting);

insert into belay.backlog (tenant, waiting) select tenant, count(*) from belay.message group by tenant;
