//! Proves every invariant of a running stack, with code that the services do not share: it reads
//! rows, messages and files, and computes hashes, folds and counts by itself.

mod logs; // positions, chain, versions; message N is event N
mod models; // read models against a fold of the logs
mod emergencies; // who cannot call 999 is at the control room, or an alarm was raised
mod promises; // what was owed, sent and kept
mod owed; // what proves that a promise ended in time
mod files; // which files belong to which report
mod links; // who was told where a saved form is
mod quiet; // waits until everything is through

use std::fmt;
use std::time::Duration;

use anyhow::bail;

use crate::Result;
use crate::urls::Urls;

pub use logs::{Event, read_log};

/// One invariant with what was counted for it.
#[derive(Debug, Clone)]
pub struct Finding {
    pub invariant: &'static str,
    pub checked: usize,
    /// The first counterexamples.
    pub broken: Vec<String>,
}

impl Finding {
    fn new(invariant: &'static str) -> Self {
        Self { invariant, checked: 0, broken: vec![] }
    }

    /// Counts one thing that was looked at, and says what is wrong with it if it is.
    fn check(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        self.checked += 1;
        if !holds && self.broken.len() < 20 {
            self.broken.push(otherwise());
        }
    }
}

/// All findings of one look.
#[derive(Debug, Clone)]
pub struct Report(pub Vec<Finding>);

impl Report {
    /// An error that tells every counterexample, if there is one.
    pub fn proven(self) -> Result<Self> {
        if self.0.iter().all(|finding| finding.broken.is_empty()) {
            return Ok(self);
        }
        bail!("invariants are broken:\n{self}")
    }

    #[must_use]
    pub fn checked(&self, invariant: &str) -> usize {
        self.0.iter().find(|f| f.invariant.starts_with(invariant)).map_or(0, |f| f.checked)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.0 {
            let verdict = if finding.broken.is_empty() { "holds" } else { "BROKEN" };
            writeln!(f, "{verdict:<6} {:>7}  {}", finding.checked, finding.invariant)?;
            for broken in &finding.broken {
                writeln!(f, "                  {broken}")?;
            }
        }
        Ok(())
    }
}

/// Waits until nothing is under way, at most for `patience`, and proves everything.
pub async fn all(urls: &Urls, patience: Duration) -> Result<Report> {
    quiet::wait(urls, patience).await?;
    let logs = logs::Logs::read(urls).await?;
    let mut findings = logs.check(urls).await?;
    findings.extend(models::check(urls, &logs).await?);
    findings.extend(promises::check(urls, &logs)?);
    findings.extend(emergencies::check(&logs)?);
    findings.push(links::check(urls, &logs).await?);
    findings.push(files::check(urls, &logs).await?);
    Report(findings).proven()
}
