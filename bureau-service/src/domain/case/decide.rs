//! What may be asked of a case, and what follows from it.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Assessed, Case, Contact, Decided, Event, Kept, Open, Opened, Quarantined};
use crate::domain::assessment::Assessment;
use crate::domain::decision::{Decision, DecisionKind, Words};
use crate::domain::words::{ContactHow, ContactOutcome, Flag, Grade, Status};

/// A reporter is asked for details at most so often.
pub const ROUNDS_MAX: u32 = 2;

/// Somebody of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// An opaque id, never a name.
    pub id: String,
    /// May act on a case that somebody else has claimed.
    pub is_supervisor: bool,
}

/// Something that is asked of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Open(Opened),
    /// The reporter answered or added something.
    Reply {
        at: Timestamp,
        flags: Vec<Flag>,
        finished: bool,
    },
    /// The reporter has told all.
    Finish {
        at: Timestamp,
    },
    /// The reporter said that whom or what they look for is found.
    Found {
        at: Timestamp,
    },
    /// The reporter has added an entry to a diary, in which nothing has changed.
    Keep {
        at: Timestamp,
    },
    /// The reporter added files.
    AddEvidence {
        at: Timestamp,
        files: u32,
    },
    /// The reporter asked to withdraw: no clock stops, and nothing is deleted.
    Withdraw {
        at: Timestamp,
    },
    /// The reporter said that it is no longer safe to contact them.
    Stop {
        at: Timestamp,
    },
    Staff {
        actor: Actor,
        at: Timestamp,
        act: Act,
    },
}

/// What staff do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Claim,
    Release,
    Note {
        text: String,
    },
    Assess {
        assessment: Assessment,
        grade: Grade,
    },
    Decide {
        decision: Decision,
        words: Words,
    },
    RecordContact {
        how: ContactHow,
        outcome: ContactOutcome,
        note: String,
    },
    Hold,
    ReleaseHold,
    /// Of a file that the case has.
    Quarantine {
        file: Uuid,
        reason: String,
    },
}

impl Act {
    /// Whether it says something in words, which are sealed.
    #[must_use]
    pub fn has_words(&self) -> bool {
        match self {
            Self::Note { .. }
            | Self::Assess { .. }
            | Self::Decide { .. }
            | Self::RecordContact { .. }
            | Self::Quarantine { .. } => true,
            Self::Claim | Self::Release | Self::Hold | Self::ReleaseHold => false,
        }
    }
}

/// The fact that stands in the way. A person can act on each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("There is no such case.")]
    NoCase,
    #[error(
        "Somebody else ({by}) is working on this case. Ask them to release it, or ask a supervisor."
    )]
    ClaimedByOther { by: String },
    #[error("The case has not been assessed. Assess it first, then file it.")]
    AssessmentMissing,
    #[error(
        "The reporter has been asked for details twice. Speak with them, or decide with what is known."
    )]
    RoundsUsedUp,
    #[error("The case is filed already. It comes back when the reporter adds something.")]
    AlreadyFiled,
    #[error("The case is finished. Only notes and contacts can be added.")]
    Finished,
}

impl Rejection {
    /// Its word, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoCase => "no_case",
            Self::ClaimedByOther { .. } => "claimed_by_other",
            Self::AssessmentMissing => "assessment_missing",
            Self::RoundsUsedUp => "rounds_used_up",
            Self::AlreadyFiled => "already_filed",
            Self::Finished => "finished",
        }
    }
}

/// Answers `command` with the events that follow from it. None follow if it changes nothing.
pub fn decide(case: &Case, command: Command) -> Result<Vec<Event>, Rejection> {
    match (case, command) {
        (Case::Unknown, Command::Open(opened)) => Ok(vec![Event::Opened(opened)]),
        (Case::Open(_), Command::Open(_)) => Ok(vec![]),
        (Case::Unknown, _) => Err(Rejection::NoCase),
        (Case::Open(_), Command::Reply { at, flags, finished }) => {
            Ok(vec![Event::ReplyReceived { at, flags, finished }])
        }
        (Case::Open(open), Command::Finish { .. }) if !open.still_being_written => Ok(vec![]),
        (Case::Open(_), Command::Finish { at }) => Ok(vec![Event::WritingFinished { at }]),
        (Case::Open(_), Command::Found { at }) => Ok(vec![Event::FoundReported { at }]),
        (Case::Open(_), Command::Keep { at }) => Ok(vec![Event::EntryKept { at }]),
        (Case::Open(_), Command::AddEvidence { at, files }) => {
            Ok(vec![Event::EvidenceReceived { at, files }])
        }
        (Case::Open(open), Command::Withdraw { .. }) if open.withdrawal_asked => Ok(vec![]),
        (Case::Open(_), Command::Withdraw { at }) => Ok(vec![Event::WithdrawalReceived { at }]),
        (Case::Open(open), Command::Stop { .. }) if open.contact_stopped.is_some() => Ok(vec![]),
        (Case::Open(_), Command::Stop { at }) => Ok(vec![Event::StopReceived { at }]),
        (Case::Open(open), Command::Staff { actor, at, act }) => staff(open, &actor, at, act),
    }
}

fn staff(open: &Open, actor: &Actor, at: Timestamp, act: Act) -> Result<Vec<Event>, Rejection> {
    let by = actor.id.clone();
    match act {
        Act::Claim => claim(open, by),
        Act::Release => release(open, actor),
        Act::Note { text } => Ok(vec![Event::NoteAdded { by, at, note: Kept::Open(text) }]),
        Act::Assess { assessment, grade } => {
            unfinished(open)?;
            unclaimed_by_others(open, actor)?;
            let number = open.assessments + 1;
            let assessment = Kept::Open(assessment);
            let assessed = Assessed { by, at, number, grade, assessment };
            Ok(vec![Event::Assessed(Box::new(assessed))])
        }
        Act::Decide { decision, words } => {
            unfinished(open)?;
            unclaimed_by_others(open, actor)?;
            decidable(open, decision.kind)?;
            let decided = Decided {
                by,
                at,
                number: open.decisions + 1,
                assessment: open.assessments,
                decision,
                words: Kept::Open(words),
            };
            Ok(vec![Event::Decided(Box::new(decided))])
        }
        // Whoever reaches the reporter may say so: that keeps the promise.
        Act::RecordContact { how, outcome, note } => {
            let note = Kept::Open(note);
            Ok(vec![Event::ContactRecorded(Contact { by, at, how, outcome, note })])
        }
        // A hold protects somebody: anybody may set it, whoever works on the case.
        Act::Hold if open.held => Ok(vec![]),
        Act::Hold => Ok(vec![Event::Held { by }]),
        Act::ReleaseHold if open.held => Ok(vec![Event::HoldReleased { by }]),
        Act::ReleaseHold => Ok(vec![]),
        // So does a quarantine, at any time.
        Act::Quarantine { file, .. } if open.quarantined.contains(&file) => Ok(vec![]),
        Act::Quarantine { file, reason } => {
            let reason = Kept::Open(reason);
            Ok(vec![Event::EvidenceQuarantined(Quarantined { by, at, file, reason })])
        }
    }
}

fn claim(open: &Open, by: String) -> Result<Vec<Event>, Rejection> {
    unfinished(open)?;
    match &open.claimed_by {
        Some(has) if *has == by => Ok(vec![]),
        // Also for a supervisor, who releases it first: nobody loses a case without a trace of it.
        Some(has) => Err(Rejection::ClaimedByOther { by: has.clone() }),
        None => Ok(vec![Event::Claimed { by }]),
    }
}

fn release(open: &Open, actor: &Actor) -> Result<Vec<Event>, Rejection> {
    if open.claimed_by.is_none() {
        return Ok(vec![]);
    }
    unclaimed_by_others(open, actor)?;
    Ok(vec![Event::Released { by: actor.id.clone() }])
}

/// A decision needs no claim; but what somebody is working on is decided by them or a supervisor.
fn unclaimed_by_others(open: &Open, actor: &Actor) -> Result<(), Rejection> {
    match &open.claimed_by {
        Some(by) if *by != actor.id && !actor.is_supervisor => {
            Err(Rejection::ClaimedByOther { by: by.clone() })
        }
        Some(_) | None => Ok(()),
    }
}

fn unfinished(open: &Open) -> Result<(), Rejection> {
    match open.status {
        Status::Closed => Err(Rejection::Finished),
        Status::Received
        | Status::Assessing
        | Status::NeedsReply
        | Status::WithOfficer
        | Status::PassedOn
        | Status::NoFurtherAction => Ok(()),
    }
}

fn decidable(open: &Open, kind: DecisionKind) -> Result<(), Rejection> {
    match kind {
        DecisionKind::RequestDetails if open.rounds >= ROUNDS_MAX => Err(Rejection::RoundsUsedUp),
        DecisionKind::FileForInformation if open.assessments == 0 => {
            Err(Rejection::AssessmentMissing)
        }
        DecisionKind::FileForInformation if open.status == Status::NoFurtherAction => {
            Err(Rejection::AlreadyFiled)
        }
        DecisionKind::RequestDetails
        | DecisionKind::Allocate
        | DecisionKind::FileForInformation => Ok(()),
    }
}
