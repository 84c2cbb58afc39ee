//! Can each page and question be asked at all?
//!
//! For each condition the few questions that decide it are tried with all their answers, as a
//! person would meet them: a question off the path stays unanswered. Of a question with several
//! answers at once, each is tried alone.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{ExtraOutline, Fault, Problem};
use crate::domain::form::Raised;
use crate::domain::form::condition::{Condition, holds};
use crate::domain::form::model::{Page, Question};
use crate::domain::form::walk::Given;

/// Where the questions that decide have more combinations than this, the search ends and the page
/// is believed: the bound keeps a start short, and no form comes near it.
const TRIES_MAX: usize = 200_000;

/// A question, when it is asked, and what it may be answered.
struct Asked<'a> {
    page: Option<&'a Condition>,
    question: &'a Question,
    answers: Vec<Option<Value>>,
}

impl Asked<'_> {
    fn is_asked(&self, given: &Given<'_>) -> bool {
        holds(self.page, given) && holds(self.question.when.as_ref(), given)
    }
}

pub(super) fn check(
    core: &[Page],
    extras: &[ExtraOutline],
    raised: Raised,
    faults: &mut Vec<Fault>,
) {
    let pages = || core.iter().chain(extras.iter().flat_map(|extra| &extra.pages));
    let asked: Vec<Asked<'_>> = pages()
        .flat_map(|page| page.questions.iter().map(|question| asked(page, question)))
        .collect();
    for page in pages() {
        let first = page.questions.first().map_or(asked.len(), |question| question.at);
        if !reachable(&asked, raised, first, [page.when.as_ref(), None]) {
            let problem = Problem::UnreachablePage { page: page.id.clone() };
            faults.push(Fault::at(page.line, problem));
            continue;
        }
        for question in page.questions.iter().filter(|question| question.when.is_some()) {
            let conditions = [page.when.as_ref(), question.when.as_ref()];
            if !reachable(&asked, raised, question.at, conditions) {
                let problem = Problem::UnreachableQuestion { question: question.id.clone() };
                faults.push(Fault::at(question.line, problem));
            }
        }
    }
}

fn asked<'a>(page: &'a Page, question: &'a Question) -> Asked<'a> {
    let mut answers: Vec<Option<Value>> = if question.kind.has_choices() {
        let on = question.choices.iter().filter(|choice| !choice.ends);
        on.map(|choice| Some(Value::from(choice.value.as_str()))).collect()
    } else {
        vec![Some(question.example.clone())]
    };
    if !question.required || question.optional_when.is_some() {
        answers.push(None);
    }
    Asked { page: page.when.as_ref(), question, answers }
}

/// Whether some answers to the questions before the one numbered `before` fulfil all `conditions`.
fn reachable(
    asked: &[Asked<'_>],
    raised: Raised,
    before: usize,
    conditions: [Option<&Condition>; 2],
) -> bool {
    let mut deciding = BTreeSet::new();
    for condition in conditions {
        collect(asked, before, condition, &mut deciding);
    }
    let deciding: Vec<&Asked<'_>> = deciding.into_iter().filter_map(|at| asked.get(at)).collect();
    let mut given = Given::none(asked.len(), raised);
    let mut tries = 0;
    search(&deciding, &mut given, &mut tries, &|given| {
        conditions.iter().all(|condition| holds(*condition, given))
    })
}

/// The questions that a condition looks at, those on which these depend, and so on.
fn collect(
    asked: &[Asked<'_>],
    before: usize,
    condition: Option<&Condition>,
    deciding: &mut BTreeSet<usize>,
) {
    let mut looks = vec![];
    if let Some(condition) = condition {
        condition.looks(&mut looks);
    }
    for look in looks {
        match look {
            Condition::Is(test) | Condition::Answered(test) => decides(asked, test.at, deciding),
            Condition::Raised { flag, .. } => {
                let raising = asked.iter().take(before).filter(|asked| {
                    asked.question.raises.iter().any(|raise| raise.flags.contains(flag))
                });
                raising.for_each(|raising| decides(asked, raising.question.at, deciding));
            }
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => {}
        }
    }
}

/// The question numbered `at` decides, and so does all that decides whether it is asked.
fn decides(asked: &[Asked<'_>], at: usize, deciding: &mut BTreeSet<usize>) {
    let Some(target) = asked.get(at) else { return };
    if !deciding.insert(at) {
        return;
    }
    let raises = target.question.raises.iter().map(|raise| raise.when.as_ref());
    for condition in raises.chain([target.page, target.question.when.as_ref()]) {
        collect(asked, at, condition, deciding);
    }
}

/// Tries all answers in the order of asking. As deep as there are questions that decide.
fn search<'a>(
    deciding: &[&'a Asked<'a>],
    given: &mut Given<'a>,
    tries: &mut usize,
    reached: &impl Fn(&Given<'a>) -> bool,
) -> bool {
    let Some((first, rest)) = deciding.split_first() else {
        *tries += 1;
        return *tries > TRIES_MAX || reached(given);
    };
    let raised = given.raised();
    if !first.is_asked(given) {
        given.take_back(first.question, raised);
        return search(rest, given, tries, reached);
    }
    first.answers.iter().any(|answer| {
        given.take_back(first.question, raised);
        if let Some(answer) = answer {
            given.answer(first.question, answer);
        }
        search(rest, given, tries, reached)
    })
}
