//! The case's own events <-> `bureau.v1`.

use backbone::sealing::ReportKey;
use bytes::Bytes;
use prost::Message as _;
use proto::bureau::v1 as wire;
use proto::log::v1::Sealed;

use super::{DecodeError, body, from_intake, id, known, time};
use crate::domain::assessment::{Assessment, Level, Part};
use crate::domain::case::{Assessed, Contact, Decided, Event, Kept, Opened, Quarantined};
use crate::domain::decision::{Decision, DecisionKind, Question, Words};
use crate::domain::words::{ContactHow, ContactOutcome, Grade};

const NOTE: &str = "case.note";
const ASSESSMENT: &str = "case.assessment";
const DECISION: &str = "case.decision";
const CONTACT_NOTE: &str = "contact.note";
const QUARANTINE: &str = "evidence.quarantine";

/// Kind and body of an act of staff, its words sealed. None for events that only a message of intake
/// can make, for words that are sealed already, and for words without a key.
#[must_use]
pub fn encode(event: &Event, key: Option<&ReportKey>) -> Option<(&'static str, Bytes)> {
    let (kind, body) = match event {
        Event::Opened(_)
        | Event::ReplyReceived { .. }
        | Event::EntryKept { .. }
        | Event::EvidenceReceived { .. }
        | Event::FoundReported { .. } => return None,
        Event::WritingFinished { at } => {
            let at_us = at.as_microsecond();
            ("writing.finished", wire::WritingFinished { at_us }.encode_to_vec())
        }
        Event::WithdrawalReceived { at } => {
            let at_us = at.as_microsecond();
            ("withdrawal.received", wire::WithdrawalReceived { at_us }.encode_to_vec())
        }
        Event::StopReceived { at } => {
            let at_us = at.as_microsecond();
            ("contact.stop_received", wire::ContactStopReceived { at_us }.encode_to_vec())
        }
        Event::Claimed { by } => {
            ("case.claimed", wire::CaseClaimed { by: by.clone() }.encode_to_vec())
        }
        Event::Released { by } => {
            ("case.released", wire::CaseReleased { by: by.clone() }.encode_to_vec())
        }
        Event::NoteAdded { by, at, note } => {
            let note = Some(seal_note(NOTE, note, key)?);
            let body = wire::NoteAdded { by: by.clone(), note, at_us: at.as_microsecond() };
            ("note.added", body.encode_to_vec())
        }
        Event::Assessed(assessed) => ("case.assessed", encode_assessed(assessed, key)?),
        Event::Decided(decided) => ("case.decided", encode_decided(decided, key)?),
        Event::ContactRecorded(contact) => {
            let body = wire::ContactRecorded {
                by: contact.by.clone(),
                how: contact.how.as_str().to_owned(),
                outcome: contact.outcome.as_str().to_owned(),
                note: Some(seal_note(CONTACT_NOTE, &contact.note, key)?),
                at_us: contact.at.as_microsecond(),
            };
            ("contact.recorded", body.encode_to_vec())
        }
        Event::EvidenceQuarantined(quarantined) => {
            let body = wire::EvidenceQuarantined {
                by: quarantined.by.clone(),
                file_id: Bytes::copy_from_slice(quarantined.file.as_bytes()),
                reason: Some(seal_note(QUARANTINE, &quarantined.reason, key)?),
                at_us: quarantined.at.as_microsecond(),
            };
            ("evidence.quarantined", body.encode_to_vec())
        }
        Event::Held { by } => {
            ("contact.held", wire::ContactHeld { by: by.clone() }.encode_to_vec())
        }
        Event::HoldReleased { by } => {
            let body = wire::ContactHoldReleased { by: by.clone() };
            ("contact.hold_released", body.encode_to_vec())
        }
    };
    Some((kind, body.into()))
}

fn seal_note(kind: &str, note: &Kept<String>, key: Option<&ReportKey>) -> Option<Sealed> {
    match note {
        Kept::Open(text) => {
            Some(key?.seal(kind, &wire::Note { text: text.clone() }.encode_to_vec()))
        }
        Kept::Sealed => None,
    }
}

fn encode_assessed(assessed: &Assessed, key: Option<&ReportKey>) -> Option<Vec<u8>> {
    let Kept::Open(words) = &assessed.assessment else { return None };
    let part = |part: &Part| {
        Some(wire::AssessedPart {
            level: part.level.as_str().to_owned(),
            rationale: part.rationale.clone(),
        })
    };
    let plain = wire::Assessment {
        threat: part(&words.threat),
        harm: part(&words.harm),
        risk: part(&words.risk),
        investigation: part(&words.investigation),
        vulnerability: part(&words.vulnerability),
        engagement: part(&words.engagement),
        rationale: words.rationale.clone(),
    };
    let body = wire::CaseAssessed {
        by: assessed.by.clone(),
        assessment: assessed.number,
        grade: grade_to_wire(assessed.grade).into(),
        assessed: Some(key?.seal(ASSESSMENT, &plain.encode_to_vec())),
        at_us: assessed.at.as_microsecond(),
    };
    Some(body.encode_to_vec())
}

fn encode_decided(decided: &Decided, key: Option<&ReportKey>) -> Option<Vec<u8>> {
    let Kept::Open(words) = &decided.words else { return None };
    let questions = words.questions.iter().map(|question| wire::AskedQuestion {
        label: question.label.clone(),
        kind: question.kind.clone(),
    });
    let plain = wire::DecisionWords {
        rationale: words.rationale.clone(),
        message: words.message.clone(),
        questions: questions.collect(),
    };
    let body = wire::CaseDecided {
        by: decided.by.clone(),
        decision_number: decided.number,
        decision: decided.decision.kind.as_str().to_owned(),
        reason: decided.decision.reason.clone(),
        assessment: decided.assessment,
        team: decided.decision.team.clone(),
        officer: decided.decision.officer.clone(),
        words: Some(key?.seal(DECISION, &plain.encode_to_vec())),
        at_us: decided.at.as_microsecond(),
    };
    Some(body.encode_to_vec())
}

fn grade_to_wire(grade: Grade) -> wire::Grade {
    match grade {
        Grade::Immediate => wire::Grade::Immediate,
        Grade::Priority => wire::Grade::Priority,
        Grade::Scheduled => wire::Grade::Scheduled,
        Grade::Routine => wire::Grade::Routine,
    }
}

fn grade_from_wire(grade: i32) -> Option<Grade> {
    match wire::Grade::try_from(grade).ok()? {
        wire::Grade::Unspecified => None,
        wire::Grade::Immediate => Some(Grade::Immediate),
        wire::Grade::Priority => Some(Grade::Priority),
        wire::Grade::Scheduled => Some(Grade::Scheduled),
        wire::Grade::Routine => Some(Grade::Routine),
    }
}

/// The event of a case that `bytes` say; None where `kind` is of something else. Without the report's
/// key its words stay sealed.
pub fn decode(
    kind: &str,
    bytes: &[u8],
    key: Option<&ReportKey>,
) -> Result<Option<Event>, DecodeError> {
    let event = match kind {
        "case.opened" => Event::Opened(opened(body(kind, bytes)?)?),
        "case.claimed" => Event::Claimed { by: body::<wire::CaseClaimed>(kind, bytes)?.by },
        "case.released" => Event::Released { by: body::<wire::CaseReleased>(kind, bytes)?.by },
        "note.added" => {
            let wire::NoteAdded { by, note, at_us } = body(kind, bytes)?;
            Event::NoteAdded { by, at: time(at_us, "at_us")?, note: open_note(NOTE, note, key)? }
        }
        "case.assessed" => Event::Assessed(Box::new(decode_assessed(body(kind, bytes)?, key)?)),
        "case.decided" => Event::Decided(Box::new(decode_decided(body(kind, bytes)?, key)?)),
        "reply.received" => {
            let read: wire::ReplyReceived = body(kind, bytes)?;
            let flags = from_intake::flags(&read.flags)?;
            let at = time(read.at_us, "at_us")?;
            Event::ReplyReceived { at, flags, finished: read.finished }
        }
        "writing.finished" => {
            let at_us = body::<wire::WritingFinished>(kind, bytes)?.at_us;
            Event::WritingFinished { at: time(at_us, "at_us")? }
        }
        "found.reported" => {
            let at_us = body::<wire::FoundReported>(kind, bytes)?.at_us;
            Event::FoundReported { at: time(at_us, "at_us")? }
        }
        "entry.kept" => {
            let at_us = body::<wire::EntryKept>(kind, bytes)?.at_us;
            Event::EntryKept { at: time(at_us, "at_us")? }
        }
        "evidence.received" => {
            let read: wire::EvidenceReceived = body(kind, bytes)?;
            Event::EvidenceReceived { at: time(read.at_us, "at_us")?, files: read.files }
        }
        "evidence.quarantined" => {
            let read: wire::EvidenceQuarantined = body(kind, bytes)?;
            Event::EvidenceQuarantined(Quarantined {
                by: read.by,
                at: time(read.at_us, "at_us")?,
                file: id(&read.file_id, "file_id")?,
                reason: open_note(QUARANTINE, read.reason, key)?,
            })
        }
        "withdrawal.received" => {
            let at_us = body::<wire::WithdrawalReceived>(kind, bytes)?.at_us;
            Event::WithdrawalReceived { at: time(at_us, "at_us")? }
        }
        "contact.stop_received" => {
            let at_us = body::<wire::ContactStopReceived>(kind, bytes)?.at_us;
            Event::StopReceived { at: time(at_us, "at_us")? }
        }
        "contact.recorded" => Event::ContactRecorded(decode_contact(body(kind, bytes)?, key)?),
        "contact.held" => Event::Held { by: body::<wire::ContactHeld>(kind, bytes)?.by },
        "contact.hold_released" => {
            Event::HoldReleased { by: body::<wire::ContactHoldReleased>(kind, bytes)?.by }
        }
        _ => return Ok(None),
    };
    Ok(Some(event))
}

/// What a case begins with, as its first event says it.
pub(super) fn opened(read: wire::CaseOpened) -> Result<Opened, DecodeError> {
    Ok(Opened {
        plan: from_intake::plan(read.plan.as_ref())?,
        flags: from_intake::flags(&read.flags)?,
        submitted_at: time(read.submitted_at_us, "submitted_at_us")?,
        contact_by: time(read.contact_by_us, "contact_by_us")?,
        reference: read.reference,
        kind: read.kind,
        continues: read.continues,
    })
}

fn open<M: prost::Message + Default>(
    kind: &str,
    sealed: Option<Sealed>,
    key: Option<&ReportKey>,
) -> Result<Kept<M>, DecodeError> {
    let Some(key) = key else { return Ok(Kept::Sealed) };
    let sealed = known(sealed, "sealed words")?;
    Ok(Kept::Open(body(kind, &key.open(kind, &sealed)?)?))
}

fn open_note(
    kind: &str,
    sealed: Option<Sealed>,
    key: Option<&ReportKey>,
) -> Result<Kept<String>, DecodeError> {
    Ok(match open::<wire::Note>(kind, sealed, key)? {
        Kept::Open(note) => Kept::Open(note.text),
        Kept::Sealed => Kept::Sealed,
    })
}

fn decode_assessed(
    read: wire::CaseAssessed,
    key: Option<&ReportKey>,
) -> Result<Assessed, DecodeError> {
    let assessment = match open::<wire::Assessment>(ASSESSMENT, read.assessed, key)? {
        Kept::Open(words) => Kept::Open(Assessment {
            threat: part(words.threat)?,
            harm: part(words.harm)?,
            risk: part(words.risk)?,
            investigation: part(words.investigation)?,
            vulnerability: part(words.vulnerability)?,
            engagement: part(words.engagement)?,
            rationale: words.rationale,
        }),
        Kept::Sealed => Kept::Sealed,
    };
    Ok(Assessed {
        by: read.by,
        at: time(read.at_us, "at_us")?,
        number: read.assessment,
        grade: known(grade_from_wire(read.grade), "grade")?,
        assessment,
    })
}

fn part(part: Option<wire::AssessedPart>) -> Result<Part, DecodeError> {
    let part = known(part, "assessed part")?;
    Ok(Part { level: known(Level::parse(&part.level), "level")?, rationale: part.rationale })
}

fn decode_decided(
    read: wire::CaseDecided,
    key: Option<&ReportKey>,
) -> Result<Decided, DecodeError> {
    let words = match open::<wire::DecisionWords>(DECISION, read.words, key)? {
        Kept::Open(words) => Kept::Open(Words {
            rationale: words.rationale,
            message: words.message,
            questions: words
                .questions
                .into_iter()
                .map(|asked| Question { label: asked.label, kind: asked.kind })
                .collect(),
        }),
        Kept::Sealed => Kept::Sealed,
    };
    Ok(Decided {
        by: read.by,
        at: time(read.at_us, "at_us")?,
        number: read.decision_number,
        assessment: read.assessment,
        decision: Decision {
            kind: known(DecisionKind::parse(&read.decision), "decision")?,
            reason: read.reason,
            team: read.team,
            officer: read.officer,
        },
        words,
    })
}

fn decode_contact(
    read: wire::ContactRecorded,
    key: Option<&ReportKey>,
) -> Result<Contact, DecodeError> {
    Ok(Contact {
        by: read.by,
        at: time(read.at_us, "at_us")?,
        how: known(ContactHow::parse(&read.how), "how")?,
        outcome: known(ContactOutcome::parse(&read.outcome), "outcome")?,
        note: open_note(CONTACT_NOTE, read.note, key)?,
    })
}
