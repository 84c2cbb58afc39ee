use anyhow::Context as _;
use backbone::admin::{Check, Health};
use backbone::append::Beside;
use backbone::db::{self, Wake};
use backbone::event_log::{After, Log};
use backbone::follower::{Follower, Handled};
use backbone::jetstream::{self, Broker};
use backbone::relay::Relay;
use backbone::shutdown::Tasks;
use backbone::writer::{WriteError, Writer};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Executor as _};
use tests::stack::Stack;
use tests::wait;

use crate::numbered_log::{NAME, event, operator, scratch};
use crate::{LIMIT, Told};

/// What one replica is made of, with words of its own.
fn replica(log: &Log, options: &PgConnectOptions, broker: &Broker, tasks: &Tasks) -> Health {
    let health = Health::default();
    let relay = Relay {
        log: log.clone(),
        pool: db::pool(options.clone(), 2),
        options: options.clone(),
        broker: broker.clone(),
        health: health.clone(),
        witnesses: &[],
    };
    let relayed = relay.start(&Wake::listen(options.clone(), tasks), tasks);
    let follower = Follower {
        stream: NAME,
        waits_for: None,
        log: None,
        service: (),
        handler: |(), _, _| Box::pin(async { Ok(Handled::Done) }),
        options: options.clone(),
        broker: broker.clone(),
        health: health.clone(),
    };
    follower.start(relayed, tasks);
    health
}

/// Waits until `health` has a word of each of `parts`, and all of them are ready or not as `so` says.
async fn until(health: &Health, parts: &[&str], so: fn(Option<&Check>) -> bool) -> Told {
    wait::until(&format!("{parts:?} of {health:?}"), LIMIT, || async {
        let said = health.parts();
        Ok(parts.iter().all(|part| so(said.get(*part))).then_some(()))
    })
    .await
}

const LED: [&str; 2] = ["follow SCRATCH", "relay"];

fn ready(check: Option<&Check>) -> bool {
    matches!(check, Some(Check::Ready(_)))
}

fn not_ready(check: Option<&Check>) -> bool {
    matches!(check, Some(Check::NotReady(_)))
}

#[tokio::test]
async fn who_has_lost_the_lead_says_nothing_of_what_another_does() -> Told {
    let stack = Stack::start(&[]).await?;
    let (log, options) = scratch(&stack).await?;
    let broker = jetstream::connect(&operator(&stack)?).await?;
    let tasks = Tasks::default();
    let first = replica(&log, &options, &broker, &tasks);
    until(&first, &LED, ready).await?;
    let second = replica(&log, &options, &broker, &tasks);
    until(&second, &["stream"], ready).await?;
    assert_eq!(second.parts().len(), 1, "{second:?}");

    let mut conn = PgConnection::connect_with(&options).await?;
    conn.execute("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")
        .await?;
    until(&second, &LED, ready).await?;
    until(&first, &LED, |check| check.is_none()).await?;
    tasks.token().cancel();
    Ok(())
}

#[tokio::test]
async fn a_relay_that_cannot_publish_says_so_until_it_can() -> Told {
    let stack = Stack::start(&[]).await?;
    let (log, options) = scratch(&stack).await?;
    let broker = jetstream::connect(&operator(&stack)?).await?;
    let mut wanted = jetstream::wanted(NAME);
    wanted.max_bytes = 1_000;
    broker.context.create_stream(wanted.clone()).await?;
    let tasks = Tasks::default();
    let health = replica(&log, &options, &broker, &tasks);
    until(&health, &LED, ready).await?;

    let mut tx = PgConnection::connect_with(&options).await?;
    let mut tx = tx.begin().await?;
    let events: Vec<_> = (0..5).map(|number| event(number, After::Nothing)).collect();
    log.append(&mut tx, events.iter()).await?;
    tx.commit().await?;
    until(&health, &["relay"], not_ready).await?;

    wanted.max_bytes = -1;
    broker.context.update_stream(wanted).await?;
    until(&health, &["relay"], ready).await?;
    assert_eq!(broker.last(NAME).await?, 5);
    tasks.token().cancel();
    Ok(())
}

/// Something that no writer survives.
static DEADLY: Beside<()> = Beside {
    inserts: "",
    parameters: 0,
    bind: |_, beside| {
        assert!(beside.is_empty(), "a fault of the program");
        Ok(())
    },
};

#[tokio::test]
async fn a_dead_writer_makes_the_service_not_ready() -> Told {
    let stack = Stack::start(&[]).await?;
    let (log, options) = scratch(&stack).await?;
    let (health, tasks) = (Health::default(), Tasks::default());
    let writer = Writer::start(log, options, &DEADLY, &tasks);
    writer.watch(&health, &tasks);
    assert!(ready(health.parts().get("writer")), "{health:?}");
    let written = writer.append(event(1, After::Whatever), ()).await;
    assert_eq!(written.err().context("it was written")?, WriteError::Away);
    until(&health, &["writer"], not_ready).await?;
    Ok(())
}

/// Stops all of PostgreSQL's processes in their tracks, or lets them go on.
fn signal_postgres(stack: &Stack, signal: &str) -> Told {
    let server = stack.urls()?.get("PID_POSTGRES")?.to_owned();
    stack.signal("POSTGRES", signal)?;
    // A process of the server may end at any moment.
    std::process::Command::new("pkill").args([signal, "-P", &server]).status()?;
    Ok(())
}

#[tokio::test]
async fn a_database_that_stands_still_is_not_there() -> Told {
    let stack = Stack::start(&[]).await?;
    let status = async |name: &str| {
        let url = format!("{}/readyz", stack.urls()?.get(name)?);
        anyhow::Ok(tests::citizen::http()?.get(url).send().await?.status())
    };
    for (signal, then) in [("-STOP", 503), ("-CONT", 200)] {
        signal_postgres(&stack, signal)?;
        for name in ["INTAKE_ADMIN_URL", "BUREAU_ADMIN_URL", "NOTIFIER_ADMIN_URL"] {
            wait::until("the service to say so", LIMIT, async || {
                Ok((status(name).await? == then).then_some(()))
            })
            .await?;
        }
    }
    Ok(())
}
