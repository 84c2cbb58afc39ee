//! `stack`: starts and stops everything on this machine. See the README beside it.
#![expect(clippy::print_stdout, reason = "this is a command; its answers go to standard output")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use local_stack::urls::Urls;
use local_stack::{Stack, down, run, up};

/// PostgreSQL, NATS, intake, bureau and notifier on this machine, private to one folder.
///
/// Nothing of the system's own servers is touched, and the usual ports may be taken. The programs of
/// the services are looked for beside this one. Settings for the services (`CONTACT_DEADLINE`,
/// `NOTIFIER_CHANNEL`, `SMTP_URL`, `RUST_LOG`, `OTEL_*`, ...) are taken from the environment.
#[derive(Debug, Parser)]
#[command(after_help = "Environment:\n  \
    PG_BIN           the folder that holds initdb and postgres\n  \
    NATS_SERVER_BIN  the nats-server to use (2.9.10 or later)")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start what is dead at the address that it had, leave the rest, return when all is ready
    ///
    /// Where everything is stands in urls.env in the folder, for shells to source; the settings of a
    /// service, for commands by hand, in `<service>.env`.
    Up {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        size: Size,
    },
    /// Stop everything
    Down {
        #[command(flatten)]
        place: Place,
        /// Also delete the data; what was installed into the folder stays
        #[arg(long)]
        clean: bool,
    },
    /// Start everything, stay in the foreground until Ctrl-C, stop everything
    Run {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        size: Size,
        /// Send no sample reports in
        #[arg(long)]
        no_samples: bool,
        /// Also end when standard input closes
        #[arg(long)]
        until_stdin_closes: bool,
        /// Do not print addresses and tokens
        #[arg(long)]
        quiet: bool,
    },
}

#[derive(Debug, Args)]
struct Place {
    /// The folder that holds data, logs, keys and urls.env [default: .local beside Cargo.toml]
    #[arg(long)]
    dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Size {
    /// How many processes of each service [default: as many as last time, at first 1]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=9))]
    replicas: Option<u8>,
    /// How long each service may take to be ready, in seconds
    #[arg(long, default_value_t = 60)]
    patience: u64,
}

impl Place {
    fn stack(&self) -> Result<Stack> {
        let dir = self.dir.clone().unwrap_or_else(default_dir);
        Stack::new(&dir, say)
    }

    fn stack_of(&self, size: &Size) -> Result<Stack> {
        let patience = Duration::from_secs(size.patience);
        Ok(Stack { patience, ..self.stack()? })
    }
}

/// `.local` in the checkout that this program was built from, or here if that has gone.
fn default_dir() -> PathBuf {
    let checkout = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let root = checkout.canonicalize().unwrap_or_default();
    root.join(".local")
}

/// To standard error, which may be closed: even then everything must be stopped.
fn say(what: &str) {
    writeln!(std::io::stderr(), "stack: {what}").ok();
}

fn main() -> ExitCode {
    match execute(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> Result<()> {
    match command {
        Command::Up { place, size } => {
            let stack = place.stack_of(&size)?;
            up::up(&stack, size.replicas)?;
            println!("ready; addresses are in {}", stack.layout.urls().display());
            Ok(())
        }
        Command::Down { place, clean } => down::down(&place.stack()?, clean),
        Command::Run { place, size, no_samples, until_stdin_closes, quiet } => {
            let stack = place.stack_of(&size)?;
            let samples = !no_samples;
            let options = run::Options { replicas: size.replicas, samples, until_stdin_closes };
            let file = stack.layout.urls();
            run::run(&stack, options, |urls| {
                if !quiet {
                    writeln!(std::io::stdout(), "{}", welcome(urls, &file)).ok();
                }
            })
        }
    }
}

fn welcome(urls: &Urls, file: &Path) -> String {
    let at = |name: &str| urls.get(name).map_or("", String::as_str);
    format!(
        "\nThe stack is running.\n\n  \
         the public   {intake}/\n  \
         the bureau   {bureau}/\n  \
         messages     {outbox}\n\n\
         Staff sign in with a token; it is good for 24 hours and for this stack alone:\n\n  \
         triager      {triager}\n\n  \
         supervisor   {supervisor}\n\n  \
         auditor      {auditor}\n\n  \
         examiner     {examiner}\n\n\
         From another shell:\n\n  \
         . {file}\n  \
         curl -H \"Authorization: Bearer $STAFF_TOKEN_TRIAGER\" \"$BUREAU_URL/api/v1/cases\"\n\n\
         Ctrl-C stops everything.",
        intake = at("INTAKE_URL"),
        bureau = at("BUREAU_URL"),
        outbox = at("OUTBOX_DIR"),
        triager = at("STAFF_TOKEN_TRIAGER"),
        supervisor = at("STAFF_TOKEN_SUPERVISOR"),
        auditor = at("STAFF_TOKEN_AUDITOR"),
        examiner = at("STAFF_TOKEN_EXAMINER"),
        file = file.display(),
    )
}
