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
use crate::projections::{Beside, evidence};

/// How often another reference is tried when one is taken already.
const REFERENCES_MAX: usize = 3;

/// What submitting works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Submitter {
    pub identity: Identity,
    pub keys: Keys,
    pub new_keys: KeyStock,
    pub evidence: Evidence,
    pub writer: Writer<Beside>,
    pub pool: PgPool,
    pub clock: Arc<dyn Clock>,
    pub contact_deadline: Duration,
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
    /// Puts `report` into the log under `id`, unless it is there already.
    pub async fn submit(
        &self,
        id: Uuid,
        report: &Report<'_>,
        fingerprint: [u8; 32],
    ) -> Result<Accepted, SubmitError> {
        if !files_answered::any(report) {
            return self.append(id, report, &Taken::default(), fingerprint).await;
        }
        // What was accepted once has its files: they cannot be taken again.
        if let Some(accepted) = self.answered(id, fingerprint).await? {
            return Ok(accepted);
        }
        let mut report = report.clone();
        let taken = files_answered::take(&self.evidence, id, &mut report).await?;
        self.append(id, &report, &taken, fingerprint).await
    }

    async fn append(
        &self,
        id: Uuid,
        report: &Report<'_>,
        taken: &Taken,
        fingerprint: [u8; 32],
    ) -> Result<Accepted, SubmitError> {
        let key = self.new_keys.take().await?;
        let report_key = key.of_report(id);
        for _ in 0..REFERENCES_MAX {
            let receipt = self.receipt(fingerprint);
            let event = event(id, report, taken, &receipt, &report_key);
            match self.writer.append(event, beside(&receipt, taken)).await {
                Ok(_) => return Ok(self.accepted(id, &receipt, false)),
                // It stands already, perhaps since a twin's commit a moment ago: that answer is ours.
                Err(WriteError::Refused(Refused::Conflict { .. })) => {
                    let stands = submitted(&self.pool, id).await?;
                    let stands = stands.ok_or(SubmitError::Unavailable)?;
                    key.give_back_unless(stands.content.as_ref());
                    return self.answer_again(id, stands, fingerprint).await;
                }
                // Another report took a file in the same moment, or a twin took all of them.
                Err(WriteError::Constraint(broken)) if evidence::is_ours(&broken) => {
                    let twin = self.answered(id, fingerprint).await?;
                    return twin.ok_or(SubmitError::Unavailable);
                }
                Err(WriteError::Constraint(_)) => tracing::info!("another reference is needed"),
                Err(error) => return Err(error.into()),
            }
        }
        Err(SubmitError::Unavailable)
    }

    /// The answer that a request with this id got before, if it got one.
    pub async fn answered(
        &self,
        id: Uuid,
        fingerprint: [u8; 32],
    ) -> Result<Option<Accepted>, SubmitError> {
        match submitted(&self.pool, id).await? {
            None => Ok(None),
            Some(submitted) => self.answer_again(id, submitted, fingerprint).await.map(Some),
        }
    }

    /// The answer to the request that `submitted` came of; an error where this is another one.
    async fn answer_again(
        &self,
        id: Uuid,
        submitted: ReportSubmitted,
        fingerprint: [u8; 32],
    ) -> Result<Accepted, SubmitError> {
        let sealed = submitted.content.as_ref().ok_or(Unreadable::NotOpened)?;
        let key = self.keys.of(id, sealed).await?;
        let content = ReportContent::decode(key.open(codec::CONTENT, sealed)?.as_slice())
            .map_err(|_| Unreadable::NotOpened)?;
        if content.fingerprint.as_ref() != fingerprint {
            return Err(SubmitError::KeyReused);
        }
        let receipt = Receipt {
            reference: submitted.reference,
            submitted_at: time(submitted.submitted_at_us),
            contact_by: time(submitted.contact_by_us),
            fingerprint,
        };
        Ok(self.accepted(id, &receipt, true))
    }

    fn receipt(&self, fingerprint: [u8; 32]) -> Receipt {
        let submitted_at = self.clock.now();
        Receipt {
            reference: identity::new_reference(),
            submitted_at,
            contact_by: submitted_at
                .saturating_add(self.contact_deadline)
                .unwrap_or(Timestamp::MAX),
            fingerprint,
        }
    }

    fn accepted(&self, report_id: Uuid, receipt: &Receipt, replayed: bool) -> Accepted {
        Accepted {
            report_id,
            reference: receipt.reference.clone(),
            submitted_at: receipt.submitted_at,
            contact_by: receipt.contact_by,
            return_code: self.identity.return_code(report_id, 1),
            receipt: self.identity.receipt(
                report_id,
                receipt.submitted_at.as_microsecond(),
                &receipt.fingerprint,
            ),
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

fn beside(receipt: &Receipt, taken: &Taken) -> Beside {
    Beside::Report {
        reference: receipt.reference.clone(),
        submitted_at: receipt.submitted_at,
        contact_by: receipt.contact_by,
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
