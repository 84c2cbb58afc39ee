-- Somebody who cannot call 999, and who has been told. Computed from the log, like everything here;
-- what they wrote is sealed, as it came, and goes when the control room has it.
create table emergency (
    message_id      uuid        not null,
    report_id       uuid        not null,
    of_what         text        not null,
    reference       text        not null,
    raised_at       timestamptz not null,
    content         bytea,
    -- Since when an acknowledgement is waited for; null once it is there.
    waits_since     timestamptz,
    has_no_way      boolean     not null,
    is_nowhere      boolean     not null,
    alarms          integer     not null,
    alarmed_at      timestamptz,
    acknowledged_by text,
    acknowledged_at timestamptz,
    traceparent     text        not null,
    constraint emergency_pkey primary key (message_id)
);
create index emergency_report on emergency (report_id);
create index emergency_waits on emergency (waits_since) where waits_since is not null;

-- What is told by one way.
create table emergency_letter (
    message_id   uuid        not null,
    way          text        not null,
    delivered_at timestamptz,
    next_at      timestamptz,
    failures     integer     not null,
    constraint emergency_letter_pkey primary key (message_id, way)
);
create index emergency_letter_next on emergency_letter (next_at) where next_at is not null;

-- What was tried. The database itself refuses a second attempt while one runs.
create table emergency_attempt (
    message_id  uuid        not null,
    way         text        not null,
    attempt     integer     not null,
    provider    text        not null,
    state       text        not null,
    detail      text        not null,
    intended_at timestamptz not null,
    ended_at    timestamptz,
    constraint emergency_attempt_pkey primary key (message_id, way, attempt)
);
create unique index emergency_attempt_one_runs on emergency_attempt (message_id, way)
    where state = 'intended';
