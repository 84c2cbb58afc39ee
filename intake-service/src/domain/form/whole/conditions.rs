//! A condition may look only at what has been asked before, and only for answers that exist.
//!
//! So a form has no loops, and one pass over it settles the path.

use std::collections::HashMap;

use super::{Fault, Problem};
use crate::domain::form::condition::{Condition, Test};
use crate::domain::form::model::{Kind, Page, Question};

/// A question as conditions see it.
struct Target {
    at: usize,
    kind: Kind,
    values: Vec<String>,
}

/// Gives each condition the number of the question that it looks at, or says why it cannot.
///
/// The short form may begin after any question.
pub(super) fn resolve(pages: &mut [Page], short: &mut Option<Condition>, faults: &mut Vec<Fault>) {
    let mut targets = HashMap::new();
    for question in pages.iter().flat_map(|page| &page.questions) {
        let values = question.choices.iter().map(|choice| choice.value.clone()).collect();
        let target = Target { at: question.at, kind: question.kind, values };
        targets.entry(question.id.clone()).or_insert(target);
    }
    let mut before = 0;
    for page in pages {
        resolve_all(page_conditions(page), before, &targets, faults);
        for question in &mut page.questions {
            resolve_all(question_conditions(question), before, &targets, faults);
            before += 1;
        }
        // A page is worded before anything on it is answered.
    }
    resolve_all(short.iter_mut(), before, &targets, faults);
}

fn page_conditions(page: &mut Page) -> impl Iterator<Item = &mut Condition> {
    page.when.iter_mut().chain(page.wordings.iter_mut().map(|wording| &mut wording.when))
}

fn question_conditions(question: &mut Question) -> impl Iterator<Item = &mut Condition> {
    let alone = [&mut question.when, &mut question.optional_when, &mut question.mobile_when];
    let wordings = question.wordings.iter_mut().map(|wording| &mut wording.when);
    let raises = question.raises.iter_mut().filter_map(|raise| raise.when.as_mut());
    alone.into_iter().flatten().chain(wordings).chain(raises)
}

fn resolve_all<'a>(
    conditions: impl Iterator<Item = &'a mut Condition>,
    before: usize,
    targets: &HashMap<String, Target>,
    faults: &mut Vec<Fault>,
) {
    for condition in conditions {
        condition.tests_mut(&mut |test, values| {
            if let Err(problem) = resolve_one(test, values, before, targets) {
                faults.push(Fault::at(test.line, problem));
            }
        });
    }
}

fn resolve_one(
    test: &mut Test,
    values: bool,
    before: usize,
    targets: &HashMap<String, Target>,
) -> Result<(), Problem> {
    let question = || test.question.clone();
    let Some(target) = targets.get(&test.question) else {
        return Err(Problem::UnknownTarget { question: question() });
    };
    if target.at >= before {
        return Err(Problem::LaterTarget { question: question() });
    }
    if values && !target.kind.has_choices() {
        return Err(Problem::NoChoicesToLookAt { question: question() });
    }
    if let Some(value) = test.values.iter().find(|value| !target.values.contains(value)) {
        return Err(Problem::NotAChoiceOf { question: question(), value: value.clone() });
    }
    test.at = target.at;
    Ok(())
}
