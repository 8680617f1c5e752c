-- A lease is one of all consumers. With the consumer in front the index offered itself to statements that look for tenants of a consumer, and they read all its cursors for each.
drop index belay.feed_cursor_lease;

create index feed_cursor_lease on belay.feed_cursor (lease) where lease is not null;
