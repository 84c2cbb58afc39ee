//! What somebody has typed and not sent yet: kept for them, readable for nobody else.
//!
//! A draft is sealed with a code that is not stored. A session is what a browser has open; it is
//! sealed with the browser's cookie and knows the codes of its drafts.

mod store; // drafts in the database
mod session; // what a browser has open
pub mod sweep; // both end

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use crate::identity::DraftCode;
pub use session::{OpenReport, Session, Sessions};
pub use store::{Drafts, OpenError, Written};

/// So long after it was last saved a draft is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// So often somebody is told where a draft is, so that nobody is pestered with it.
pub const LINKS_MAX: usize = 3;

/// The fields of one page as they were typed.
pub type Typed = Vec<(String, String)>;

/// A report that is being written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub id: Uuid,
    pub kind: String,
    /// The form's version that it began with.
    pub version: u32,
    /// By question; those off the path are kept and not sent.
    pub answers: Map<String, Value>,
    /// Pages that were left unfinished, as they were typed.
    #[serde(default)]
    pub typed: BTreeMap<String, Typed>,
    /// The page whose fields were sent and could not be taken: it says what is wrong with them.
    #[serde(default)]
    pub wrong: String,
    /// The page that was shown last.
    #[serde(default)]
    pub at: String,
    /// How to leave quickly was explained.
    #[serde(default)]
    pub told_leaving: bool,
    /// Of a form for somebody who comes back: the report that it is told to.
    #[serde(default)]
    pub about: String,
    /// The links to it that were asked for: of each, a fingerprint of where to.
    #[serde(default)]
    pub links: Vec<String>,
    /// It became a report.
    #[serde(default)]
    pub sent: Option<Sent>,
}

/// What the confirmation page says again when it is opened again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    pub reference: String,
    pub return_code: String,
    /// Empty where a form was told to a report.
    #[serde(default)]
    pub receipt: String,
    pub submitted_at: Timestamp,
    pub contact_by: Timestamp,
    /// The short form of somebody who cannot call.
    pub short: bool,
    /// By which way we said that we will be in touch.
    pub way: String,
    /// The session that sent it: no other shows reference and return code.
    #[serde(default)]
    pub by: String,
    /// It happened to who told us.
    #[serde(default)]
    pub own: bool,
    /// What may be told now, by the ids of the form's extras, and what helps.
    #[serde(default)]
    pub extras: Vec<String>,
    #[serde(default)]
    pub advice: Vec<String>,
    /// It stands with what was told before, and no reply is owed to it.
    #[serde(default)]
    pub kept: bool,
}

impl Draft {
    #[must_use]
    pub fn new(kind: &str, version: u32) -> Self {
        Self {
            id: Uuid::new_v4(),
            kind: kind.to_owned(),
            version,
            answers: Map::new(),
            typed: BTreeMap::new(),
            wrong: String::new(),
            at: String::new(),
            told_leaving: false,
            about: String::new(),
            links: vec![],
            sent: None,
        }
    }

    /// Notes that a link was asked for with the `number`th form that offered one. Gives the link's number:
    /// what was sent twice is the same link. None: there were as many as there may be.
    pub fn ask_link(&mut self, number: usize, to: &str) -> Option<usize> {
        let before = number.checked_sub(1).and_then(|at| self.links.get(at));
        if before.is_some_and(|before| before == to) {
            return Some(number);
        }
        (self.links.len() < LINKS_MAX).then(|| {
            self.links.push(to.to_owned());
            self.links.len()
        })
    }

    /// Keeps a page as it was typed.
    pub fn leave(&mut self, page: &str, typed: Typed) {
        self.typed.insert(page.to_owned(), typed);
    }

    /// Takes the answers of a finished page: `None` for what was left empty.
    pub fn answer(&mut self, page: &str, answers: Vec<(String, Option<Value>)>) {
        self.typed.remove(page);
        for (question, answer) in answers {
            match answer {
                Some(answer) => self.answers.insert(question, answer),
                None => self.answers.remove(&question),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_link_that_is_asked_for_twice_is_one_and_there_are_three_at_most() {
        let mut draft = Draft::new("crime", 1);
        let asks = [
            (1, "a", Some(1)),
            // The button was pressed twice, or the page loaded again.
            (1, "a", Some(1)),
            // Back on the first page somebody types another address.
            (1, "b", Some(2)),
            (2, "b", Some(2)),
            (0, "c", Some(3)),
            (4, "d", None),
            (3, "b", None),
            (3, "c", Some(3)),
            (usize::MAX, "c", None),
        ];
        for (number, to, then) in asks {
            assert_eq!(draft.ask_link(number, to), then, "{number} {to}");
        }
        assert_eq!(draft.links.len(), LINKS_MAX);
        // One that was saved by an older build has asked for none.
        let mut old = serde_json::to_value(Draft::new("crime", 1)).unwrap();
        old.as_object_mut().unwrap().remove("links");
        assert_eq!(serde_json::from_value::<Draft>(old).unwrap().links, [""; 0]);
    }

    #[test]
    fn a_finished_page_replaces_its_own_answers_and_no_others() {
        let mut draft = Draft::new("crime", 1);
        draft.typed.insert("where".to_owned(), vec![("where-town".to_owned(), "Ne".to_owned())]);
        draft.answer("what", vec![("what".to_owned(), Some(json!("It was red")))]);
        draft.answer("where", vec![("where".to_owned(), Some(json!({ "town": "Newtown" })))]);
        draft.answer("what", vec![("what".to_owned(), None)]);
        assert_eq!(Value::Object(draft.answers), json!({ "where": { "town": "Newtown" } }));
        assert!(draft.typed.is_empty());
    }
}
