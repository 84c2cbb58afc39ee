//! Load, fold, decide, append, project: one transaction, which the caller commits.

use std::sync::Arc;

use backbone::clock::Clock;
use backbone::event_log::{After, Log, NewEvent, Refused};
use bytes::Bytes;
use jiff::tz::TimeZone;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::codec;
use crate::domain::contact::{Cause, Command, Contact, Event, Given, Rejection, decide};
use crate::domain::emergency::Room;
use crate::domain::plan::Means;
use crate::domain::saved_link::Terms;
use crate::history::{self, Histories, HistoryError};
use crate::projections::rows::{self, Touched};

/// A command, and what it follows from.
#[derive(Debug, Clone)]
pub struct Order {
    /// Of a saved form: the id of its own that it was asked about with.
    pub report_id: Uuid,
    pub command: Command,
    pub because: Option<Because>,
    pub intake_position: u64,
    pub traceparent: String,
}

/// The message of another service that a command was made of.
#[derive(Debug, Clone)]
pub struct Because {
    pub cause: Cause,
    pub wire: proto::log::v1::Cause,
}

/// What each order of a batch led to, in their order.
pub type Answers = Vec<Result<Vec<Event>, Rejection>>;

/// Why a whole batch came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    #[error(transparent)]
    History(#[from] HistoryError),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("the database is away")]
    Database(#[from] sqlx::Error),
}

/// How somebody is told where a form is that they saved.
#[derive(Debug, Clone)]
pub struct SavedLinks {
    pub terms: Terms,
    /// By which the clocks go where the reporters are.
    pub zone: TimeZone,
}

/// Turns commands into events. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Executor {
    pub log: Log,
    pub means: Means,
    pub room: Room,
    pub saved_links: SavedLinks,
    pub clock: Arc<dyn Clock>,
}

impl Executor {
    /// Executes `orders`, several for one report in their order. An order whose message has led to
    /// events already leads to none.
    pub async fn execute(
        &self,
        conn: &mut PgConnection,
        orders: &[Order],
    ) -> Result<Answers, ExecuteError> {
        let mut histories = history::of(orders.iter().map(|order| order.report_id));
        history::catch_up(conn, &mut histories).await?;
        lock_head(conn).await?;
        history::catch_up(conn, &mut histories).await?;

        let given = Given { now: self.clock.now(), means: self.means, room: self.room };
        let mut answers = vec![];
        let mut new = vec![];
        let mut touched = Touched::default();
        for order in orders {
            answers.push(decide_one(&mut histories, order, given, &mut new, &mut touched));
        }
        for taken in self.log.append(conn, new.iter()).await? {
            taken?;
        }
        rows::write(conn, &histories, &touched).await?;
        Ok(answers)
    }
}

fn decide_one(
    histories: &mut Histories,
    order: &Order,
    given: Given,
    new: &mut Vec<NewEvent>,
    touched: &mut Touched,
) -> Result<Vec<Event>, Rejection> {
    let history = histories.entry(order.report_id).or_default();
    let cause = order.because.as_ref().map(|because| because.cause);
    if cause.is_some_and(|cause| history.contact.has_seen(cause)) {
        return Ok(vec![]);
    }
    let events = decide(&history.contact, &order.command, given)?;
    for event in &events {
        history.evolve(event, cause, &order.traceparent);
        touched.by(order.report_id, event);
        let (kind, body) = codec::encode(event);
        new.push(NewEvent {
            stream: order.report_id,
            after: After::Version(history.version),
            kind,
            meta: meta(order, &history.contact),
            body,
        });
        history.version += 1;
    }
    Ok(events)
}

fn meta(order: &Order, contact: &Contact) -> proto::log::v1::Meta {
    let report_id: &[u8] = if contact.is_of_a_report() { order.report_id.as_bytes() } else { &[] };
    proto::log::v1::Meta {
        report_id: Bytes::copy_from_slice(report_id),
        actor: "notifier".to_owned(),
        cause: order.because.as_ref().map(|because| because.wire.clone()),
        intake_position: order.intake_position,
        traceparent: order.traceparent.clone(),
    }
}

/// From here to the commit nobody else appends: what was folded stays true.
async fn lock_head(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query_scalar!("select position from log_head for update").fetch_one(conn).await?;
    Ok(())
}
