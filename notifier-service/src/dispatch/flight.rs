//! One call, from its intent to its outcome. A flight is a task of its own: it lands even when the
//! lead is lost or the service ends, and what it brings is recorded.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use backbone::telemetry;
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::channels::{Answer, Channel, Parcel};
use crate::domain::contact::Outcome;
use crate::projections::due::DueMessage;

/// The calls that run. A message has one seat at most, kept until its outcome is recorded.
#[derive(Debug, Clone)]
pub(crate) struct Flights {
    permits: Arc<Semaphore>,
    seats: Arc<Mutex<HashSet<Uuid>>>,
}

/// A message's place; free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    id: Uuid,
    seats: Arc<Mutex<HashSet<Uuid>>>,
    _permit: OwnedSemaphorePermit,
}

impl Flights {
    /// Room for so many calls at once.
    pub(crate) fn new(calls_max: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(calls_max)), seats: Arc::default() }
    }

    pub(crate) fn free(&self) -> usize {
        self.permits.available_permits()
    }

    pub(crate) fn taken(&self) -> usize {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(crate) fn has(&self, id: Uuid) -> bool {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }

    /// A seat for the message; None if there is none left, or it has one.
    pub(crate) fn board(&self, id: Uuid) -> Option<Seat> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        if !seats.insert(id) {
            return None;
        }
        drop(seats);
        Some(Seat { id, seats: Arc::clone(&self.seats), _permit: permit })
    }

    /// Waits until there is room for another call.
    pub(crate) async fn until_free(&self) {
        drop(self.permits.acquire().await);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// A call that was intended.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) message: DueMessage,
    pub(super) parcel: Parcel,
    pub(super) attempt: u32,
    pub(super) at: Timestamp,
}

/// What a flight brings.
#[derive(Debug)]
pub(super) struct Landed {
    pub(super) report_id: Uuid,
    pub(super) message_id: Uuid,
    pub(super) attempt: u32,
    pub(super) outcome: Outcome,
    pub(super) detail: String,
    pub(super) traceparent: String,
    pub(super) _seat: Seat,
}

/// Calls the provider once and brings what it answered.
pub(super) async fn send(
    channel: Arc<Channel>,
    call: Call,
    seat: Seat,
    landed: mpsc::Sender<Landed>,
) {
    let Call { message, parcel, attempt, at } = call;
    let id = message.message_id;
    let span = tracing::info_span!("send", message.id = %id, message.what = message.what, attempt);
    telemetry::continue_trace(&span, &message.traceparent);
    let answer = channel.send(id, &parcel, at).instrument(span.clone()).await;
    let (outcome, detail) = match answer {
        Answer::Sent { provider_reference } => {
            (Outcome::Accepted { provider_reference }, String::new())
        }
        Answer::Refused { code } => (Outcome::Refused, code),
        Answer::Unavailable { code } => (Outcome::Unavailable, code),
        Answer::InDoubt { code } => (Outcome::InDoubt, code),
    };
    let name = outcome_name(&outcome);
    let counter = opentelemetry::global::meter("notifier").u64_counter("notifier_sends").build();
    let labels = [("channel", channel.name()), ("outcome", name)];
    counter.add(1, &labels.map(|(key, value)| opentelemetry::KeyValue::new(key, value)));
    span.in_scope(|| tracing::info!(outcome = name, detail, "sent"));
    bring(landed, &message, attempt, (outcome, detail), seat).await;
}

fn outcome_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted { .. } => "accepted",
        Outcome::Refused => "refused",
        Outcome::Unavailable => "unavailable",
        Outcome::InDoubt => "in_doubt",
        Outcome::NotSent => "not_sent",
    }
}

/// Asks the provider whether it has the message that is in doubt.
pub(super) async fn ask(
    channel: Arc<Channel>,
    message: DueMessage,
    seat: Seat,
    landed: mpsc::Sender<Landed>,
) {
    let id = message.message_id;
    let Some((attempt, _)) = message.in_doubt else { return };
    let outcome = match channel.look_up(id).await {
        Some(true) => Outcome::Accepted { provider_reference: id.to_string() },
        Some(false) => Outcome::NotSent,
        None => {
            // It cannot say now: the seat keeps the message away for a moment, then it is asked again.
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            return;
        }
    };
    tracing::info!(message.id = %id, attempt, outcome = outcome_name(&outcome), "looked up");
    bring(landed, &message, attempt, (outcome, "looked_up".to_owned()), seat).await;
}

async fn bring(
    landed: mpsc::Sender<Landed>,
    message: &DueMessage,
    attempt: u32,
    (outcome, detail): (Outcome, String),
    seat: Seat,
) {
    let brought = Landed {
        report_id: message.report_id,
        message_id: message.message_id,
        attempt,
        outcome,
        detail,
        traceparent: message.traceparent.clone(),
        _seat: seat,
    };
    // The recorder ends last. Should it be gone, the outcome is in doubt and will be resolved.
    landed.send(brought).await.ok();
}
