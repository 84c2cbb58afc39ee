//! Events, and the state that they leave.

use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::emergency::{self, Emergency};
use crate::domain::plan::{Channel, Wishes};
use crate::domain::saved_link;
use crate::domain::times::{Jitter, Promise};

/// Something sealed, as it came. Never opened here and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)")
    }
}

/// Why no channel is left where the reporter wished to hear from a person.
pub const PERSON_WISHED: &str = "person_wished";

/// Another service's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Intake,
    Bureau,
}

/// The message that an event follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    pub source: Source,
    pub position: u64,
}

/// What opened an obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    Submitted,
    Replied,
    Decided,
    /// A holding message has gone, which named a time.
    Holding,
}

/// How an obligation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Delivered,
    ByPerson,
    Published,
}

/// What a message tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Acknowledgement,
    NextSteps {
        decision_number: u32,
        decision: String,
        words: Option<Sealed>,
    },
    Holding {
        again_by: Timestamp,
    },
    /// Where a form is that was saved and not sent. It has a history of its own and is about no report.
    SavedLink {
        kept_until: Timestamp,
        contact: Option<Sealed>,
    },
}

/// A message as it was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    pub id: Uuid,
    pub what: What,
    pub channel: Channel,
    pub first_at: Timestamp,
    pub due_at: Timestamp,
    /// The obligations that end when it is accepted.
    pub keeps: Vec<Uuid>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Accepted {
        provider_reference: String,
    },
    /// For good: this address, or this message.
    Refused,
    /// Not now. Nothing was sent.
    Unavailable,
    /// It may have been sent.
    InDoubt,
    /// The provider was asked and does not have it.
    NotSent,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    ObligationOpened {
        id: Uuid,
        reference: String,
        why: Why,
        opened_at: Timestamp,
        due_at: Timestamp,
        owed: bool,
        /// With the submission: how the reporter can be reached.
        reporter: Option<(Wishes, Option<Sealed>)>,
    },
    ObligationKept {
        id: Uuid,
        how: Kept,
        at: Timestamp,
    },
    ChannelsExhausted {
        obligation: Uuid,
        due_at: Timestamp,
        at: Timestamp,
        why: String,
    },
    MessagePlanned(NewMessage),
    MessageGivenUp {
        id: Uuid,
        why: String,
        at: Timestamp,
    },
    MessageCancelled {
        id: Uuid,
        why: String,
        at: Timestamp,
    },
    AttemptIntended {
        message: Uuid,
        attempt: u32,
        provider: String,
        at: Timestamp,
    },
    AttemptEnded {
        message: Uuid,
        attempt: u32,
        outcome: Outcome,
        detail: String,
        at: Timestamp,
        is_resend: bool,
    },
    SendingHeld {
        at: Timestamp,
    },
    SendingResumed {
        at: Timestamp,
    },
    /// The reporter said that it is no longer safe.
    SendingStopped {
        at: Timestamp,
    },
    Emergency(emergency::Event),
}

/// One reporter, as the events have left things.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// Empty: the report is not known, or it is none but a saved form.
    pub reference: String,
    pub wishes: Wishes,
    pub contact: Option<Sealed>,
    pub promise: Promise,
    pub held: Option<Timestamp>,
    /// Since when no way is safe any more. Nobody who releases a hold undoes it.
    pub stopped: Option<Timestamp>,
    pub obligations: Vec<Obligation>,
    pub messages: Vec<Message>,
    pub emergencies: Vec<Emergency>,
    /// How far the other services' messages about this report have led to events.
    pub intake_seen: u64,
    pub bureau_seen: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    pub id: Uuid,
    pub why: Why,
    pub opened_at: Timestamp,
    pub due_at: Timestamp,
    pub owed: bool,
    /// The message of INTAKE that opened it, if one did.
    pub intake_position: Option<u64>,
    pub exhausted: Option<Timestamp>,
    /// It is decided, and the reporter wished to hear that from a person.
    pub is_a_persons: bool,
    pub kept: Option<(Kept, Timestamp)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub new: NewMessage,
    pub state: MessageState,
    /// When something has to be done for it; None while an attempt runs, and at the end.
    pub next_at: Option<Timestamp>,
    pub failures: u32,
    pub attempts: Vec<Attempt>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageState {
    Planned,
    Accepted(Timestamp),
    GivenUp(String, Timestamp),
    Cancelled(String, Timestamp),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub number: u32,
    pub provider: String,
    pub intended_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub state: AttemptState,
    pub detail: String,
    pub is_resend: bool,
}

/// Intended, in doubt and accepted are *live*: a message has at most one such attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptState {
    Intended,
    InDoubt,
    /// It was in doubt, and the message went once more.
    Resent,
    Accepted,
    Refused,
    Unavailable,
    NotSent,
}

impl Contact {
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.is_of_a_report() || !self.messages.is_empty()
    }

    /// Not so where somebody was told of a form that they saved, and of nothing else.
    #[must_use]
    pub fn is_of_a_report(&self) -> bool {
        !self.reference.is_empty()
    }

    /// Whether the message behind `cause` has led to its events already.
    #[must_use]
    pub fn has_seen(&self, cause: Cause) -> bool {
        match cause.source {
            Source::Intake => cause.position <= self.intake_seen,
            Source::Bureau => cause.position <= self.bureau_seen,
        }
    }

    #[must_use]
    pub fn message(&self, id: Uuid) -> Option<&Message> {
        self.messages.iter().find(|message| message.new.id == id)
    }

    /// Takes one event in. Cannot fail: what is in the log has happened.
    pub fn evolve(&mut self, event: &Event, cause: Option<Cause>) {
        match cause {
            Some(Cause { source: Source::Intake, position }) => {
                self.intake_seen = self.intake_seen.max(position);
            }
            Some(Cause { source: Source::Bureau, position }) => {
                self.bureau_seen = self.bureau_seen.max(position);
            }
            None => {}
        }
        match event {
            Event::ObligationOpened { .. } => self.open(event, cause),
            Event::ObligationKept { id, how, at } => {
                self.for_obligation(*id, |obligation| obligation.kept = Some((*how, *at)));
            }
            Event::ChannelsExhausted { obligation, at, why, .. } => {
                self.for_obligation(*obligation, |obligation| {
                    obligation.exhausted.get_or_insert(*at);
                    obligation.is_a_persons |= why == PERSON_WISHED;
                });
            }
            Event::MessagePlanned(new) => self.plan(new),
            Event::MessageGivenUp { id, why, at } => {
                self.for_message(*id, |message| {
                    message.end(MessageState::GivenUp(why.clone(), *at));
                });
            }
            Event::MessageCancelled { id, why, at } => {
                self.for_message(*id, |message| {
                    message.end(MessageState::Cancelled(why.clone(), *at));
                });
            }
            Event::AttemptIntended { message, attempt, provider, at } => {
                self.for_message(*message, |message| message.intend(*attempt, provider, *at));
            }
            Event::AttemptEnded { .. } => self.end_attempt(event),
            Event::SendingHeld { at } => self.held = Some(*at),
            Event::SendingResumed { .. } => self.held = None,
            Event::SendingStopped { at } => {
                self.stopped.get_or_insert(*at);
                self.wishes = self.wishes.with_nothing_safe();
            }
            Event::Emergency(event) => emergency::evolve(&mut self.emergencies, event),
        }
    }

    fn open(&mut self, event: &Event, cause: Option<Cause>) {
        let Event::ObligationOpened { id, reference, why, opened_at, due_at, owed, reporter } =
            event
        else {
            return;
        };
        if let Some((wishes, contact)) = reporter {
            self.reference.clone_from(reference);
            self.wishes = if self.stopped.is_none() { *wishes } else { wishes.with_nothing_safe() };
            self.contact.clone_from(contact);
            self.promise = Promise::between(*opened_at, *due_at);
        }
        if self.obligations.iter().any(|obligation| obligation.id == *id) {
            return; // The same act, told twice: a restored log may have it behind itself.
        }
        let intake_position =
            cause.filter(|cause| cause.source == Source::Intake).map(|cause| cause.position);
        self.obligations.push(Obligation {
            id: *id,
            why: *why,
            opened_at: *opened_at,
            due_at: *due_at,
            owed: *owed,
            intake_position,
            exhausted: None,
            is_a_persons: false,
            kept: None,
        });
    }

    fn plan(&mut self, new: &NewMessage) {
        if let What::SavedLink { contact, .. } = &new.what {
            self.wishes = saved_link::wishes(new.channel);
            self.contact.clone_from(contact);
        }
        if self.message(new.id).is_none() {
            self.messages.push(Message {
                new: new.clone(),
                state: MessageState::Planned,
                next_at: Some(new.first_at),
                failures: 0,
                attempts: vec![],
            });
        }
    }

    fn end_attempt(&mut self, event: &Event) {
        let Event::AttemptEnded { message, attempt, outcome, detail, at, is_resend } = event else {
            return;
        };
        let promise = self.promise;
        self.for_message(*message, |message| {
            message.end_attempt(promise, *attempt, outcome, *at);
            if let Some(ended) = message.attempts.iter_mut().find(|ended| ended.number == *attempt)
            {
                ended.ended_at = Some(*at);
                ended.detail.clone_from(detail);
                ended.is_resend |= *is_resend;
            }
        });
    }

    fn for_obligation(&mut self, id: Uuid, change: impl FnOnce(&mut Obligation)) {
        if let Some(found) = self.obligations.iter_mut().find(|obligation| obligation.id == id) {
            change(found);
        }
    }

    fn for_message(&mut self, id: Uuid, change: impl FnOnce(&mut Message)) {
        if let Some(found) = self.messages.iter_mut().find(|message| message.new.id == id) {
            change(found);
        }
    }
}

impl Message {
    #[must_use]
    pub fn is_planned(&self) -> bool {
        self.state == MessageState::Planned
    }

    /// The attempt that may yet turn out to have been the one.
    #[must_use]
    pub fn open_attempt(&self) -> Option<&Attempt> {
        self.attempts
            .iter()
            .find(|attempt| matches!(attempt.state, AttemptState::Intended | AttemptState::InDoubt))
    }

    /// Whether the one resend after doubt has been used.
    #[must_use]
    pub fn was_resent(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.state == AttemptState::Resent)
    }

    fn end(&mut self, state: MessageState) {
        self.state = state;
        self.next_at = None;
        if let What::NextSteps { words, .. } = &mut self.new.what {
            *words = None; // Nobody needs them any more.
        }
    }

    fn intend(&mut self, number: u32, provider: &str, at: Timestamp) {
        let mut is_resend = false;
        for before in &mut self.attempts {
            if before.state == AttemptState::InDoubt {
                before.state = AttemptState::Resent;
            }
            is_resend |= before.state == AttemptState::Resent;
        }
        self.next_at = None;
        self.attempts.push(Attempt {
            number,
            provider: provider.to_owned(),
            intended_at: at,
            ended_at: None,
            state: AttemptState::Intended,
            detail: String::new(),
            is_resend,
        });
    }

    fn end_attempt(&mut self, promise: Promise, number: u32, outcome: &Outcome, at: Timestamp) {
        let state = match outcome {
            Outcome::Accepted { .. } => AttemptState::Accepted,
            Outcome::Refused => AttemptState::Refused,
            Outcome::Unavailable => AttemptState::Unavailable,
            Outcome::InDoubt => AttemptState::InDoubt,
            Outcome::NotSent => AttemptState::NotSent,
        };
        if let Some(attempt) = self.attempts.iter_mut().find(|attempt| attempt.number == number) {
            attempt.state = state;
        }
        let jitter = Jitter::of(self.new.id.as_bytes(), number);
        match outcome {
            Outcome::Accepted { .. } => self.end(MessageState::Accepted(at)),
            Outcome::Refused => self.next_at = None,
            Outcome::Unavailable => {
                self.failures = self.failures.saturating_add(1);
                self.again(at, promise.retry_after(self.failures, jitter));
            }
            Outcome::InDoubt => self.again(at, promise.retry_after(1, jitter)),
            Outcome::NotSent => self.next_at = Some(at),
        }
    }

    fn again(&mut self, at: Timestamp, after: jiff::SignedDuration) {
        self.next_at = Some(at.saturating_add(after).unwrap_or(Timestamp::MAX));
    }
}
