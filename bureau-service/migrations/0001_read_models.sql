-- What is computed from the log: `projections rebuild` makes all of it anew. Nothing personal stands
-- here: what people wrote is sealed in the log, and is opened when a case is shown.

-- One row a case: all that the list shows and sorts by.
create table triage_queue (
    report_id        uuid        not null,
    reference        text        not null,
    kind             text        not null,
    status           text        not null,
    grade            text,
    claimed_by       text,
    version          integer     not null,
    submitted_at     timestamptz not null,
    contact_by       timestamptz not null,
    contact_state    text        not null,
    channel          text,
    second_channel   text,
    email_is_safe    boolean     not null,
    phone_is_safe    boolean     not null,
    anonymous        boolean     not null,
    flags            text        not null, -- words with a space between
    assessments      integer     not null,
    decisions        integer     not null,
    rounds           integer     not null,
    held             boolean     not null,
    withdrawal_asked boolean     not null,
    at_risk          boolean     not null,
    rank             smallint    not null, -- 0 urgent and undecided, 1 something is owed, 2 nothing is
    due_at           timestamptz not null, -- by when the next thing is owed
    constraint triage_queue_pkey primary key (report_id),
    constraint triage_queue_reference_key unique (reference)
);
create index triage_queue_due on triage_queue (rank, due_at, report_id);
create index triage_queue_received on triage_queue (submitted_at, report_id);
create index triage_queue_status on triage_queue (status, rank, due_at, report_id);
create index triage_queue_kind on triage_queue (kind, rank, due_at, report_id);
create index triage_queue_grade on triage_queue (grade, rank, due_at, report_id)
    where grade is not null;
create index triage_queue_claimed_by on triage_queue (claimed_by, rank, due_at, report_id)
    where claimed_by is not null;

-- One row a case: where its promise stands, and when something of it is due next.
create table clock (
    report_id     uuid        not null,
    way           text        not null,
    lasts_us      bigint      not null,
    decide_since  timestamptz,
    decide_due    timestamptz,
    tell_since    timestamptz,
    tell_due      timestamptz,
    at_risk       boolean     not null,
    decisions     integer     not null,
    contact_state text        not null,
    task_id       uuid,
    tasks         integer     not null,
    next_at       timestamptz,
    constraint clock_pkey primary key (report_id)
);
create index clock_next on clock (next_at) where next_at is not null;

-- What became of each message to a reporter.
create table message (
    message_id      uuid        not null,
    report_id       uuid        not null,
    what            text        not null,
    decision_number integer     not null,
    state           text        not null,
    changed_at      timestamptz not null,
    constraint message_pkey primary key (message_id)
);
create index message_report on message (report_id);

-- A person must contact the reporter.
create table task (
    task_id   uuid        not null,
    report_id uuid        not null,
    why       text        not null,
    due_at    timestamptz not null,
    opened_at timestamptz not null,
    done_at   timestamptz,
    done_how  text,
    constraint task_pkey primary key (task_id)
);
create index task_open on task (due_at, task_id) where done_at is null;
create index task_report on task (report_id);
