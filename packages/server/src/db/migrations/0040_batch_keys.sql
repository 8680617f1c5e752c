-- Which items of a listing a run has been given: what comes twice, because it moved while the listing was read, is one item. Gone when the run has read everything.
create table belay.batch_key (
  tenant text collate "C" not null,
  run text collate "C" not null,
  key text collate "C" not null,
  primary key (tenant, run, key)
);
