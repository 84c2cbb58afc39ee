//! Does a form hold together? Whatever is wrong is found here, when the service starts, and never
//! by the person who fills it in.

mod fault; // everything that may be wrong
mod conditions; // who may ask about whom
mod questions; // one question by itself
mod reach; // can it be asked at all?

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::condition::Condition;
use super::model::{Form, Page, Question, Regime};

pub use fault::{Fault, Problem};

/// A form as it was read from its file, not yet known to hold together.
#[derive(Debug)]
pub struct Outline {
    pub kind: String,
    pub version: u32,
    pub title: String,
    pub listed: bool,
    pub regime: Regime,
    pub published: Date,
    pub short: Option<Condition>,
    pub pages: Vec<Page>,
}

impl Form {
    /// A form that holds together, or everything that is wrong with it.
    pub fn try_new(outline: Outline) -> Result<Self, Vec<Fault>> {
        let mut faults = vec![];
        let Outline { kind, version, title, listed, regime, published, mut short, mut pages } =
            outline;
        number(&mut pages);
        repeated(&pages, &mut faults);
        conditions::resolve(&mut pages, &mut short, &mut faults);
        for page in &pages {
            check_page(page, &mut faults);
            for question in &page.questions {
                questions::check(question, published, &mut faults);
            }
        }
        if !faults.is_empty() {
            return Err(sorted(faults));
        }
        // Only over a form whose conditions are sound does this question make sense.
        reach::check(&pages, &mut faults);
        if !faults.is_empty() {
            return Err(sorted(faults));
        }
        let index = pages
            .iter()
            .flat_map(|page| &page.questions)
            .map(|question| (question.id.clone(), question.at))
            .collect();
        Ok(Self { kind, version, title, listed, regime, published, short, pages, index })
    }
}

fn sorted(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort_by_key(|fault| (fault.line, fault.problem.to_string()));
    // The condition of the short form stands in each block, and is wrong but once.
    faults.dedup();
    faults
}

/// Numbers the questions in the order of asking.
fn number(pages: &mut [Page]) {
    let questions = pages.iter_mut().flat_map(|page| &mut page.questions);
    for (at, question) in questions.enumerate() {
        question.at = at;
        question.limits.fill(question.kind, question.choices.len());
        for inner in &mut question.questions {
            inner.limits.fill(inner.kind, inner.choices.len());
        }
    }
}

/// Finds what is there twice: two questions of one name would overwrite each other's answer.
fn repeated(pages: &[Page], faults: &mut Vec<Fault>) {
    let mut seen = HashSet::new();
    for page in pages.iter().filter(|page| !seen.insert(&page.id)) {
        faults.push(Fault::at(page.line, Problem::RepeatedPage { page: page.id.clone() }));
    }
    repeated_questions(pages.iter().flat_map(|page| &page.questions), faults);
}

fn repeated_questions<'a>(questions: impl Iterator<Item = &'a Question>, faults: &mut Vec<Fault>) {
    let mut seen = HashMap::new();
    for question in questions {
        if let Some(first) = seen.insert(question.id.as_str(), question.line) {
            // Told where each stands: they may be in different files.
            for line in [first, question.line] {
                let problem = Problem::RepeatedQuestion { question: question.id.clone() };
                faults.push(Fault::at(line, problem));
            }
        }
        repeated_questions(question.questions.iter(), faults);
    }
}

/// Pages that every form has beside its own, at addresses of the same kind.
const OWN_PAGES: [&str; 7] = ["new", "back", "save", "leaving", "send-now", "sent", "copy"];

fn check_page(page: &Page, faults: &mut Vec<Fault>) {
    let id = || page.id.clone();
    if !is_word(&page.id, b'-') {
        faults.push(Fault::at(page.line, Problem::NotAWord { id: id() }));
    }
    if OWN_PAGES.contains(&page.id.as_str()) {
        faults.push(Fault::at(page.line, Problem::TakenAddress { page: id() }));
    }
    match &page.stop {
        None if page.questions.is_empty() => {
            faults.push(Fault::at(page.line, Problem::EmptyPage { page: id() }));
        }
        Some(stop) if stop.may_continue != page.questions.iter().any(|asked| asked.required) => {
            faults.push(Fault::at(page.line, Problem::StopWithoutWay { page: id() }));
        }
        None | Some(_) => {}
    }
}

/// Ids are words: they stand in addresses, answers and events, and people read them there.
fn is_word(id: &str, between: u8) -> bool {
    id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == between)
        && id.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
        && id.len() <= 40
}

#[cfg(test)]
mod tests;
