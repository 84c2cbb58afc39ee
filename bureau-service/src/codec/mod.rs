//! Domain <-> contract messages: the only place that names both.

pub mod case_events; // the case's own events
pub mod contact_facts; // what happened to its promise
pub mod content; // what a reporter wrote, opened for the case page
pub mod from_intake; // the public's acts -> events of a case
pub mod from_notifier; // what was sent -> notices

#[cfg(test)]
mod tests;

use backbone::event_log::Recorded;
use backbone::sealing::{ReportKey, Unreadable};
use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::case::Event;
use crate::domain::promise::Fact;

/// An event of the bureau's log, as its read models take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub report_id: Uuid,
    /// Its place in its stream: for an event of a case, the case's version.
    pub version: u32,
    pub at: Timestamp,
    pub happened: Happened,
}

/// What an event of the bureau's log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    Case(Event),
    Contact(Fact),
    /// Parking and releasing: of no consequence for any case.
    Parking,
}

/// Why an event cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("its body is not that of a {0}")]
    Body(String),
    #[error("events of kind {0} are not known here")]
    UnknownKind(String),
    #[error("its field {0} has no meaning here")]
    Field(&'static str),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

impl Seen {
    #[must_use]
    pub fn new(recorded: &Recorded, report_id: Uuid, happened: Happened) -> Self {
        Self { report_id, version: recorded.version, at: recorded.recorded_at, happened }
    }

    /// Reads an event of our own log without its words.
    pub fn read(recorded: &Recorded) -> Result<Self, DecodeError> {
        Ok(Self::new(recorded, recorded.report_id(), decode(recorded, None)?))
    }
}

/// Reads an event of our own log; with the report's key its words as well.
pub fn decode(recorded: &Recorded, key: Option<&ReportKey>) -> Result<Happened, DecodeError> {
    if let Some(event) = case_events::decode(&recorded.kind, &recorded.body, key)? {
        return Ok(Happened::Case(event));
    }
    if let Some(fact) = contact_facts::decode(&recorded.kind, &recorded.body)? {
        return Ok(Happened::Contact(fact));
    }
    match recorded.kind.as_str() {
        "message.parked" | "message.released" => Ok(Happened::Parking),
        other => Err(DecodeError::UnknownKind(other.to_owned())),
    }
}

/// Reads a body of this kind.
fn body<M: prost::Message + Default>(kind: &str, body: &[u8]) -> Result<M, DecodeError> {
    M::decode(body).map_err(|_| DecodeError::Body(kind.to_owned()))
}

fn time(microseconds: i64, field: &'static str) -> Result<Timestamp, DecodeError> {
    Timestamp::from_microsecond(microseconds).map_err(|_| DecodeError::Field(field))
}

/// A time that most events of a kind do not name.
fn named(microseconds: i64, field: &'static str) -> Result<Option<Timestamp>, DecodeError> {
    (microseconds != 0).then(|| time(microseconds, field)).transpose()
}

fn id(bytes: &[u8], field: &'static str) -> Result<Uuid, DecodeError> {
    Uuid::from_slice(bytes).map_err(|_| DecodeError::Field(field))
}

/// The value, or the name of the field that has none with a meaning here.
fn known<T>(parsed: Option<T>, field: &'static str) -> Result<T, DecodeError> {
    parsed.ok_or(DecodeError::Field(field))
}
