//! The notifier's command line.

use std::process::ExitCode;

use backbone::cli::{self, Command, CommandError};
use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use notifier_service::config;
use notifier_service::run::{RunError, run};

/// Tells reporters what happens next, in time.
#[derive(Debug, Parser)]
#[command(name = "notifier-service", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let matches = Cli::command().after_help(config::help()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let config = match config::read() {
        Ok(config) => config,
        Err(faults) => return cli::refuse(&faults),
    };
    match run(cli.command.unwrap_or(Command::Serve), config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(RunError::Command(error)) => cli::exit_code(Err(error)),
        Err(RunError::Start(error)) => cli::exit_code(Err(CommandError::Start(error))),
        Err(RunError::Templates(error)) => failed(&error),
    }
}

fn failed(why: &dyn std::error::Error) -> ExitCode {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{why}").ok();
    ExitCode::FAILURE
}
