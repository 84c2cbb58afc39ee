-- Who has read what, and when: written before the answer is sent, and only ever added to.
create table read_audit (
    id        bigint      not null generated always as identity,
    at        timestamptz not null default clock_timestamp(),
    actor     text        not null,
    what      text        not null,
    reference text        not null,
    constraint read_audit_pkey primary key (id)
);
create index read_audit_reference on read_audit (reference, id);
create function read_audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the record of reads is append-only: % refused', tg_op;
end
$$;
create trigger read_audit_append_only before update or delete or truncate on read_audit
    for each statement execute function read_audit_is_append_only();
