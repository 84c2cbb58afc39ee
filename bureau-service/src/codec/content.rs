//! What a reporter wrote, opened for the case page and for nothing else.

use backbone::event_log::Recorded;
use backbone::sealing::ReportKey;
use proto::bureau::v1 as wire;
use proto::intake::v1 as intake;
use proto::log::v1::Sealed;

use super::{DecodeError, body, known};

/// What the report said, and how to reach who sent it.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    pub answers: Vec<Answer>,
    pub name: String,
    pub email: String,
    pub phone: String,
    /// Who passed it on; empty where the reporter sent it themselves.
    pub partner: String,
}

/// A question as it was asked, and what was answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    pub question: String,
    pub label: String,
    pub kind: String,
    pub value_json: String,
    pub display: String,
}

/// What a reply said.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    pub text: String,
    pub answers: Vec<Answer>,
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Content(..)")
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({}, ..)", self.question)
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reply(..)")
    }
}

/// What a `case.opened` brought, sealed.
pub fn sealed(recorded: &Recorded) -> Result<Sealed, DecodeError> {
    let read: wire::CaseOpened = body(&recorded.kind, &recorded.body)?;
    known(read.content, "content")
}

/// Opens what a `case.opened` brought.
pub fn opened(recorded: &Recorded, key: &ReportKey) -> Result<Content, DecodeError> {
    let read: wire::CaseOpened = body(&recorded.kind, &recorded.body)?;
    let content = key.open("report.content", &known(read.content, "content")?)?;
    let content: intake::ReportContent = body("report.content", &content)?;
    // An anonymous report may bring no details at all.
    let contact = match read.contact {
        Some(sealed) => body("report.contact", &key.open("report.contact", &sealed)?)?,
        None => intake::ContactDetails::default(),
    };
    Ok(Content {
        answers: answers(content.answers),
        name: contact.name,
        email: contact.email,
        phone: contact.phone,
        partner: read.partner,
    })
}

/// Opens what a `reply.received` brought.
pub fn reply(recorded: &Recorded, key: &ReportKey) -> Result<Reply, DecodeError> {
    let read: wire::ReplyReceived = body(&recorded.kind, &recorded.body)?;
    told(read.content, key)
}

/// Opens what an `entry.kept` brought.
pub fn entry(recorded: &Recorded, key: &ReportKey) -> Result<Reply, DecodeError> {
    let read: wire::EntryKept = body(&recorded.kind, &recorded.body)?;
    told(read.content, key)
}

fn told(content: Option<Sealed>, key: &ReportKey) -> Result<Reply, DecodeError> {
    let content = key.open("details.content", &known(content, "content")?)?;
    let content: intake::DetailsContent = body("details.content", &content)?;
    Ok(Reply { text: content.text, answers: answers(content.answers) })
}

/// Opens what a `found.reported` brought: where, in the reporter's words; empty where they did not say.
pub fn found_where(recorded: &Recorded, key: &ReportKey) -> Result<String, DecodeError> {
    let read: wire::FoundReported = body(&recorded.kind, &recorded.body)?;
    let content = key.open("found.content", &known(read.content, "content")?)?;
    Ok(body::<intake::FoundContent>("found.content", &content)?.found_where)
}

fn answers(read: Vec<intake::Answer>) -> Vec<Answer> {
    let answer = |answer: intake::Answer| Answer {
        display: display(answer.display, &answer.value_json),
        question: answer.question,
        label: answer.label,
        kind: answer.kind,
        value_json: answer.value_json,
    };
    read.into_iter().map(answer).collect()
}

/// A text is its own display, and is sent once.
fn display(given: String, value_json: &str) -> String {
    if given.is_empty() { serde_json::from_str(value_json).unwrap_or_default() } else { given }
}
