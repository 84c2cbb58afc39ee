-- The reporter said that it is no longer safe to contact them.
alter table report add column contact_stopped boolean not null default false;
