//! Emergencies <-> contract messages.

use bytes::Bytes;
use prost::Message as _;
use proto::notifier::v1 as wire;

use crate::codec::{DecodeError, Reader, id, sealed, sealed_to_wire};
use crate::domain::emergency::{Event, Intended, Of, Outcome, Raised, Way, Why};

/// The kind and body of an event.
pub(crate) fn encode(event: &Event) -> (&'static str, Vec<u8>) {
    match event {
        Event::Raised(raised) => ("emergency.raised", raised_to_wire(raised).encode_to_vec()),
        Event::Intended(intended) => (
            "emergency.attempt_intended",
            wire::EmergencyAttemptIntended {
                message_id: id(intended.id),
                way: intended.way.to_string(),
                attempt: intended.attempt,
                provider: intended.provider.clone(),
                at_us: intended.at.as_microsecond(),
                letter_id: id(intended.letter),
            }
            .encode_to_vec(),
        ),
        Event::Ended { id: message, way, attempt, outcome: ended, detail, at } => (
            "emergency.attempt_ended",
            wire::EmergencyAttemptEnded {
                message_id: id(*message),
                way: way.to_string(),
                attempt: *attempt,
                outcome: outcome(*ended).to_owned(),
                detail: detail.clone(),
                at_us: at.as_microsecond(),
            }
            .encode_to_vec(),
        ),
        Event::Acknowledged { id: message, by, at } => (
            "emergency.acknowledged",
            wire::EmergencyAcknowledged {
                message_id: id(*message),
                by: by.clone(),
                at_us: at.as_microsecond(),
            }
            .encode_to_vec(),
        ),
        Event::Alarmed { id: message, number, why: reason, on_call, at } => (
            "emergency.alarmed",
            wire::EmergencyAlarmed {
                message_id: id(*message),
                number: *number,
                why: why(*reason).to_owned(),
                on_call: *on_call,
                at_us: at.as_microsecond(),
            }
            .encode_to_vec(),
        ),
    }
}

fn raised_to_wire(raised: &Raised) -> wire::EmergencyRaised {
    wire::EmergencyRaised {
        message_id: id(raised.id),
        reference: raised.reference.clone(),
        of: of(raised.of).to_owned(),
        raised_at_us: raised.at.as_microsecond(),
        ways: raised.ways.iter().map(ToString::to_string).collect(),
        content: sealed_to_wire(raised.content.as_ref()),
    }
}

/// The word for what was sent, in events and rows alike.
pub(crate) fn of(of: Of) -> &'static str {
    match of {
        Of::Report => "report",
        Of::Details => "details",
    }
}

/// The word for an outcome.
pub(crate) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Delivered => "delivered",
        Outcome::Failed => "failed",
        Outcome::InDoubt => "in_doubt",
        Outcome::NotSet => "not_set",
    }
}

/// The word for why an alarm was raised.
pub(crate) fn why(why: Why) -> &'static str {
    match why {
        Why::NotAcknowledged => "not_acknowledged",
        Why::NoControlRoom => "no_control_room",
    }
}

/// Reads an event of this service's log.
pub(crate) fn decode(read: &Reader<'_>, body: &Bytes) -> Result<Event, DecodeError> {
    Ok(match read.kind {
        "emergency.raised" => Event::Raised(decode_raised(read, body)?),
        "emergency.attempt_intended" => {
            let event: wire::EmergencyAttemptIntended = read.body(body)?;
            Event::Intended(Intended {
                id: read.id(&event.message_id, "message_id")?,
                way: way(read, &event.way)?,
                attempt: event.attempt,
                provider: event.provider,
                letter: read.id(&event.letter_id, "letter_id")?,
                at: read.time(event.at_us, "at")?,
            })
        }
        "emergency.attempt_ended" => {
            let event: wire::EmergencyAttemptEnded = read.body(body)?;
            Event::Ended {
                id: read.id(&event.message_id, "message_id")?,
                way: way(read, &event.way)?,
                attempt: event.attempt,
                outcome: match event.outcome.as_str() {
                    "delivered" => Outcome::Delivered,
                    "failed" => Outcome::Failed,
                    "in_doubt" => Outcome::InDoubt,
                    "not_set" => Outcome::NotSet,
                    _ => return Err(read.wrong("outcome")),
                },
                detail: event.detail,
                at: read.time(event.at_us, "at")?,
            }
        }
        "emergency.acknowledged" => {
            let event: wire::EmergencyAcknowledged = read.body(body)?;
            let id = read.id(&event.message_id, "message_id")?;
            Event::Acknowledged { id, by: event.by, at: read.time(event.at_us, "at")? }
        }
        "emergency.alarmed" => {
            let event: wire::EmergencyAlarmed = read.body(body)?;
            Event::Alarmed {
                id: read.id(&event.message_id, "message_id")?,
                number: event.number,
                why: match event.why.as_str() {
                    "not_acknowledged" => Why::NotAcknowledged,
                    "no_control_room" => Why::NoControlRoom,
                    _ => return Err(read.wrong("why")),
                },
                on_call: event.on_call,
                at: read.time(event.at_us, "at")?,
            }
        }
        kind => return Err(DecodeError::Kind { kind: kind.to_owned() }),
    })
}

fn decode_raised(read: &Reader<'_>, body: &Bytes) -> Result<Raised, DecodeError> {
    let event: wire::EmergencyRaised = read.body(body)?;
    Ok(Raised {
        id: read.id(&event.message_id, "message_id")?,
        of: match event.of.as_str() {
            "report" => Of::Report,
            "details" => Of::Details,
            _ => return Err(read.wrong("of")),
        },
        reference: event.reference,
        at: read.time(event.raised_at_us, "raised_at")?,
        ways: event.ways.iter().map(|text| way(read, text)).collect::<Result<_, _>>()?,
        content: event.content.map(sealed),
    })
}

fn way(read: &Reader<'_>, text: &str) -> Result<Way, DecodeError> {
    Way::parse(text).ok_or_else(|| read.wrong("way"))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn events_come_back_as_they_were() {
        let (id, at) = (Uuid::from_u128(7), Timestamp::from_second(1_790_000_000).unwrap());
        let way = Way::OnCall { round: 2, person: 1 };
        let provider = "folder".to_owned();
        for event in [
            Event::Raised(Raised {
                id,
                of: Of::Details,
                reference: "7K4M-2TQ9".to_owned(),
                at,
                ways: vec![Way::Webhook, Way::Email],
                content: None,
            }),
            Event::Intended(Intended { id, way, attempt: 3, provider, letter: id, at }),
            Event::Ended {
                id,
                way,
                attempt: 3,
                outcome: Outcome::InDoubt,
                detail: "timeout".to_owned(),
                at,
            },
            Event::Acknowledged { id, by: "triager-1".to_owned(), at },
            Event::Alarmed { id, number: 2, why: Why::NoControlRoom, on_call: 1, at },
        ] {
            let (kind, body) = encode(&event);
            let read = decode(&Reader { kind }, &body.into());
            assert_eq!(read, Ok(event));
        }
    }
}
