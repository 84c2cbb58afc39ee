-- Keys are made ahead, before anybody knows for which report. What one has sealed names it; the first
-- of them have the ids of their reports.
alter table report_key rename column report_id to key_id;
