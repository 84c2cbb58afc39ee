//! All answers, before they are sent: each with a way to change it.

use minijinja::{Value, context};

use crate::domain::form::{Answer, Journey, Kind};

/// The rows of the page: question, answer as a person reads it, and the page that changes it. A
/// declaration is made on this page itself.
#[must_use]
pub fn rows(journey: &Journey<'_, '_>, kind: &str) -> Vec<Value> {
    let asked = journey.entries.iter().filter(|entry| entry.question.kind != Kind::Declaration);
    asked
        .map(|entry| {
            let answer = entry.answer.as_ref().map(Answer::display);
            let lines: Vec<String> =
                answer.into_iter().flat_map(str::lines).map(str::to_owned).collect();
            context! {
                label => entry.question.brief.as_deref().unwrap_or(entry.label),
                lines => lines,
                change => format!("/report/{kind}/{}?change=1#{}", entry.page.id, entry.question.id),
            }
        })
        .collect()
}
