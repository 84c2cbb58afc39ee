//! Domain events <-> contract messages, and other services' messages -> commands.

mod message; // what is to be told, as it was planned

use bytes::Bytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use prost::Message as _;
use proto::intake::v1 as intake;
use proto::notifier::v1 as wire;
use uuid::Uuid;

pub use message::{SAVED_LINK, what};
use message::{decode_planned, planned};

use crate::control_room::codec as control_room;
use crate::domain::contact::{Event, Kept, Outcome, Sealed, What, Why};
use crate::domain::emergency::Alert;
use crate::domain::plan::{Channel, Submission, Way, Wishes};
use crate::domain::saved_link::Asked;

/// Why bytes are not what their kind says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("{kind}: its bytes are no such event")]
    Bytes { kind: String },
    #[error("{kind}: {field} is not as it must be")]
    Field { kind: String, field: &'static str },
    #[error("{kind} is no event of this log")]
    Kind { kind: String },
}

/// Reads a body, naming its kind in every refusal.
pub(crate) struct Reader<'a> {
    pub(crate) kind: &'a str,
}

impl Reader<'_> {
    pub(crate) fn body<M: prost::Message + Default>(&self, body: &Bytes) -> Result<M, DecodeError> {
        M::decode(body.clone()).map_err(|_| DecodeError::Bytes { kind: self.kind.to_owned() })
    }

    pub(crate) fn wrong(&self, field: &'static str) -> DecodeError {
        DecodeError::Field { kind: self.kind.to_owned(), field }
    }

    pub(crate) fn id(&self, bytes: &[u8], field: &'static str) -> Result<Uuid, DecodeError> {
        Uuid::from_slice(bytes).map_err(|_| self.wrong(field))
    }

    pub(crate) fn time(&self, micros: i64, field: &'static str) -> Result<Timestamp, DecodeError> {
        match Timestamp::from_microsecond(micros) {
            Ok(time) if micros > 0 => Ok(time),
            Ok(_) | Err(_) => Err(self.wrong(field)),
        }
    }

    fn channel(&self, number: i32) -> Result<Channel, DecodeError> {
        match intake::Channel::try_from(number) {
            Ok(intake::Channel::Email) => Ok(Channel::Email),
            Ok(intake::Channel::Text) => Ok(Channel::Text),
            Ok(
                intake::Channel::Unspecified
                | intake::Channel::Telephone
                | intake::Channel::Post
                | intake::Channel::None,
            )
            | Err(_) => Err(self.wrong("channel")),
        }
    }
}

/// Reads `report.submitted`. `emergency`: the id of one that it may raise.
pub fn submission(body: &Bytes, emergency: Uuid) -> Result<Submission, DecodeError> {
    let read = Reader { kind: "report.submitted" };
    let event: intake::ReportSubmitted = read.body(body)?;
    if event.reference.is_empty() {
        return Err(read.wrong("reference"));
    }
    let submitted_at = read.time(event.submitted_at_us, "submitted_at")?;
    let contact_by = read.time(event.contact_by_us, "contact_by")?;
    if contact_by <= submitted_at {
        return Err(read.wrong("contact_by"));
    }
    let is_sensitive = event.flags().any(|flag| match flag {
        intake::Flag::Safeguarding | intake::Flag::EmergencyCannotCall => true,
        intake::Flag::Unspecified
        | intake::Flag::EmergencyDeclared
        | intake::Flag::Priority1
        | intake::Flag::Priority2
        | intake::Flag::Restricted => false,
    });
    let cannot_call = event.flags().any(|flag| flag == intake::Flag::EmergencyCannotCall);
    Ok(Submission {
        reference: event.reference,
        submitted_at,
        contact_by,
        acknowledge: event.plan.as_ref().is_some_and(|plan| plan.acknowledge),
        wishes: event.plan.map(wishes).unwrap_or_default(),
        is_sensitive,
        contact: event.contact.map(sealed),
        alert: cannot_call.then(|| alert(emergency, event.content)),
    })
}

/// When the reporter added details, and whether they said that they cannot call 999. None where no reply is
/// owed to it: one more entry of a diary, or only that they have told all.
pub fn reply(
    body: &Bytes,
    emergency: Uuid,
) -> Result<Option<(Timestamp, Option<Alert>)>, DecodeError> {
    let read = Reader { kind: "details.added" };
    let event: intake::DetailsAdded = read.body(body)?;
    if event.finished && event.content.is_none() {
        return Ok(None);
    }
    let cannot_call = event.flags().any(|flag| flag == intake::Flag::EmergencyCannotCall);
    let at = read.time(event.added_at_us, "added_at")?;
    let is_kept = event.diary() == intake::Diary::Kept;
    Ok((!is_kept).then(|| (at, cannot_call.then(|| alert(emergency, event.content)))))
}

/// When the reporter said that whom or what they look for is found.
pub fn found_at(body: &Bytes) -> Result<Timestamp, DecodeError> {
    let read = Reader { kind: "found.reported" };
    let event: intake::FoundReported = read.body(body)?;
    read.time(event.at_us, "at")
}

/// When the reporter added files.
pub fn evidence_at(body: &Bytes) -> Result<Timestamp, DecodeError> {
    let read = Reader { kind: "evidence.added" };
    let event: intake::EvidenceAdded = read.body(body)?;
    read.time(event.added_at_us, "added_at")
}

fn alert(id: Uuid, content: Option<proto::log::v1::Sealed>) -> Alert {
    Alert { id, content: content.map(sealed) }
}

/// Reads `link.asked`. `zone`: by which the clocks go where it was asked.
pub fn link_asked(body: &Bytes, zone: &TimeZone) -> Result<Asked, DecodeError> {
    let read = Reader { kind: "link.asked" };
    let event: intake::LinkAsked = read.body(body)?;
    let at = read.time(event.asked_at_us, "asked_at")?;
    let local = at.to_zoned(zone.clone());
    Ok(Asked {
        channel: read.channel(event.channel)?,
        at,
        minute: i64::from(local.hour()) * 60 + i64::from(local.minute()),
        kept_until: read.time(event.kept_until_us, "kept_until")?,
        contact: event.contact.map(sealed),
    })
}

/// When the reporter said that it is no longer safe to contact them.
pub fn stopped_at(body: &Bytes) -> Result<Timestamp, DecodeError> {
    let read = Reader { kind: "contact.stopped" };
    let event: intake::ContactStopped = read.body(body)?;
    read.time(event.stopped_at_us, "stopped_at")
}

/// Reads `case.decided`.
pub fn decision(body: &Bytes) -> Result<(What, Timestamp), DecodeError> {
    let read = Reader { kind: "case.decided" };
    let event: proto::bureau::v1::CaseDecided = read.body(body)?;
    if event.decision.is_empty() {
        return Err(read.wrong("decision"));
    }
    let what = What::NextSteps {
        decision_number: event.decision_number,
        decision: event.decision,
        words: event.words.map(sealed),
    };
    Ok((what, read.time(event.at_us, "at")?))
}

/// When a person told the reporter; None if nobody was reached, or not in a way that counts.
pub fn told_at(body: &Bytes) -> Result<Option<Timestamp>, DecodeError> {
    let read = Reader { kind: "contact.recorded" };
    let event: proto::bureau::v1::ContactRecorded = read.body(body)?;
    let at = read.time(event.at_us, "at")?;
    let counts = matches!(event.how.as_str(), "telephone" | "visit") && event.outcome == "told";
    Ok(counts.then_some(at))
}

fn wishes(plan: intake::ContactPlan) -> Wishes {
    Wishes {
        first: way(plan.channel()),
        second: way(plan.second_channel()),
        email_is_safe: plan.email_is_safe,
        phone_is_safe: plan.phone_is_safe,
        post_is_safe: plan.post_is_safe,
        anonymous: plan.anonymous,
    }
}

fn way(channel: intake::Channel) -> Way {
    match channel {
        intake::Channel::Email => Way::Email,
        intake::Channel::Text => Way::Text,
        intake::Channel::Telephone => Way::Telephone,
        intake::Channel::Post => Way::Post,
        intake::Channel::Unspecified | intake::Channel::None => Way::None,
    }
}

fn wishes_to_wire(wishes: Wishes) -> intake::ContactPlan {
    let channel = |way| {
        i32::from(match way {
            Way::None => intake::Channel::None,
            Way::Email => intake::Channel::Email,
            Way::Text => intake::Channel::Text,
            Way::Telephone => intake::Channel::Telephone,
            Way::Post => intake::Channel::Post,
        })
    };
    intake::ContactPlan {
        channel: channel(wishes.first),
        second_channel: channel(wishes.second),
        email_is_safe: wishes.email_is_safe,
        phone_is_safe: wishes.phone_is_safe,
        anonymous: wishes.anonymous,
        post_is_safe: wishes.post_is_safe,
        acknowledge: false, // said of the submission alone
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what was sealed goes over")]
pub(crate) fn sealed(sealed: proto::log::v1::Sealed) -> Sealed {
    Sealed(sealed.encode_to_vec())
}

/// What was sealed, for whoever has the key.
pub fn unsealed(sealed: &[u8]) -> Result<proto::log::v1::Sealed, DecodeError> {
    proto::log::v1::Sealed::decode(sealed)
        .map_err(|_| DecodeError::Bytes { kind: "sealed".to_owned() })
}

pub(crate) fn sealed_to_wire(sealed: Option<&Sealed>) -> Option<proto::log::v1::Sealed> {
    sealed.and_then(|sealed| unsealed(&sealed.0).ok())
}

pub(crate) fn id(id: Uuid) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
}

/// The kind and body of an event of this service's log.
#[must_use]
pub fn encode(event: &Event) -> (&'static str, Bytes) {
    let (kind, body) = match event {
        Event::ObligationOpened { .. } => ("obligation.opened", encode_opened(event)),
        Event::ObligationKept { id: obligation, how, at } => (
            "obligation.kept",
            wire::ObligationKept {
                obligation_id: id(*obligation),
                how: kept(*how).to_owned(),
                at_us: at.as_microsecond(),
            }
            .encode_to_vec(),
        ),
        Event::ChannelsExhausted { obligation, due_at, at, why } => (
            "channels.exhausted",
            wire::ChannelsExhausted {
                obligation_id: id(*obligation),
                due_at_us: due_at.as_microsecond(),
                at_us: at.as_microsecond(),
                why: why.clone(),
            }
            .encode_to_vec(),
        ),
        Event::MessagePlanned(new) => ("message.planned", planned(new).encode_to_vec()),
        Event::MessageGivenUp { id: message, why, at } => (
            "message.given_up",
            wire::MessageGivenUp {
                message_id: id(*message),
                why: why.clone(),
                at_us: at.as_microsecond(),
            }
            .encode_to_vec(),
        ),
        Event::MessageCancelled { id: message, why, at } => (
            "message.cancelled",
            wire::MessageCancelled {
                message_id: id(*message),
                why: why.clone(),
                at_us: at.as_microsecond(),
            }
            .encode_to_vec(),
        ),
        Event::AttemptIntended { .. } | Event::AttemptEnded { .. } => encode_attempt(event),
        Event::SendingHeld { at } => {
            ("sending.held", wire::SendingHeld { at_us: at.as_microsecond() }.encode_to_vec())
        }
        Event::SendingResumed { at } => {
            ("sending.resumed", wire::SendingResumed { at_us: at.as_microsecond() }.encode_to_vec())
        }
        Event::SendingStopped { at } => {
            ("sending.stopped", wire::SendingStopped { at_us: at.as_microsecond() }.encode_to_vec())
        }
        Event::Emergency(event) => control_room::encode(event),
    };
    (kind, body.into())
}

fn encode_opened(event: &Event) -> Vec<u8> {
    let Event::ObligationOpened {
        id: obligation,
        reference,
        why,
        opened_at,
        due_at,
        owed,
        reporter,
    } = event
    else {
        return vec![];
    };
    wire::ObligationOpened {
        obligation_id: id(*obligation),
        reference: reference.clone(),
        why: why_opened(*why).to_owned(),
        opened_at_us: opened_at.as_microsecond(),
        due_at_us: due_at.as_microsecond(),
        owed: *owed,
        plan: reporter.as_ref().map(|(wishes, _)| wishes_to_wire(*wishes)),
        contact: sealed_to_wire(reporter.as_ref().and_then(|(_, contact)| contact.as_ref())),
    }
    .encode_to_vec()
}

fn encode_attempt(event: &Event) -> (&'static str, Vec<u8>) {
    if let Event::AttemptIntended { message, attempt, provider, at } = event {
        let body = wire::AttemptIntended {
            message_id: id(*message),
            attempt: *attempt,
            provider: provider.clone(),
            at_us: at.as_microsecond(),
        };
        return ("attempt.intended", body.encode_to_vec());
    }
    let Event::AttemptEnded { message, attempt, outcome, detail, at, is_resend } = event else {
        return ("attempt.ended", vec![]);
    };
    let (said, provider_reference) = match outcome {
        Outcome::Accepted { provider_reference } => ("accepted", provider_reference.clone()),
        Outcome::Refused => ("refused", String::new()),
        Outcome::Unavailable => ("unavailable", String::new()),
        Outcome::InDoubt => ("in_doubt", String::new()),
        Outcome::NotSent => ("not_sent", String::new()),
    };
    let body = wire::AttemptEnded {
        message_id: id(*message),
        attempt: *attempt,
        outcome: said.to_owned(),
        detail: detail.clone(),
        provider_reference,
        at_us: at.as_microsecond(),
        resend: *is_resend,
    };
    ("attempt.ended", body.encode_to_vec())
}

/// The word for what opened an obligation.
#[must_use]
pub fn why_opened(why: Why) -> &'static str {
    match why {
        Why::Submitted => "submitted",
        Why::Replied => "replied",
        Why::Decided => "decided",
        Why::Holding => "holding",
    }
}

/// The word for how an obligation ended.
#[must_use]
pub fn kept(how: Kept) -> &'static str {
    match how {
        Kept::Delivered => "delivered",
        Kept::ByPerson => "by_person",
        Kept::Published => "published",
    }
}

/// Reads an event of this service's log. None: it is about a parked message, and not about a contact.
pub fn decode(kind: &str, body: &Bytes) -> Result<Option<Event>, DecodeError> {
    let read = Reader { kind };
    Ok(Some(match kind {
        "obligation.opened" => decode_opened(&read, body)?,
        "obligation.kept" => {
            let event: wire::ObligationKept = read.body(body)?;
            Event::ObligationKept {
                id: read.id(&event.obligation_id, "obligation_id")?,
                how: match event.how.as_str() {
                    "delivered" => Kept::Delivered,
                    "by_person" => Kept::ByPerson,
                    "published" => Kept::Published,
                    _ => return Err(read.wrong("how")),
                },
                at: read.time(event.at_us, "at")?,
            }
        }
        "channels.exhausted" => {
            let event: wire::ChannelsExhausted = read.body(body)?;
            Event::ChannelsExhausted {
                obligation: read.id(&event.obligation_id, "obligation_id")?,
                due_at: read.time(event.due_at_us, "due_at")?,
                at: read.time(event.at_us, "at")?,
                why: event.why,
            }
        }
        "message.planned" => decode_planned(&read, body)?,
        "message.given_up" => {
            let event: wire::MessageGivenUp = read.body(body)?;
            let id = read.id(&event.message_id, "message_id")?;
            Event::MessageGivenUp { id, why: event.why, at: read.time(event.at_us, "at")? }
        }
        "message.cancelled" => {
            let event: wire::MessageCancelled = read.body(body)?;
            let id = read.id(&event.message_id, "message_id")?;
            Event::MessageCancelled { id, why: event.why, at: read.time(event.at_us, "at")? }
        }
        "attempt.intended" => {
            let event: wire::AttemptIntended = read.body(body)?;
            Event::AttemptIntended {
                message: read.id(&event.message_id, "message_id")?,
                attempt: event.attempt,
                provider: event.provider,
                at: read.time(event.at_us, "at")?,
            }
        }
        "attempt.ended" => decode_ended(&read, body)?,
        "sending.held" => {
            let event: wire::SendingHeld = read.body(body)?;
            Event::SendingHeld { at: read.time(event.at_us, "at")? }
        }
        "sending.resumed" => {
            let event: wire::SendingResumed = read.body(body)?;
            Event::SendingResumed { at: read.time(event.at_us, "at")? }
        }
        "sending.stopped" => {
            let event: wire::SendingStopped = read.body(body)?;
            Event::SendingStopped { at: read.time(event.at_us, "at")? }
        }
        "message.parked" | "message.released" => return Ok(None),
        _ => Event::Emergency(control_room::decode(&read, body)?),
    }))
}

fn decode_opened(read: &Reader<'_>, body: &Bytes) -> Result<Event, DecodeError> {
    let event: wire::ObligationOpened = read.body(body)?;
    Ok(Event::ObligationOpened {
        id: read.id(&event.obligation_id, "obligation_id")?,
        reference: event.reference,
        why: match event.why.as_str() {
            "submitted" => Why::Submitted,
            "replied" => Why::Replied,
            "decided" => Why::Decided,
            "holding" => Why::Holding,
            _ => return Err(read.wrong("why")),
        },
        opened_at: read.time(event.opened_at_us, "opened_at")?,
        due_at: read.time(event.due_at_us, "due_at")?,
        owed: event.owed,
        reporter: event.plan.map(|plan| (wishes(plan), event.contact.map(sealed))),
    })
}

fn decode_ended(read: &Reader<'_>, body: &Bytes) -> Result<Event, DecodeError> {
    let event: wire::AttemptEnded = read.body(body)?;
    Ok(Event::AttemptEnded {
        message: read.id(&event.message_id, "message_id")?,
        attempt: event.attempt,
        outcome: match event.outcome.as_str() {
            "accepted" => Outcome::Accepted { provider_reference: event.provider_reference },
            "refused" => Outcome::Refused,
            "unavailable" => Outcome::Unavailable,
            "in_doubt" => Outcome::InDoubt,
            "not_sent" => Outcome::NotSent,
            _ => return Err(read.wrong("outcome")),
        },
        detail: event.detail,
        at: read.time(event.at_us, "at")?,
        is_resend: event.resend,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::contact::NewMessage;

    #[test]
    fn an_addition_raises_the_alarm_by_its_flag_alone() {
        let (id, sealed) = (Uuid::from_u128(9), proto::log::v1::Sealed::default());
        for (flags, raises) in [
            (vec![intake::Flag::EmergencyCannotCall], true),
            (vec![intake::Flag::EmergencyDeclared, intake::Flag::Priority1], false),
            (vec![], false),
        ] {
            let added = intake::DetailsAdded {
                added_at_us: 1,
                content: Some(sealed.clone()),
                flags: flags.into_iter().map(i32::from).collect(),
                ..intake::DetailsAdded::default()
            };
            let (_, alert) = reply(&added.encode_to_vec().into(), id).unwrap().unwrap();
            let content = Some(Sealed(sealed.encode_to_vec()));
            assert_eq!(alert, raises.then_some(Alert { id, content }));
        }
    }

    #[test]
    fn that_somebody_has_told_all_is_owed_nothing_by_itself() {
        let content = Some(proto::log::v1::Sealed::default());
        for (content, owed) in [(content, true), (None, false)] {
            let added = intake::DetailsAdded {
                added_at_us: 1,
                content,
                finished: true,
                ..Default::default()
            };
            let read = reply(&added.encode_to_vec().into(), Uuid::nil()).unwrap();
            assert_eq!(read.is_some(), owed);
        }
    }

    #[test]
    fn files_are_owed_a_reply_from_when_they_came() {
        let added = intake::EvidenceAdded { added_at_us: 1, ..Default::default() };
        let at = evidence_at(&added.encode_to_vec().into()).unwrap();
        assert_eq!(at.as_microsecond(), 1);
        assert!(evidence_at(&Bytes::from_static(&[255; 9])).is_err());
    }

    #[test]
    fn one_more_entry_of_a_diary_is_owed_nothing() {
        for (diary, owed) in [
            (intake::Diary::Unspecified, true),
            (intake::Diary::Told, true),
            (intake::Diary::Kept, false),
        ] {
            let added = intake::DetailsAdded {
                added_at_us: 1,
                diary: diary.into(),
                ..intake::DetailsAdded::default()
            };
            let read = reply(&added.encode_to_vec().into(), Uuid::nil()).unwrap();
            assert_eq!(read.is_some(), owed, "{diary:?}");
        }
    }

    #[test]
    fn wishes_come_back_as_they_were() {
        let post = Wishes { first: Way::Post, ..Wishes::default() };
        for said in [
            Wishes { first: Way::Email, second: Way::Telephone, ..post },
            Wishes { email_is_safe: true, ..post },
            Wishes { phone_is_safe: true, ..post },
            Wishes { post_is_safe: true, ..post },
            Wishes { anonymous: true, ..post },
        ] {
            assert_eq!(wishes(wishes_to_wire(said)), said);
        }
    }

    #[test]
    fn a_link_is_asked_for_at_a_time_of_the_day_and_planned_as_it_was_asked() {
        let zone = TimeZone::get("Europe/London").unwrap();
        let at: Timestamp = "2026-07-01T19:59:30Z".parse().unwrap();
        let kept_until: Timestamp = "2026-07-08T19:59:30Z".parse().unwrap();
        let sealed = proto::log::v1::Sealed { scheme: 1, ..Default::default() };
        let event = intake::LinkAsked {
            channel: intake::Channel::Text.into(),
            asked_at_us: at.as_microsecond(),
            kept_until_us: kept_until.as_microsecond(),
            contact: Some(sealed.clone()),
        };
        let contact = Some(Sealed(sealed.encode_to_vec()));
        let asked = link_asked(&event.encode_to_vec().into(), &zone).unwrap();
        let minute = 20 * 60 + 59; // Summer time.
        let channel = Channel::Text;
        assert_eq!(asked, Asked { channel, at, minute, kept_until, contact: contact.clone() });
        for bad in [
            intake::LinkAsked { channel: intake::Channel::Post.into(), ..event.clone() },
            intake::LinkAsked { asked_at_us: 0, ..event.clone() },
            intake::LinkAsked { kept_until_us: -1, ..event },
        ] {
            assert!(link_asked(&bad.encode_to_vec().into(), &zone).is_err());
        }
        let planned = Event::MessagePlanned(NewMessage {
            id: Uuid::from_u128(1),
            what: What::SavedLink { kept_until, contact },
            channel,
            first_at: at,
            due_at: kept_until,
            keeps: vec![],
        });
        let (kind, body) = encode(&planned);
        assert_eq!(decode(kind, &body), Ok(Some(planned)));
    }

    #[test]
    fn a_submission_says_whether_a_message_could_harm_and_is_wished() {
        for (flag, acknowledge, sensitive) in [
            (intake::Flag::Safeguarding, true, true),
            (intake::Flag::Safeguarding, false, true),
            (intake::Flag::EmergencyCannotCall, false, true),
            (intake::Flag::Restricted, false, false),
        ] {
            let event = intake::ReportSubmitted {
                reference: "7K4M-2TQ9-X".to_owned(),
                submitted_at_us: 1,
                contact_by_us: 2,
                plan: Some(intake::ContactPlan { acknowledge, ..Default::default() }),
                flags: vec![flag.into()],
                ..Default::default()
            };
            let read = submission(&event.encode_to_vec().into(), Uuid::from_u128(1)).unwrap();
            assert_eq!((read.is_sensitive, read.acknowledge), (sensitive, acknowledge));
        }
    }
}
