//! Puts the parts together and does what the command line asks for.

use backbone::cli::{self, Command, CommandError, LogCommand, ParkedCommand, StreamCommand};
use backbone::db;
use backbone::follower::{Follower, Handler};
use backbone::http::with_limits_and;
use backbone::recover::{self, Witness};
use backbone::service::{Ground, Settings, start_telemetry};
use clap::{Parser, Subcommand};
use proto::topology::{BUREAU, INTAKE, NOTIFIER};
use sqlx::PgPool;

use crate::clock_watch::ClockWatch;
use crate::config::Config;
use crate::http::{self, Bureau};
use crate::incoming::{self, Incoming};
use crate::projections::clock;
use crate::rebuild;

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Who may know how far this service's log once was.
static WITNESSES: [Witness; 1] = [Witness { stream: NOTIFIER }];

/// Shows reports to the staff of the bureau, and keeps what they decide.
#[derive(Debug, Parser)]
#[command(name = "bureau-service", version)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Asked>,
}

#[derive(Debug, Clone, Subcommand)]
enum Asked {
    #[command(flatten)]
    Common(Command),
    /// The read models: the list, the clock, the tasks
    #[command(subcommand)]
    Projections(ProjectionsCommand),
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum ProjectionsCommand {
    /// Make them anew from the log beside the live ones, and put them in their place; as the owner
    Rebuild,
}

/// Does what was asked for.
pub async fn run(args: Args, config: &Config) -> Result<(), CommandError> {
    let lay = || Ground::lay(BUREAU, &config.common);
    let command = match args.command {
        Some(Asked::Common(command)) => command,
        Some(Asked::Projections(ProjectionsCommand::Rebuild)) => {
            return rebuild_projections(&config.common).await;
        }
        None => Command::Serve,
    };
    match command {
        Command::Serve => serve(config).await,
        Command::Migrate => cli::migrate(&config.common, &MIGRATOR).await,
        Command::Log(LogCommand::Verify) => cli::log_verify(&lay().await?).await,
        Command::Log(LogCommand::Recover) => {
            let rebuild = async |conn: &mut _| {
                recover::positions_from_log(conn).await?;
                rebuild::in_place(conn).await.map(drop)
            };
            cli::log_recover(&lay().await?, &config.common, &WITNESSES, rebuild).await
        }
        Command::Stream(StreamCommand::Rebuild) => cli::stream_rebuild(&lay().await?).await,
        Command::Parked(ParkedCommand::List) => cli::parked_list(&lay().await?).await,
        Command::Parked(ParkedCommand::Release { actor }) => {
            let ground = lay().await?;
            cli::parked_release(&ground, &followers(&ground), &actor).await
        }
    }
}

/// INTAKE orders what the others say, so it waits for nothing.
fn followers(ground: &Ground) -> [Follower<Incoming>; 2] {
    let follower = |stream, waits_for, handler: Handler<Incoming>| Follower {
        stream,
        waits_for,
        log: Some(ground.log.clone()),
        service: Incoming { log: ground.log.clone() },
        handler,
        options: ground.options.clone(),
        broker: ground.broker.clone(),
        health: ground.health.clone(),
    };
    [follower(INTAKE, None, incoming::intake), follower(NOTIFIER, Some(INTAKE), incoming::notifier)]
}

async fn serve(config: &Config) -> Result<(), CommandError> {
    let telemetry = start_telemetry("bureau", &config.common);
    let ground = Ground::lay(BUREAU, &config.common).await?;
    let relayed = ground.relay(&WITNESSES);
    for follower in followers(&ground) {
        follower.start(relayed.clone(), &ground.tasks);
    }
    let watch = ClockWatch {
        log: ground.log.clone(),
        options: ground.options.clone(),
        clock: ground.clock.clone(),
    };
    watch.start(relayed.clone(), &ground.tasks);
    let bureau = Bureau::new(config, &ground, relayed)?;
    let (routes, unhurried) = http::routes(bureau);
    let routes = with_limits_and(routes, unhurried);
    let clock = ground.clock.clone();
    let due_now = move |pool: PgPool| {
        let now = clock.now();
        async move { clock::due_count(&mut *pool.acquire().await?, now).await }
    };
    ground.serve(&config.common, telemetry, routes, due_now).await?;
    Ok(())
}

async fn rebuild_projections(settings: &Settings) -> Result<(), CommandError> {
    let role = db::options(&settings.database_url)?.get_username().to_owned();
    let mut conn = db::connect(&db::options(settings.owner_url())?).await?;
    let rebuilt = rebuild::rebuild(&mut conn, &role).await?;
    cli::say(format!("the read models are made anew from {} events", rebuilt.events));
    Ok(())
}
