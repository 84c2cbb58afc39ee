//! The forms that are compiled into the service, read once when it starts.
//!
//! What stands here knows TOML and nothing of what makes a form good: `domain::form` refuses what does
//! not hold together, and the refusal gets its file and line here. A published version is never edited.

mod file; // what may stand in a file
mod reader; // files -> form
mod question; // one question of it
mod when; // when something is asked
mod words; // the force's words in it

use std::fmt;

use thiserror::Error;

use crate::domain::form::{Flag, Form};

pub use reader::read;
#[cfg(test)]
pub(crate) use reader::read_with;
pub use words::{SAMPLE, Words, sample_words};

/// Every version of every form, the newest of a kind last.
pub(crate) const FILES: [(&str, &str); 2] = [
    ("forms/crime.v1.toml", include_str!("../../forms/crime.v1.toml")),
    ("forms/again.v1.toml", include_str!("../../forms/again.v1.toml")),
];

/// Blocks that several forms use. A published one is never edited either: copy it to the next version.
pub(crate) const BLOCKS: [(&str, &str); 16] = [
    ("forms/blocks/gate.v1.toml", include_str!("../../forms/blocks/gate.v1.toml")),
    ("forms/blocks/role.v1.toml", include_str!("../../forms/blocks/role.v1.toml")),
    ("forms/blocks/reach.v1.toml", include_str!("../../forms/blocks/reach.v1.toml")),
    ("forms/blocks/who.v1.toml", include_str!("../../forms/blocks/who.v1.toml")),
    ("forms/blocks/evidence.v1.toml", include_str!("../../forms/blocks/evidence.v1.toml")),
    ("forms/blocks/safety.v1.toml", include_str!("../../forms/blocks/safety.v1.toml")),
    ("forms/blocks/visit.v1.toml", include_str!("../../forms/blocks/visit.v1.toml")),
    ("forms/blocks/send.v1.toml", include_str!("../../forms/blocks/send.v1.toml")),
    ("forms/blocks/you.v1.toml", include_str!("../../forms/blocks/you.v1.toml")),
    ("forms/blocks/acknowledge.v1.toml", include_str!("../../forms/blocks/acknowledge.v1.toml")),
    ("forms/blocks/person.v1.toml", include_str!("../../forms/blocks/person.v1.toml")),
    ("forms/blocks/witnesses.v1.toml", include_str!("../../forms/blocks/witnesses.v1.toml")),
    ("forms/blocks/times.v1.toml", include_str!("../../forms/blocks/times.v1.toml")),
    ("forms/blocks/impact.v1.toml", include_str!("../../forms/blocks/impact.v1.toml")),
    ("forms/blocks/support.v1.toml", include_str!("../../forms/blocks/support.v1.toml")),
    ("forms/blocks/counted.v1.toml", include_str!("../../forms/blocks/counted.v1.toml")),
];

/// The forms of the service.
#[derive(Debug)]
pub struct Forms {
    forms: Vec<Form>,
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
    let read = |(file, text): &(&str, &str)| read(file, text, words);
    let forms = FILES.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Forms { forms })
}

impl Forms {
    /// Offers no answer that raises `flag`, and says on each page that had one what that means.
    pub fn switch_off(&mut self, flag: Flag, instead: &str) {
        for form in &mut self.forms {
            form.switch_off(flag, instead);
        }
    }

    /// The newest form of a kind that can be reported.
    #[must_use]
    pub fn get(&self, kind: &str) -> Option<&Form> {
        self.find(kind).filter(|form| form.listed)
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
        self.every().filter(|form| form.listed)
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
