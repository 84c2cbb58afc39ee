//! All answers, before they are sent: each with a way to change it.

use minijinja::{Value, context};

use crate::domain::form::{Journey, Kind};

/// What stands for an answer that only staff may read.
const HELD_BACK: &str = "You told us. We do not show it, so that only its owner can tell it";

/// What stands on one page already, as a person reads it.
#[must_use]
pub fn here(journey: &Journey<'_, '_>, page: &str) -> Vec<String> {
    let own = journey.entries.iter().filter(|entry| entry.page.id == page);
    let said = own.filter_map(|entry| {
        let brief = entry.question.brief.as_deref().unwrap_or(entry.label);
        let answer = entry.answer.as_ref()?;
        let said = if entry.question.held_back { HELD_BACK } else { answer.display() };
        Some(format!("{brief}: {said}"))
    });
    said.collect()
}

/// The rows of the page: question, answer as a person reads it, and the page that changes it. A
/// declaration is made on this page itself.
#[must_use]
pub fn rows(journey: &Journey<'_, '_>, kind: &str) -> Vec<Value> {
    let asked = journey.entries.iter().filter(|entry| entry.question.kind != Kind::Declaration);
    asked
        .map(|entry| {
            let shown = |answer| if entry.question.held_back { HELD_BACK } else { answer };
            let answer = entry.answer.as_ref().map(|answer| shown(answer.display()));
            let lines: Vec<String> =
                answer.into_iter().flat_map(str::lines).map(str::to_owned).collect();
            context! {
                asked => entry.label,
                label => entry.question.brief.as_deref().unwrap_or(entry.label),
                lines => lines,
                change => format!("/report/{kind}/{}?change=1#{}", entry.page.id, entry.question.id),
            }
        })
        .collect()
}
