//! `bureau-service`: see `--help`.

use std::process::ExitCode;

use bureau_service::config::Config;
use bureau_service::run::{Args, run};
use clap::{CommandFactory as _, FromArgMatches as _};

#[tokio::main]
async fn main() -> ExitCode {
    let help = backbone::config::help(&Config::settings());
    let matches = Args::command().after_help(help).get_matches();
    let args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match Config::read() {
        Ok(config) => backbone::cli::exit_code(run(args, &config).await),
        Err(faults) => backbone::cli::refuse(&faults),
    }
}
