//! Keys for new reports, on a key database of their own.

use std::collections::HashSet;

use backbone::admin::{Check, Health};
use backbone::db;
use backbone::key_stock::{KeyStock, NewKey};
use backbone::sealing::{KeyError, Keys};
use backbone::shutdown::Tasks;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Executor as _};
use tests::stack::Stack;
use uuid::Uuid;

use crate::Told;

const MASTER: [u8; 32] = [1; 32];

async fn scratch(stack: &Stack) -> anyhow::Result<PgConnectOptions> {
    let options = db::options(stack.urls()?.get("KEYS_DATABASE_URL")?)?;
    let mut conn = PgConnection::connect_with(&options).await?;
    conn.execute("create database scratch_keys").await?;
    let options = options.database("scratch_keys");
    db::KEYS_MIGRATOR.run(&mut PgConnection::connect_with(&options).await?).await?;
    Ok(options)
}

#[tokio::test]
async fn every_report_gets_a_key_of_its_own_that_opens_from_the_database() -> Told {
    let stack = Stack::start(&[]).await?;
    let keys = Keys::new(&MASTER, db::pool(scratch(&stack).await?, 2))?;
    let tasks = Tasks::default();
    let new_keys = KeyStock::start(keys.clone(), &Health::default(), &tasks);
    let mut seen = HashSet::new();

    // More than wait at a time.
    for number in 0..600u128 {
        let report_id = Uuid::from_u128(number);
        let sealed =
            new_keys.take().await?.of_report(report_id).seal("word", b"said in confidence");
        assert!(seen.insert(sealed.key_id.clone()));

        let found = keys.of(report_id, &sealed).await?;
        assert_eq!(found.open("word", &sealed)?, b"said in confidence");
        // It is the key of this report and of no other.
        let other = keys.of(Uuid::from_u128(number + 1), &sealed).await?;
        assert!(other.open("word", &sealed).is_err());
    }

    // What was given back is used by the next, unless it is what sealed what stands.
    let (unused, used) = (new_keys.take().await?, new_keys.take().await?);
    let by = |key: &NewKey| key.of_report(Uuid::nil()).seal("word", b"");
    let (by_unused, by_used) = (by(&unused), by(&used));
    unused.give_back_unless(Some(&by_used));
    used.give_back_unless(Some(&by_used));
    assert_eq!(by(&new_keys.take().await?).key_id, by_unused.key_id);
    assert!(seen.insert(by(&new_keys.take().await?).key_id) && !seen.contains(&by_used.key_id));

    let another_master = Keys::new(&[2; 32], db::pool(scratch_again(&stack)?, 1))?;
    let sealed = new_keys.take().await?.of_report(Uuid::nil()).seal("word", b"said in confidence");
    let refused = another_master.of(Uuid::nil(), &sealed).await;
    assert!(matches!(refused, Err(KeyError::Unreadable(_))));
    Ok(())
}

fn scratch_again(stack: &Stack) -> anyhow::Result<PgConnectOptions> {
    Ok(db::options(stack.urls()?.get("KEYS_DATABASE_URL")?)?.database("scratch_keys"))
}

#[tokio::test]
async fn without_a_key_database_a_caller_hears_so_in_time() -> Told {
    let nowhere = PgConnectOptions::new_without_pgpass().socket("/nowhere").username("nobody");
    let (keys, health) = (Keys::new(&MASTER, db::pool(nowhere, 1))?, Health::default());
    let new_keys = KeyStock::start(keys, &health, &Tasks::default());
    assert!(matches!(new_keys.take().await, Err(KeyError::Away(_))));
    let said = health.parts().remove("new keys");
    assert!(matches!(said, Some(Check::NotReady(why)) if why.contains("none can be made")));
    Ok(())
}
