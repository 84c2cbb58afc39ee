//! The log's events about reports, folded.

use std::collections::BTreeMap;

use backbone::event_log::Recorded;
use bytes::Bytes;
use prost::Message as _;
use proto::topology;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::codec::{self, DecodeError};
use crate::domain::contact::{Cause, Contact, Event, Source};
use crate::domain::emergency;

/// A contact as its events have left it, and how many they were.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub contact: Contact,
    pub version: u32,
    /// The trace that led to each message, so that its sending continues it.
    pub traceparents: BTreeMap<Uuid, String>,
}

/// Why the log could not be folded.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error("the database is away")]
    Database(#[from] sqlx::Error),
    #[error("event {version} of report {report_id} cannot be read: {source}")]
    Unreadable { report_id: Uuid, version: u32, source: DecodeError },
}

/// The histories of some reports.
pub type Histories = BTreeMap<Uuid, History>;

/// Empty histories, to be caught up.
#[must_use]
pub fn of(reports: impl IntoIterator<Item = Uuid>) -> Histories {
    reports.into_iter().map(|report| (report, History::default())).collect()
}

/// Folds what the log has beyond what `histories` hold. Cheap where that is nothing, so that it can
/// be done once more when the log's head is locked.
pub async fn catch_up(
    conn: &mut PgConnection,
    histories: &mut Histories,
) -> Result<(), HistoryError> {
    let (streams, versions): (Vec<Uuid>, Vec<i32>) = histories
        .iter()
        .map(|(report, history)| (*report, i32::try_from(history.version).unwrap_or(i32::MAX)))
        .unzip();
    let rows = sqlx::query!(
        r#"select event.stream, event.version, event.kind, event.meta, event.body
           from unnest($1::uuid[], $2::integer[]) as known(stream, version)
           join event on event.stream = known.stream and event.version > known.version
           order by event.stream, event.version"#,
        &streams,
        &versions
    )
    .fetch_all(conn)
    .await?;
    for row in rows {
        let Some(history) = histories.get_mut(&row.stream) else { continue };
        let version = row.version.unsigned_abs();
        let body = Bytes::from(row.body);
        let event = codec::decode(&row.kind, &body).map_err(|source| HistoryError::Unreadable {
            report_id: row.stream,
            version,
            source,
        })?;
        let meta = proto::log::v1::Meta::decode(row.meta.as_slice()).unwrap_or_default();
        history.version = version;
        if let Some(event) = event {
            let cause = meta.cause.as_ref().and_then(cause);
            history.evolve(&event, cause, &meta.traceparent);
        }
    }
    Ok(())
}

impl History {
    /// Takes one event in.
    pub fn evolve(&mut self, event: &Event, cause: Option<Cause>, traceparent: &str) {
        self.contact.evolve(event, cause);
        let planned = if let Event::MessagePlanned(new) = event { Some(new.id) } else { None };
        let raised = if let Event::Emergency(emergency::Event::Raised(raised)) = event {
            Some(raised.id)
        } else {
            None
        };
        if let Some(id) = planned.or(raised) {
            self.traceparents.entry(id).or_insert_with(|| traceparent.to_owned());
        }
    }
}

fn cause(cause: &proto::log::v1::Cause) -> Option<Cause> {
    let source = match cause.stream.as_str() {
        topology::INTAKE => Source::Intake,
        topology::BUREAU => Source::Bureau,
        _ => return None,
    };
    Some(Cause { source, position: cause.position })
}

/// The report, or the saved form, that an event of the log opens a history of.
#[must_use]
pub fn begins(event: &Recorded) -> Option<Uuid> {
    let is_first = matches!(event.kind.as_str(), "obligation.opened" | "message.planned");
    (event.version == 1 && is_first).then_some(event.stream)
}
