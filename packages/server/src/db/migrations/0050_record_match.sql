-- Keys that wait to be put in their place are gone through by whoever looks for one: while a sync writes, a page of 400 keys took a second and more, and takes 3 ms.
alter index belay.record_match set (fastupdate = off);

select gin_clean_pending_list('belay.record_match');
