//! Who cannot call 999: raised once, and then at the control room, or with somebody, or alarmed.

use std::collections::{BTreeSet, HashMap, HashSet};

use prost::Message as _;
use proto::intake::v1::{DetailsAdded, Flag, ReportSubmitted};
use proto::notifier::v1::{
    EmergencyAcknowledged, EmergencyAlarmed, EmergencyAttemptEnded, EmergencyAttemptIntended,
    EmergencyRaised,
};
use uuid::Uuid;

use super::Finding;
use super::logs::{Event, Logs};
use crate::Result;

pub(super) fn check(logs: &Logs) -> Result<Vec<Finding>> {
    let mut finding = Finding::new("every emergency_cannot_call is at the control room or alarmed");
    let (mut raised, mut with_somebody) = (HashMap::<u64, Vec<Uuid>>::new(), HashSet::new());
    for event in logs.of("NOTIFIER") {
        let body = event.body.as_slice();
        match event.kind.as_str() {
            "emergency.raised" => {
                let cause = event.meta.cause.as_ref().map_or(0, |cause| cause.position);
                let message = id(&EmergencyRaised::decode(body)?.message_id);
                raised.entry(cause).or_default().push(message);
            }
            "emergency.attempt_ended" => {
                let ended = EmergencyAttemptEnded::decode(body)?;
                let is_there = ["webhook", "email"].contains(&ended.way.as_str());
                if is_there && ended.outcome == "delivered" {
                    with_somebody.insert(id(&ended.message_id));
                }
            }
            "emergency.acknowledged" => {
                with_somebody.insert(id(&EmergencyAcknowledged::decode(body)?.message_id));
            }
            "emergency.alarmed" => {
                with_somebody.insert(id(&EmergencyAlarmed::decode(body)?.message_id));
            }
            _ => {}
        }
    }
    for event in logs.of("INTAKE") {
        if !cannot_call(event)? {
            continue;
        }
        let at = event.position;
        let messages = raised.get(&at).map_or(&[][..], Vec::as_slice);
        finding.check(messages.len() == 1, || {
            format!("INTAKE {at} was raised {} times", messages.len())
        });
        for message in messages {
            finding.check(with_somebody.contains(message), || {
                format!("INTAKE {at}: message {message} is with nobody, and there was no alarm")
            });
        }
    }
    Ok(vec![finding])
}

fn cannot_call(event: &Event) -> Result<bool> {
    let body = event.body.as_slice();
    let flags = match event.kind.as_str() {
        "report.submitted" => ReportSubmitted::decode(body)?.flags,
        "details.added" => DetailsAdded::decode(body)?.flags,
        _ => vec![],
    };
    Ok(flags.contains(&i32::from(Flag::EmergencyCannotCall)))
}

fn id(bytes: &[u8]) -> Uuid {
    Uuid::from_slice(bytes).unwrap_or(Uuid::nil())
}

/// The letters about emergencies that went to the folder.
#[derive(Default)]
pub(super) struct Letters {
    pub(super) delivered: BTreeSet<Uuid>,
    pub(super) in_doubt: BTreeSet<Uuid>,
}

impl Letters {
    pub(super) fn of(logs: &Logs) -> Result<Self> {
        let (mut letters, mut intended) = (Self::default(), HashMap::new());
        for event in logs.of("NOTIFIER") {
            let body = event.body.as_slice();
            if event.kind == "emergency.attempt_intended" {
                let attempt = EmergencyAttemptIntended::decode(body)?;
                if attempt.provider == "folder" {
                    let key = (attempt.message_id, attempt.way, attempt.attempt);
                    intended.insert(key, id(&attempt.letter_id));
                }
            } else if event.kind == "emergency.attempt_ended" {
                let ended = EmergencyAttemptEnded::decode(body)?;
                let key = (ended.message_id, ended.way, ended.attempt);
                let letter = intended.get(&key).copied();
                match ended.outcome.as_str() {
                    "delivered" => letters.delivered.extend(letter),
                    "in_doubt" => letters.in_doubt.extend(letter),
                    _ => {}
                }
            }
        }
        Ok(letters)
    }
}
