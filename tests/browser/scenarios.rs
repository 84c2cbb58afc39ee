//! The scenarios, as the scripts name them.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::world::folder;

/// What a scenario is played on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// The stack that all share.
    Shared,
    /// A stack whose services may be killed and changed: one scenario at a time.
    Rough,
}

#[derive(Debug)]
pub(crate) struct Scenario {
    /// Script, two colons, and its name in it.
    pub(crate) name: &'static str,
    pub(crate) on: On,
    pub(crate) limit: Duration,
}

const fn shared(name: &'static str) -> Scenario {
    Scenario { name, on: On::Shared, limit: Duration::from_secs(90) }
}

#[expect(dead_code, reason = "wip")]
const fn rough(name: &'static str) -> Scenario {
    Scenario { name, on: On::Rough, limit: Duration::from_secs(120) }
}

pub(crate) const SCENARIOS: &[Scenario] = &[
    shared("keyboard::at_320_without_scripts"),
    shared("keyboard::at_320_with_scripts"),
    shared("keyboard::at_1280_without_scripts"),
    shared("keyboard::at_1280_with_scripts"),
    shared("keyboard::at_400_percent_without_scripts"),
    shared("keyboard::at_400_percent_with_scripts"),
];

/// No script has a scenario that is never played.
pub(crate) fn match_the_scripts() -> Result<()> {
    let listed = Command::new("node").arg("run.mjs").current_dir(folder()).output()?;
    let listed = String::from_utf8(listed.stdout)?;
    let there: BTreeSet<&str> = listed.lines().collect();
    let played: BTreeSet<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
    ensure!(there == played, "not on both sides: {:?}", &there ^ &played);
    Ok(())
}
