//! What a reporter wrote, opened for the case page and for nothing else.

use backbone::event_log::Recorded;
use backbone::evidence::FileKey;
use backbone::sealing::ReportKey;
use proto::bureau::v1 as wire;
use proto::intake::v1 as intake;
use proto::log::v1::Sealed;
use uuid::Uuid;

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

/// A file that the reporter sent, and what opens it.
#[derive(Clone)]
pub struct File {
    pub id: Uuid,
    /// As the reporter's device calls it.
    pub name: String,
    /// Found by content; empty where it was not.
    pub media_type: String,
    pub size: u64,
    /// Of the original.
    pub sha256: [u8; 32],
    pub key: FileKey,
    pub scan: String,
    pub why_not_scanned: String,
    /// The reporter's words about it.
    pub about: String,
    /// The question that it answers, as it was asked.
    pub label: Option<String>,
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "File({}, ..)", self.id)
    }
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
pub fn opened(recorded: &Recorded, key: &ReportKey) -> Result<(Content, Vec<File>), DecodeError> {
    let read: wire::CaseOpened = body(&recorded.kind, &recorded.body)?;
    let content = key.open("report.content", &known(read.content, "content")?)?;
    let content: intake::ReportContent = body("report.content", &content)?;
    // An anonymous report may bring no details at all.
    let contact = match read.contact {
        Some(sealed) => body("report.contact", &key.open("report.contact", &sealed)?)?,
        None => intake::ContactDetails::default(),
    };
    let answers = answers(content.answers);
    let files = files(content.files, &answers, "")?;
    let intake::ContactDetails { name, email, phone } = contact;
    Ok((Content { answers, name, email, phone, partner: read.partner }, files))
}

/// Opens what a `reply.received` brought.
pub fn reply(recorded: &Recorded, key: &ReportKey) -> Result<(Reply, Vec<File>), DecodeError> {
    let read: wire::ReplyReceived = body(&recorded.kind, &recorded.body)?;
    told(read.content, key)
}

/// Opens what an `entry.kept` brought.
pub fn entry(recorded: &Recorded, key: &ReportKey) -> Result<(Reply, Vec<File>), DecodeError> {
    let read: wire::EntryKept = body(&recorded.kind, &recorded.body)?;
    told(read.content, key)
}

fn told(content: Option<Sealed>, key: &ReportKey) -> Result<(Reply, Vec<File>), DecodeError> {
    let content = key.open("details.content", &known(content, "content")?)?;
    let content: intake::DetailsContent = body("details.content", &content)?;
    let answers = answers(content.answers);
    let files = files(content.files, &answers, "")?;
    Ok((Reply { text: content.text, answers }, files))
}

/// Opens what an `evidence.received` brought.
pub fn evidence(recorded: &Recorded, key: &ReportKey) -> Result<Vec<File>, DecodeError> {
    let read: wire::EvidenceReceived = body(&recorded.kind, &recorded.body)?;
    let content = key.open("evidence.content", &known(read.content, "content")?)?;
    let content: intake::EvidenceContent = body("evidence.content", &content)?;
    files(content.files, &[], &content.about)
}

fn files(
    read: Vec<intake::File>,
    answers: &[Answer],
    about: &str,
) -> Result<Vec<File>, DecodeError> {
    read.into_iter().map(|read| file(read, answers, about)).collect()
}

fn file(read: intake::File, answers: &[Answer], about: &str) -> Result<File, DecodeError> {
    let named = |answer: &&Answer| {
        let ids: Vec<String> = serde_json::from_str(&answer.value_json).unwrap_or_default();
        answer.kind == "files" && ids.contains(&read.file_id)
    };
    let label = answers.iter().find(named).map(|answer| answer.label.clone());
    Ok(File {
        id: known(Uuid::try_parse(&read.file_id).ok(), "file_id")?,
        sha256: known(read.sha256.as_ref().try_into().ok(), "sha256")?,
        key: known(FileKey::new(&read.key), "key")?,
        name: read.name,
        media_type: read.media_type,
        size: read.size,
        scan: read.scan,
        why_not_scanned: read.why_not_scanned,
        about: about.to_owned(),
        label,
    })
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
