//! The commands: what is put together for each, and how it ends.

use std::sync::Arc;

use backbone::cli::{self, Command, CommandError, LogCommand, ParkedCommand, StreamCommand};
use backbone::follower::{Follower, Handler};
use backbone::http::with_limits;
use backbone::recover::{self, Witness};
use backbone::service::{self, Ground};
use proto::topology::{BUREAU, INTAKE, NOTIFIER};
use sqlx::PgConnection;

use crate::config::Config;
use crate::control_room::tell::Teller;
use crate::dispatch::Dispatcher;
use crate::dispatch::record::Recorder;
use crate::execute::Executor;
use crate::history::HistoryError;
use crate::http::{self, App};
use crate::projections::{due, emergencies};
use crate::render::{self, Renderer};
use crate::{MIGRATOR, incoming, rebuild};

/// Who may know how far this service's log once was.
static WITNESSES: [Witness; 1] = [Witness { stream: BUREAU }];

/// Why the notifier ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error(transparent)]
    Start(#[from] service::StartError),
    #[error(transparent)]
    Templates(#[from] render::Error),
}

/// Runs `command` to its end.
pub async fn run(command: Command, config: Config) -> Result<(), RunError> {
    let settings = config.settings.clone();
    match command {
        Command::Serve => return Box::pin(serve(config)).await,
        Command::Migrate => cli::migrate(&settings, &MIGRATOR).await?,
        Command::Log(LogCommand::Verify) => cli::log_verify(&ground(&config).await?).await?,
        Command::Log(LogCommand::Recover) => {
            cli::log_recover(&ground(&config).await?, &settings, &WITNESSES, compute).await?;
        }
        Command::Stream(StreamCommand::Rebuild) => {
            cli::stream_rebuild(&ground(&config).await?).await?;
        }
        Command::Parked(ParkedCommand::List) => cli::parked_list(&ground(&config).await?).await?,
        Command::Parked(ParkedCommand::Release { actor }) => {
            let ground = ground(&config).await?;
            let followers = followers(&ground, &executor(&ground, &config));
            cli::parked_release(&ground, &followers, &actor).await?;
        }
    }
    Ok(())
}

async fn ground(config: &Config) -> Result<Ground, service::StartError> {
    Ground::lay(NOTIFIER, &config.settings).await
}

fn executor(ground: &Ground, config: &Config) -> Executor {
    Executor {
        log: ground.log.clone(),
        means: config.channel.means(),
        room: config.desk.room(),
        saved_links: config.saved_links.clone(),
        clock: Arc::clone(&ground.clock),
    }
}

/// Computes everything that the log holds: read models, positions, parked messages.
async fn compute(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    recover::positions_from_log(conn).await?;
    rebuild::rebuild(conn).await.map_err(|error| match error {
        HistoryError::Database(error) => error,
        HistoryError::Unreadable { .. } => sqlx::Error::Decode(Box::new(error)),
    })
}

/// What the notifier follows: the public's acts, and the bureau's in their light.
fn followers(ground: &Ground, executor: &Executor) -> [Follower<Executor>; 2] {
    let follower = |stream, handler: Handler<Executor>| Follower {
        stream,
        waits_for: (stream != INTAKE).then_some(INTAKE),
        log: Some(ground.log.clone()),
        service: executor.clone(),
        handler,
        options: ground.options.clone(),
        broker: ground.broker.clone(),
        health: ground.health.clone(),
    };
    [follower(INTAKE, incoming::intake), follower(BUREAU, incoming::bureau)]
}

async fn serve(config: Config) -> Result<(), RunError> {
    let telemetry = service::start_telemetry("notifier", &config.settings);
    let ground = ground(&config).await?;
    let executor = executor(&ground, &config);
    let relayed = ground.relay(&WITNESSES);
    for follower in followers(&ground, &executor) {
        follower.start(relayed.clone(), &ground.tasks);
    }
    let Config { settings, tokens, channel, sender, desk, saved_links: _ } = config;
    let renderer = Renderer::try_new(sender)?;
    if channel.means().text {
        renderer.texts_fit()?;
    }
    let (channel, renderer) = (Arc::new(channel), Arc::new(renderer));
    let recorder = Recorder::new(ground.pool.clone(), executor.clone());
    Teller {
        ground: ground.clone(),
        recorder: recorder.clone(),
        channel: Arc::clone(&channel),
        renderer: Arc::clone(&renderer),
        desk: Arc::clone(&desk),
    }
    .start(relayed.clone());
    Dispatcher { ground: ground.clone(), executor, channel, renderer: Arc::clone(&renderer) }
        .start(relayed.clone());
    let clock = Arc::clone(&ground.clock);
    let due_now = move |pool: sqlx::PgPool| {
        let now = clock.now();
        async move {
            let mut conn = pool.acquire().await?;
            Ok(due::count(&mut conn, now).await? + emergencies::count(&mut conn, now).await?)
        }
    };
    let routes =
        http::routes(App { pool: ground.pool.clone(), tokens, recorder, relayed, desk, renderer });
    ground.serve(&settings, telemetry, with_limits(routes), due_now).await?;
    Ok(())
}
