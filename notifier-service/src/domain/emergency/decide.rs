//! Commands, and the events that follow from them.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::state::{AttemptState, Emergency, Event, Intended, Of, Outcome, Raised, Way, Why};
use crate::domain::contact::{Rejection, Sealed};

/// The control room as it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Room {
    pub webhook: bool,
    pub email: bool,
    /// How many people are told when nobody acknowledges.
    pub on_call: u32,
    /// How long an acknowledgement may take.
    pub patience: SignedDuration,
}

/// Somebody cannot call 999: part of what they have sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Made of its cause.
    pub id: Uuid,
    pub content: Option<Sealed>,
}

/// What is to be done, or has become known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Tell it by this way.
    Intend { id: Uuid, way: Way, provider: &'static str, letter: Uuid },
    /// What came of an attempt; `acknowledged`: the control room's system has said so in its answer.
    End { id: Uuid, way: Way, attempt: u32, outcome: Outcome, detail: String, acknowledged: bool },
    /// Somebody has it.
    Acknowledge { id: Uuid, by: String },
    /// Time has passed.
    Alarm { id: Uuid },
}

/// Who acknowledges with the code that stands in the message.
pub const CONTROL_ROOM: &str = "control_room";

/// The control room is to be told.
#[must_use]
pub fn raise(alert: &Alert, of: Of, reference: &str, at: Timestamp, room: Room) -> Event {
    let ways = [(Way::Webhook, room.webhook), (Way::Email, room.email)];
    Event::Raised(Raised {
        id: alert.id,
        of,
        reference: reference.to_owned(),
        at,
        ways: ways.into_iter().filter(|(_, is_set)| *is_set).map(|(way, _)| way).collect(),
        content: alert.content.clone(),
    })
}

/// Answers `command` with the events that follow from it. None follow if it changes nothing.
pub fn decide(
    emergencies: &[Emergency],
    command: &Command,
    now: Timestamp,
    room: Room,
) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::Intend { id, way, provider, letter } => {
            let attempt = intend(find(emergencies, *id)?, *way, now)?;
            let provider = (*provider).to_owned();
            let (id, way, letter, at) = (*id, *way, *letter, now);
            Ok(vec![Event::Intended(Intended { id, way, attempt, provider, letter, at })])
        }
        Command::End { id, way, attempt, outcome, detail, acknowledged } => {
            let emergency = find(emergencies, *id)?;
            if !may_end(emergency, *way, *attempt, *outcome)? {
                return Ok(vec![]); // Somebody else has told it.
            }
            let mut events = vec![Event::Ended {
                id: *id,
                way: *way,
                attempt: *attempt,
                outcome: *outcome,
                detail: detail.clone(),
                at: now,
            }];
            if *acknowledged && emergency.acknowledged.is_none() {
                events.push(Event::Acknowledged { id: *id, by: CONTROL_ROOM.to_owned(), at: now });
            }
            Ok(events)
        }
        Command::Acknowledge { id, by } => {
            let emergency = find(emergencies, *id)?;
            let is_new = emergency.acknowledged.is_none();
            let event = Event::Acknowledged { id: *id, by: by.clone(), at: now };
            Ok(is_new.then_some(event).into_iter().collect())
        }
        Command::Alarm { id } => {
            let emergency = find(emergencies, *id)?;
            if !is_alarm_due(emergency, now, room) {
                return Ok(vec![]);
            }
            let no_way = emergency.has_no_way();
            Ok(vec![Event::Alarmed {
                id: *id,
                number: emergency.alarms.saturating_add(1),
                why: if no_way { Why::NoControlRoom } else { Why::NotAcknowledged },
                on_call: room.on_call,
                at: now,
            }])
        }
    }
}

fn find(emergencies: &[Emergency], id: Uuid) -> Result<&Emergency, Rejection> {
    let found = emergencies.iter().find(|emergency| emergency.raised.id == id);
    found.ok_or(Rejection::NoSuchMessage)
}

/// The number of the next attempt, if there may be one now.
fn intend(emergency: &Emergency, way: Way, now: Timestamp) -> Result<u32, Rejection> {
    let letter = emergency.letter(way).ok_or(Rejection::NoSuchMessage)?;
    let is_due = letter.next_at.is_some_and(|next_at| next_at <= now);
    if !is_due || letter.is_running() || emergency.acknowledged.is_some() {
        return Err(Rejection::NotDue);
    }
    Ok(letter.attempts.iter().map(|attempt| attempt.number).max().unwrap_or(0).saturating_add(1))
}

/// Whether the outcome is news: what was in doubt may still turn out to have been delivered.
fn may_end(
    emergency: &Emergency,
    way: Way,
    number: u32,
    outcome: Outcome,
) -> Result<bool, Rejection> {
    let letter = emergency.letter(way).ok_or(Rejection::NoSuchMessage)?;
    let attempt = letter.attempts.iter().find(|attempt| attempt.number == number);
    Ok(match attempt.ok_or(Rejection::NoSuchMessage)?.state {
        AttemptState::Intended => true,
        AttemptState::Ended(Outcome::InDoubt) => outcome == Outcome::Delivered,
        AttemptState::Ended(Outcome::Delivered | Outcome::Failed | Outcome::NotSet) => false,
    })
}

/// Nobody has acknowledged it in time, or there is nobody who could.
fn is_alarm_due(emergency: &Emergency, now: Timestamp, room: Room) -> bool {
    let at_once = emergency.has_no_way() && emergency.alarms == 0;
    emergency.waits_since().is_some_and(|since| {
        at_once || since.saturating_add(room.patience).is_ok_and(|until| until <= now)
    })
}
