-- The provider itself has named the record as deleted: no proof is needed, and no later walk need name it again.
alter table belay.pending_delete add column named boolean not null default false;

-- How many records of a sync were deleted without anybody's approval because their provider has named them, and since when they are counted.
alter table belay.sync add column named_deletes bigint not null default 0;

alter table belay.sync add column named_since timestamptz;
