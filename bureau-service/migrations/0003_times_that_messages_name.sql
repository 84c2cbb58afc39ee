-- A holding message names the time by which the reporter hears again.
alter table message add column again_by timestamptz;
