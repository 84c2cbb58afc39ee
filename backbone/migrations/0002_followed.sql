-- How far this service has applied each stream, and the hash that proves which history it was.
create table followed (
    stream   text   not null,
    position bigint not null,
    hash     bytea  not null,
    constraint followed_pkey primary key (stream)
);

-- Messages put aside with their reason; later ones of the same report wait behind them.
create table parked (
    stream    text        not null,
    position  bigint      not null,
    hash      bytea       not null,
    report_id uuid        not null,
    reason    text        not null,
    parked_at timestamptz not null default clock_timestamp(),
    constraint parked_pkey primary key (stream, position)
);
create index parked_report on parked (report_id);
