-- Reports stand in the table in the order of their time, so a map of its blocks finds the recent ones.
-- An index that knows `seen_at` would make every report that is seen a new row in all indexes; without
-- it, and with room in its block, the row stays where it is.
drop index report_unseen;
create index report_submitted_at on report
    using brin (submitted_at) with (pages_per_range = 16, autosummarize = on);
alter table report set (fillfactor = 70);
