//! A case: what happened to it, what that makes it, and what may be asked of it.

pub mod state; // events -> case
pub mod decide; // case + command -> events, or a refusal

use jiff::Timestamp;
use uuid::Uuid;

use super::assessment::Assessment;
use super::decision::{Decision, Words};
use super::promise::Plan;
use super::words::{ContactHow, ContactOutcome, Flag, Grade};

pub use decide::{Act, Actor, Command, Rejection, decide};
pub use state::{Case, Open};

#[cfg(test)]
mod tests;

/// Words that are sealed in the log: there where the report's key was at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept<T> {
    Open(T),
    Sealed,
}

/// What a case begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub reference: String,
    pub kind: String,
    pub submitted_at: Timestamp,
    pub contact_by: Timestamp,
    pub plan: Plan,
    pub flags: Vec<Flag>,
    /// It is the first part of a report: the rest follows.
    pub continues: bool,
}

/// Something that happened to a case. Version N of the case is its Nth event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Opened(Opened),
    Claimed {
        by: String,
    },
    Released {
        by: String,
    },
    NoteAdded {
        by: String,
        at: Timestamp,
        note: Kept<String>,
    },
    Assessed(Box<Assessed>),
    Decided(Box<Decided>),
    /// `flags`: what the answers raise. `finished`: it is all that the reporter can tell.
    ReplyReceived {
        at: Timestamp,
        flags: Vec<Flag>,
        finished: bool,
    },
    /// The reporter has told all, and adds nothing by it.
    WritingFinished {
        at: Timestamp,
    },
    /// Whom or what the report looks for is said to be found.
    FoundReported {
        at: Timestamp,
    },
    /// One more entry in the diary of what goes on: it stands with the case, and nothing has changed.
    EntryKept {
        at: Timestamp,
    },
    /// Files came: as a reply, it is something new.
    EvidenceReceived {
        at: Timestamp,
        files: u32,
    },
    EvidenceQuarantined(Quarantined),
    WithdrawalReceived {
        at: Timestamp,
    },
    /// The reporter said that no way that was given is safe any more.
    StopReceived {
        at: Timestamp,
    },
    ContactRecorded(Contact),
    Held {
        by: String,
    },
    HoldReleased {
        by: String,
    },
}

/// A file is handed out no more, but to who is named for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    pub by: String,
    pub at: Timestamp,
    pub file: Uuid,
    /// Empty where none was given.
    pub reason: Kept<String>,
}

/// An assessment that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    pub by: String,
    pub at: Timestamp,
    /// 1, 2, 3 within the case.
    pub number: u32,
    pub grade: Grade,
    pub assessment: Kept<Assessment>,
}

/// A decision that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub by: String,
    pub at: Timestamp,
    /// 1, 2, 3 within the case.
    pub number: u32,
    /// The assessment that it rests on; 0 where there is none.
    pub assessment: u32,
    pub decision: Decision,
    pub words: Kept<Words>,
}

/// A person reached the reporter, or tried to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub by: String,
    pub at: Timestamp,
    pub how: ContactHow,
    pub outcome: ContactOutcome,
    pub note: Kept<String>,
}

impl Contact {
    /// Whether the reporter now knows: somebody spoke with them. A letter is no proof of that.
    #[must_use]
    pub fn told(&self) -> bool {
        match (self.how, self.outcome) {
            (ContactHow::Telephone | ContactHow::Visit, ContactOutcome::Told) => true,
            (ContactHow::Post, ContactOutcome::Told)
            | (_, ContactOutcome::MessageLeft | ContactOutcome::NoAnswer) => false,
        }
    }
}
