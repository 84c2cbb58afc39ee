use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::future::try_join_all;
use serde_json::{Map, Value, json};
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use tests::citizen::{Citizen, Receipt, new_key};
use tests::stack::Stack;
use tests::wait;

use crate::Told;

const CLIENTS: usize = 8;
/// A client gives up on one report after this; nothing here may be away for so long.
const PATIENCE: Duration = Duration::from_secs(90);

/// What the public was told: by key, so that a report is counted once however often it was sent.
type Ledger = Mutex<BTreeMap<String, Receipt>>;

#[tokio::test]
async fn nothing_accepted_is_lost_while_everything_is_killed() -> Told {
    campaign(1).await
}

#[tokio::test]
async fn nothing_accepted_is_lost_with_two_replicas_of_each() -> Told {
    campaign(2).await
}

/// A number that is set by who runs the campaign.
fn set(name: &str, otherwise: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "the campaign is set by who runs it")]
    let set = std::env::var(name).ok();
    set.and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

/// Every fault, once for each 400 reports, in an order that the seed gives.
fn plan(replicas: u8, reports: usize, seed: u64) -> Vec<&'static str> {
    let mut all = vec!["INTAKE", "BUREAU", "NOTIFIER", "NATS", "backend", "store", "POSTGRES"];
    if replicas > 1 {
        all.extend(["INTAKE_2", "BUREAU_2", "NOTIFIER_2"]);
    }
    all.extend(["stray INTAKE", "stray BUREAU", "stray NOTIFIER"]);
    let mut plan = all.repeat((reports / 400).max(1));
    let mut state = seed;
    for at in (1..plan.len()).rev() {
        // Knuth's linear congruence: the order has to differ, not to surprise.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(state >> 33).unwrap_or(0) % (at + 1);
        plan.swap(at, other);
    }
    plan
}

async fn campaign(replicas: u8) -> Told {
    let stack = Stack::start_with(&[], replicas).await?;
    let reports = usize::try_from(set("FAULTS_REPORTS", 200))?;
    let seed = set("FAULTS_SEED", 1);
    let plan = plan(replicas, reports, seed);
    let answers = stack.citizen()?.answers("crime").await?;
    let (ledger, sent) = (Ledger::default(), AtomicUsize::new(0));
    let clients =
        (0..CLIENTS).map(|number| client(&stack, number, &answers, reports, &sent, &ledger));
    let (clients, faults) =
        tokio::join!(try_join_all(clients), break_everything(&stack, plan, reports, &ledger));
    let (_, faults) = (clients?, faults?);
    stack.up().await?;
    let verified = stack.verify().await?;
    check_ledger(&stack, &ledger, reports).await?;
    println!(
        "{replicas} replica(s), seed {seed}: {reports} reports, faults: {faults:?}\n{verified}"
    );
    Ok(())
}

/// Sends reports one after the other, each until it is accepted, with its key.
async fn client(
    stack: &Stack,
    number: usize,
    answers: &Map<String, Value>,
    reports: usize,
    sent: &AtomicUsize,
    ledger: &Ledger,
) -> Told {
    loop {
        let report = sent.fetch_add(1, Ordering::Relaxed);
        if report >= reports {
            return Ok(());
        }
        let (key, body) = (new_key(), json!({ "kind": "crime", "answers": answers }));
        if report % 5 == number % 5 {
            hang_up(stack, &key, &body).ok();
        }
        let receipt = wait::until("a report to be accepted", PATIENCE, || async {
            let citizen = citizen(stack, report)?;
            let answer = citizen.send(Some(&key), &body).await?;
            if answer.status == 503 {
                return Ok(None);
            }
            Ok(Some(answer.into::<Receipt>(201)?))
        })
        .await?;
        ledger.lock().unwrap_or_else(PoisonError::into_inner).insert(key, receipt);
    }
}

/// Each of the replicas in turn.
fn citizen(stack: &Stack, report: usize) -> anyhow::Result<Citizen> {
    let urls = stack.urls()?;
    let second = report % 2 == 1 && urls.has("INTAKE_2_URL");
    Citizen::new(urls.get(if second { "INTAKE_2_URL" } else { "INTAKE_URL" })?)
}

/// Sends a whole report and goes away before the answer.
fn hang_up(stack: &Stack, key: &str, body: &Value) -> anyhow::Result<()> {
    let urls = stack.urls()?;
    let address = urls.get("INTAKE_URL")?.trim_start_matches("http://").to_owned();
    let body = body.to_string();
    let mut connection = std::net::TcpStream::connect(&address)?;
    write!(
        connection,
        "POST /api/v1/reports HTTP/1.1\r\nhost: {address}\r\nidempotency-key: {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    Ok(())
}

/// Kills each part in turn, spread over the campaign, and brings it back.
async fn break_everything(
    stack: &Stack,
    plan: Vec<&'static str>,
    reports: usize,
    ledger: &Ledger,
) -> anyhow::Result<BTreeMap<String, usize>> {
    let mut done = BTreeMap::new();
    let steps = plan.len() + 1;
    for (fault, step) in plan.into_iter().zip(1..) {
        let due = reports * step / steps;
        let since = Instant::now();
        wait::until("the next fault's turn", PATIENCE, || async {
            let accepted = ledger.lock().unwrap_or_else(PoisonError::into_inner).len();
            Ok((accepted >= due).then_some(()))
        })
        .await
        .with_context(|| format!("before {fault}, after {:?}", since.elapsed()))?;
        strike(stack, fault).await.with_context(|| fault.to_owned())?;
        *done.entry(fault.to_owned()).or_default() += 1;
    }
    Ok(done)
}

async fn strike(stack: &Stack, fault: &str) -> Told {
    match fault {
        "backend" => kill_backend(stack).await?,
        "store" => {
            stack.kill("NATS")?;
            std::fs::remove_dir_all(stack.dir().join("nats"))?;
        }
        stray if stray.starts_with("stray ") => {
            let stream = stray.trim_start_matches("stray ");
            crate::stranger::publish(stack, stream).await?;
            stack.service(&stream.to_lowercase(), &["stream", "rebuild"]).await?;
        }
        process => stack.kill(process)?,
    }
    stack.up().await
}

/// `kill -9` of a server process that serves intake: PostgreSQL then restarts all of them.
async fn kill_backend(stack: &Stack) -> Told {
    let urls = stack.urls()?;
    let mut conn = PgConnection::connect(urls.get("INTAKE_DATABASE_URL")?).await?;
    let pid: i32 = sqlx::query_scalar(
        "select pid from pg_stat_activity
         where datname = 'intake' and usename = 'intake' and pid <> pg_backend_pid()
         order by backend_start limit 1",
    )
    .fetch_one(&mut conn)
    .await?;
    let status = Command::new("kill").args(["-KILL", &pid.to_string()]).status()?;
    anyhow::ensure!(status.success(), "backend {pid} could not be killed");
    Ok(())
}

/// What the public was told is in the log, once, and as it was told.
async fn check_ledger(stack: &Stack, ledger: &Ledger, reports: usize) -> Told {
    let urls = stack.urls()?;
    let events = tests::verify::read_log(urls.get("INTAKE_DATABASE_URL")?).await?;
    let ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert_eq!(ledger.len(), reports);
    for receipt in ledger.values() {
        let times = events
            .iter()
            .filter(|e| e.kind == "report.submitted" && e.stream == receipt.report_id)
            .count();
        assert_eq!(times, 1, "report {} is there {times} times", receipt.reference);
    }
    let submitted = events.iter().filter(|e| e.kind == "report.submitted").count();
    assert_eq!(submitted, reports, "a report that was hung up on is its own retry");
    Ok(())
}
