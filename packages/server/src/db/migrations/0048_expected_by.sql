-- Which two-way sync is about to create a record. Another one over the same side has to look for it first. Null: written down before this column was.
alter table belay.expected_record add column two_way text collate "C";

-- When the walk began by which a thing was looked for, where that was done: what somebody may have created at the side since, it has not seen.
alter table belay.two_way_link add column looked_since timestamptz;
