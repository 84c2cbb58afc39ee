//! Does a form hold together? Whatever is wrong is found here, when the service starts, and never
//! by the person who fills it in.

mod fault; // everything that may be wrong
mod conditions; // who may ask about whom
mod questions; // one question by itself
mod extras; // what comes after sending
mod reach; // can it be asked at all?

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::condition::Condition;
use super::model::{Extra, Form, Kind, Page, Question, Regime, Wording};

pub use fault::{Fault, Problem};

/// A form as it was read from its file, not yet known to hold together.
#[derive(Debug)]
pub struct Outline {
    pub kind: String,
    pub version: u32,
    pub title: String,
    pub opening: Option<String>,
    pub again: String,
    pub listed: bool,
    pub regime: Regime,
    pub published: Date,
    pub short: Option<Condition>,
    pub pages: Vec<Page>,
    pub extras: Vec<ExtraOutline>,
    pub advice: Vec<Wording>,
}

/// An extra as it was read.
#[derive(Debug)]
pub struct ExtraOutline {
    pub id: String,
    pub title: String,
    pub when: Option<Condition>,
    pub pages: Vec<Page>,
    pub line: usize,
}

impl Form {
    /// A form that holds together, or everything that is wrong with it.
    pub fn try_new(outline: Outline) -> Result<Self, Vec<Fault>> {
        let mut faults = vec![];
        let Outline { kind, version, title, opening, again, listed, regime, published, .. } =
            outline;
        let Outline { mut short, mut pages, mut extras, mut advice, .. } = outline;
        number(pages.iter_mut().chain(extras.iter_mut().flat_map(|extra| &mut extra.pages)));
        repeated(&pages, &extras, &mut faults);
        let own = short.iter_mut().chain(advice.iter_mut().map(|advice| &mut advice.when));
        conditions::resolve(&mut pages, own, &mut extras, &mut faults);
        for page in pages.iter().chain(extras.iter().flat_map(|extra| &extra.pages)) {
            check_page(page, &mut faults);
            for question in &page.questions {
                questions::check(question, published, &mut faults);
            }
        }
        extras::check(&pages, &extras, &mut faults);
        if !faults.is_empty() {
            return Err(sorted(faults));
        }
        // Only over a form whose conditions are sound does this question make sense.
        reach::check(&pages, &extras, &mut faults);
        if !faults.is_empty() {
            return Err(sorted(faults));
        }
        let extra = |outline: ExtraOutline| {
            let ExtraOutline { id, title, when, pages, line } = outline;
            Extra { id, title, when, index: index(&pages), pages, line }
        };
        let extras = extras.into_iter().map(extra).collect();
        let index = index(&pages);
        Ok(Self {
            kind,
            version,
            title,
            opening,
            again,
            listed,
            regime,
            published,
            short,
            pages,
            index,
            extras,
            advice,
        })
    }
}

/// Question id -> its number in the order of asking.
fn index(pages: &[Page]) -> HashMap<String, usize> {
    let questions = pages.iter().flat_map(|page| &page.questions);
    questions.map(|question| (question.id.clone(), question.at)).collect()
}

fn sorted(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort_by_key(|fault| (fault.line, fault.problem.to_string()));
    // The condition of the short form stands in each block, and is wrong but once.
    faults.dedup();
    faults
}

/// Numbers the questions in the order of asking.
fn number<'a>(pages: impl Iterator<Item = &'a mut Page>) {
    let questions = pages.flat_map(|page| &mut page.questions);
    for (at, question) in questions.enumerate() {
        question.at = at;
        question.limits.fill(question.kind, question.choices.len());
        for inner in &mut question.questions {
            inner.limits.fill(inner.kind, inner.choices.len());
        }
    }
}

/// Finds what is there twice: two questions of one name would overwrite each other's answer.
fn repeated(pages: &[Page], extras: &[ExtraOutline], faults: &mut Vec<Fault>) {
    let pages = || pages.iter().chain(extras.iter().flat_map(|extra| &extra.pages));
    let mut seen = HashSet::new();
    for page in pages().filter(|page| !seen.insert(&page.id)) {
        faults.push(Fault::at(page.line, Problem::RepeatedPage { page: page.id.clone() }));
    }
    repeated_questions(pages().flat_map(|page| &page.questions), faults);
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
const OWN_PAGES: [&str; 9] =
    ["new", "back", "save", "leaving", "send-now", "sent", "copy", "elsewhere", "other"];

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
    for question in &page.questions {
        let inner = question.questions.iter().flat_map(|inner| &inner.choices);
        let may_end = page.stop.is_some()
            && question.kind != Kind::Many
            && question.required
            && question.optional_when.is_none()
            && question.ends_with(&question.example).is_none();
        let ends = !may_end && question.choices.iter().any(|choice| choice.ends);
        if ends || inner.into_iter().any(|choice| choice.ends) {
            let problem = Problem::EndsNowhere { question: question.id.clone() };
            faults.push(Fault::at(question.line, problem));
        }
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
