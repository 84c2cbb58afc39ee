//! Log -> stream: the backbone's relay against a loop that reads the same rows and publishes them.

use std::time::Instant;

use anyhow::Context as _;
use async_nats::jetstream::message::PublishMessage;
use backbone::shutdown::Tasks;
use sqlx::Row as _;
use tests::Result;

use crate::crime;
use crate::ground::{Bench, Scratch, end, log};
use crate::options::Size;
use crate::report::Report;

const STREAM: &str = "BENCHRELAY";
const FLOOR_STREAM: &str = "BENCHFLOOR";
const BATCH_MAX: i64 = 500;

pub(crate) async fn measure(bench: &Bench, size: &Size, report: &mut Report) -> Result<()> {
    bench.freeze_all()?;
    let scratch = bench.log("bench_relay").await?;
    scratch.append(&log(STREAM), &crime::events(size.events)?).await?;
    for round in 0..size.rounds {
        bench.drop_stream(STREAM).await;
        bench.stream(FLOOR_STREAM).await?;
        bench.checkpoint().await?;
        // Who comes first finds another state of the machine: they take turns.
        let (ours, floor) = if round % 2 == 0 {
            let ours = relay(bench, &scratch, size.events).await?;
            (ours, publish(bench, &scratch, size.events).await?)
        } else {
            let floor = publish(bench, &scratch, size.events).await?;
            (relay(bench, &scratch, size.events).await?, floor)
        };
        report.add_pair("relay", ours, floor);
    }
    bench.drop_stream(STREAM).await;
    bench.drop_stream(FLOOR_STREAM).await;
    bench.thaw()
}

async fn relay(bench: &Bench, scratch: &Scratch, count: usize) -> Result<f64> {
    let tasks = Tasks::default();
    let begun = Instant::now();
    let _relayed = scratch.relay(&log(STREAM), &bench.broker, &tasks);
    bench.until_filled(STREAM, count).await?;
    let rate = per_second(count, begun)?;
    end(tasks).await;
    Ok(rate)
}

/// The bare loop. Its messages are as long as the relay's.
async fn publish(bench: &Bench, scratch: &Scratch, count: usize) -> Result<f64> {
    let mut conn = scratch.connect().await?;
    let begun = Instant::now();
    let mut position = 0i64;
    loop {
        let rows = sqlx::query(
            "select position, stream, version, kind, recorded_at, meta, body, hash, tag
             from event where position > $1 order by position limit $2",
        )
        .bind(position)
        .bind(BATCH_MAX)
        .fetch_all(&mut conn)
        .await?;
        let Some(last) = rows.last() else { break };
        position = last.try_get("position")?;
        let mut acknowledgements = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut payload = vec![];
            for column in ["meta", "body", "hash", "tag"] {
                payload.extend_from_slice(row.try_get::<&[u8], _>(column)?);
            }
            let message = PublishMessage::build().payload(payload.into());
            acknowledgements
                .push(bench.broker.context.send_publish("benchfloor.event", message).await?);
        }
        for acknowledgement in acknowledgements {
            acknowledgement.await?;
        }
    }
    let rate = per_second(count, begun)?;
    let last = bench.broker.last(FLOOR_STREAM).await?;
    anyhow::ensure!(last == u64::try_from(count)?, "the floor published {last}");
    Ok(rate)
}

/// How many of `count` were done in a second.
pub(crate) fn per_second(count: usize, begun: Instant) -> Result<f64> {
    let count = u32::try_from(count).context("a count of events")?;
    Ok(f64::from(count) / begun.elapsed().as_secs_f64())
}
