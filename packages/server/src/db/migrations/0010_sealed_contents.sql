-- From here on they are sealed, as payloads are. What was written before is no seal and is shown as unreadable.
alter table belay.step alter column result type bytea using convert_to(result, 'UTF8');

alter table belay.message alter column error type bytea using convert_to(error, 'UTF8');

alter table belay.dead_letter alter column error type bytea using convert_to(error, 'UTF8');

alter table belay.history alter column error type bytea using convert_to(error, 'UTF8');

drop function belay.retry_messages(tid[], integer[], text[], text[]);

create function belay.retry_messages(places tid[], new_attempts integer[], new_codes text[], new_errors bytea[]) returns void language plpgsql
  set enable_indexscan = off set enable_seqscan = off as $$
begin
  update belay.message m
  set attempts = x.attempts, suspect = true, parked = true, code = x.code, error = x.error,
    first_attempt_at = coalesce(m.first_attempt_at, belay.now())
  from unnest(places, new_attempts, new_codes, new_errors) as x(place, attempts, code, error)
  where m.ctid = x.place;
end $$;
