//! `make verify-all`: reads logs, streams and read models of the running stack and states each
//! invariant with its count.

use std::path::PathBuf;
use std::time::Duration;

use backbone::cli::say;
use clap::Parser;
use tests::urls::Urls;
use tests::{Result, verify};

/// Reads logs, streams and read models of the running stack and states each invariant with its count
#[derive(Debug, Parser)]
struct Args {
    /// The file that `make up` wrote
    #[arg(long, default_value = ".local/urls.env")]
    urls: PathBuf,
    /// How long to wait until everything is through, in seconds
    #[arg(long, default_value_t = 60)]
    patience: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let urls = Urls::read(&args.urls)?;
    let report = verify::all(&urls, Duration::from_secs(args.patience)).await?;
    say(report);
    Ok(())
}
