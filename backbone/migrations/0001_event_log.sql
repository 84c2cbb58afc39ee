-- The numbered log. `log_head` is taken FOR UPDATE by each appending transaction, so that positions
-- are given in commit order and without gaps.
create table event (
    position    bigint      not null,
    stream      uuid        not null,
    version     integer     not null,
    kind        text        not null,
    recorded_at timestamptz not null,
    meta        bytea       not null,
    body        bytea       not null,
    hash        bytea       not null,
    tag         bytea       not null,
    constraint event_pkey primary key (position),
    constraint event_stream_version_key unique (stream, version)
);

create table log_head (
    id       smallint not null default 1,
    position bigint   not null,
    hash     bytea    not null,
    constraint log_head_pkey primary key (id),
    constraint log_head_is_one_row check (id = 1)
);
insert into log_head (position, hash) values (0, decode(repeat('00', 32), 'hex'));

-- Even the owner has to say that he means it: `log recover` disables these for its one transaction.
create function event_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the log is append-only: % on event refused', tg_op;
end
$$;
create trigger event_append_only before update or delete or truncate on event
    for each statement execute function event_is_append_only();
