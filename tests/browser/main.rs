//! What a real browser sees of the public pages: each scenario is a script that drives Chromium.
//!
//! They share one stack and one Chromium, which end when the last scenario has. The folder beside this
//! file holds the scripts: `scenarios/` what is proven, `harness/` what they are written with.

mod scenarios; // all of them, and how long each may take
mod world; // the stack, the browser, and the scripts between them

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use scenarios::SCREENSHOTS;
use world::World;

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::from_args();
    let world = Arc::new(World::default());
    let all = scenarios::all()?;
    let listed = all.clone();
    let mut trials = vec![Trial::test("every_script_is_here", move || {
        scenarios::match_the_scripts(&listed).map_err(Failed::from)
    })];
    for scenario in all {
        let world = Arc::clone(&world);
        let (name, for_people) = (scenario.name.to_string(), scenario.name == SCREENSHOTS);
        let trial = Trial::test(name, move || {
            world.plays(&scenario).map_err(|error| Failed::from(format!("{error:#}")))
        });
        trials.push(trial.with_ignored_flag(for_people));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // What runs for all of them ends here, and is waited for.
    drop(world);
    Ok(conclusion.exit_code())
}
