-- What partners passed on: each reads its own, and nobody else any. Computed from the log.
create table partner_request (
    report_id    uuid        not null,
    partner      text        not null,
    kind         text        not null,
    submitted_at timestamptz not null,
    constraint partner_request_pkey primary key (report_id)
);
create index partner_request_newest on partner_request (partner, submitted_at desc, report_id);
