//! A report goes into the log: once for each key, sealed, and only then acknowledged.

use std::time::Duration;

use backbone::clock::Clock;
use backbone::event_log::{self, After, NewEvent, Refused};
use backbone::key_stock::KeyStock;
use backbone::sealing::{KeyError, Keys, ReportKey, Unreadable};
use backbone::telemetry;
use backbone::writer::{WriteError, Writer};
use jiff::Timestamp;
use prost::Message as _;
use proto::intake::v1::{ReportContent, ReportSubmitted};
use serde_json::{Map, Value};
use sqlx::PgPool;
use std::sync::Arc;
use uuid::Uuid;

use crate::codec::{self, Receipt};
use crate::domain::form::FieldError;
use crate::domain::report::Report;
use crate::evidence::{Evidence, Taken};
use crate::files_answered;
use crate::identity::{self, Identity};
use crate::projections::{Beside, Through, evidence};
use crate::receipts::{Content, Receipts, Subject};

/// How often another reference is tried when one is taken already.
const REFERENCES_MAX: usize = 3;

/// What submitting works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Submitter {
    pub identity: Identity,
    pub receipts: Receipts,
    pub keys: Keys,
    pub new_keys: KeyStock,
    pub evidence: Evidence,
    pub writer: Writer<Beside>,
    pub pool: PgPool,
    pub clock: Arc<dyn Clock>,
    pub contact_deadline: Duration,
}

/// A request that sends a report, told from all others.
#[derive(Debug, Clone, Copy)]
pub struct Sending<'a> {
    pub id: Uuid,
    pub fingerprint: [u8; 32],
    pub content: Content,
    /// Who passes it on, where the reporter does not send it themselves.
    pub partner: Option<&'a str>,
}

/// The answer to a report that is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub report_id: Uuid,
    pub reference: String,
    pub submitted_at: Timestamp,
    pub contact_by: Timestamp,
    pub return_code: String,
    pub receipt: String,
    /// The same request was answered before.
    pub replayed: bool,
}

/// Why there is no such answer.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    #[error("the key was used for another report")]
    KeyReused,
    #[error("the report is too large")]
    TooLarge,
    /// Files that answers name cannot be taken.
    #[error("some of the files cannot be taken")]
    Files(Vec<FieldError>),
    /// One of them is still being looked at.
    #[error("a file is still being checked")]
    Checking,
    /// Nothing is lost: the same key gives the same report.
    #[error("the intake cannot write at the moment")]
    Unavailable,
    #[error("a report in the log cannot be read")]
    Unreadable(#[from] Unreadable),
}

impl From<KeyError> for SubmitError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Away(_) => Self::Unavailable,
            KeyError::Unreadable(why) => Self::Unreadable(why),
        }
    }
}

impl From<WriteError> for SubmitError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Refused(Refused::TooLarge { .. }) => Self::TooLarge,
            WriteError::Refused(Refused::Conflict { .. })
            | WriteError::Constraint(_)
            | WriteError::Full
            | WriteError::Away => Self::Unavailable,
        }
    }
}

impl From<sqlx::Error> for SubmitError {
    fn from(error: sqlx::Error) -> Self {
        tracing::warn!(error = %error, "looking up a report failed");
        Self::Unavailable
    }
}

impl Submitter {
    /// A request with this id. `submission` is what it sends, in the spelling that a receipt hashes.
    #[must_use]
    pub fn sending(&self, id: Uuid, fingerprint: [u8; 32], submission: &[u8]) -> Sending<'static> {
        let content = Content::of(self.identity.receipt_salt(id), submission);
        Sending { id, fingerprint, content, partner: None }
    }

    /// Puts `report` into the log under its request's id, unless it is there already.
    pub async fn submit(
        &self,
        sending: Sending<'_>,
        report: &Report<'_>,
    ) -> Result<Accepted, SubmitError> {
        if !files_answered::any(report) {
            return self.append(sending, report, &Taken::default()).await;
        }
        // What was accepted once has its files: they cannot be taken again.
        if let Some(accepted) = self.answered(sending).await? {
            return Ok(accepted);
        }
        let mut report = report.clone();
        let taken = match files_answered::take(&self.evidence, sending.id, &mut report).await {
            // A twin may have taken them since we looked: its answer is ours.
            Err(error @ SubmitError::Files(_)) => {
                return self.answered(sending).await?.ok_or(error);
            }
            taken => taken?,
        };
        self.append(sending, &report, &taken).await
    }

    async fn append(
        &self,
        sending: Sending<'_>,
        report: &Report<'_>,
        taken: &Taken,
    ) -> Result<Accepted, SubmitError> {
        let id = sending.id;
        let key = self.new_keys.take().await?;
        let report_key = key.of_report(id);
        for _ in 0..REFERENCES_MAX {
            let receipt = self.receipt(sending);
            let event = event(id, report, taken, &receipt, &report_key);
            match self.writer.append(event, beside(&receipt, report.kind, taken)).await {
                Ok(_) => return Ok(self.accepted(id, report.kind, &receipt, false)),
                // It stands already, perhaps since a twin's commit a moment ago: that answer is ours.
                Err(WriteError::Refused(Refused::Conflict { .. })) => {
                    let stands = submitted(&self.pool, id).await?;
                    let stands = stands.ok_or(SubmitError::Unavailable)?;
                    key.give_back_unless(stands.content.as_ref());
                    return self.answer_again(sending, stands).await;
                }
                // Another report took a file in the same moment, or a twin took all of them.
                Err(WriteError::Constraint(broken)) if evidence::is_ours(&broken) => {
                    let twin = self.answered(sending).await?;
                    return twin.ok_or(SubmitError::Unavailable);
                }
                Err(WriteError::Constraint(_)) => tracing::info!("another reference is needed"),
                Err(error) => return Err(error.into()),
            }
        }
        Err(SubmitError::Unavailable)
    }

    /// The answer that a request with this id got before, if it got one.
    pub async fn answered(&self, sending: Sending<'_>) -> Result<Option<Accepted>, SubmitError> {
        match submitted(&self.pool, sending.id).await? {
            None => Ok(None),
            Some(submitted) => self.answer_again(sending, submitted).await.map(Some),
        }
    }

    /// The answer to the request that `submitted` came of; an error where this is another one.
    async fn answer_again(
        &self,
        sending: Sending<'_>,
        submitted: ReportSubmitted,
    ) -> Result<Accepted, SubmitError> {
        let Sending { id, fingerprint, content: mut sent, partner: _ } = sending;
        let sealed = submitted.content.as_ref().ok_or(Unreadable::NotOpened)?;
        let key = self.keys.of(id, sealed).await?;
        let content = ReportContent::decode(key.open(codec::CONTENT, sealed)?.as_slice())
            .map_err(|_| Unreadable::NotOpened)?;
        if content.fingerprint.as_ref() != fingerprint {
            return Err(SubmitError::KeyReused);
        }
        // Of a draft that was sent twice, the first sending counts.
        if let Ok(hash) = content.content_hash.as_ref().try_into() {
            sent.hash = hash;
        }
        let receipt = Receipt {
            reference: submitted.reference,
            submitted_at: time(submitted.submitted_at_us),
            contact_by: time(submitted.contact_by_us),
            fingerprint,
            content: sent,
            partner: None,
        };
        Ok(self.accepted(id, &submitted.kind, &receipt, true))
    }

    fn receipt(&self, sending: Sending<'_>) -> Receipt {
        let submitted_at = self.clock.now();
        Receipt {
            reference: identity::new_reference(),
            submitted_at,
            contact_by: submitted_at
                .saturating_add(self.contact_deadline)
                .unwrap_or(Timestamp::MAX),
            fingerprint: sending.fingerprint,
            content: sending.content,
            partner: sending.partner.map(str::to_owned),
        }
    }

    fn accepted(&self, report_id: Uuid, kind: &str, receipt: &Receipt, replayed: bool) -> Accepted {
        let reference = &receipt.reference;
        let (submitted_at, content) = (receipt.submitted_at, receipt.content);
        let subject = Subject { reference, report_id, kind, submitted_at, content };
        Accepted {
            report_id,
            reference: reference.clone(),
            submitted_at,
            contact_by: receipt.contact_by,
            return_code: self.identity.return_code(report_id, 1),
            receipt: self.receipts.sign(&subject),
            replayed,
        }
    }
}

/// The event that began a report, if there is one.
async fn submitted(pool: &PgPool, id: Uuid) -> Result<Option<ReportSubmitted>, SubmitError> {
    let mut conn = pool.acquire().await?;
    let Some(first) = event_log::first_of(&mut conn, id).await? else { return Ok(None) };
    Ok(Some(ReportSubmitted::decode(first.body).map_err(|_| Unreadable::NotOpened)?))
}

/// The key of a report that stands in the log: what sealed its first event.
pub(crate) async fn key_of(keys: &Keys, pool: &PgPool, id: Uuid) -> Result<ReportKey, SubmitError> {
    let submitted = submitted(pool, id).await?;
    let sealed = submitted.and_then(|submitted| submitted.content);
    Ok(keys.of(id, &sealed.ok_or(Unreadable::NoKey)?).await?)
}

/// What somebody sent, opened: by it the questions are chosen that are offered afterwards.
#[derive(Clone)]
pub struct Sent {
    pub kind: String,
    pub form_version: u32,
    /// Answers by their questions' ids.
    pub answers: Map<String, Value>,
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sent(..)")
    }
}

/// What the report that stands in the log said.
pub(crate) async fn sent(keys: &Keys, pool: &PgPool, id: Uuid) -> Result<Sent, SubmitError> {
    let submitted = submitted(pool, id).await?.ok_or(Unreadable::NoKey)?;
    let sealed = submitted.content.as_ref().ok_or(Unreadable::NotOpened)?;
    let content = keys.of(id, sealed).await?.open(codec::CONTENT, sealed)?;
    let content = ReportContent::decode(content.as_slice()).map_err(|_| Unreadable::NotOpened)?;
    Ok(Sent {
        kind: submitted.kind,
        form_version: submitted.form_version,
        answers: codec::sent_answers(content),
    })
}

fn event(
    id: Uuid,
    report: &Report<'_>,
    taken: &Taken,
    receipt: &Receipt,
    key: &ReportKey,
) -> NewEvent {
    let body = codec::submitted(report, taken, receipt, key).encode_to_vec().into();
    let (after, kind) = (After::Nothing, "report.submitted");
    NewEvent { stream: id, after, kind, meta: meta(id), body }
}

fn beside(receipt: &Receipt, kind: &str, taken: &Taken) -> Beside {
    let partner = receipt.partner.clone();
    Beside::Report {
        reference: receipt.reference.clone(),
        submitted_at: receipt.submitted_at,
        contact_by: receipt.contact_by,
        through: partner.map(|partner| Through { partner, kind: kind.to_owned() }),
        held: taken.held.clone(),
    }
}

/// Meta of what a reporter does.
pub(crate) fn meta(report_id: Uuid) -> proto::log::v1::Meta {
    proto::log::v1::Meta {
        report_id: bytes::Bytes::copy_from_slice(report_id.as_bytes()),
        actor: "reporter".to_owned(),
        traceparent: telemetry::traceparent(),
        ..Default::default()
    }
}

pub(crate) fn time(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
