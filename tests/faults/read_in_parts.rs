use std::cell::Cell;

use backbone::admin::Health;
use backbone::event_log::{self, After, Log, NewEvent};
use backbone::recover::recover;
use backbone::relay::Relay;
use backbone::verify::verify;
use backbone::{db, jetstream};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use tests::stack::Stack;

use crate::Told;
use crate::numbered_log::{event, operator, scratch};

const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

async fn append(conn: &mut PgConnection, log: &Log, events: &[NewEvent]) -> Told {
    let mut tx = conn.begin().await?;
    for taken in log.append(&mut tx, events.iter()).await? {
        taken?;
    }
    tx.commit().await?;
    Ok(())
}

#[tokio::test]
async fn large_events_are_read_published_verified_and_taken_back_in_parts() -> Told {
    let stack = Stack::start(&[]).await?;
    let (log, options) = scratch(&stack).await?;
    let mut conn = PgConnection::connect_with(&options).await?;
    let large =
        |number| NewEvent { body: vec![7; 500 * 1024].into(), ..event(number, After::Nothing) };
    let events: Vec<_> = (0..20).map(large).chain([event(20, After::Nothing)]).collect();
    append(&mut conn, &log, &events).await?;

    let (mut position, mut batches) = (0, vec![]);
    loop {
        let batch = event_log::read_after(&mut conn, position, 500).await?;
        let Some(last) = batch.last() else { break };
        let bytes: usize = batch.iter().map(|event| event.body.len()).sum();
        assert!(bytes <= BATCH_BYTES_MAX, "{bytes} bytes after {position}");
        position = last.position;
        batches.push(batch.len());
    }
    assert_eq!(batches, [8, 8, 5]);

    let broker = jetstream::connect(&operator(&stack)?).await?;
    let relay = Relay {
        log: log.clone(),
        pool: db::pool(options.clone(), 2),
        options: options.clone(),
        broker: broker.clone(),
        health: Health::default(),
        witnesses: &[],
    };
    assert_eq!(relay.publish_missing().await?, 21);

    conn.execute(
        "alter table event disable trigger user;
         delete from event where position > 2;
         alter table event enable trigger user;
         update log_head set position = 2, hash = (select hash from event where position = 2)",
    )
    .await?;
    let done = recover(&mut conn, &log, &broker, &[], stack.dir()).await?;
    assert_eq!((done.common, done.taken_back), (2, 19));
    let verified = verify(&mut conn, &log).await?;
    assert_eq!((verified.events, verified.faults), (21, vec![]));
    Ok(())
}

#[tokio::test]
async fn a_log_that_grows_while_it_is_verified_is_whole() -> Told {
    let stack = Stack::start(&[]).await?;
    let (log, options) = scratch(&stack).await?;
    let mut writer = PgConnection::connect_with(&options).await?;
    let mut reader = PgConnection::connect_with(&options).await?;
    let is_done = Cell::new(false);
    let growing = async {
        let mut number = 0;
        while !is_done.get() {
            append(&mut writer, &log, &[event(number, After::Nothing)]).await?;
            number += 1;
        }
        anyhow::Ok(number)
    };
    let verifying = async {
        let mut seen = vec![];
        while seen.len() < 100 {
            let verified = verify(&mut reader, &log).await?;
            anyhow::ensure!(verified.faults.is_empty(), "{:?}", verified.faults);
            seen.push(verified.events);
        }
        is_done.set(true);
        anyhow::Ok(seen)
    };
    let (appended, seen) = tokio::try_join!(growing, verifying)?;
    assert!(seen.is_sorted() && seen.first() < seen.last(), "{seen:?}");
    let verified = verify(&mut reader, &log).await?;
    assert_eq!((u128::from(verified.events), verified.faults), (appended, vec![]));
    Ok(())
}
