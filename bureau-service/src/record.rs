//! What was decided becomes events, and the read models follow in the same transaction.

use backbone::event_log::{After, Log, NewEvent, Recorded, Refused};
use backbone::follower::side_stream;
use bytes::Bytes;
use proto::log::v1::{Cause, Meta};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::codec::{Happened, Seen, contact_facts};
use crate::domain::promise::{Fact, Promise};
use crate::projections;

/// An event that is to be appended, with what it says.
#[derive(Debug, Clone)]
pub struct Entry {
    pub event: NewEvent,
    pub report_id: Uuid,
    pub happened: Happened,
}

/// What all events of one act have in common.
#[derive(Debug, Clone)]
pub struct Origin {
    pub report_id: Uuid,
    /// An opaque id: a staff subject, "reporter", or the service itself.
    pub actor: String,
    pub cause: Option<Cause>,
    /// How far INTAKE had been followed.
    pub intake_position: u64,
    pub traceparent: String,
}

impl Origin {
    fn meta(&self) -> Meta {
        Meta {
            report_id: Bytes::copy_from_slice(self.report_id.as_bytes()),
            actor: self.actor.clone(),
            cause: self.cause.clone(),
            intake_position: self.intake_position,
            traceparent: self.traceparent.clone(),
        }
    }

    /// An event of the case itself.
    #[must_use]
    pub fn case_event(
        &self,
        after: After,
        (kind, body): (&'static str, Bytes),
        happened: Happened,
    ) -> Entry {
        let (report_id, meta) = (self.report_id, self.meta());
        let event = NewEvent { stream: report_id, after, kind, meta, body };
        Entry { event, report_id, happened }
    }

    /// A fact of the case's contact stream: it does not move the case's version.
    #[must_use]
    pub fn contact_fact(&self, fact: Fact) -> Entry {
        let (kind, body) = contact_facts::encode(&fact);
        let event = NewEvent {
            stream: side_stream(self.report_id, "contact"),
            after: After::Whatever,
            kind,
            meta: self.meta(),
            body,
        };
        Entry { event, report_id: self.report_id, happened: Happened::Contact(fact) }
    }
}

/// The id of the next task of this report: the same whoever makes it.
#[must_use]
pub fn next_task(report_id: Uuid, promise: &Promise) -> Uuid {
    side_stream(report_id, &format!("task {}", promise.tasks + 1))
}

/// Takes the log's head, so that what is read from here on stands until the commit. Everything that
/// takes time is done before.
pub async fn take_head(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("select position from log_head for update").fetch_one(conn).await?;
    Ok(())
}

/// Appends `entries` and brings the read models on. Each is taken or refused by itself; the caller,
/// who owns the transaction, rolls back where one refusal spoils the rest.
pub async fn record(
    log: &Log,
    conn: &mut PgConnection,
    entries: Vec<Entry>,
) -> Result<Vec<Result<Recorded, Refused>>, sqlx::Error> {
    let mut said = Vec::with_capacity(entries.len());
    let mut events = Vec::with_capacity(entries.len());
    for Entry { event, report_id, happened } in entries {
        said.push((report_id, happened));
        events.push(event);
    }
    let taken = log.append(&mut *conn, events.iter()).await?;
    let mut seen = Vec::with_capacity(taken.len());
    for (taken, (report_id, happened)) in taken.iter().zip(said) {
        if let Ok(recorded) = taken {
            seen.push(Seen::new(recorded, report_id, happened));
        }
    }
    if !seen.is_empty() {
        projections::apply(conn, &seen).await?;
    }
    Ok(taken)
}
