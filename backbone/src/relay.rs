//! Log -> stream: event N becomes message N.
//!
//! The relay keeps no checkpoint. It asks the stream for its last sequence and publishes what the
//! log has above it, each message with the sequence that it expects before itself. So a broker that
//! forgot is refilled, two relays at once cannot put anything twice, and nothing can be skipped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_nats::jetstream::message::{OutboundMessage, PublishMessage};
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::admin::{Health, Part};
use crate::db::{self, Wake};
use crate::event_log::{self, Log, Recorded};
use crate::jetstream::{Broker, BrokerError};
use crate::recover::{self, Witness};
use crate::shutdown::{Tasks, pause};

const BATCH_MAX: u32 = 500;
/// After this long without anything to do, and on every error, log and stream are compared anew.
const COMPARE_EVERY: Duration = Duration::from_secs(5);
/// The service's own relay may be faster at most so often before a rebuilding gives up.
const REBUILD_TRIES_MAX: usize = 1_000;
/// How long events may gather while there are many: so many fewer, larger batches for all that follow.
const GATHER: Duration = Duration::from_millis(10);
/// So often in a row publishing may fail before it is worth a word: another relay may be faster.
const FAILURES_MAX: u32 = 5;

/// How a log and its stream stand to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// The stream is the beginning of the log, up to this sequence.
    Level(u64),
    /// The stream has more than the log: the log was restored from an older copy.
    LogBehind { head: u64, last: u64 },
    /// Both have this position, with different events.
    Fork(u64),
    /// A message that this service did not publish has taken this number.
    Stray(u64),
    /// A follower knows more of this log than log and stream together still have.
    Lost { follower: &'static str, known: u64, end: u64 },
}

impl Comparison {
    /// What an operator reads when publishing has to stop.
    #[must_use]
    pub fn trouble(&self, stream: &str) -> Option<String> {
        match self {
            Self::Level(_) => None,
            Self::LogBehind { head, last } => Some(format!(
                "the log ends at {head} and stream {stream} at {last}: the log was restored from an \
                 older copy. Stop the service and run `log recover`"
            )),
            Self::Fork(position) => Some(format!(
                "log and stream {stream} differ at position {position}: events were written behind \
                 a restored copy. Stop the service and run `log recover`"
            )),
            Self::Stray(position) => Some(format!(
                "message {position} of stream {stream} was not published by this service. Run \
                 `stream rebuild`"
            )),
            Self::Lost { follower, known, end } => Some(format!(
                "{follower} has followed {stream} up to {known}, but log and stream end at {end}: the \
                 log was restored from an older copy, and the events in between are lost. Stop the \
                 service and restore a newer copy"
            )),
        }
    }
}

/// Why a comparison or publication could not be done.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    #[error(transparent)]
    Broker(#[from] BrokerError),
    #[error("the database is away")]
    Database(#[from] sqlx::Error),
    #[error("log and stream are not level: {0:?}")]
    NotLevel(Comparison),
    #[error("the stream took message {position} in another way than asked: {why}")]
    Refused { position: u64, why: String },
}

/// What the rest of the service may know of its relay. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Relayed {
    last: Arc<AtomicU64>,
    compared: watch::Receiver<bool>,
}

impl Relayed {
    /// The last sequence of the stream that was seen.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last.load(Ordering::Relaxed)
    }

    /// Whether log and stream were found to agree since this process started. Who appends on behalf
    /// of others waits for that: a restored log must not grow before anybody has noticed.
    #[must_use]
    pub fn compared(&self) -> bool {
        *self.compared.borrow()
    }

    /// Waits until they were.
    pub async fn until_compared(&mut self) {
        if self.compared.wait_for(|compared| *compared).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// What the relay works with.
#[derive(Debug, Clone)]
pub struct Relay {
    pub log: Log,
    pub pool: PgPool,
    pub options: PgConnectOptions,
    pub broker: Broker,
    pub health: Health,
    /// Who may know how far the log once was.
    pub witnesses: &'static [Witness],
}

impl Relay {
    /// Starts comparing, on every replica, and publishing, on the one that leads.
    #[must_use]
    pub fn start(self, wake: &Wake, tasks: &Tasks) -> Relayed {
        let (last, halted) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        // A restored log must not look ready before anybody has looked.
        let part = self.health.part("stream");
        part.not_ready("log and stream were not compared yet");
        let (compared, watching) = watch::channel(false);
        let token = tasks.token();
        {
            let (relay, last, token) = (self.clone(), Arc::clone(&last), token.clone());
            let halted = Arc::clone(&halted);
            tasks.spawn(async move {
                let mut looked_at = vec![0; relay.witnesses.len()];
                while !token.is_cancelled() {
                    let found = relay.look(&mut looked_at, &halted).await;
                    relay.watch(found, &part, &last, &compared);
                    pause(&token, COMPARE_EVERY).await;
                }
            });
        }
        {
            let (relay, last, wake) = (self, Arc::clone(&last), wake.clone());
            tasks.spawn(async move {
                let name = lead_name(&relay.log);
                let lead = || relay.publish_for_ever(wake.clone(), &last, &halted, &token);
                db::lead(&relay.options, &name, &token, lead).await;
            });
        }
        Relayed { last, compared: watching }
    }

    /// One comparison. What the followers say of the log is looked at first: it only grows meanwhile.
    async fn look(
        &self,
        looked_at: &mut [u64],
        halted: &AtomicBool,
    ) -> Result<Comparison, RelayError> {
        let mut known = vec![];
        for (witness, after) in self.witnesses.iter().zip(looked_at.iter()) {
            known.push(recover::seen_by(&self.broker, &self.log, *witness, *after).await?);
        }
        let found = self.compare().await?;
        if !matches!(found, Comparison::Level(_)) {
            return Ok(found);
        }
        let end = event_log::head(&mut *self.pool.acquire().await?).await?.position;
        for ((witness, (known, seen)), looked_at) in self.witnesses.iter().zip(known).zip(looked_at)
        {
            if known > end {
                halted.store(true, Ordering::Relaxed);
                return Ok(Comparison::Lost { follower: witness.stream, known, end });
            }
            *looked_at = seen;
        }
        halted.store(false, Ordering::Relaxed);
        Ok(found)
    }

    /// What the operator hears of a comparison, and who waits for the first.
    fn watch(
        &self,
        found: Result<Comparison, RelayError>,
        part: &Part,
        last: &AtomicU64,
        compared: &watch::Sender<bool>,
    ) {
        match found {
            Ok(Comparison::Level(sequence)) => {
                last.fetch_max(sequence, Ordering::Relaxed);
                compared.send_replace(true);
                part.ready(format!("{} ends at {sequence}", self.log.name));
            }
            Ok(trouble) => {
                let says = trouble.trouble(self.log.name).unwrap_or_default();
                tracing::error!(stream = self.log.name, trouble = ?trouble, "alarm: {says}");
                part.not_ready(says);
            }
            Err(RelayError::Database(_)) => part.not_ready("the database is away"),
            Err(error) => part.not_ready(error.to_string()),
        }
    }

    /// Holds the stream's last message against the log.
    pub async fn compare(&self) -> Result<Comparison, RelayError> {
        let last = self.broker.own(self.log.name).await?;
        let mut conn = self.pool.acquire().await?;
        let head = event_log::head(&mut conn).await?;
        if last == 0 {
            return Ok(Comparison::Level(0));
        }
        let message = match self.broker.recorded(self.log.name, last).await? {
            Some(Ok(message)) if self.log.key.verifies(&message.hash, &message.tag) => message,
            Some(_) | None => return Ok(Comparison::Stray(last)),
        };
        if last > head.position {
            return Ok(Comparison::LogBehind { head: head.position, last });
        }
        let same = hash_at(&mut conn, last).await? == Some(message.hash);
        Ok(if same { Comparison::Level(last) } else { Comparison::Fork(last) })
    }

    async fn publish_for_ever(
        &self,
        mut wake: Wake,
        last: &AtomicU64,
        halted: &AtomicBool,
        token: &tokio_util::sync::CancellationToken,
    ) {
        let mut course = Course { part: self.health.part("relay"), failures: 0 };
        while !token.is_cancelled() {
            // Numbers that somebody knows with other events are not given again.
            if halted.load(Ordering::Relaxed) {
                pause(token, COMPARE_EVERY).await;
                continue;
            }
            if let Err(error) = self.publish(&mut wake, last, halted, &mut course).await {
                course.failed(&error);
            }
            let delay = Duration::from_millis(50u64 << course.failures.min(5));
            pause(token, delay).await;
        }
    }

    /// Publishes until something is in doubt.
    async fn publish(
        &self,
        wake: &mut Wake,
        last: &AtomicU64,
        halted: &AtomicBool,
        course: &mut Course,
    ) -> Result<(), RelayError> {
        let Comparison::Level(mut position) = self.compare().await? else {
            // The watch tells the operator; publishing waits for him.
            tokio::time::sleep(COMPARE_EVERY).await;
            return Ok(());
        };
        last.store(position, Ordering::Relaxed);
        let mut since = Instant::now();
        while since.elapsed() < COMPARE_EVERY && !halted.load(Ordering::Relaxed) {
            let reached = self.publish_from(position).await?;
            course.went_well();
            if reached == position {
                wake.wait().await;
            } else {
                position = reached;
                last.store(position, Ordering::Relaxed);
                since = Instant::now();
                tokio::time::sleep(GATHER).await;
            }
        }
        Ok(())
    }

    /// Publishes what the log has above the stream's last sequence; gives the sequence that it then
    /// has. Others may publish at the same time: an error says that they were faster.
    pub async fn publish_missing(&self) -> Result<u64, RelayError> {
        match self.compare().await? {
            Comparison::Level(position) => self.publish_from(position).await,
            trouble @ (Comparison::LogBehind { .. }
            | Comparison::Fork(_)
            | Comparison::Stray(_)
            | Comparison::Lost { .. }) => Err(RelayError::NotLevel(trouble)),
        }
    }

    /// Publishes everything after `position`.
    async fn publish_from(&self, mut position: u64) -> Result<u64, RelayError> {
        let mut conn = self.pool.acquire().await?;
        loop {
            let events = event_log::read_after(&mut conn, position, BATCH_MAX).await?;
            if !events.is_empty() {
                position = self.publish_batch(&events).await?;
            }
            if !event_log::is_full(&events, BATCH_MAX) {
                return Ok(position);
            }
        }
    }

    /// Publishes `events` without waiting in between, then hears of the last.
    ///
    /// Each expects the one before it, so the last can stand only where all of them do: its
    /// acknowledgement proves the batch, and the others are not asked for.
    async fn publish_batch(&self, events: &[Recorded]) -> Result<u64, RelayError> {
        let Some((last, others)) = events.split_last() else { return Ok(0) };
        let prefix = self.log.name.to_lowercase();
        let subject = |event: &Recorded| format!("{prefix}.v1.{}", event.kind);
        let message = |event: &Recorded| {
            let message = PublishMessage::build().payload(event.encode());
            message.expected_last_sequence(event.position - 1)
        };
        let client = self.broker.context.client();
        for event in others {
            let OutboundMessage { subject, headers, payload, .. } =
                message(event).outbound_message(subject(event));
            let sent = client.publish_with_headers(subject, headers.unwrap_or_default(), payload);
            sent.await.map_err(BrokerError::away)?;
        }
        let position = last.position;
        let refused = |error| RelayError::Refused { position, why: format!("{error}") };
        let sent = self.broker.context.send_publish(subject(last), message(last)).await;
        let ack = sent.map_err(refused)?.await.map_err(refused)?;
        if ack.duplicate || ack.sequence != position {
            let why = format!("stored as {}, duplicate: {}", ack.sequence, ack.duplicate);
            return Err(RelayError::Refused { position, why });
        }
        Ok(position)
    }

    /// Deletes the stream and fills it again from position 1. Messages of others go with it.
    pub async fn rebuild_stream(&self) -> Result<u64, RelayError> {
        match self.broker.context.delete_stream(self.log.name).await {
            Ok(_) => {}
            Err(error) => tracing::debug!(error = %error, "the stream was not there"),
        }
        for _ in 0..REBUILD_TRIES_MAX {
            match self.publish_missing().await {
                // The service's own relay fills it as well; where it was faster, go on behind it.
                Err(RelayError::Refused { .. }) => {}
                filled => return filled,
            }
        }
        self.publish_missing().await
    }
}

/// How publishing goes, and what the operator hears of it.
struct Course {
    part: Part,
    /// In a row.
    failures: u32,
}

impl Course {
    fn went_well(&mut self) {
        self.failures = 0;
        self.part.ready("publishes");
    }

    fn failed(&mut self, error: &RelayError) {
        self.failures = self.failures.saturating_add(1);
        tracing::debug!(error = %error, self.failures, "the relay begins anew");
        if self.failures > FAILURES_MAX {
            self.part.not_ready(format!("publishing fails: {error}"));
        }
    }
}

/// The lock of the process whose relay leads.
pub(crate) fn lead_name(log: &Log) -> String {
    format!("relay {}", log.name)
}

pub(crate) async fn hash_at(
    conn: &mut sqlx::PgConnection,
    position: u64,
) -> Result<Option<crate::chain::Hash>, sqlx::Error> {
    sqlx::query_scalar!("select hash from event where position = $1", event_log::to_i64(position))
        .fetch_optional(conn)
        .await?
        .map(|hash| event_log::to_hash(&hash))
        .transpose()
}
