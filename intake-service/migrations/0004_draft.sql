-- What somebody typed and did not send, sealed with the half of its code that is not stored. Kept for
-- seven days from when it was last saved.
create table draft (
    -- The half of the code that finds it.
    find     text        not null,
    sealed   bytea       not null,
    -- Counts the writes: two tabs never undo one another's.
    version  integer     not null,
    saved_at timestamptz not null,
    constraint draft_pkey primary key (find)
);
create index draft_saved_at on draft using brin (saved_at) with (autosummarize = on);

-- A browser that is being served: which drafts and report it has open, sealed with its cookie.
create table session (
    session_id bytea       not null,
    sealed     bytea       not null,
    -- Counts the changes: two tabs never undo one another's.
    version    integer     not null default 1,
    used_at    timestamptz not null,
    constraint session_pkey primary key (session_id)
);
create index session_used_at on session using brin (used_at) with (autosummarize = on);
