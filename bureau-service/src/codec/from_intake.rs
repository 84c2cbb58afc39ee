//! The public's acts -> events of a case. What is sealed goes on as it came.

use bytes::Bytes;
use prost::Message as _;
use proto::bureau::v1 as wire;
use proto::intake::v1 as intake;

use super::{DecodeError, body, case_events, known, time};
use crate::domain::case::Command;
use crate::domain::promise::Plan;
use crate::domain::words::{Channel, Flag};

const REFERENCE_CHARS_MAX: usize = 32;

/// What a message of intake asks of a case, and the body of the event if it is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub command: Command,
    pub kind: &'static str,
    pub body: Bytes,
}

/// Somebody wants to be told where a form is that they saved: about no report yet, so of no case.
pub const LINK_ASKED: &str = "link.asked";

/// Reads a message of intake.
pub fn read(kind: &str, bytes: &[u8]) -> Result<Asked, DecodeError> {
    match kind {
        "report.submitted" => submitted(body(kind, bytes)?),
        "details.added" => added(body(kind, bytes)?),
        "withdrawal.asked" => {
            let at_us = body::<intake::WithdrawalAsked>(kind, bytes)?.asked_at_us;
            Ok(Asked {
                command: Command::Withdraw { at: time(at_us, "asked_at_us")? },
                kind: "withdrawal.received",
                body: wire::WithdrawalReceived { at_us }.encode_to_vec().into(),
            })
        }
        "contact.stopped" => {
            let at_us = body::<intake::ContactStopped>(kind, bytes)?.stopped_at_us;
            Ok(Asked {
                command: Command::Stop { at: time(at_us, "stopped_at_us")? },
                kind: "contact.stop_received",
                body: wire::ContactStopReceived { at_us }.encode_to_vec().into(),
            })
        }
        "evidence.added" => {
            let intake::EvidenceAdded { content, added_at_us: at_us, files, .. } =
                body(kind, bytes)?;
            known(content.as_ref(), "content")?;
            Ok(Asked {
                command: Command::AddEvidence { at: time(at_us, "added_at_us")?, files },
                kind: "evidence.received",
                body: wire::EvidenceReceived { content, at_us, files }.encode_to_vec().into(),
            })
        }
        "found.reported" => {
            let intake::FoundReported { content, at_us, .. } = body(kind, bytes)?;
            known(content.as_ref(), "content")?;
            Ok(Asked {
                command: Command::Found { at: time(at_us, "at_us")? },
                kind: "found.reported",
                body: wire::FoundReported { content, at_us }.encode_to_vec().into(),
            })
        }
        other => Err(DecodeError::UnknownKind(other.to_owned())),
    }
}

fn added(read: intake::DetailsAdded) -> Result<Asked, DecodeError> {
    if read.diary() == intake::Diary::Kept {
        return kept(read);
    }
    let intake::DetailsAdded { content, added_at_us: at_us, flags: raised, finished, .. } = read;
    let at = time(at_us, "added_at_us")?;
    if content.is_none() && finished {
        return Ok(Asked {
            command: Command::Finish { at },
            kind: "writing.finished",
            body: wire::WritingFinished { at_us }.encode_to_vec().into(),
        });
    }
    known(content.as_ref(), "content")?;
    let command = Command::Reply { at, flags: flags(&raised)?, finished };
    let received = wire::ReplyReceived { content, at_us, flags: raised, finished };
    Ok(Asked { command, kind: "reply.received", body: received.encode_to_vec().into() })
}

/// One more entry of a diary, in which nothing has changed.
fn kept(read: intake::DetailsAdded) -> Result<Asked, DecodeError> {
    let intake::DetailsAdded { content, added_at_us: at_us, .. } = read;
    known(content.as_ref(), "content")?;
    Ok(Asked {
        command: Command::Keep { at: time(at_us, "added_at_us")? },
        kind: "entry.kept",
        body: wire::EntryKept { content, at_us }.encode_to_vec().into(),
    })
}

fn submitted(read: intake::ReportSubmitted) -> Result<Asked, DecodeError> {
    let case_opened = wire::CaseOpened {
        reference: read.reference,
        kind: read.kind,
        submitted_at_us: read.submitted_at_us,
        contact_by_us: read.contact_by_us,
        plan: read.plan,
        flags: read.flags,
        content: read.content,
        contact: read.contact,
        continues: read.continues,
        partner: read.partner,
    };
    let body = case_opened.encode_to_vec().into();
    known(case_opened.content.as_ref(), "content")?;
    let opened = case_events::opened(case_opened)?;
    if opened.reference.is_empty() || opened.reference.chars().count() > REFERENCE_CHARS_MAX {
        return Err(DecodeError::Field("reference"));
    }
    if opened.contact_by <= opened.submitted_at {
        return Err(DecodeError::Field("contact_by_us"));
    }
    Ok(Asked { command: Command::Open(opened), kind: "case.opened", body })
}

pub(super) fn plan(plan: Option<&intake::ContactPlan>) -> Result<Plan, DecodeError> {
    let plan = known(plan, "plan")?;
    Ok(Plan {
        channel: channel(plan.channel, "channel")?,
        second_channel: channel(plan.second_channel, "second_channel")?,
        email_is_safe: plan.email_is_safe,
        phone_is_safe: plan.phone_is_safe,
        post_is_safe: plan.post_is_safe,
        anonymous: plan.anonymous,
    })
}

fn channel(channel: i32, field: &'static str) -> Result<Option<Channel>, DecodeError> {
    Ok(match known(intake::Channel::try_from(channel).ok(), field)? {
        intake::Channel::Unspecified => None,
        intake::Channel::Email => Some(Channel::Email),
        intake::Channel::Text => Some(Channel::Text),
        intake::Channel::Telephone => Some(Channel::Telephone),
        intake::Channel::Post => Some(Channel::Post),
        intake::Channel::None => Some(Channel::Nothing),
    })
}

pub(super) fn flags(flags: &[i32]) -> Result<Vec<Flag>, DecodeError> {
    let flag = |flag: &i32| match known(intake::Flag::try_from(*flag).ok(), "flags")? {
        intake::Flag::Unspecified => Err(DecodeError::Field("flags")),
        intake::Flag::EmergencyDeclared => Ok(Flag::EmergencyDeclared),
        intake::Flag::EmergencyCannotCall => Ok(Flag::EmergencyCannotCall),
        intake::Flag::Priority1 => Ok(Flag::Priority1),
        intake::Flag::Priority2 => Ok(Flag::Priority2),
        intake::Flag::Safeguarding => Ok(Flag::Safeguarding),
        intake::Flag::Restricted => Ok(Flag::Restricted),
    };
    flags.iter().map(flag).collect()
}
