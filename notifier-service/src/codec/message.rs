//! A message as it was planned <-> its contract message.

use bytes::Bytes;
use proto::intake::v1 as intake;
use proto::notifier::v1 as wire;

use super::{DecodeError, Reader, id, sealed, sealed_to_wire};
use crate::domain::contact::{Event, NewMessage, What};
use crate::domain::plan::Channel;

/// What a message is that tells where a saved form is.
pub const SAVED_LINK: &str = "saved_link";

pub(super) fn planned(new: &NewMessage) -> wire::MessagePlanned {
    let mut planned = wire::MessagePlanned {
        message_id: id(new.id),
        what: what(&new.what).to_owned(),
        channel: i32::from(match new.channel {
            Channel::Email => intake::Channel::Email,
            Channel::Text => intake::Channel::Text,
        }),
        first_at_us: new.first_at.as_microsecond(),
        due_at_us: new.due_at.as_microsecond(),
        keeps: new.keeps.iter().map(|obligation| id(*obligation)).collect(),
        ..wire::MessagePlanned::default()
    };
    match &new.what {
        What::Acknowledgement => {}
        What::NextSteps { decision_number, decision, words } => {
            planned.decision_number = *decision_number;
            planned.decision.clone_from(decision);
            planned.words = sealed_to_wire(words.as_ref());
        }
        What::Holding { again_by } => planned.again_by_us = again_by.as_microsecond(),
        What::SavedLink { kept_until, contact } => {
            planned.again_by_us = kept_until.as_microsecond();
            planned.contact = sealed_to_wire(contact.as_ref());
        }
    }
    planned
}

/// The word for a message's purpose, in events and rows alike.
#[must_use]
pub fn what(what: &What) -> &'static str {
    match what {
        What::Acknowledgement => "acknowledgement",
        What::NextSteps { .. } => "next_steps",
        What::Holding { .. } => "holding",
        What::SavedLink { .. } => SAVED_LINK,
    }
}

pub(super) fn decode_planned(read: &Reader<'_>, body: &Bytes) -> Result<Event, DecodeError> {
    let event: wire::MessagePlanned = read.body(body)?;
    let keeps = event.keeps.iter().map(|id| read.id(id, "keeps"));
    Ok(Event::MessagePlanned(NewMessage {
        id: read.id(&event.message_id, "message_id")?,
        channel: read.channel(event.channel)?,
        first_at: read.time(event.first_at_us, "first_at")?,
        due_at: read.time(event.due_at_us, "due_at")?,
        keeps: keeps.collect::<Result<_, _>>()?,
        what: match event.what.as_str() {
            "acknowledgement" => What::Acknowledgement,
            "next_steps" => What::NextSteps {
                decision_number: event.decision_number,
                decision: event.decision,
                words: event.words.map(sealed),
            },
            "holding" => What::Holding { again_by: read.time(event.again_by_us, "again_by")? },
            SAVED_LINK => What::SavedLink {
                kept_until: read.time(event.again_by_us, "again_by")?,
                contact: event.contact.map(sealed),
            },
            _ => return Err(read.wrong("what")),
        },
    }))
}
