//! What is measured, how long, how often.

use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

/// Measures the services against peers and floors; writes target/bench/report.json.
#[derive(Debug, Parser)]
pub(crate) struct Cli {
    /// One short round of everything: whether the measures work, not what they say
    #[arg(long)]
    pub(crate) smoke: bool,
    /// How often each side is measured [default: 3]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..))]
    rounds: Option<u8>,
    /// How long each side is under load in a round [default: 5]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    seconds: Option<u16>,
    /// Measure this alone (may be given several times)
    #[arg(long)]
    only: Vec<Part>,
    #[command(subcommand)]
    pub(crate) asked: Option<Asked>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Asked {
    /// Be the program that we are compared with (the bench starts it by itself)
    Peer {
        kind: Kind,
        #[arg(long)]
        listen: String,
        #[arg(long)]
        database: String,
    },
    /// Put a server that is up under the load of `accept`, for a profiler to look at
    Load {
        url: String,
        #[arg(long, default_value_t = 10)]
        seconds: u64,
    },
}

/// Two ways to take a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Event and outbox row in one transaction per request
    Naive,
    /// Group commit and nothing else
    Skeleton,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Skeleton => "skeleton",
        }
    }
}

/// A subject of measurement, in the order in which they are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    Rss,
    List,
    Pages,
    Accept,
    Relay,
    Follow,
    Rebuild,
}

impl Part {
    const ALL: [Self; 7] = [
        Self::Rss,
        Self::List,
        Self::Pages,
        Self::Accept,
        Self::Relay,
        Self::Follow,
        Self::Rebuild,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::List => "list",
            Self::Pages => "pages",
            Self::Accept => "accept",
            Self::Relay => "relay",
            Self::Follow => "follow",
            Self::Rebuild => "rebuild",
        }
    }
}

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) rounds: u8,
    pub(crate) warm_up: Duration,
    pub(crate) time: Duration,
    /// Events that are relayed and followed in a round.
    pub(crate) events: usize,
    /// Cases whose read models are rebuilt in a round.
    pub(crate) cases: usize,
}

impl Cli {
    pub(crate) fn size(&self) -> Size {
        if self.smoke {
            return Size {
                rounds: self.rounds.unwrap_or(1),
                warm_up: Duration::from_millis(100),
                time: Duration::from_millis(500),
                events: 1_000,
                cases: 500,
            };
        }
        let seconds = self.seconds.unwrap_or(5);
        Size {
            rounds: self.rounds.unwrap_or(3),
            warm_up: Duration::from_secs(1),
            time: Duration::from_secs(seconds.into()),
            events: usize::from(seconds) * 10_000,
            cases: usize::from(seconds) * 4_000,
        }
    }

    pub(crate) fn parts(&self) -> Vec<Part> {
        let wanted = |part: &Part| self.only.is_empty() || self.only.contains(part);
        Part::ALL.into_iter().filter(wanted).collect()
    }
}
