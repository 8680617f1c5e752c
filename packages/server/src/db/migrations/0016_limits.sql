-- What is known of a budget that workers share: its blocks of permits, what was counted, who waits. A row is changed only where nobody has changed it since it was read, so that it never
-- has to be locked between two statements. The tenant is empty where tenants share the budget, because the provider counts what the whole app does.
create table belay.budget (
  tenant text collate "C" not null,
  id text collate "C" not null,
  version bigint not null,
  state json not null,
  -- Until then the provider lets nobody through.
  blocked_until timestamptz,
  changed_at timestamptz not null default belay.now(),
  primary key (tenant, id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

create index budget_blocked on belay.budget (blocked_until) where blocked_until is not null;
