-- How many things stand how is counted whenever two-way syncs are looked at: from here, in which equal keys are kept once, and not from the rows, which hold what was merged.
create index two_way_link_stands on belay.two_way_link (tenant, two_way, stands);
