-- Reviews by the things that they are about: what is under review is not created anywhere until somebody has decided.
create index match_review_record on belay.match_review (tenant, record) where state = 'open';

create index match_review_candidates on belay.match_review using gin (candidates jsonb_path_ops) where state = 'open';

-- The fields of which the hash is: those that were sent. What the provider has in others says nothing. Empty: all of them.
alter table belay.expected_record add column fields text[] not null default '{}';
