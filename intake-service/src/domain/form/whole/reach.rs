//! Can each page and question be asked at all?
//!
//! For each condition the few questions that decide it are tried with all their answers, as a
//! person would meet them: a question off the path stays unanswered. Of a question with several
//! answers at once, each is tried alone.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Fault, Problem};
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

pub(super) fn check(pages: &[Page], faults: &mut Vec<Fault>) {
    let asked: Vec<Asked<'_>> = pages
        .iter()
        .flat_map(|page| page.questions.iter().map(|question| asked(page, question)))
        .collect();
    for page in pages {
        if !reachable(&asked, page.when.as_ref(), None) {
            let problem = Problem::UnreachablePage { page: page.id.clone() };
            faults.push(Fault::at(page.line, problem));
            continue;
        }
        for question in page.questions.iter().filter(|question| question.when.is_some()) {
            if !reachable(&asked, page.when.as_ref(), question.when.as_ref()) {
                let problem = Problem::UnreachableQuestion { question: question.id.clone() };
                faults.push(Fault::at(question.line, problem));
            }
        }
    }
}

fn asked<'a>(page: &'a Page, question: &'a Question) -> Asked<'a> {
    let mut answers: Vec<Option<Value>> = if question.kind.has_choices() {
        question.choices.iter().map(|choice| Some(Value::from(choice.value.as_str()))).collect()
    } else {
        vec![Some(question.example.clone())]
    };
    if !question.required || question.optional_when.is_some() {
        answers.push(None);
    }
    Asked { page: page.when.as_ref(), question, answers }
}

fn reachable(asked: &[Asked<'_>], page: Option<&Condition>, question: Option<&Condition>) -> bool {
    let mut deciding = BTreeSet::new();
    collect(asked, page, &mut deciding);
    collect(asked, question, &mut deciding);
    let deciding: Vec<&Asked<'_>> = deciding.into_iter().filter_map(|at| asked.get(at)).collect();
    let mut given = Given::none(asked.len());
    let mut tries = 0;
    search(&deciding, &mut given, &mut tries, &|given| holds(page, given) && holds(question, given))
}

/// The questions that a condition looks at, those on which these depend, and so on.
fn collect(asked: &[Asked<'_>], condition: Option<&Condition>, deciding: &mut BTreeSet<usize>) {
    let mut tests = vec![];
    if let Some(condition) = condition {
        condition.tests(&mut tests);
    }
    for test in tests {
        if let Some(target) = asked.get(test.at)
            && deciding.insert(test.at)
        {
            collect(asked, target.page, deciding);
            collect(asked, target.question.when.as_ref(), deciding);
        }
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
    if !first.is_asked(given) {
        given.set(first.question.at, None);
        return search(rest, given, tries, reached);
    }
    first.answers.iter().any(|answer| {
        given.set(first.question.at, answer.as_ref());
        search(rest, given, tries, reached)
    })
}
