-- A letter is a way only where the reporter said that nobody else opens it.
alter table triage_queue add column post_is_safe boolean not null default false;
