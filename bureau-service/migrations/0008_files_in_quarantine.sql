-- Files that are handed out no more but to who is named for that: ids with a space between two.
alter table triage_queue add column quarantined text not null default '';
