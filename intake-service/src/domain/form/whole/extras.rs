//! Before a report is sent only what is needed to act on it is asked; all else is offered afterwards, and
//! holds nobody up.

use std::collections::HashSet;

use super::{ExtraOutline, Fault, Problem, is_word};
use crate::domain::form::model::{Page, Question};

pub(super) fn check(core: &[Page], extras: &[ExtraOutline], faults: &mut Vec<Fault>) {
    for question in core.iter().flat_map(|page| &page.questions) {
        core_question(question, faults);
    }
    let mut seen = HashSet::new();
    for extra in extras {
        let id = || extra.id.clone();
        let mut found = |wrong: bool, problem: Problem| {
            if wrong {
                faults.push(Fault::at(extra.line, problem));
            }
        };
        found(!is_word(&extra.id, b'-'), Problem::NotAWord { id: id() });
        found(!seen.insert(&extra.id), Problem::RepeatedExtra { extra: id() });
        found(extra.title.trim().is_empty(), Problem::NamelessExtra { extra: id() });
        found(extra.pages.is_empty(), Problem::EmptyExtra { extra: id() });
        for page in &extra.pages {
            if page.stop.is_some() {
                faults.push(Fault::at(page.line, Problem::StopInExtra { page: page.id.clone() }));
            }
            for question in &page.questions {
                extra_question(question, faults);
            }
        }
    }
}

fn core_question(question: &Question, faults: &mut Vec<Fault>) {
    for asked in std::iter::once(question).chain(&question.questions) {
        if !asked.purpose.may_be_required() {
            let purpose = asked.purpose.as_str();
            let problem = Problem::NotForTheCore { question: asked.id.clone(), purpose };
            faults.push(Fault::at(asked.line, problem));
        }
    }
    staffs_name(question, faults);
}

fn extra_question(question: &Question, faults: &mut Vec<Fault>) {
    for asked in std::iter::once(question).chain(&question.questions) {
        if asked.required {
            let problem = Problem::RequiredInExtra { question: asked.id.clone() };
            faults.push(Fault::at(asked.line, problem));
        }
    }
    if !question.raises.is_empty() {
        let problem = Problem::RaisesInExtra { question: question.id.clone() };
        faults.push(Fault::at(question.line, problem));
    }
    staffs_name(question, faults);
}

/// What staff ask is called q1, q2 ... and is answered in the same request as extras.
fn staffs_name(question: &Question, faults: &mut Vec<Fault>) {
    let number = question.id.strip_prefix('q');
    let taken = number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    if taken {
        let problem = Problem::StaffsName { question: question.id.clone() };
        faults.push(Fault::at(question.line, problem));
    }
}
