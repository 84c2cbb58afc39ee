//! Every kind of report, walked in a thousand ways: whatever people answer, whichever page they go back
//! to, a way ends, and what is sent is what they said. A trial for each form that there is.
//!
//! `WALKS_SEED=7 WALKS=20000 cargo test --test walks` goes other ways, and more of them.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, ensure};
use intake_service::domain::form::Form;
use intake_service::forms;
use jiff::civil::{DateTime, date};
use libtest_mimic::{Arguments, Failed, Trial};
use tests::ways::{Chance, End, Person};

const SEED: u64 = 1;
const WAYS: u64 = 1_000;

fn main() -> Result<ExitCode> {
    let arguments = Arguments::from_args();
    let (seed, ways) = (set("WALKS_SEED", SEED)?, set("WALKS", WAYS)?);
    let forms = forms::load(&forms::sample_words()).map_err(|refused| anyhow!("{refused}"))?;
    let kinds: Vec<String> = forms.every().map(|form| form.kind.clone()).collect();
    let forms = Arc::new(forms);
    let trials = kinds.into_iter().map(|kind| {
        let forms = Arc::clone(&forms);
        Trial::test(format!("every_way_ends_well::{kind}"), move || {
            let form = forms.find(&kind).ok_or("no such form")?;
            walk(form, seed, ways).map_err(|error| Failed::from(format!("{error:#}")))
        })
    });
    Ok(libtest_mimic::run(&arguments, trials.collect()).exit_code())
}

/// What the environment says, or how it is in every run.
fn set(name: &str, normal: u64) -> Result<u64> {
    #[expect(clippy::disallowed_methods, reason = "a test has no settings of its own")]
    let set = std::env::var(name).ok();
    set.map_or(Ok(normal), |set| set.parse().with_context(|| format!("{name} is no number")))
}

/// The day on which all of them are answered.
fn now() -> DateTime {
    date(2026, 11, 24).at(14, 0, 0, 0)
}

fn walk(form: &Form, seed: u64, ways: u64) -> Result<()> {
    let begun = Instant::now();
    let (mut sent, mut elsewhere, mut stopped, mut turns, mut changes) = (0, 0, 0, 0, 0);
    let mut asked = BTreeSet::new();
    for way in 0..ways {
        let mut person = Person::new(form, now(), Chance::of(seed, way));
        let end = person.goes();
        match end.with_context(|| format!("{}, WALKS_SEED={seed}, way {way}", form.kind))? {
            End::Complete(answers) => {
                sent += 1;
                asked.extend(answers.into_iter().map(|(id, _)| id));
            }
            End::Elsewhere => elsewhere += 1,
            End::Stopped => stopped += 1,
        }
        turns += person.turns;
        changes += person.changes;
    }
    writeln!(
        std::io::stdout(),
        "{} v{}, seed {seed}: {sent} sent, {elsewhere} gone elsewhere, {stopped} stopped; {turns} \
         pages, {changes} answers changed, {} questions met, {:?}",
        form.kind,
        form.version,
        asked.len(),
        begun.elapsed(),
    )?;
    let questions = form.pages().iter().flat_map(|page| &page.questions);
    let never: Vec<&str> =
        questions.map(|asked| &*asked.id).filter(|id| !asked.contains(*id)).collect();
    // As few as are walked by hand may miss some.
    ensure!(ways < WAYS || never.is_empty(), "never answered in {ways} ways: {never:?}");
    Ok(())
}
