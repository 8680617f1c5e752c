-- Where the feed stood when the sync began between these connections: what was deleted before says nothing to it, what was deleted after does.
alter table belay.two_way add column begun bigint not null default 0;
