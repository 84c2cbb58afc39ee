//! INTAKE -> the bureau's log and read models: the real follower and handler against a loop that
//! pulls the same messages and executes the same statements with rows that are ready.

use std::time::Instant;

use anyhow::Context as _;
use async_nats::jetstream::consumer::pull::{Config, Stream as Pulled};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy};
use backbone::admin::Health;
use backbone::event_log::to_i64;
use backbone::follower::{self, Follower};
use backbone::relay::Relayed;
use backbone::shutdown::Tasks;
use bureau_service::incoming::{self, Incoming};
use futures_util::StreamExt as _;
use sqlx::{Connection as _, PgConnection};
use tests::Result;
use uuid::Uuid;

use crate::columns::{Rows, Table};
use crate::crime;
use crate::ground::{Bench, Scratch, end, log, until};
use crate::options::Size;
use crate::relay::per_second;
use crate::report::Report;

/// What intake's log is here, and its stream.
const STREAM: &str = "BENCHINTAKE";
const BUREAU: &str = "BENCHBUREAU";
const BATCH_MAX: usize = 500;

pub(crate) async fn measure(bench: &Bench, size: &Size, report: &mut Report) -> Result<()> {
    bench.freeze_all()?;
    let intake = bench.log("bench_intake").await?;
    let tasks = Tasks::default();
    let events = crime::events(size.events)?;
    let reports: Vec<Uuid> = events.iter().map(|event| event.stream).collect();
    intake.append(&log(STREAM), &events).await?;
    bench.drop_stream(STREAM).await;
    // This log is level with its stream, which is all that a follower asks of its own.
    let relayed = intake.relay(&log(STREAM), &bench.broker, &tasks);
    bench.until_filled(STREAM, size.events).await?;

    for round in 0..size.rounds {
        let bureau = bench.bureau("bench_bureau").await?;
        let floor = bench.bureau("bench_bureau_floor").await?;
        bench.checkpoint().await?;
        // The floor writes what the first run wrote, so that one has to come first.
        let ours = follow(bench, &bureau, &relayed, size.events).await?;
        let batches = Batch::take(&mut bureau.connect().await?, &reports).await?;
        bench.checkpoint().await?;
        let bare = pull(bench, &floor, &batches, &reports).await?;
        report.add_pair("follow", ours, bare);
        if round + 1 == size.rounds {
            same(&bureau, &floor).await?;
        }
    }
    end(tasks).await;
    bench.drop_stream(STREAM).await;
    bench.thaw()
}

/// Lets the real follower apply everything that the stream has.
async fn follow(bench: &Bench, bureau: &Scratch, relayed: &Relayed, count: usize) -> Result<f64> {
    let tasks = Tasks::default();
    let follower = Follower {
        stream: STREAM,
        waits_for: None,
        log: Some(log(BUREAU)),
        service: Incoming { log: log(BUREAU) },
        handler: incoming::intake,
        options: bureau.options.clone(),
        broker: bench.broker.clone(),
        health: Health::default(),
    };
    let mut conn = bureau.connect().await?;
    let begun = Instant::now();
    follower.start(relayed.clone(), &tasks);
    let count_of_all = u64::try_from(count)?;
    until("everything to be followed", async || {
        let at = follower::position(&mut conn, STREAM).await?;
        Ok((at.position >= count_of_all).then_some(()))
    })
    .await?;
    let rate = per_second(count, begun)?;
    end(tasks).await;
    Ok(rate)
}

/// What one transaction of the floor writes, in the order in which the follower's does.
#[derive(Debug)]
struct Batch {
    writes: Vec<(usize, Rows)>,
}

/// The tables that following writes, with their keys.
const TABLES: [(&str, &str, Option<&str>); 3] = [
    ("event", "stream", None),
    ("clock", "report_id", Some("report_id")),
    ("triage_queue", "report_id", Some("report_id")),
];

impl Batch {
    async fn take(conn: &mut PgConnection, reports: &[Uuid]) -> Result<Vec<Self>> {
        let tables = tables(conn).await?;
        let mut batches = vec![];
        for ids in reports.chunks(BATCH_MAX) {
            let mut writes = vec![];
            for (place, (table, (_, column, _))) in tables.iter().zip(TABLES).enumerate() {
                let rows = table.take(conn, column, ids).await?;
                writes.push((place, rows.context("a table without rows")?));
            }
            batches.push(Self { writes });
        }
        Ok(batches)
    }
}

async fn tables(conn: &mut PgConnection) -> Result<Vec<Table>> {
    let mut tables = vec![];
    for (name, _, key) in TABLES {
        tables.push(Table::of(conn, name, key).await?);
    }
    Ok(tables)
}

/// The bare loop: pull, write, commit.
async fn pull(bench: &Bench, floor: &Scratch, batches: &[Batch], reports: &[Uuid]) -> Result<f64> {
    let mut conn = floor.connect().await?;
    let tables = tables(&mut conn).await?;
    let begun = Instant::now();
    let mut pulled = consumer(bench).await?;
    let mut position = 0u64;
    for (batch, ids) in batches.iter().zip(reports.chunks(BATCH_MAX)) {
        for _ in ids {
            pulled.next().await.context("the consumer ended")??;
            position += 1;
        }
        write(&mut conn, &tables, batch, ids, position).await?;
    }
    per_second(reports.len(), begun)
}

async fn write(
    conn: &mut PgConnection,
    tables: &[Table],
    batch: &Batch,
    ids: &[Uuid],
    position: u64,
) -> Result<()> {
    let mut tx = conn.begin().await?;
    sqlx::query("select distinct report_id from parked where report_id = any($1)")
        .bind(ids)
        .fetch_all(&mut *tx)
        .await?;
    sqlx::query("select position, hash, clock_timestamp() from log_head for update")
        .fetch_one(&mut *tx)
        .await?;
    sqlx::query(
        "select stream, (select version from event where stream = asked.stream
                         order by version desc limit 1)
         from (select distinct unnest($1::uuid[]) as stream) as asked",
    )
    .bind(ids)
    .fetch_all(&mut *tx)
    .await?;
    for (place, rows) in &batch.writes {
        tables.get(*place).context("a table")?.put(&mut tx, rows).await?;
        if *place == 0 {
            move_head(&mut tx, position).await?;
        }
    }
    sqlx::query(
        "insert into followed (stream, position, hash) values ($1, $2, $3)
         on conflict (stream) do update set position = excluded.position, hash = excluded.hash",
    )
    .bind(STREAM)
    .bind(to_i64(position))
    .bind([7u8; 32])
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

async fn move_head(conn: &mut PgConnection, position: u64) -> Result<()> {
    sqlx::query(
        "with moved as (update log_head set position = $1, hash = $2)
         select pg_notify('log', '')",
    )
    .bind(to_i64(position))
    .bind([7u8; 32])
    .execute(conn)
    .await?;
    Ok(())
}

async fn consumer(bench: &Bench) -> Result<Pulled> {
    let stream = bench.broker.context.get_stream_no_info(STREAM).await?;
    let config = Config {
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::None,
        memory_storage: true,
        num_replicas: 1,
        ..Config::default()
    };
    let consumer = stream.create_consumer(config).await?;
    Ok(consumer.stream().max_messages_per_batch(BATCH_MAX).messages().await?)
}

/// A floor that wrote less than we did would be none.
async fn same(bureau: &Scratch, floor: &Scratch) -> Result<()> {
    let counts = "select (select count(*) from event), (select count(*) from clock),
                         (select count(*) from triage_queue)";
    let ours: (i64, i64, i64) =
        sqlx::query_as(counts).fetch_one(&mut bureau.connect().await?).await?;
    let bare: (i64, i64, i64) =
        sqlx::query_as(counts).fetch_one(&mut floor.connect().await?).await?;
    anyhow::ensure!(ours == bare, "we wrote {ours:?} and the floor {bare:?}");
    Ok(())
}
