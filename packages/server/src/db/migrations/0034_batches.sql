-- Runs of batches: how far a set has been read. What was read are messages.
create table belay.batch_run (
  tenant text collate "C" not null,
  id text collate "C" not null,
  batch text collate "C" not null,
  -- The one that is written to.
  connection text collate "C" not null,
  state text not null check (state in ('reading', 'read', 'cancelled')),
  -- The page that is kept next. Of two readers of one page only the first finds it here.
  page integer not null default 0,
  items bigint not null default 0,
  -- As the source says; null: it does not.
  total bigint,
  started_by text not null,
  started_at timestamptz not null default belay.now(),
  read_at timestamptz,
  primary key (tenant, id)
);

-- Of a batch and tenant one run reads at a time.
create unique index batch_run_reading on belay.batch_run (tenant, batch) where state = 'reading';

create index batch_run_started on belay.batch_run (tenant, started_at);

-- When batches with a schedule are to begin.
create table belay.batch_due (
  tenant text collate "C" not null,
  batch text collate "C" not null,
  due_at timestamptz not null,
  primary key (tenant, batch)
);

create index batch_due_at on belay.batch_due (due_at);

-- Consumers that begin at the end have their cursors made when they are defined.
alter table belay.feed_consumer drop column begins_at;
