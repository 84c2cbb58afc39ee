//! All of one case, opened for the person who works on it: what was written, assessed, decided, told.

use backbone::event_log::{self, Recorded};
use backbone::follower::side_stream;
use backbone::sealing::{KeyError, Keys, ReportKey, Unreadable};
use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::codec::content::{self, Content, File, Reply};
use crate::codec::{self, DecodeError, Happened};
use crate::domain::case::{Assessed, Contact, Decided, Event, Quarantined};
use crate::domain::words::Flag;
use crate::projections::message::{self, Told};
use crate::projections::task::{self, Task};

/// A case with its words.
#[derive(Debug, Default)]
pub struct CaseFile {
    /// None where the report's key is gone: then nobody can read it any more.
    pub content: Option<Content>,
    /// With what each raised.
    pub replies: Vec<(Timestamp, Vec<Flag>, Reply)>,
    /// All files, from the report, from replies and by themselves. None where the report's key is gone.
    pub evidence: Vec<Evidence>,
    pub withdrawals: Vec<Timestamp>,
    /// When it was said to be found, and where.
    pub found: Vec<(Timestamp, String)>,
    pub notes: Vec<Note>,
    pub assessments: Vec<Assessed>,
    pub decisions: Vec<Decided>,
    pub contacts: Vec<Contact>,
    pub messages: Vec<Told>,
    pub tasks: Vec<Task>,
}

/// A file of the case.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub file: File,
    pub added_at: Timestamp,
    pub quarantined: Option<Quarantined>,
}

/// A note of the staff.
#[derive(Debug, Clone)]
pub struct Note {
    pub by: String,
    pub at: Timestamp,
    pub note: crate::domain::case::Kept<String>,
}

/// Why a case cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum CaseFileError {
    #[error("the report's key cannot be had")]
    Key(#[source] KeyError),
    #[error("an event of the case cannot be read")]
    Unreadable(#[from] DecodeError),
    #[error("the database is away")]
    Database(#[from] sqlx::Error),
}

/// Opens the case of a report.
pub async fn open(
    conn: &mut PgConnection,
    keys: &Keys,
    report_id: Uuid,
) -> Result<CaseFile, CaseFileError> {
    let mut file = said(conn, keys, report_id).await?;
    let mut messages = message::of_reports(conn, &[report_id]).await?;
    file.messages = messages.remove(&report_id).unwrap_or_default();
    file.tasks = task::of_report(conn, report_id).await?;
    Ok(file)
}

/// One file of a report's case; None where the case has no such file.
pub async fn evidence(
    conn: &mut PgConnection,
    keys: &Keys,
    report_id: Uuid,
    file_id: Uuid,
) -> Result<Option<Evidence>, CaseFileError> {
    let mut all = said(conn, keys, report_id).await?.evidence.into_iter();
    Ok(all.find(|evidence| evidence.file.id == file_id))
}

/// What the events of the case say.
async fn said(
    conn: &mut PgConnection,
    keys: &Keys,
    report_id: Uuid,
) -> Result<CaseFile, CaseFileError> {
    let events = event_log::load(conn, report_id).await?;
    let key = match key_of(keys, report_id, events.first()).await {
        Ok(key) => Some(key),
        Err(KeyError::Unreadable(Unreadable::NoKey)) => None,
        Err(error) => return Err(CaseFileError::Key(error)),
    };
    let mut file = CaseFile::default();
    for recorded in &events {
        file.take_in(recorded, key.as_ref())?;
    }
    Ok(file)
}

/// The key of a report: what sealed the first event of its case.
pub async fn key_of(
    keys: &Keys,
    report_id: Uuid,
    first: Option<&Recorded>,
) -> Result<ReportKey, KeyError> {
    let sealed = first.map(content::sealed).ok_or(Unreadable::NoKey)?;
    keys.of(report_id, &sealed.map_err(|_| Unreadable::NotOpened)?).await
}

impl CaseFile {
    fn take_in(&mut self, recorded: &Recorded, key: Option<&ReportKey>) -> Result<(), DecodeError> {
        let Happened::Case(event) = codec::decode(recorded, key)? else { return Ok(()) };
        match event {
            Event::Opened(opened) => {
                if let Some(key) = key {
                    let (content, files) = content::opened(recorded, key)?;
                    self.content = Some(content);
                    self.add(opened.submitted_at, files);
                }
            }
            Event::ReplyReceived { at, flags, .. } => {
                if let Some(key) = key {
                    self.reply(at, flags, content::reply(recorded, key)?);
                }
            }
            Event::EntryKept { at } => {
                if let Some(key) = key {
                    self.reply(at, vec![], content::entry(recorded, key)?);
                }
            }
            Event::EvidenceReceived { at, .. } => {
                if let Some(key) = key {
                    self.add(at, content::evidence(recorded, key)?);
                }
            }
            Event::EvidenceQuarantined(quarantined) => {
                let id = quarantined.file;
                if let Some(one) = self.evidence.iter_mut().find(|one| one.file.id == id) {
                    one.quarantined = Some(quarantined);
                }
            }
            Event::WithdrawalReceived { at } => self.withdrawals.push(at),
            Event::FoundReported { at } => {
                if let Some(key) = key {
                    self.found.push((at, content::found_where(recorded, key)?));
                }
            }
            Event::NoteAdded { by, at, note } => self.notes.push(Note { by, at, note }),
            Event::Assessed(assessed) => self.assessments.push(*assessed),
            Event::Decided(decided) => self.decisions.push(*decided),
            Event::ContactRecorded(contact) => self.contacts.push(contact),
            Event::Claimed { .. }
            | Event::Released { .. }
            | Event::StopReceived { .. }
            | Event::WritingFinished { .. }
            | Event::Held { .. }
            | Event::HoldReleased { .. } => {}
        }
        Ok(())
    }

    fn reply(&mut self, at: Timestamp, flags: Vec<Flag>, (reply, files): (Reply, Vec<File>)) {
        self.replies.push((at, flags, reply));
        self.add(at, files);
    }

    fn add(&mut self, added_at: Timestamp, files: Vec<File>) {
        let files = files.into_iter();
        self.evidence.extend(files.map(|file| Evidence { file, added_at, quarantined: None }));
    }
}

/// Something that happened, for the history: without words.
#[derive(Debug, Clone)]
pub struct Entry {
    pub position: u64,
    pub kind: String,
    pub at: Timestamp,
    pub actor: String,
    /// The case's version that it made; None where it is about contact and made none.
    pub version: Option<u32>,
    pub happened: Happened,
}

/// All that happened to a case and to its promise, in order.
pub async fn history(
    conn: &mut PgConnection,
    report_id: Uuid,
) -> Result<Vec<Entry>, CaseFileError> {
    let mut entries = vec![];
    for stream in [report_id, side_stream(report_id, "contact"), side_stream(report_id, "parked")] {
        for recorded in event_log::load(conn, stream).await? {
            entries.push(Entry {
                position: recorded.position,
                at: recorded.recorded_at,
                actor: recorded.meta().actor,
                version: (stream == report_id).then_some(recorded.version),
                happened: codec::decode(&recorded, None)?,
                kind: recorded.kind,
            });
        }
    }
    entries.sort_by_key(|entry| entry.position);
    Ok(entries)
}
