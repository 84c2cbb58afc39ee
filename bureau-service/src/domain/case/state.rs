//! What its events make of a case. Folding cannot fail: what is in the log has happened.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Event, Opened};
use crate::domain::decision::DecisionKind;
use crate::domain::promise::Plan;
use crate::domain::words::{Flag, Grade, Kind, Status};

/// A case as its events have left it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Case {
    /// No report with its id has come.
    #[default]
    Unknown,
    Open(Box<Open>),
}

/// A case that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is true or not by itself")]
pub struct Open {
    pub reference: String,
    pub kind: String,
    pub submitted_at: Timestamp,
    pub contact_by: Timestamp,
    pub plan: Plan,
    pub flags: Vec<Flag>,
    pub status: Status,
    pub grade: Option<Grade>,
    pub claimed_by: Option<String>,
    pub assessments: u32,
    pub decisions: u32,
    /// How often the reporter was asked for details.
    pub rounds: u32,
    /// No message goes while a hold stands.
    pub held: bool,
    /// The reporter asked to withdraw, and nothing was decided since.
    pub withdrawal_asked: bool,
    /// And somebody speaks with them by a safe way before anything else is done about that.
    pub speak_first: bool,
    /// What the reporter added raised flags, and nothing was decided since.
    pub raised: bool,
    /// The reporter has not said yet that they have told all: however long that takes, it stays so.
    pub still_being_written: bool,
    /// What is looked for is said to be found, and nothing was decided since.
    pub found: bool,
    /// Files that are handed out no more.
    pub quarantined: Vec<Uuid>,
    /// Since when no way that was given is safe any more.
    pub contact_stopped: Option<Timestamp>,
}

impl Case {
    /// Takes one event in.
    #[must_use]
    pub fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (Self::Unknown, Event::Opened(opened)) => Self::Open(Box::new(Open::new(opened))),
            (Self::Unknown, _) => Self::Unknown,
            (Self::Open(mut open), event) => {
                open.evolve(event);
                Self::Open(open)
            }
        }
    }
}

impl Open {
    #[must_use]
    pub fn new(opened: &Opened) -> Self {
        Self {
            reference: opened.reference.clone(),
            kind: opened.kind.clone(),
            submitted_at: opened.submitted_at,
            contact_by: opened.contact_by,
            plan: opened.plan,
            flags: opened.flags.clone(),
            status: Status::Received,
            grade: None,
            claimed_by: None,
            assessments: 0,
            decisions: 0,
            rounds: 0,
            held: false,
            withdrawal_asked: false,
            speak_first: false,
            raised: false,
            still_being_written: opened.continues,
            found: false,
            quarantined: vec![],
            contact_stopped: None,
        }
    }

    /// Takes one event in.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Opened(_) | Event::NoteAdded { .. } | Event::EntryKept { .. } => {}
            Event::ContactRecorded(contact) => self.speak_first &= !contact.told(),
            Event::Claimed { by } => {
                self.claimed_by = Some(by.clone());
                self.look_at();
            }
            Event::Released { .. } => self.claimed_by = None,
            Event::Assessed(assessed) => {
                self.assessments = assessed.number;
                self.grade = Some(assessed.grade);
                self.look_at();
            }
            Event::Decided(decided) => {
                self.decisions = decided.number;
                self.withdrawal_asked = false;
                self.speak_first = false;
                self.raised = false;
                self.found = false;
                self.status = match decided.decision.kind {
                    DecisionKind::RequestDetails => {
                        self.rounds += 1;
                        Status::NeedsReply
                    }
                    DecisionKind::Allocate => Status::WithOfficer,
                    DecisionKind::FileForInformation => Status::NoFurtherAction,
                };
            }
            Event::ReplyReceived { flags, finished, .. } => {
                self.status = Status::Assessing;
                self.still_being_written &= !finished;
                self.raise(flags);
            }
            Event::EvidenceReceived { .. } => self.status = Status::Assessing,
            Event::EvidenceQuarantined(quarantined) => self.quarantined.push(quarantined.file),
            Event::WritingFinished { .. } => self.still_being_written = false,
            Event::FoundReported { .. } => {
                self.status = Status::Assessing;
                self.found = true;
                self.raise(&[if self.is_looked_for() { Flag::Priority1 } else { Flag::Priority2 }]);
            }
            Event::WithdrawalReceived { .. } => {
                self.status = Status::Assessing;
                self.withdrawal_asked = true;
                self.speak_first = self.flags.iter().any(|flag| flag.asks_to_speak_first());
            }
            Event::StopReceived { at } => {
                self.contact_stopped.get_or_insert(*at);
                self.plan = self.plan.with_nothing_safe();
            }
            Event::Held { .. } => self.held = true,
            Event::HoldReleased { .. } => self.held = false,
        }
    }

    /// Whether police look for somebody or something themselves, and go on until they have seen it.
    #[must_use]
    pub fn is_looked_for(&self) -> bool {
        Kind::parse(&self.kind).is_some_and(Kind::is_looked_for)
    }

    /// Whether somebody is missing.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        Kind::parse(&self.kind) == Some(Kind::Missing)
    }

    /// A flag that was raised once stays.
    fn raise(&mut self, flags: &[Flag]) {
        for flag in flags {
            if !self.flags.contains(flag) {
                self.flags.push(*flag);
            }
        }
        self.raised |= !flags.is_empty();
        self.speak_first |=
            self.withdrawal_asked && flags.iter().any(|flag| flag.asks_to_speak_first());
    }

    /// Somebody has begun with it. What was decided stays decided.
    fn look_at(&mut self) {
        if self.status == Status::Received {
            self.status = Status::Assessing;
        }
    }
}
