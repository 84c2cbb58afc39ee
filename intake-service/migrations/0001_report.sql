-- What the status page shows. Computed from the log and from what bureau and notifier say; nothing
-- here was written by the reporter.
create table report (
    report_id    uuid        not null,
    reference    text        not null,
    submitted_at timestamptz not null,
    contact_by   timestamptz not null,
    status       text        not null default 'received',
    -- Sealed bureau.v1.DecisionWords: what staff ask, while they ask it.
    asked        bytea,
    -- When the bureau was seen to have it.
    seen_at      timestamptz,
    constraint report_pkey primary key (report_id),
    constraint report_reference_key unique (reference)
);
create index report_unseen on report (submitted_at) where seen_at is null;

-- What happened, in public words, oldest first.
create table timeline (
    report_id uuid        not null,
    source    text        not null,
    position  bigint      not null,
    at        timestamptz not null,
    what      text        not null,
    constraint timeline_pkey primary key (source, position)
);
create index timeline_report on timeline (report_id);

-- What reporters did after submitting, by the id that is made of their request's key.
create table reporter_act (
    act_id    uuid    not null,
    report_id uuid    not null,
    version   integer not null,
    constraint reporter_act_pkey primary key (act_id)
);

-- Wrong return codes, counted for every reference that was tried, whether or not it exists.
create table code_try (
    reference text        not null,
    wrong     integer     not null,
    last_at   timestamptz not null,
    constraint code_try_pkey primary key (reference)
);
