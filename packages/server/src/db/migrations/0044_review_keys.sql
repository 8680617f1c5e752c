-- What a record was recognised by when somebody was asked about it: kinds, and keyed hashes. With them the rules can be asked again once something has changed. Null: asked before this column was.
alter table belay.match_review add column keys jsonb;
