//! The log and its relay alone, on a database and a stream of their own.

use anyhow::Context as _;
use backbone::admin::Health;
use backbone::append::Beside;
use backbone::chain::TagKey;
use backbone::config::Secret;
use backbone::db;
use backbone::event_log::{After, Log, NewEvent, Refused};
use backbone::relay::Relay;
use backbone::shutdown::Tasks;
use backbone::verify::verify;
use backbone::writer::{WriteError, Writer};
use backbone::{event_log, jetstream};
use futures_util::future::join_all;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Arguments as _, Connection as _, Executor as _};
use tests::stack::Stack;
use tests::wait;
use uuid::Uuid;

use crate::{LIMIT, Told};

pub(crate) const NAME: &str = "SCRATCH";

/// A database with the tables of a log and one for what stands beside events.
pub(crate) async fn scratch(stack: &Stack) -> anyhow::Result<(Log, PgConnectOptions)> {
    let urls = stack.urls()?;
    let options = db::options(urls.get("INTAKE_DATABASE_URL")?)?;
    let mut conn = PgConnection::connect_with(&options).await?;
    conn.execute("create database scratch").await?;
    let options = options.database("scratch");
    let mut conn = PgConnection::connect_with(&options).await?;
    db::MIGRATOR.run(&mut conn).await?;
    conn.execute("create table beside (word text constraint beside_once unique)").await?;
    Ok((Log { name: NAME, key: TagKey::new(b"scratch") }, options))
}

pub(crate) fn event(stream: u128, after: After) -> NewEvent {
    NewEvent {
        stream: Uuid::from_u128(stream),
        after,
        kind: "thing.happened",
        meta: proto::log::v1::Meta::default(),
        body: vec![7; 300].into(),
    }
}

pub(crate) static BESIDE: Beside<String> = Beside {
    inserts: ", told as (insert into beside select word from head, unnest($1::text[]) as word)",
    parameters: 1,
    bind: |arguments, beside| {
        arguments.add(beside.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>())
    },
};

fn nowhere() -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass().socket("/nowhere").username("nobody")
}

#[tokio::test]
async fn many_at_once_through_two_writers_leave_no_gap_and_one_bad_item_fails_alone() -> Told {
    let stack = Stack::start(&[]).await?;
    let (log, options) = scratch(&stack).await?;
    let tasks = Tasks::default();
    let writer = || Writer::start(log.clone(), options.clone(), &BESIDE, &tasks);
    let writers: [Writer<String>; 2] = [writer(), writer()];

    // Twenty streams, ten writings each; every fiftieth tells a word that was told before.
    let writings = (0u128..200).map(|number| {
        let writer = writers[usize::from(number % 2 == 1)].clone();
        let word = if number % 50 == 49 { "again".to_owned() } else { number.to_string() };
        async move { writer.append(event(number % 20, After::Whatever), word).await }
    });
    let written = join_all(writings).await;
    let refused: Vec<&WriteError> = written.iter().filter_map(|w| w.as_ref().err()).collect();
    assert_eq!(refused, vec![&WriteError::Constraint("beside_once".into()); 3]);

    // Two decide on the same version: one of them has to decide again.
    let twins = (0..2).map(|number| {
        writers[number].append(event(1_000, After::Version(0)), format!("twin {number}"))
    });
    let twins = join_all(twins).await;
    let lost = WriteError::Refused(Refused::Conflict { current: 1 });
    assert_eq!(twins.iter().filter(|twin| twin.as_ref().err() == Some(&lost)).count(), 1);

    // A stream that was thought to be new and is not fails alone too, whether it has begun long ago or
    // in the same batch, and whatever else is wrong with it.
    let news = [(1_000, "0"), (2_000, "new 1"), (2_001, "new 2"), (2_000, "new 3")]
        .map(|(stream, word)| writers[0].append(event(stream, After::Nothing), word.to_owned()));
    let news: Vec<_> = join_all(news).await.into_iter().map(Result::err).collect();
    assert_eq!(news, [Some(lost.clone()), None, None, Some(lost)]);

    // Each writer thinks that it knows where the log ends, and every time the other has moved it.
    for number in 3_000u128..3_020 {
        let writer = &writers[usize::from(number % 2 == 1)];
        writer.append(event(number, After::Nothing), format!("new {number}")).await?;
    }

    let mut conn = PgConnection::connect_with(&options).await?;
    let verified = verify(&mut conn, &log).await?;
    assert_eq!((verified.events, verified.faults), (220, vec![]));
    let beside: i64 =
        sqlx::query_scalar("select count(*) from beside").fetch_one(&mut conn).await?;
    assert_eq!(beside, 220);
    Ok(())
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_an_absent_database_in_time() -> Told {
    let log = Log { name: NAME, key: TagKey::new(b"scratch") };
    let tasks = Tasks::default();
    let writer: Writer<String> = Writer::start(log, nowhere(), &BESIDE, &tasks);
    let writings = (0..3_000).map(|number| {
        let writer = writer.clone();
        async move { writer.append(event(number, After::Version(0)), String::new()).await }
    });
    let since = std::time::Instant::now();
    let written = join_all(writings).await;
    let count =
        |error: &WriteError| written.iter().filter(|w| w.as_ref().err() == Some(error)).count();
    assert_eq!(count(&WriteError::Full) + count(&WriteError::Away), 3_000);
    assert!(count(&WriteError::Full) >= 500, "{} were refused", count(&WriteError::Full));
    assert!(since.elapsed() < LIMIT);
    Ok(())
}

/// The broker's user who may have a stream of any name.
pub(crate) fn operator(stack: &Stack) -> anyhow::Result<jetstream::Settings> {
    let urls = stack.urls()?;
    let (login, host) = urls
        .get("NATS_OPERATOR_URL")?
        .trim_start_matches("nats://")
        .split_once('@')
        .context("no user")?;
    let (user, password) = login.split_once(':').context("no password")?;
    Ok(jetstream::Settings {
        url: format!("nats://{host}"),
        user: user.to_owned(),
        password: Secret::new(password.as_bytes().to_vec()),
    })
}

#[tokio::test]
async fn eight_relays_at_once_put_every_event_once_under_its_number() -> Told {
    let stack = Stack::start(&[]).await?;
    let (log, options) = scratch(&stack).await?;
    let settings = operator(&stack)?;
    // As eight processes would be: each with a connection of its own, and none of them leading.
    let mut relays = vec![];
    for _ in 0..8 {
        relays.push(Relay {
            log: log.clone(),
            pool: db::pool(options.clone(), 2),
            options: options.clone(),
            broker: jetstream::connect(&settings).await?,
            health: Health::default(),
            witnesses: &[],
        });
    }
    let mut conn = PgConnection::connect_with(&options).await?;
    let publishing = join_all(relays.iter().map(|relay| {
        wait::until("all to be relayed", LIMIT, async || {
            Ok((relay.publish_missing().await? == 1_000).then_some(()))
        })
    }));
    let appending = async {
        for batch in 0..40u128 {
            let mut tx = conn.begin().await?;
            let events: Vec<_> =
                (0..25).map(|n| event(batch * 25 + n, After::Version(0))).collect();
            for taken in log.append(&mut tx, events.iter()).await? {
                taken?;
            }
            tx.commit().await?;
        }
        anyhow::Ok(())
    };
    let (published, appended) = tokio::join!(publishing, appending);
    appended?;
    published.into_iter().collect::<anyhow::Result<Vec<()>>>()?;
    let relay = relays.first().context("eight relays")?;
    let mut conn = PgConnection::connect_with(&options).await?;
    for event in event_log::read_after(&mut conn, 0, 1_000).await? {
        let message = relay.broker.raw(NAME, event.position).await?.context("a hole")?;
        assert_eq!(message, event.encode(), "message {}", event.position);
    }
    assert_eq!(relay.broker.last(NAME).await?, 1_000);
    Ok(())
}
