-- When a report last began to take the file. Until its event is in the log or cannot be any more, its bytes stay.
alter table upload add column taking_at timestamptz;
