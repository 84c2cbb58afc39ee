-- One key a report, wrapped by the master key. Deleting the row makes the report's sealed data unreadable.
create table report_key (
    report_id  uuid        not null,
    wrapped    bytea       not null,
    created_at timestamptz not null default clock_timestamp(),
    constraint report_key_pkey primary key (report_id)
);
