-- By what people call a thing, a message is found again: an e-mail address, an order number, the id of a record that it made. Only keyed hashes are kept, so that
-- nobody reads them here. Append-only; a week is one partition, so that retention drops a table instead of deleting rows, and a search looks into few.
create table belay.reference (
  fingerprint bytea not null,
  tenant text collate "C" not null,
  message bigint not null,
  stored_at timestamptz not null
) partition by range (stored_at);

-- A fingerprint is of one tenant already: the tenant in front would make the index larger, and a search of all tenants slow.
create index reference_fingerprint on belay.reference (fingerprint, message);

-- Catches rows when the partition of a week is missing; an alarm, not a place to stay.
create table belay.reference_default partition of belay.reference default;

-- Makes the partitions of this week and the next ones; calling it twice is safe. They bear the name of their Monday.
create function belay.ensure_reference_partitions(weeks integer) returns void language plpgsql as $$
declare
  monday date;
begin
  for monday in select date_trunc('week', belay.now() at time zone 'UTC')::date + 7 * n from generate_series(0, weeks) n loop
    if to_regclass('belay.reference_' || to_char(monday, 'YYYYMMDD')) is null then
      begin
        execute format(
          'create table belay.%I partition of belay.reference for values from (%L) to (%L)',
          'reference_' || to_char(monday, 'YYYYMMDD'), monday::timestamp at time zone 'UTC', (monday + 7)::timestamp at time zone 'UTC'
        );
      exception when check_violation then
        -- Rows of that week lie in the default partition already and stay there; a start must not fail for it.
        raise warning 'references of the week of % are in the default partition', monday;
      end;
    end if;
  end loop;
end
$$;

-- How far the ids of messages had come at a time, noted every few seconds in which messages came: what is known by its time is looked for among few ids.
create table belay.id_mark (
  at timestamptz not null,
  id bigint not null
);

create index id_mark_at on belay.id_mark (at, id);

-- A summary per block range does not find a message: one that was tried again for a day lies among younger ones and makes the summary of its range span that day. At ten
-- million messages, one in a hundred of them late, an id took 300 to 800 ms. Ids come nearly in order, so this b-tree grows at its right end.
drop index belay.history_id;

create index history_id on belay.history (id);

-- By what the provider calls an event, and by the entity it is about. Hashes: half the size, and no comparing of texts.
create index history_event on belay.history (hashtextextended(event_key, 0));

-- The newest first, of which an entity may have many. By -id, because the planner would rather walk down history_id, past every message, than trust that few match.
create index history_order on belay.history (hashtextextended(substr(order_key, length(connection) + 2), 0), (-id));

-- Few, so the texts themselves.
create index dead_letter_event on belay.dead_letter (event_key);

create index dead_letter_order on belay.dead_letter (substr(order_key, length(connection) + 2), (-id));
