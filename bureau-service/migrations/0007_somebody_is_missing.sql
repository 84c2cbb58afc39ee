-- A report may be sent in its first part and still be written, and what is looked for may be found.
alter table triage_queue
    add column still_being_written boolean not null default false,
    add column found               boolean not null default false;

-- The list has more ranks: 0 in danger and cannot call, 1 somebody is missing or what is looked for is
-- said to be found, 2 urgent, 3 at risk, 4 came back, 5 something is owed, 6 nothing is.
update triage_queue set rank = case
    when rank = 0 and flags ~ 'emergency_cannot_call' then 0
    when rank = 0 and kind = 'missing' then 1
    else rank + 2
end;
