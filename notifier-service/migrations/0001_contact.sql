-- Read models, computed from the log and computable from it again. No address, no name and no words
-- of a message stand here in the clear: what is needed to send is sealed, as it came.

-- Who is written to, and whether what was given is safe.
create table reporter (
    report_id     uuid    not null,
    reference     text    not null,
    email_is_safe boolean not null,
    phone_is_safe boolean not null,
    anonymous     boolean not null,
    contact       bytea,
    constraint reporter_pkey primary key (report_id)
);
create index reporter_reference on reporter (reference);

-- What is owed. `check_at`: when a person has to take over; null once that is settled.
create table obligation (
    obligation_id uuid        not null,
    report_id     uuid        not null,
    why           text        not null,
    opened_at     timestamptz not null,
    due_at        timestamptz not null,
    owed          boolean     not null,
    check_at      timestamptz,
    exhausted_at  timestamptz,
    kept          text,
    kept_at       timestamptz,
    constraint obligation_pkey primary key (obligation_id)
);
create index obligation_report on obligation (report_id);
create index obligation_check on obligation (check_at) where check_at is not null;

-- What is to be told. `next_at`: when something has to be done for it; null while an attempt runs,
-- and at the end. `words` go when nobody needs them any more.
create table message (
    message_id      uuid        not null,
    report_id       uuid        not null,
    what            text        not null,
    channel         text        not null,
    first_at        timestamptz not null,
    due_at          timestamptz not null,
    again_by        timestamptz,
    decision_number integer     not null,
    decision        text        not null,
    words           bytea,
    state           text        not null,
    ended_why       text        not null,
    ended_at        timestamptz,
    next_at         timestamptz,
    traceparent     text        not null,
    constraint message_pkey primary key (message_id)
);
create index message_report on message (report_id);
create index message_next on message (next_at) where next_at is not null;

-- What was tried. The database itself refuses a second live attempt.
create table attempt (
    message_id  uuid        not null,
    attempt     integer     not null,
    report_id   uuid        not null,
    provider    text        not null,
    state       text        not null,
    detail      text        not null,
    is_resend   boolean     not null,
    intended_at timestamptz not null,
    ended_at    timestamptz,
    constraint attempt_pkey primary key (message_id, attempt)
);
create unique index attempt_one_live on attempt (message_id)
    where state in ('intended', 'in_doubt', 'accepted');
create index attempt_report on attempt (report_id);
create index attempt_intended on attempt (intended_at) where state = 'intended';

-- Nothing goes while a hold stands.
create table hold (
    report_id uuid        not null,
    held_at   timestamptz not null,
    constraint hold_pkey primary key (report_id)
);
