//! Events, and the state that they leave.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::domain::contact::Sealed;

/// The first retries, in milliseconds; then one every [`LATER`], and after an hour every [`LAST`].
const FIRST: [i64; 4] = [500, 1_000, 2_000, 5_000];
const LATER: SignedDuration = SignedDuration::from_secs(15);
const LATER_FAILURES: u32 = 240;
const LAST: SignedDuration = SignedDuration::from_mins(5);

/// How the control room, or a person on call, is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    Webhook,
    Email,
    /// The people on call, each by an email of their own, at each alarm.
    OnCall {
        round: u32,
        person: u32,
    },
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Webhook => f.write_str("webhook"),
            Self::Email => f.write_str("email"),
            Self::OnCall { round, person } => write!(f, "on_call/{round}/{person}"),
        }
    }
}

impl Way {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "webhook" => Some(Self::Webhook),
            "email" => Some(Self::Email),
            _ => {
                let (round, person) = text.strip_prefix("on_call/")?.split_once('/')?;
                Some(Self::OnCall { round: round.parse().ok()?, person: person.parse().ok()? })
            }
        }
    }

    /// Whether it leads to the control room itself.
    #[must_use]
    pub fn is_to_control_room(self) -> bool {
        matches!(self, Self::Webhook | Self::Email)
    }
}

/// What the person sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Report,
    /// Something that was added to a report.
    Details,
}

/// Why an alarm is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    NotAcknowledged,
    NoControlRoom,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    pub id: Uuid,
    pub of: Of,
    pub reference: String,
    /// When the reporter sent it.
    pub at: Timestamp,
    /// As they were set then.
    pub ways: Vec<Way>,
    pub content: Option<Sealed>,
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Delivered,
    /// It was not taken.
    Failed,
    /// It may have been taken.
    InDoubt,
    /// The way is not there any more.
    NotSet,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intended {
    pub id: Uuid,
    pub way: Way,
    pub attempt: u32,
    pub provider: String,
    /// The letter's id with the provider: the same at every attempt.
    pub letter: Uuid,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Raised(Raised),
    Intended(Intended),
    Ended { id: Uuid, way: Way, attempt: u32, outcome: Outcome, detail: String, at: Timestamp },
    Acknowledged { id: Uuid, by: String, at: Timestamp },
    Alarmed { id: Uuid, number: u32, why: Why, on_call: u32, at: Timestamp },
}

impl Event {
    /// The emergency's id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        match self {
            Self::Raised(Raised { id, .. })
            | Self::Intended(Intended { id, .. })
            | Self::Ended { id, .. }
            | Self::Acknowledged { id, .. }
            | Self::Alarmed { id, .. } => *id,
        }
    }
}

/// One emergency, as the events have left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    pub raised: Raised,
    pub letters: Vec<Letter>,
    /// The number of alarms, and when the last one was.
    pub alarms: u32,
    pub alarmed_at: Option<Timestamp>,
    pub acknowledged: Option<(String, Timestamp)>,
}

/// What is told by one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub way: Way,
    pub delivered_at: Option<Timestamp>,
    /// When it is to be tried; None while an attempt runs, and at the end.
    pub next_at: Option<Timestamp>,
    pub failures: u32,
    pub attempts: Vec<Attempt>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub number: u32,
    pub provider: String,
    pub state: AttemptState,
    pub detail: String,
    pub intended_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptState {
    Intended,
    Ended(Outcome),
}

/// Takes one event in. Cannot fail: what is in the log has happened.
pub fn evolve(emergencies: &mut Vec<Emergency>, event: &Event) {
    let id = event.id();
    let found = emergencies.iter_mut().find(|emergency| emergency.raised.id == id);
    match (event, found) {
        (Event::Raised(raised), None) => emergencies.push(Emergency::new(raised.clone())),
        (_, Some(emergency)) => emergency.evolve(event),
        (_, None) => {}
    }
}

impl Emergency {
    fn new(raised: Raised) -> Self {
        let letters = raised.ways.iter().map(|way| Letter::new(*way, raised.at)).collect();
        Self { raised, letters, alarms: 0, alarmed_at: None, acknowledged: None }
    }

    /// Since when an acknowledgement is waited for; None once it is there.
    #[must_use]
    pub fn waits_since(&self) -> Option<Timestamp> {
        let since = self.alarmed_at.unwrap_or(self.raised.at);
        self.acknowledged.is_none().then_some(since)
    }

    /// Whether no way led to the control room when it was raised.
    #[must_use]
    pub fn has_no_way(&self) -> bool {
        self.raised.ways.is_empty()
    }

    /// Whether it is with nobody yet: no way has delivered it, and no alarm was raised.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        let delivered =
            |letter: &Letter| letter.way.is_to_control_room() && letter.delivered_at.is_some();
        self.acknowledged.is_none() && self.alarms == 0 && !self.letters.iter().any(delivered)
    }

    #[must_use]
    pub fn letter(&self, way: Way) -> Option<&Letter> {
        self.letters.iter().find(|letter| letter.way == way)
    }

    fn evolve(&mut self, event: &Event) {
        match event {
            Event::Raised(_) => {} // The same cause, told twice: a restored log may have it behind itself.
            Event::Intended(intended) => self.for_letter(intended.way, |letter| {
                letter.next_at = None;
                letter.attempts.push(Attempt {
                    number: intended.attempt,
                    provider: intended.provider.clone(),
                    state: AttemptState::Intended,
                    detail: String::new(),
                    intended_at: intended.at,
                    ended_at: None,
                });
            }),
            Event::Ended { way, attempt, outcome, detail, at, .. } => {
                let is_over = self.acknowledged.is_some();
                self.for_letter(*way, |letter| {
                    letter.end(*attempt, *outcome, detail, *at);
                    letter.next_at = letter.next_at.filter(|_| !is_over);
                });
            }
            Event::Acknowledged { by, at, .. } => {
                self.acknowledged.get_or_insert_with(|| (by.clone(), *at));
                for letter in &mut self.letters {
                    letter.next_at = None;
                }
            }
            Event::Alarmed { number, on_call, at, .. } => {
                self.alarms = *number;
                self.alarmed_at = Some(*at);
                // Who was not reached by the alarm before is told by this one.
                for letter in &mut self.letters {
                    letter.next_at = letter.next_at.filter(|_| letter.way.is_to_control_room());
                }
                let people = (1..=*on_call).map(|person| Way::OnCall { round: *number, person });
                self.letters.extend(people.map(|way| Letter::new(way, *at)));
            }
        }
    }

    fn for_letter(&mut self, way: Way, change: impl FnOnce(&mut Letter)) {
        if let Some(letter) = self.letters.iter_mut().find(|letter| letter.way == way) {
            change(letter);
        }
    }
}

impl Letter {
    fn new(way: Way, at: Timestamp) -> Self {
        Self { way, delivered_at: None, next_at: Some(at), failures: 0, attempts: vec![] }
    }

    /// Whether an attempt runs: there is one at most.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.state == AttemptState::Intended)
    }

    fn end(&mut self, number: u32, outcome: Outcome, detail: &str, at: Timestamp) {
        if let Some(attempt) = self.attempts.iter_mut().find(|attempt| attempt.number == number) {
            attempt.state = AttemptState::Ended(outcome);
            attempt.ended_at = Some(at);
            detail.clone_into(&mut attempt.detail);
        }
        match outcome {
            Outcome::Delivered => {
                self.delivered_at.get_or_insert(at);
                self.next_at = None;
            }
            Outcome::NotSet => self.next_at = None,
            Outcome::Failed | Outcome::InDoubt => {
                self.failures = self.failures.saturating_add(1);
                let again = at.saturating_add(retry_after(self.failures));
                let waits = self.delivered_at.is_none() && !self.is_running();
                self.next_at = waits.then(|| again.unwrap_or(Timestamp::MAX));
            }
        }
    }
}

/// How long to wait after the `failures`-th failure in a row.
pub(super) fn retry_after(failures: u32) -> SignedDuration {
    let nth = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    match FIRST.get(nth) {
        Some(millis) => SignedDuration::from_millis(*millis),
        None if failures <= LATER_FAILURES => LATER,
        None => LAST,
    }
}
