//! `make bench`: what the services reach, held against peers and floors of the same run.
//!
//! Rates say as much about the machine as about the program; what counts are the ratios: each is the
//! median of the ratios of single rounds, in which our side and the other one take turns.
//! Modules stand in the order in which they are needed.

mod options; // what is measured, how long, how often
mod report; // samples, medians, goals; the table and report.json
mod machine; // cores, memory, disk
mod crime; // a valid report: as a request, and as the events that it leads to
mod ground; // the stack under measurement; databases and streams beside its own
mod load; // a small HTTP client: closed loop and open loop
mod peer; // what others would write: naive and skeleton
mod columns; // rows of a table as the arrays of an unnest
mod accept; // reports over HTTP, durable
mod relay; // log -> stream
mod follow; // INTAKE -> the bureau's log and read models
mod rebuild; // the bureau's log -> its read models
mod list; // from sending to standing in the triage list
mod pages; // the public's pages
mod rss; // memory at rest

use std::process::ExitCode;
use std::time::Duration;

use backbone::cli::say;
use clap::Parser as _;
use tests::Result;

use ground::Bench;
use options::{Asked, Cli, Part};
use report::Report;

/// The peers get the allocator that intake has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.asked {
        Some(Asked::Peer { kind, listen, database }) => peer::serve(kind, &listen, &database).await,
        Some(Asked::Load { url, seconds }) => put_under_load(&url, seconds).await,
        None => bench(&cli).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn put_under_load(url: &str, seconds: u64) -> Result<()> {
    let load = load::closed(url, Duration::from_secs(1), Duration::from_secs(seconds)).await?;
    say(format_args!("{load:?}"));
    Ok(())
}

async fn bench(cli: &Cli) -> Result<()> {
    let (size, parts) = (&cli.size(), cli.parts());
    let mut report = Report::default();
    report.add("rounds", size.rounds);
    report.add("is_release", u8::from(!cfg!(debug_assertions)));
    machine::describe(&mut report)?;
    say("starting a stack of our own");
    let bench = Bench::start().await?;
    // Memory and latency first, while the stack is as quiet as it will ever be.
    for part in parts {
        say(format_args!("measuring {}", part.name()));
        machine::probe_disk(bench.dir(), &mut report)?;
        match part {
            Part::Rss => rss::measure(&bench, &mut report).await?,
            Part::List => list::measure(&bench, size, &mut report).await?,
            Part::Pages => pages::measure(&bench, size, &mut report).await?,
            Part::Accept => accept::measure(&bench, size, &mut report).await?,
            Part::Relay => relay::measure(&bench, size, &mut report).await?,
            Part::Follow => follow::measure(&bench, size, &mut report).await?,
            Part::Rebuild => rebuild::measure(&bench, size, &mut report).await?,
        }
    }
    drop(bench);
    say(report.table(!cli.smoke));
    if !cli.smoke {
        say(format_args!("written to {}", report.write()?.display()));
    }
    Ok(())
}
