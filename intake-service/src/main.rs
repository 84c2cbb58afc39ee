//! `intake-service`: see `--help`.

use std::process::ExitCode;
use std::sync::Arc;

use backbone::cli::{self, Command, CommandError, LogCommand, ParkedCommand, StreamCommand};
use backbone::evidence::Store;
use backbone::problem::with_causes;
use backbone::recover::Witness;
use backbone::service::{Ground, start_telemetry};
use backbone::writer::Writer;
use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use intake_service::config::Config;
use intake_service::domain::form::Flag;
use intake_service::drafts::sweep;
use intake_service::evidence::{Evidence, sweep as evidence_sweep};
use intake_service::identity::Identity;
use intake_service::projections::{status, unseen};
use intake_service::{forms, http, incoming};
use proto::topology;

/// Under load a good part of the time goes into small allocations; this one is made for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a page says where nobody could be told at once of somebody who cannot call.
const NO_CONTROL_ROOM: &str =
    "This form cannot reach our control room. Only a call or a text to 999 can.";

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Who may know how far intake's log once was.
static WITNESSES: [Witness; 2] =
    [Witness { stream: topology::BUREAU }, Witness { stream: topology::NOTIFIER }];

/// Takes reports from the public and puts them into the log.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let help = backbone::config::help(&Config::settings());
    let matches = Args::command().after_help(help).get_matches();
    let args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match Config::read() {
        Ok(config) => cli::exit_code(run(args.command.unwrap_or(Command::Serve), &config).await),
        Err(faults) => cli::refuse(&faults),
    }
}

async fn run(command: Command, config: &Config) -> Result<(), CommandError> {
    let lay = || Ground::lay(topology::INTAKE, &config.common);
    match command {
        Command::Serve => serve(config).await,
        Command::Migrate => migrate(config).await,
        Command::Log(LogCommand::Verify) => cli::log_verify(&lay().await?).await,
        Command::Log(LogCommand::Recover) => {
            let rebuild = async |conn: &mut _| status::rebuild(conn).await;
            cli::log_recover(&lay().await?, &config.common, &WITNESSES, rebuild).await
        }
        Command::Stream(StreamCommand::Rebuild) => cli::stream_rebuild(&lay().await?).await,
        Command::Parked(ParkedCommand::List) => cli::parked_list(&lay().await?).await,
        Command::Parked(ParkedCommand::Release { actor }) => {
            let ground = lay().await?;
            let followers = [incoming::follow_bureau(&ground), incoming::follow_notifier(&ground)];
            cli::parked_release(&ground, &followers, &actor).await
        }
    }
}

async fn migrate(config: &Config) -> Result<(), CommandError> {
    cli::migrate(&config.common, &MIGRATOR).await?;
    let keys = &config.common.keys_database_url;
    let owner = if config.keys_owner_url.is_empty() { keys } else { &config.keys_owner_url };
    cli::migrate_keys(owner, keys, &config.keys_readers).await
}

async fn serve(config: &Config) -> Result<(), CommandError> {
    let telemetry = start_telemetry("intake", &config.common);
    let ground = Ground::lay(topology::INTAKE, &config.common).await?;
    let words = config.force.facts.words(&config.force.name);
    let mut forms = forms::load(&words).map_err(|refused| cli::NeedsAction(refused.to_string()))?;
    forms.offer(&config.force.facts.kinds);
    if !config.force.has_control_room {
        forms.switch_off(Flag::EmergencyCannotCall, NO_CONTROL_ROOM);
    }
    http::open311::check(&forms, &config.force.facts.open311)
        .map_err(|why| cli::NeedsAction(format!("FORCE_FILE: `open311`: {why}")))?;
    let relayed = ground.relay(&WITNESSES);
    incoming::follow_bureau(&ground).start(relayed.clone(), &ground.tasks);
    incoming::follow_notifier(&ground).start(relayed, &ground.tasks);
    unseen::watch(&ground, config.contact_deadline);
    sweep::watch(&ground);
    let (log, options) = (ground.log.clone(), ground.options.clone());
    let writer = Writer::start(log, options, &status::BESIDE, &ground.tasks);
    writer.watch(&ground.health, &ground.tasks);
    let evidence = evidence(config, &ground)?;
    evidence_sweep::watch(&ground, evidence.clone());
    let site = http::Site::new(config, &ground, writer, Arc::new(forms), evidence);
    let routes = http::routes(site);
    ground.serve(&config.common, telemetry, routes, |_| async { Ok(0) }).await?;
    Ok(())
}

fn evidence(config: &Config, ground: &Ground) -> Result<Evidence, CommandError> {
    let settings = config.evidence.clone();
    let store = Store::open(&settings.place)
        .map_err(|error| cli::NeedsAction(format!("evidence: {}", with_causes(&error))))?;
    Ok(Evidence::new(Identity::new(&config.secret), ground, store, settings))
}
