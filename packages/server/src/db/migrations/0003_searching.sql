-- A tenant's messages are found by passing over the ranges of blocks that hold none of it. Ranges are summarized in the background, after the
-- messages have come; a b-tree would be paid for by every message.
create index history_tenant on belay.history using brin (tenant text_bloom_ops, id) with (pages_per_range = 16, autosummarize = on);

-- Dead letters are few, and looked up by an id alone.
create index dead_letter_id on belay.dead_letter (id);

-- Answers to requests that carried an idempotency key. Without an answer: such a request is being worked on until locked_until.
create table belay.idempotency (
  tenant text collate "C" not null,
  key text collate "C" not null,
  request bytea not null,
  answer text,
  locked_until timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant, key)
);

create index idempotency_expires on belay.idempotency using brin (expires_at);
