-- A file that somebody is sending or has sent. Its bytes lie in the store for evidence; they and what is sealed
-- here open with its token, of which one half is stored nowhere.
create table upload (
    -- The half of the token that finds it.
    find       bytea       not null,
    file_id    uuid        not null,
    -- Its name, what it is, its digest.
    sealed     bytea       not null,
    -- Null: known when all of it has come.
    size       bigint,
    received   bigint      not null default 0,
    pieces     integer     not null default 0,
    -- The connection that may write: the last one that came.
    holder     uuid,
    state      text        not null default 'receiving',
    -- Why it was refused.
    problem    text,
    created_at timestamptz not null,
    constraint upload_pkey primary key (find),
    constraint upload_file_id_key unique (file_id)
);
create index upload_created_at on upload using brin (created_at) with (autosummarize = on);

-- The files of reports, as the log has them: a file has one report, and a report so many files at most.
create table evidence (
    file_id   uuid    not null,
    report_id uuid    not null,
    -- 1, 2, 3 within the report: two acts at once cannot both take the last place.
    number    integer not null,
    size      bigint  not null,
    constraint evidence_pkey primary key (file_id),
    constraint evidence_number_key unique (report_id, number)
);
