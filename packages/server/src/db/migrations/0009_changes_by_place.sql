-- The changes of a settlement find their rows first, each by its key, and then change them by their place in the table (ctid). A join of the rows to the table
-- would be one statement less, but the planner may turn it round and read the whole table for each row – and does when it believes that the table is empty,
-- which is what a statistic says that was taken while a queue was empty, until the next one is taken. In these functions only the place can be used.

create function belay.take_messages(places tid[]) returns setof belay.message language plpgsql
  set enable_indexscan = off set enable_seqscan = off as $$
begin
  return query delete from belay.message where ctid = any(places) returning *;
end $$;

create function belay.park_messages(places tid[]) returns void language plpgsql
  set enable_indexscan = off set enable_seqscan = off as $$
begin
  update belay.message set parked = true where ctid = any(places);
end $$;

create function belay.suspect_messages(places tid[]) returns void language plpgsql
  set enable_indexscan = off set enable_seqscan = off as $$
begin
  update belay.message m set suspect = true, first_attempt_at = coalesce(m.first_attempt_at, belay.now()) where ctid = any(places);
end $$;

create function belay.retry_messages(places tid[], new_attempts integer[], new_codes text[], new_errors text[]) returns void language plpgsql
  set enable_indexscan = off set enable_seqscan = off as $$
begin
  update belay.message m
  set attempts = x.attempts, suspect = true, parked = true, code = x.code, error = x.error,
    first_attempt_at = coalesce(m.first_attempt_at, belay.now())
  from unnest(places, new_attempts, new_codes, new_errors) as x(place, attempts, code, error)
  where m.ctid = x.place;
end $$;

create function belay.delete_blocks(places tid[]) returns void language plpgsql
  set enable_indexscan = off set enable_seqscan = off as $$
begin
  delete from belay.block where ctid = any(places);
end $$;

create function belay.delete_steps(places tid[]) returns void language plpgsql
  set enable_indexscan = off set enable_seqscan = off as $$
begin
  delete from belay.step where ctid = any(places);
end $$;
