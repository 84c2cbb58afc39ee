-- A reporter may say that no way is safe any more, that it has got worse, or that it is to end.
alter table triage_queue
    add column contact_stopped_at timestamptz,
    add column raised             boolean not null default false,
    add column speak_first        boolean not null default false;
update triage_queue set speak_first = true
    where withdrawal_asked and flags ~ 'emergency_cannot_call|priority_1|safeguarding';

-- A task that would ring somebody ends when it is no longer safe to.
alter table clock add column task_why text;
update clock set task_why = task.why from task where task.task_id = clock.task_id;
