//! The stack under measurement, and databases and streams beside its own: what is measured in this
//! process works on the same servers and never on a service's data.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use async_nats::jetstream::stream::Config;
use backbone::admin::Health;
use backbone::chain::TagKey;
use backbone::config::Secret;
use backbone::db::{self, Wake};
use backbone::event_log::{Log, NewEvent};
use backbone::jetstream::{self, Broker};
use backbone::relay::{Relay, Relayed};
use backbone::shutdown::Tasks;
use serde::Deserialize;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tests::citizen::http;
use tests::stack::Stack;
use tests::urls::Urls;
use tests::{Result, wait};

const SERVICES: [&str; 3] = ["INTAKE", "BUREAU", "NOTIFIER"];
const PATIENCE: Duration = Duration::from_mins(5);
/// Rows of one append; also what the writer takes at most.
const APPEND_BATCH: usize = 500;

static BUREAU_MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../bureau-service/migrations");

/// A running stack and the way to its servers.
#[derive(Debug)]
pub(crate) struct Bench {
    stack: Stack,
    pub(crate) urls: Urls,
    pub(crate) broker: Broker,
}

/// What a service says of how far everything has come.
#[derive(Debug, Deserialize)]
struct Quiesce {
    head: u64,
    relayed: u64,
}

impl Bench {
    pub(crate) async fn start() -> Result<Self> {
        let stack = Stack::start(&[("RUST_LOG", "warn")]).await?;
        let urls = stack.urls()?;
        let broker = connect(urls.get("NATS_OPERATOR_URL")?).await?;
        Ok(Self { stack, urls, broker })
    }

    pub(crate) fn dir(&self) -> &Path {
        self.stack.dir()
    }

    /// Stops these services in their tracks, so that they take no time from what is measured.
    pub(crate) fn freeze(&self, services: &[&str]) -> Result<()> {
        services.iter().try_for_each(|service| self.stack.signal(service, "-STOP"))
    }

    pub(crate) fn freeze_all(&self) -> Result<()> {
        self.freeze(&SERVICES)
    }

    /// Lets all services go on.
    pub(crate) fn thaw(&self) -> Result<()> {
        SERVICES.iter().try_for_each(|service| self.stack.signal(service, "-CONT"))
    }

    /// Waits until intake's stream has everything that its log has.
    pub(crate) async fn until_relayed(&self) -> Result<()> {
        let (url, http) = (format!("{}/quiesce", self.urls.get("INTAKE_ADMIN_URL")?), http()?);
        wait::until("the relay to be level", PATIENCE, || async {
            let said: Quiesce = http.get(&url).send().await?.json().await?;
            Ok((said.head == said.relayed).then_some(()))
        })
        .await
    }

    /// Begins every measurement with the same amount of unwritten pages: none.
    pub(crate) async fn checkpoint(&self) -> Result<()> {
        let mut conn = PgConnection::connect(self.urls.get("INTAKE_DATABASE_URL")?).await?;
        conn.execute("checkpoint").await?;
        Ok(())
    }

    /// Makes an empty database beside those of the services.
    pub(crate) async fn database(&self, name: &str) -> Result<Scratch> {
        let intake = self.urls.get("INTAKE_DATABASE_URL")?;
        let mut conn = PgConnection::connect(intake).await?;
        for statement in [
            format!("drop database if exists {name} with (force)"),
            format!("create database {name}"),
        ] {
            conn.execute(sqlx::raw_sql(AssertSqlSafe(statement))).await?;
        }
        let url = intake.replacen("/intake?", &format!("/{name}?"), 1);
        Ok(Scratch { options: db::options(&url)?, url })
    }

    /// A database with an empty log.
    pub(crate) async fn log(&self, name: &str) -> Result<Scratch> {
        let scratch = self.database(name).await?;
        db::MIGRATOR.run(&mut scratch.connect().await?).await?;
        Ok(scratch)
    }

    /// A database like the bureau's.
    pub(crate) async fn bureau(&self, name: &str) -> Result<Scratch> {
        let scratch = self.log(name).await?;
        BUREAU_MIGRATOR.run(&mut scratch.connect().await?).await?;
        Ok(scratch)
    }

    /// An empty stream of this name, as a service would make it.
    pub(crate) async fn stream(&self, name: &str) -> Result<()> {
        self.drop_stream(name).await;
        let config: Config = jetstream::wanted(name);
        self.broker.context.create_stream(config).await?;
        Ok(())
    }

    pub(crate) async fn drop_stream(&self, name: &str) {
        // It may not be there.
        self.broker.context.delete_stream(name).await.ok();
    }

    /// Waits until a stream of ours has `count` messages.
    pub(crate) async fn until_filled(&self, name: &str, count: usize) -> Result<()> {
        let count = u64::try_from(count)?;
        until("the stream to be filled", async || {
            // Not there yet: its relay has not begun.
            let last = self.broker.last(name).await.unwrap_or(0);
            Ok((last >= count).then_some(()))
        })
        .await
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // One that does not run cannot be asked to end.
        self.thaw().ok();
    }
}

/// Asks every 2 ms: finer than what the harness needs.
pub(crate) async fn until<T>(
    what: &str,
    mut probe: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let mut ticks = tokio::time::interval(Duration::from_millis(2));
    let asking = async {
        loop {
            ticks.tick().await;
            if let Some(found) = probe().await? {
                return Ok(found);
            }
        }
    };
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(found) => found,
        Err(_) => Err(anyhow!("waited {PATIENCE:?} for {what}")),
    }
}

async fn connect(url: &str) -> Result<Broker> {
    let (account, address) = url
        .trim_start_matches("nats://")
        .split_once('@')
        .context("the operator's address names no account")?;
    let (user, password) = account.split_once(':').context("the account has no password")?;
    let settings = jetstream::Settings {
        url: format!("nats://{address}"),
        user: user.to_owned(),
        password: Secret::new(password.as_bytes().to_vec()),
    };
    Ok(jetstream::connect(&settings).await?)
}

/// A database for measurements.
#[derive(Debug, Clone)]
pub(crate) struct Scratch {
    pub(crate) url: String,
    pub(crate) options: PgConnectOptions,
}

impl Scratch {
    pub(crate) async fn connect(&self) -> Result<PgConnection> {
        Ok(db::connect(&self.options).await?)
    }

    /// Appends `events` as a writer under load does.
    pub(crate) async fn append(&self, log: &Log, events: &[NewEvent]) -> Result<()> {
        let mut conn = self.connect().await?;
        for batch in events.chunks(APPEND_BATCH) {
            let mut tx = conn.begin().await?;
            for taken in log.append(&mut tx, batch.iter()).await? {
                taken?;
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// Starts the relay of the log that stands here.
    pub(crate) fn relay(&self, log: &Log, broker: &Broker, tasks: &Tasks) -> Relayed {
        let relay = Relay {
            log: log.clone(),
            pool: db::pool(self.options.clone(), 4),
            options: self.options.clone(),
            broker: broker.clone(),
            health: Health::default(),
            witnesses: &[],
        };
        relay.start(&Wake::listen(self.options.clone(), tasks), tasks)
    }
}

/// A log of ours, which is no service's.
pub(crate) fn log(name: &'static str) -> Log {
    Log { name, key: TagKey::new(b"a key for measurements") }
}

/// Ends what was started with `tasks`.
pub(crate) async fn end(tasks: Tasks) {
    tasks.token().cancel();
    tasks.until_ended().await;
}
