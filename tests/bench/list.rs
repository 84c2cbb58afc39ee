//! From sending a report to its standing in the bureau's triage list, with reports coming at a fixed
//! rate whatever the answers (open loop): a slow answer delays no other request, and counts.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use backbone::db;
use serde::Deserialize;
use sqlx::PgConnection;
use tests::Result;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::ground::Bench;
use crate::load::Sender;
use crate::options::Size;
use crate::report::{Report, quantile};

const REPORTS_PER_SECOND: u32 = 200;
/// Many enough that one is free whenever a report is due.
const SENDERS: u32 = 32;
const LOOK_EVERY: Duration = Duration::from_millis(2);

#[derive(Debug, Deserialize)]
struct Answer {
    reference: String,
}

/// A report that was answered: its reference, and when it was due to be sent.
type Sent = (String, Instant);

pub(crate) async fn measure(bench: &Bench, size: &Size, report: &mut Report) -> Result<()> {
    let url = bench.urls.get("INTAKE_URL")?;
    // As the bureau itself connects: a plan made while the list is empty would scan it ever after.
    let options = db::options(bench.urls.get("BUREAU_DATABASE_URL")?)?;
    let mut conn = db::connect(&options).await?;
    for _ in 0..size.rounds {
        let numbers = Arc::default();
        let mut senders = vec![];
        for _ in 0..SENDERS {
            senders.push(Sender::connect(url, &numbers).await?);
        }
        let begin = Instant::now() + Duration::from_millis(50);
        let end = begin + size.warm_up + size.time;
        let (answered, arriving) = mpsc::unbounded_channel();
        let mut sending = JoinSet::new();
        for (sender, first) in senders.into_iter().zip(0..) {
            sending.spawn(send(sender, first, (begin, end), answered.clone()));
        }
        drop(answered);
        let times = watch(&mut conn, arriving, begin + size.warm_up).await?;
        while let Some(sent) = sending.join_next().await {
            sent??;
        }
        report.add("submit_to_list_p50_ms", quantile(&times, 0.5));
        report.add("submit_to_list_p99_ms", quantile(&times, 0.99));
    }
    Ok(())
}

/// Sends every 32nd report of the run, each at its time.
async fn send(
    mut sender: Sender,
    first: u32,
    (begin, end): (Instant, Instant),
    answered: mpsc::UnboundedSender<Sent>,
) -> Result<()> {
    for number in (first..).step_by(SENDERS as usize) {
        let due = begin + Duration::from_secs(1) * number / REPORTS_PER_SECOND;
        if due >= end {
            return Ok(());
        }
        tokio::time::sleep_until(due.into()).await;
        let answer: Answer = serde_json::from_slice(sender.send().await?)?;
        answered.send((answer.reference, due))?;
    }
    Ok(())
}

/// Looks for what was answered until all of it is in the list; gives the times in ms of those that
/// were sent after the warm-up.
async fn watch(
    conn: &mut PgConnection,
    mut arriving: mpsc::UnboundedReceiver<Sent>,
    counts_from: Instant,
) -> Result<Vec<f64>> {
    let mut waiting: HashMap<String, Instant> = HashMap::new();
    let mut times = vec![];
    let mut looks = tokio::time::interval(LOOK_EVERY);
    let limit = Instant::now() + Duration::from_mins(5);
    loop {
        looks.tick().await;
        while let Ok((reference, due)) = arriving.try_recv() {
            waiting.insert(reference, due);
        }
        if waiting.is_empty() {
            if arriving.is_closed() && arriving.is_empty() {
                return Ok(times);
            }
            continue;
        }
        anyhow::ensure!(Instant::now() < limit, "{} reports never came to the list", waiting.len());
        let references: Vec<&str> = waiting.keys().map(String::as_str).collect();
        let found: Vec<String> =
            sqlx::query_scalar("select reference from triage_queue where reference = any($1)")
                .bind(&references)
                .fetch_all(&mut *conn)
                .await?;
        let now = Instant::now();
        for reference in found {
            let due = waiting.remove(&reference).context("a reference that was asked for")?;
            if due >= counts_from {
                times.push((now - due).as_secs_f64() * 1e3);
            }
        }
    }
}
