//! The read models made anew from the log, beside the live ones, by the code that keeps those.
//!
//! A schema of its own gets tables of the same names; the log is read into them while the service
//! runs on. At the end, under the log's head, the rest is read and the tables change places.

use backbone::{db, event_log};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::codec::Seen;
use crate::projections::{self, TABLES};

const BATCH_MAX: u32 = 1_000;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    pub events: u64,
}

/// Builds the read models beside the live ones and puts them in their place. `role` is the service's.
pub async fn rebuild(conn: &mut PgConnection, role: &str) -> Result<Rebuilt, sqlx::Error> {
    // The final commit makes all durable; until then a crash costs only this run.
    run(conn, "set synchronous_commit = off; set statement_timeout = 0").await?;
    prepare(conn).await?;
    run(conn, "set search_path = rebuild, public").await?;
    let mut done = Progress::default();
    while read_on(conn, &mut done).await? == BATCH_MAX as usize {}
    index(conn).await?;
    while read_on(conn, &mut done).await? == BATCH_MAX as usize {}
    run(conn, "set synchronous_commit = on").await?;
    swap(conn, &mut done, role).await?;
    Ok(Rebuilt { events: done.events })
}

/// Empties the read models and fills them again within the caller's transaction, for a service that
/// is stopped.
pub async fn in_place(conn: &mut PgConnection) -> Result<Rebuilt, sqlx::Error> {
    run(conn, &format!("set local statement_timeout = 0; truncate {}", TABLES.join(", "))).await?;
    let mut done = Progress::default();
    while read_on(conn, &mut done).await? > 0 {}
    Ok(Rebuilt { events: done.events })
}

#[derive(Default)]
struct Progress {
    position: u64,
    events: u64,
}

/// Reads one batch of the log into the read models; gives how many events it had.
async fn read_on(conn: &mut PgConnection, done: &mut Progress) -> Result<usize, sqlx::Error> {
    let mut tx = conn.begin().await?;
    let events = event_log::read_after(&mut tx, done.position, BATCH_MAX).await?;
    let Some(last) = events.last() else { return Ok(0) };
    done.position = last.position;
    done.events += events.len() as u64;
    let mut seen = Vec::with_capacity(events.len());
    for event in &events {
        // What this build cannot read it has not written; it must not be passed over in silence.
        seen.push(Seen::read(event).map_err(|why| {
            sqlx::Error::Decode(format!("event {}: {why}", event.position).into())
        })?);
    }
    projections::apply(&mut tx, &seen).await?;
    tx.commit().await?;
    Ok(events.len())
}

/// Tables like the live ones, with what makes their rows unique; indexes come when they are full.
async fn prepare(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    run(conn, "drop schema if exists rebuild cascade; create schema rebuild").await?;
    for table in TABLES {
        let like = "including defaults including constraints including storage";
        run(conn, &format!("create table rebuild.{table} (like public.{table} {like})")).await?;
        for (name, definition) in constraints(conn, table).await? {
            let add = format!("alter table rebuild.{table} add constraint {name} {definition}");
            run(conn, &add).await?;
        }
    }
    Ok(())
}

async fn constraints(
    conn: &mut PgConnection,
    table: &str,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "select quote_ident(conname), pg_get_constraintdef(oid) from pg_constraint
         where conrelid = ('public.' || $1)::regclass and contype in ('p', 'u')",
    )
    .bind(table)
    .fetch_all(conn)
    .await
}

/// The indexes that the live tables have, under the same names.
async fn index(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    for table in TABLES {
        let definitions: Vec<String> = sqlx::query_scalar(
            "select pg_get_indexdef(indexrelid) from pg_index
             where indrelid = ('public.' || $1)::regclass and not exists (
                 select from pg_constraint where conindid = indexrelid)",
        )
        .bind(table)
        .fetch_all(&mut *conn)
        .await?;
        let (live, beside) = (format!(" ON public.{table} "), format!(" ON rebuild.{table} "));
        for definition in definitions {
            run(conn, &definition.replacen(&live, &beside, 1)).await?;
        }
        run(conn, &format!("analyze rebuild.{table}")).await?;
    }
    Ok(())
}

/// Under the log's head: reads what is left, and lets the tables change places.
async fn swap(conn: &mut PgConnection, done: &mut Progress, role: &str) -> Result<(), sqlx::Error> {
    let mut tx = conn.begin().await?;
    crate::record::take_head(&mut tx).await?;
    while read_on(&mut tx, done).await? > 0 {}
    for table in TABLES {
        run(&mut tx, &format!("drop table public.{table}")).await?;
        run(&mut tx, &format!("alter table rebuild.{table} set schema public")).await?;
    }
    run(&mut tx, "drop schema rebuild; set local search_path = public").await?;
    db::grant(&mut tx, role).await?;
    tx.commit().await
}

/// Runs statements that are made of names of our own tables and of what the catalogue says of them.
async fn run(conn: &mut PgConnection, statements: &str) -> Result<(), sqlx::Error> {
    conn.execute(sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))).await?;
    Ok(())
}
