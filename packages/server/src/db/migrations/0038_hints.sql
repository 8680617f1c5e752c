-- Since when there is word of changes that no walk has begun after: the next begins soon, or when the open one has ended. Null: there is none.
alter table belay.sync add column hinted_at timestamptz;
