//! All answers, before they are sent: each with a way to change it.

use minijinja::{Value, context};

use crate::domain::form::{Entry, Flag, Journey, Kind};

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
    asked.map(|entry| row(entry, kind)).collect()
}

/// What somebody takes along who goes elsewhere: the answers that they gave, once they have said what
/// happened in their own words. What is held back is for nobody else, and where somebody near may be a
/// danger nothing is shown.
#[must_use]
pub fn to_take_along(journey: &Journey<'_, '_>, kind: &str) -> Vec<Value> {
    let given = |entry: &&Entry<'_>| {
        entry.answer.is_some() && entry.page.stop.is_none() && !entry.question.held_back
    };
    let taken: Vec<&Entry<'_>> = journey.entries.iter().filter(given).collect();
    let is_told = taken.iter().any(|entry| entry.question.kind == Kind::LongText);
    if !is_told || journey.raises(Flag::Safeguarding) {
        return vec![];
    }
    taken.into_iter().map(|entry| row(entry, kind)).collect()
}

fn row(entry: &Entry<'_>, kind: &str) -> Value {
    let answer = entry.answer.as_ref().map(|answer| match entry.question.held_back {
        true => HELD_BACK,
        false => answer.display(),
    });
    let lines: Vec<String> = answer.into_iter().flat_map(str::lines).map(str::to_owned).collect();
    context! {
        asked => entry.label,
        label => entry.question.brief.as_deref().unwrap_or(entry.label),
        lines => lines,
        change => format!("/report/{kind}/{}?change=1#{}", entry.page.id, entry.question.id),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::domain::form::journey;
    use crate::domain::form::tests::now;
    use crate::domain::form::ways::filled;
    use crate::forms::{load, sample_words};

    /// What is taken along after these answers, as "question: answer".
    fn taken(kind: &str, given: &Json) -> Vec<String> {
        let forms = load(&sample_words()).unwrap();
        let form = forms.get(kind).unwrap();
        let answers = filled(form, given.as_object().unwrap(), None);
        let walked = journey(form, &answers, now());
        assert!(walked.ended, "{answers:?}");
        let rows = to_take_along(&walked, kind);
        rows.iter()
            .map(|row| {
                let of = |name: &str| row.get_attr(name).unwrap();
                format!("{}: {}", of("label"), of("lines").get_item_by_index(0).unwrap())
            })
            .collect()
    }

    #[test]
    fn whoever_goes_elsewhere_takes_along_what_they_told() {
        let what = "They sold me a camera that never came.";
        let given = json!({ "know_who": "no", "what": what, "decision_on": "elsewhere" });
        let taken = taken("fraud", &given);
        assert!(taken.contains(&format!("What happened: {what}")), "{taken:?}");
        assert!(taken.contains(&"Bank knows: Yes".to_owned()), "{taken:?}");
        assert!(!taken.iter().any(|row| row.contains("Go on here")), "{taken:?}");
    }

    #[test]
    fn whoever_has_told_nothing_yet_has_nothing_to_take_along() {
        assert_eq!(taken("crime", &json!({ "type": "fraud", "money_on": "elsewhere" })), [""; 0]);
        let given = json!({ "happening": ["noise"], "council_on": "elsewhere" });
        assert_eq!(taken("asb", &given), [""; 0]);
    }
}
