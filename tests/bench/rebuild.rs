//! The bureau's log -> its read models: `projections rebuild` against a loop that reads the same
//! events and upserts rows that are ready, a thousand events at a time.

use std::collections::BTreeSet;
use std::time::Instant;

use backbone::clock::{Clock as _, SystemClock};
use backbone::event_log::{self, After, NewEvent, to_i64};
use bureau_service::codec::{Happened, from_intake};
use bureau_service::domain::case::Command;
use bureau_service::domain::case::Event;
use bureau_service::domain::promise::{Fact, Message};
use bureau_service::domain::words::{ContactState, MessageWhat};
use bureau_service::rebuild;
use bureau_service::record::{Origin, record};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tests::Result;
use uuid::Uuid;

use crate::columns::{Rows, Table};
use crate::crime;
use crate::ground::{Bench, Scratch, log};
use crate::options::Size;
use crate::relay::per_second;
use crate::report::Report;

const BUREAU: &str = "BENCHBUREAU";
const WRITE_BATCH: usize = 500;
const BATCH_MAX: u32 = 1_000;

/// The tables that a rebuild fills from such a log, with their keys.
const TABLES: [(&str, &str, &str); 3] = [
    ("triage_queue", "floor.triage_queue", "report_id"),
    ("clock", "floor.clock", "report_id"),
    ("message", "floor.message", "message_id"),
];

pub(crate) async fn measure(bench: &Bench, size: &Size, report: &mut Report) -> Result<()> {
    bench.freeze_all()?;
    let scratch = bench.bureau("bench_rebuild").await?;
    let mut conn = scratch.connect().await?;
    write_cases(&mut conn, size.cases).await?;
    let batches = Batch::take(&mut conn).await?;
    let count = batches.iter().map(|batch| batch.events).sum();
    for round in 0..size.rounds {
        bench.checkpoint().await?;
        let (ours, floor) = if round % 2 == 0 {
            let ours = rebuilt(&scratch, count).await?;
            (ours, upserted(&scratch, &batches, count).await?)
        } else {
            let floor = upserted(&scratch, &batches, count).await?;
            (rebuilt(&scratch, count).await?, floor)
        };
        report.add_pair("rebuild", ours, floor);
    }
    bench.thaw()
}

/// Fills the log: each case is opened, and its first message is accepted and delivered.
async fn write_cases(conn: &mut PgConnection, count: usize) -> Result<()> {
    let submitted = crime::events(count)?;
    for batch in submitted.chunks(WRITE_BATCH) {
        let entries = batch.iter().map(opened).collect::<Result<_>>()?;
        in_transaction(conn, entries).await?;
    }
    for batch in submitted.chunks(WRITE_BATCH) {
        for state in [ContactState::Accepted, ContactState::Delivered] {
            in_transaction(conn, batch.iter().map(|event| told(event.stream, state)).collect())
                .await?;
        }
    }
    Ok(())
}

async fn in_transaction(
    conn: &mut PgConnection,
    entries: Vec<bureau_service::record::Entry>,
) -> Result<()> {
    let mut tx = conn.begin().await?;
    for taken in record(&log(BUREAU), &mut tx, entries).await? {
        taken?;
    }
    tx.commit().await?;
    Ok(())
}

fn opened(submitted: &NewEvent) -> Result<bureau_service::record::Entry> {
    let asked = from_intake::read(submitted.kind, &submitted.body)?;
    let Command::Open(opened) = asked.command else { anyhow::bail!("it opens no case") };
    let happened = Happened::Case(Event::Opened(opened));
    Ok(origin(submitted.stream).case_event(After::Version(0), (asked.kind, asked.body), happened))
}

fn told(report_id: Uuid, state: ContactState) -> bureau_service::record::Entry {
    // One message a report: its id may be the report's.
    let (what, again_by) = (MessageWhat::Acknowledgement, None);
    let message = Message { id: report_id, what, decision: 0, again_by, state };
    origin(report_id).contact_fact(Fact::Message { message, at: SystemClock.now() })
}

fn origin(report_id: Uuid) -> Origin {
    Origin {
        report_id,
        actor: "bench".to_owned(),
        cause: None,
        intake_position: 1,
        traceparent: String::new(),
    }
}

async fn rebuilt(scratch: &Scratch, count: usize) -> Result<f64> {
    let mut conn = scratch.connect().await?;
    let begun = Instant::now();
    let rebuilt = rebuild::rebuild(&mut conn, "postgres").await?;
    let rate = per_second(count, begun)?;
    anyhow::ensure!(rebuilt.events == u64::try_from(count)?, "{} events read", rebuilt.events);
    Ok(rate)
}

/// The rows that one batch of events touches, as they are at the end.
#[derive(Debug)]
struct Batch {
    events: usize,
    rows: Vec<Option<Rows>>,
}

impl Batch {
    async fn take(conn: &mut PgConnection) -> Result<Vec<Self>> {
        let mut tables = vec![];
        for (name, _, key) in TABLES {
            tables.push(Table::of(conn, name, Some(key)).await?);
        }
        let (mut batches, mut position) = (vec![], 0);
        loop {
            let events = event_log::read_after(conn, position, BATCH_MAX).await?;
            let Some(last) = events.last() else { return Ok(batches) };
            position = last.position;
            let is_told = events.iter().any(|event| event.kind == "contact.state_changed");
            let reports: BTreeSet<Uuid> =
                events.iter().map(event_log::Recorded::report_id).collect();
            let reports: Vec<Uuid> = reports.into_iter().collect();
            let mut rows = vec![];
            for table in &tables {
                let touched = is_told || !table.is("message");
                rows.push(if touched {
                    table.take(conn, "report_id", &reports).await?
                } else {
                    None
                });
            }
            batches.push(Self { events: events.len(), rows });
        }
    }
}

/// The bare loop, into tables with the same indexes. Like ours it leaves durability to the end.
async fn upserted(scratch: &Scratch, batches: &[Batch], count: usize) -> Result<f64> {
    let mut conn = scratch.connect().await?;
    execute(&mut conn, "drop schema if exists floor cascade; create schema floor").await?;
    let mut tables = vec![];
    for (name, floor, key) in TABLES {
        execute(&mut conn, &format!("create table {floor} (like public.{name} including all)"))
            .await?;
        tables.push(Table::of(&mut conn, floor, Some(key)).await?);
    }
    execute(&mut conn, "set synchronous_commit = off").await?;
    let begun = Instant::now();
    let mut position = 0u64;
    for batch in batches {
        let mut tx = conn.begin().await?;
        let read = sqlx::query(
            "select position, stream, version, kind, recorded_at, meta, body, hash, tag
             from event where position > $1 order by position limit $2",
        )
        .bind(to_i64(position))
        .bind(i64::from(BATCH_MAX))
        .fetch_all(&mut *tx)
        .await?;
        position += u64::try_from(read.len())?;
        for (table, rows) in tables.iter().zip(&batch.rows) {
            if let Some(rows) = rows {
                table.put(&mut tx, rows).await?;
            }
        }
        tx.commit().await?;
    }
    per_second(count, begun)
}

async fn execute(conn: &mut PgConnection, statements: &str) -> Result<()> {
    conn.execute(sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))).await?;
    Ok(())
}
