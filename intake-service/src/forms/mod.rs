//! The forms that are compiled into the service, read once when it starts.
//!
//! What stands here knows TOML and nothing of what makes a form good: `domain::form` refuses what does
//! not hold together, and the refusal gets its file and line here. A published version is never edited.

mod file; // what may stand in a file
mod reader; // files -> form
mod question; // one question of it
mod when; // when something is asked
mod words; // the force's words in it
mod things; // what the force does with things

use std::fmt;

use thiserror::Error;

use crate::domain::form::{Flag, Form};

pub use reader::read;
#[cfg(test)]
pub(crate) use reader::read_with;
pub use things::{Done, Thing, Things};
pub use words::{SAMPLE, Words, sample_words};

/// Every version of every form and of every block that forms share: the file, and what stands there.
static FILES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/forms.rs"));

/// All kinds of report that there are; a force takes some of them.
const KINDS: [&str; 11] = [
    "crime",
    "rtc",
    "fraud",
    "vehicle-lost",
    "vehicle-stolen",
    "asb",
    "missing",
    "property-lost",
    "property-found",
    "thanks",
    "dissatisfaction",
];

const SHARED: &str = "forms/blocks/";

/// The forms themselves.
pub(crate) fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied().filter(|(file, _)| !file.starts_with(SHARED))
}

/// Blocks and extras that several forms use.
pub(crate) fn blocks() -> Vec<(&'static str, &'static str)> {
    FILES.iter().copied().filter(|(file, _)| file.starts_with(SHARED)).collect()
}

/// The forms of the service.
#[derive(Debug)]
pub struct Forms {
    /// The newest version of a kind last.
    forms: Vec<Form>,
    /// The kinds that can be reported here.
    taken: Vec<String>,
}

/// A form file that is refused: every fault on a line of its own, as `file:line: what is wrong`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct Refused {
    /// File, line and sentence.
    pub faults: Vec<(String, usize, String)>,
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (file, line, fault)) in self.faults.iter().enumerate() {
            let newline = if place == 0 { "" } else { "\n" };
            write!(out, "{newline}{file}:{line}: {fault}")?;
        }
        Ok(())
    }
}

/// Reads all forms with the force's `words` in them; the service does not start with one that is refused.
pub fn load(words: &Words) -> Result<Forms, Refused> {
    let read = |(file, text)| read(file, text, words);
    Ok(Forms::new(files().map(read).collect::<Result<_, _>>()?))
}

impl Forms {
    fn new(mut forms: Vec<Form>) -> Self {
        forms.sort_by_key(|form| form.version);
        let listed = forms.iter().filter(|form| form.listed);
        let taken = listed.map(|form| form.kind.clone()).collect();
        Self { forms, taken }
    }

    /// Leaves out all but these kinds: none of the others can be begun, and no sign-post leads to one.
    pub fn offer(&mut self, kinds: &[String]) {
        self.taken.retain(|kind| kinds.contains(kind));
        for form in &mut self.forms {
            form.leads_only_to(&self.taken);
        }
    }

    /// Offers no answer that raises `flag`, and says on each page that had one what that means.
    pub fn switch_off(&mut self, flag: Flag, instead: &str) {
        for form in &mut self.forms {
            form.switch_off(flag, instead);
        }
    }

    /// The newest form of a kind that can be reported.
    #[must_use]
    pub fn get(&self, kind: &str) -> Option<&Form> {
        self.find(kind).filter(|form| form.listed && self.taken.contains(&form.kind))
    }

    /// Whether somebody chooses this kind; else it is asked of who comes back.
    #[must_use]
    pub fn is_listed(&self, kind: &str) -> bool {
        self.get(kind).is_some()
    }

    /// The newest form of a kind, also one that is asked only of somebody who comes back.
    #[must_use]
    pub fn find(&self, kind: &str) -> Option<&Form> {
        self.forms.iter().rfind(|form| form.kind == kind)
    }

    /// The version with which a draft began.
    #[must_use]
    pub fn version(&self, kind: &str, version: u32) -> Option<&Form> {
        self.forms.iter().find(|form| form.kind == kind && form.version == version)
    }

    /// The newest form of every kind that can be reported.
    pub fn newest(&self) -> impl Iterator<Item = &Form> {
        self.every().filter(|form| form.listed && self.taken.contains(&form.kind))
    }

    /// The newest form of every kind, also of those that nobody chooses from a list.
    pub fn every(&self) -> impl Iterator<Item = &Form> {
        self.forms.iter().enumerate().filter_map(|(place, form)| {
            let later = self.forms.iter().skip(place + 1).any(|other| other.kind == form.kind);
            (!later).then_some(form)
        })
    }
}

#[cfg(test)]
mod rules; // what must follow from an answer: a test for each rule
#[cfg(test)]
mod tests;
