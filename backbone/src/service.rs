//! The ground that all three services stand on: settings, pool, broker, log, keys, both ports.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;

use crate::admin::{self, Health, Quiesce};
use crate::chain::TagKey;
use crate::clock::{Clock, SystemClock};
use crate::config::{Reader, Secret, Setting};
use crate::event_log::{self, Log};
use crate::jetstream::{self, Broker};
use crate::recover::Witness;
use crate::relay::{Relay, Relayed};
use crate::sealing::Keys;
use crate::serve::serve;
use crate::shutdown::{Tasks, pause};
use crate::telemetry::{self, Telemetry, Wishes};
use crate::{db, follower};

/// What every service is told. Each service names its variables in its own `config.rs`.
#[derive(Debug, Clone)]
pub struct Settings {
    pub listen: String,
    pub admin_listen: String,
    pub database_url: String,
    /// The owner's, for `migrate`, `log recover` and rebuilding; the service's own where empty.
    pub owner_database_url: String,
    pub keys_database_url: String,
    pub broker: jetstream::Settings,
    pub log_key: Secret,
    pub master_key: Secret,
    pub telemetry: Wishes,
    /// Where `log recover` keeps events that had to move.
    pub tail_folder: PathBuf,
}

/// The names of a service's variables for [`Settings`].
#[derive(Debug, Clone, Copy)]
pub struct Names {
    pub listen: Setting,
    pub admin_listen: Setting,
    pub database_url: Setting,
    pub owner_database_url: Setting,
    pub keys_database_url: Setting,
    pub nats_url: Setting,
    pub nats_user: Setting,
    pub nats_password_file: Setting,
    pub log_key_file: Setting,
    pub master_key_file: Setting,
}

/// Read by every service under the same name.
pub const RUST_LOG: Setting =
    Setting::optional("RUST_LOG", "info", "what is logged, as tracing's EnvFilter reads it");
pub const OTLP_ENDPOINT: Setting = Setting::optional(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "",
    "where spans are exported to, if anywhere",
);
pub const TAIL_FOLDER: Setting = Setting::optional(
    "RECOVER_TAIL_FOLDER",
    ".",
    "where `log recover` keeps events that got new positions",
);

impl Names {
    /// The settings in the order in which `--help` lists them.
    #[must_use]
    pub fn all(&self) -> Vec<Setting> {
        vec![
            self.listen,
            self.admin_listen,
            self.database_url,
            self.owner_database_url,
            self.keys_database_url,
            self.nats_url,
            self.nats_user,
            self.nats_password_file,
            self.log_key_file,
            self.master_key_file,
            RUST_LOG,
            OTLP_ENDPOINT,
            TAIL_FOLDER,
        ]
    }

    pub fn read(&self, reader: &mut Reader) -> Settings {
        Settings {
            listen: reader.text(&self.listen),
            admin_listen: reader.text(&self.admin_listen),
            database_url: reader.text(&self.database_url),
            owner_database_url: reader.text(&self.owner_database_url),
            keys_database_url: reader.text(&self.keys_database_url),
            broker: jetstream::Settings {
                url: reader.text(&self.nats_url),
                user: reader.text(&self.nats_user),
                password: reader.text_file(&self.nats_password_file),
            },
            log_key: reader.secret_file(&self.log_key_file),
            master_key: reader.secret_file(&self.master_key_file),
            telemetry: Wishes {
                filter: reader.text(&RUST_LOG),
                otlp_endpoint: Some(reader.text(&OTLP_ENDPOINT)).filter(|text| !text.is_empty()),
            },
            tail_folder: reader.path(&TAIL_FOLDER),
        }
    }
}

impl Settings {
    /// Who may change tables, not only rows.
    #[must_use]
    pub fn owner_url(&self) -> &str {
        if self.owner_database_url.is_empty() {
            &self.database_url
        } else {
            &self.owner_database_url
        }
    }
}

/// A database that does not answer a simple question by then is not there for readiness.
const PROBE_TIME: Duration = Duration::from_secs(3);

/// The parts of a service that are the same in all three. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ground {
    pub log: Log,
    pub options: PgConnectOptions,
    pub pool: PgPool,
    pub broker: Broker,
    pub keys: Keys,
    pub health: Health,
    pub clock: Arc<dyn Clock>,
    pub tasks: Tasks,
    pub wake: db::Wake,
}

/// Why a service could not even begin to wait.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("a database URL cannot be read")]
    Database(#[from] sqlx::Error),
    #[error("the broker's URL cannot be read")]
    Broker(#[from] jetstream::BrokerError),
    #[error("the master key must have 32 bytes")]
    MasterKey(#[from] crate::sealing::Unreadable),
    #[error("cannot listen on {address}")]
    Listen {
        address: String,
        #[source]
        source: std::io::Error,
    },
}

impl Ground {
    /// Prepares everything and waits for nothing: databases and broker may be away.
    pub async fn lay(stream: &'static str, settings: &Settings) -> Result<Self, StartError> {
        let tasks = Tasks::default();
        let options = db::options(&settings.database_url)?;
        let keys_pool = db::pool(db::options(&settings.keys_database_url)?, 4);
        let ground = Self {
            log: Log { name: stream, key: TagKey::new(settings.log_key.bytes()) },
            pool: db::pool(options.clone(), 10),
            broker: jetstream::connect(&settings.broker).await?,
            keys: Keys::new(settings.master_key.bytes(), keys_pool.clone())?,
            health: Health::default(),
            clock: Arc::new(SystemClock),
            wake: db::Wake::listen(options.clone(), &tasks),
            options,
            tasks,
        };
        ground.watch("database", ground.pool.clone(), "select position from log_head");
        ground.watch("keys", keys_pool, "select 1 from report_key limit 1");
        Ok(ground)
    }

    /// Says every second whether a database answers and has its tables.
    fn watch(&self, part: &'static str, pool: PgPool, probe: &'static str) {
        let (health, token) = (self.health.clone(), self.tasks.token());
        self.tasks.spawn(async move {
            loop {
                let asked = sqlx::query(probe).fetch_optional(&pool);
                match tokio::time::timeout(PROBE_TIME, asked).await {
                    Ok(Ok(_)) => health.ready(part, "answers"),
                    // One that stands still is as good as away.
                    Err(_) => {
                        health.not_ready(part, format!("the {part} database does not answer"));
                    }
                    Ok(Err(error)) if db::is_away(&error) => {
                        health.not_ready(part, format!("the {part} database is away"));
                    }
                    Ok(Err(_)) => {
                        health.not_ready(part, "tables are missing or not ours: run `migrate`");
                    }
                }
                if !pause(&token, Duration::from_secs(1)).await {
                    return;
                }
            }
        });
    }

    /// Starts the relay of this service's log. `witnesses` may know how far it once was.
    #[must_use]
    pub fn relay(&self, witnesses: &'static [Witness]) -> Relayed {
        Relay { witnesses, ..self.relay_parts() }.start(&self.wake, &self.tasks)
    }

    #[must_use]
    pub fn relay_parts(&self) -> Relay {
        Relay {
            log: self.log.clone(),
            pool: self.pool.clone(),
            options: self.options.clone(),
            broker: self.broker.clone(),
            health: self.health.clone(),
            witnesses: &[],
        }
    }

    /// Serves both ports until the service is asked to end: `public` with the limits of
    /// [`crate::http::with_limits`]. `due_now` counts what waits for a clock.
    pub async fn serve<D, F>(
        self,
        settings: &Settings,
        telemetry: Telemetry,
        public: Router,
        due_now: D,
    ) -> Result<(), StartError>
    where
        D: Fn(PgPool) -> F + Send + Sync + 'static,
        F: Future<Output = Result<u64, sqlx::Error>> + Send + 'static,
    {
        let public_port = listen(&settings.listen).await?;
        let admin_port = listen(&settings.admin_listen).await?;
        let due_now = Arc::new(due_now);
        let (pool, broker, name) = (self.pool.clone(), self.broker.clone(), self.log.name);
        let quiesce: admin::AskQuiesce = Arc::new(move || {
            let (pool, broker, due_now) = (pool.clone(), broker.clone(), Arc::clone(&due_now));
            Box::pin(async move {
                let due_now = due_now(pool.clone()).await.map_err(|error| error.to_string())?;
                quiesce(&pool, &broker, name, due_now).await
            })
        });
        let admin =
            admin::routes(self.health.clone(), telemetry.clone(), quiesce, self.tasks.clone());
        self.tasks.spawn(serve(admin_port, admin, self.tasks.clone()));
        self.tasks.spawn(serve(public_port, public, self.tasks.clone()));
        tracing::info!(listen = settings.listen, admin = settings.admin_listen, "serving");
        self.tasks.until_ended().await;
        telemetry.stop();
        Ok(())
    }
}

async fn listen(address: &str) -> Result<tokio::net::TcpListener, StartError> {
    tokio::net::TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address: address.to_owned(), source })
}

async fn quiesce(
    pool: &PgPool,
    broker: &Broker,
    stream: &str,
    due_now: u64,
) -> Result<Quiesce, String> {
    let mut conn = pool.acquire().await.map_err(|error| error.to_string())?;
    let head = event_log::head(&mut conn).await.map_err(|error| error.to_string())?;
    let followed = follower::positions(&mut conn).await.map_err(|error| error.to_string())?;
    let relayed = broker.last(stream).await.unwrap_or(0);
    Ok(Quiesce { head: head.position, relayed, followed, due_now })
}

/// Starts telemetry for a service that was told how.
#[must_use]
pub fn start_telemetry(name: &'static str, settings: &Settings) -> Telemetry {
    telemetry::start(name, &settings.telemetry)
}
