-- Of a message's failed attempts, how many of the newest in a row met a provider that was away: they are given back once its breaker says that it was.
alter table belay.message add column outages integer not null default 0;

-- Beside the one with four parameters, which workers of the version before call until they are replaced.
create function belay.retry_messages(places tid[], new_attempts integer[], new_codes text[], new_errors bytea[], met_outages boolean[]) returns void language plpgsql
  set enable_indexscan = off set enable_seqscan = off as $$
begin
  update belay.message m
  set attempts = x.attempts, suspect = true, parked = true, code = x.code, error = x.error,
    -- By the difference, so that settling twice counts once here as well.
    outages = case when x.met_outage then m.outages + x.attempts - m.attempts else 0 end,
    first_attempt_at = coalesce(m.first_attempt_at, belay.now())
  from unnest(places, new_attempts, new_codes, new_errors, met_outages) as x(place, attempts, code, error, met_outage)
  where m.ctid = x.place;
end $$;

create function belay.forgive_messages(places tid[]) returns void language plpgsql
  set enable_indexscan = off set enable_seqscan = off as $$
begin
  update belay.message m set attempts = attempts - outages, outages = 0 where ctid = any(places) and outages > 0;
end $$;
