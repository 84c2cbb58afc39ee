-- Since when no way is safe any more, because the reporter said so.
alter table reporter add column stopped_at timestamptz;
