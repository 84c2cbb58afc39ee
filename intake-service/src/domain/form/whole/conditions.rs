//! A condition may look only at what has been asked before, and only for answers that exist.
//!
//! So a form has no loops, and one pass over it settles the path.

use std::collections::HashMap;

use super::{ExtraOutline, Fault, Problem};
use crate::domain::form::Raised;
use crate::domain::form::condition::{Condition, Test};
use crate::domain::form::model::{Kind, Page, Question};

/// A question as conditions see it.
#[derive(Clone)]
struct Target {
    at: usize,
    kind: Kind,
    values: Vec<String>,
}

/// Gives each condition the number of the question that it looks at, or says why it cannot.
///
/// What is the `form`'s own may look at any question: when it is short or goes on, and what it advises.
/// `raised`: what is raised before anything is answered.
pub(super) fn resolve<'a>(
    pages: &mut [Page],
    raised: Raised,
    form: impl Iterator<Item = &'a mut Condition>,
    extras: &mut [ExtraOutline],
    faults: &mut Vec<Fault>,
) {
    let targets = targets(pages);
    let mut before = Before { targets: &targets, count: 0, raised };
    before.pages(pages, faults);
    before.resolve(form, faults);
    let Before { mut count, raised, .. } = before;
    for extra in extras {
        let mut targets = targets.clone();
        targets.extend(self::targets(&extra.pages));
        let mut before = Before { targets: &targets, count, raised };
        before.resolve(extra.when.iter_mut(), faults);
        before.pages(&mut extra.pages, faults);
        count = before.count;
    }
}

fn targets(pages: &[Page]) -> HashMap<String, Target> {
    let mut targets = HashMap::new();
    for question in pages.iter().flat_map(|page| &page.questions) {
        let values = question.choices.iter().map(|choice| choice.value.clone()).collect();
        let target = Target { at: question.at, kind: question.kind, values };
        targets.entry(question.id.clone()).or_insert(target);
    }
    targets
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

/// What conditions can look at that stand here.
struct Before<'a> {
    targets: &'a HashMap<String, Target>,
    /// So many questions have been asked.
    count: usize,
    /// What these may have raised.
    raised: Raised,
}

impl Before<'_> {
    /// Resolves `pages` in the order of asking.
    fn pages(&mut self, pages: &mut [Page], faults: &mut Vec<Fault>) {
        for page in pages {
            // A page is worded before anything on it is answered.
            self.resolve(page_conditions(page), faults);
            for question in &mut page.questions {
                self.resolve(question_conditions(question), faults);
                self.count += 1;
                let flags = question.raises.iter().flat_map(|raise| &raise.flags);
                flags.for_each(|flag| self.raised.add(*flag));
            }
        }
    }

    fn resolve<'a>(
        &self,
        conditions: impl Iterator<Item = &'a mut Condition>,
        faults: &mut Vec<Fault>,
    ) {
        for condition in conditions {
            condition.looks_mut(&mut |look| {
                if let Err(fault) = self.look(look) {
                    faults.push(fault);
                }
            });
        }
    }

    fn look(&self, look: &mut Condition) -> Result<(), Fault> {
        match look {
            Condition::Is(test) => {
                self.test(test, true).map_err(|problem| Fault::at(test.line, problem))
            }
            Condition::Answered(test) => {
                self.test(test, false).map_err(|problem| Fault::at(test.line, problem))
            }
            Condition::Raised { flag, line } => {
                let problem = Problem::NotRaisedBefore { flag: flag.as_str() };
                if self.raised.has(*flag) { Ok(()) } else { Err(Fault::at(*line, problem)) }
            }
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => Ok(()),
        }
    }

    fn test(&self, test: &mut Test, values: bool) -> Result<(), Problem> {
        let question = || test.question.clone();
        let Some(target) = self.targets.get(&test.question) else {
            return Err(Problem::UnknownTarget { question: question() });
        };
        if target.at >= self.count {
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
}
