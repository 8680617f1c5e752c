-- Whether a step may have changed something at the provider. What others only saw or worked out may be out of date when a dead letter is replayed.
alter table belay.step add column wrote boolean not null default true;
