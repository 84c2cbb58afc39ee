//! Stream -> handler and position, in one transaction.
//!
//! A follower applies message N+1 only after N, and only if N+1 names the hash that was kept with N.
//! Its position is one row of its own database, moved in the transaction that holds what the message
//! led to. The broker keeps nothing for it: the consumer is made anew at every doubt.

mod message; // an event of another service
mod position; // how far each stream has been applied
mod pull; // messages as they come, proved to follow one another

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use prost::Message as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::admin::{Health, Part};
use crate::db;
use crate::event_log::{After, Head, Log, NewEvent};
use crate::jetstream::{Broker, BrokerError};
use crate::parked;
use crate::relay::Relayed;
use crate::shutdown::{Tasks, pause};

pub use message::{Message, side_stream};
use position::advance;
pub use position::{position, positions};

const BATCH_MAX: usize = 500;
/// A batch that keeps the log's head longer than this is followed by a smaller one.
const BATCH_TIME: Duration = Duration::from_millis(50);
/// After this long without a message the stream is compared with what was applied.
const SILENCE: Duration = Duration::from_secs(5);

/// How the handling of messages ends. There is no fourth way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handled {
    /// What they led to is in the transaction.
    Done,
    /// Nothing is wrong with them: bring them again after this long.
    Later(Duration),
    /// One of them will fail however often it comes. Where there are several, each is brought alone
    /// to find out which; then it is put aside for a person, with this reason.
    Park(String),
}

/// Applies messages within the transaction of `conn`, in their order. A message whose effects are
/// there already is done. Storage trouble is not the message's fault and comes back as an error.
pub type Handler<S> = for<'a> fn(
    &'a S,
    &'a mut PgConnection,
    &'a [Message],
) -> BoxFuture<'a, Result<Handled, sqlx::Error>>;

/// What a follower works with.
#[derive(Debug, Clone)]
pub struct Follower<S> {
    /// The stream that is followed.
    pub stream: &'static str,
    /// The stream whose position orders what other streams say; None where it is that one.
    pub waits_for: Option<&'static str>,
    /// Parking is an event of this log; None where the follower appends nothing at all.
    pub log: Option<Log>,
    pub service: S,
    pub handler: Handler<S>,
    pub options: PgConnectOptions,
    pub broker: Broker,
    pub health: Health,
}

/// What ends one round of following.
enum Doubt {
    Broker(BrokerError),
    Database(sqlx::Error),
    /// The stream is shorter than what was applied: its owner will refill it.
    Short {
        last: u64,
    },
    /// The stream has another history than the one that was applied.
    Fork {
        position: u64,
        why: String,
    },
    /// Something is odd about the consumer, which is made anew.
    Consumer(String),
}

impl From<BrokerError> for Doubt {
    fn from(error: BrokerError) -> Self {
        Self::Broker(error)
    }
}

impl From<sqlx::Error> for Doubt {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl<S: Clone + std::fmt::Debug + Send + Sync + 'static> Follower<S> {
    /// Follows for as long as the service runs, on the replica that leads. Where the follower
    /// appends to a log, it begins only after that log was found to agree with its stream.
    pub fn start(self, relayed: Relayed, tasks: &Tasks) {
        let token = tasks.token();
        tasks.spawn(async move {
            let mut relayed = relayed;
            if self.log.is_some() {
                tokio::select! {
                    () = token.cancelled() => return,
                    () = relayed.until_compared() => {}
                }
            }
            let name = format!("follow {}", self.stream);
            db::lead(&self.options, &name, &token, || self.follow_for_ever(&token)).await;
        });
    }

    async fn follow_for_ever(&self, token: &CancellationToken) {
        let part = self.health.part(format!("follow {}", self.stream));
        while !token.is_cancelled() {
            let wait = match self.follow(&part).await {
                Doubt::Broker(error) => {
                    part.ready(format!("waits: {error}"));
                    Duration::from_secs(1)
                }
                Doubt::Database(error) => {
                    tracing::warn!(stream = self.stream, error = %error, "following waits");
                    if db::is_away(&error) {
                        part.ready("waits: the database is away");
                    } else {
                        part.not_ready(format!("following cannot go on: {}", reason(&error)));
                    }
                    Duration::from_millis(500)
                }
                Doubt::Short { last } => {
                    part.ready(format!("waits: the stream ends at {last} again"));
                    Duration::from_secs(1)
                }
                Doubt::Fork { position, why } => {
                    let says = format!(
                        "message {position} of {} is not what follows here ({why}): following has \
                         stopped. Its owner must look at log and stream",
                        self.stream
                    );
                    tracing::error!(stream = self.stream, position, "alarm: {says}");
                    part.not_ready(says);
                    Duration::from_secs(2)
                }
                Doubt::Consumer(why) => {
                    tracing::debug!(stream = self.stream, why, "the consumer is made anew");
                    Duration::from_millis(100)
                }
            };
            pause(token, wait).await;
        }
    }

    /// Follows until something is in doubt.
    async fn follow(&self, part: &Part) -> Doubt {
        match self.try_follow(part).await {
            Ok(never) => match never {},
            Err(doubt) => doubt,
        }
    }

    async fn try_follow(&self, part: &Part) -> Result<std::convert::Infallible, Doubt> {
        let mut conn = db::connect(&self.options).await?;
        let mut at = position(&mut conn, self.stream).await?;
        self.compare(&at).await?;
        let mut pulled = pull::consumer(&self.broker, self.stream, at.position + 1).await?;
        part.ready("follows");
        let mut batch_max = BATCH_MAX;
        loop {
            let Some(batch) = pull::next_batch(&mut pulled, batch_max).await? else {
                let last = self.compare(&at).await?;
                if last > at.position {
                    return Err(Doubt::Consumer("the stream has more and brings nothing".into()));
                }
                continue;
            };
            let messages = pull::chained(&at, batch)?;
            let begun = tokio::time::Instant::now();
            at = self.apply(&mut conn, at, messages).await?;
            batch_max = match begun.elapsed() {
                took if took > BATCH_TIME => (batch_max / 2).max(1),
                _ => (batch_max * 2).min(BATCH_MAX),
            };
        }
    }

    /// Holds the message at our position against the hash kept with it. Gives the stream's end.
    async fn compare(&self, at: &Head) -> Result<u64, Doubt> {
        let last = self.broker.last(self.stream).await?;
        if last < at.position {
            return Err(Doubt::Short { last });
        }
        if at.position == 0 {
            return Ok(last);
        }
        match self.broker.recorded(self.stream, at.position).await? {
            Some(Ok(recorded)) if recorded.hash == at.hash => Ok(last),
            None => Err(Doubt::Short { last: 0 }),
            Some(Ok(_)) => Err(Doubt::Fork { position: at.position, why: "another hash".into() }),
            Some(Err(why)) => Err(Doubt::Fork { position: at.position, why: why.to_string() }),
        }
    }

    /// Applies `messages` and gives the new position.
    async fn apply(
        &self,
        conn: &mut PgConnection,
        mut at: Head,
        messages: Vec<Message>,
    ) -> Result<Head, Doubt> {
        let mut rest = messages.as_slice();
        let mut size = rest.len();
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(size.min(rest.len()));
            match self.transaction(conn, &at, batch).await? {
                Outcome::Moved(to) => {
                    at = to;
                    rest = later;
                }
                Outcome::Overtaken => {
                    return Err(Doubt::Consumer("another replica follows as well".into()));
                }
                Outcome::Later(wait) if batch.len() == 1 => tokio::time::sleep(wait).await,
                // Somewhere in the batch: one by one, to do what can be done and find which.
                Outcome::Later(_) | Outcome::Alone => size = 1,
            }
        }
        Ok(at)
    }

    /// One transaction: handle, move the position, commit.
    async fn transaction(
        &self,
        conn: &mut PgConnection,
        at: &Head,
        batch: &[Message],
    ) -> Result<Outcome, sqlx::Error> {
        let Some(last) = batch.last() else { return Ok(Outcome::Moved(*at)) };
        let to = Head { position: last.recorded.position, hash: last.recorded.hash };
        let mut tx = conn.begin().await?;
        if let Some(wait) = self.too_early(&mut tx, batch).await? {
            return Ok(Outcome::Later(wait));
        }
        let reports: Vec<Uuid> = batch.iter().map(|message| message.report_id).collect();
        let behind = parked::reports(&mut tx, &reports).await?;
        let alone = batch.len() == 1;
        let handled = if behind.is_empty() {
            self.handle(&mut tx, batch).await?
        } else {
            Handled::Park("an earlier message of the same report is parked".into())
        };
        match handled {
            Handled::Done => {}
            Handled::Later(wait) => return Ok(Outcome::Later(wait)),
            Handled::Park(_) if !alone => return Ok(Outcome::Alone),
            Handled::Park(why) => {
                // What the handler did before it failed is undone; parking is a transaction of its own.
                tx.rollback().await?;
                tx = conn.begin().await?;
                self.park(&mut tx, last, &why).await?;
            }
        }
        if !advance(&mut tx, self.stream, at, &to).await? {
            return Ok(Outcome::Overtaken);
        }
        tx.commit().await?;
        Ok(Outcome::Moved(to))
    }

    /// Calls the handler. Only storage that is away is an error; what cannot be stored is parked.
    async fn handle(
        &self,
        conn: &mut PgConnection,
        batch: &[Message],
    ) -> Result<Handled, sqlx::Error> {
        match (self.handler)(&self.service, conn, batch).await {
            Err(error) if !db::is_away(&error) => Ok(Handled::Park(reason(&error))),
            handled => handled,
        }
    }

    /// An event may be applied only when its writer's view of the ordering stream is ours as well.
    async fn too_early(
        &self,
        conn: &mut PgConnection,
        batch: &[Message],
    ) -> Result<Option<Duration>, sqlx::Error> {
        let Some(other) = self.waits_for else { return Ok(None) };
        let reached = position(conn, other).await?.position;
        let early = batch.iter().any(|message| message.meta.intake_position > reached);
        Ok(early.then_some(Duration::from_millis(50)))
    }

    async fn park(
        &self,
        conn: &mut PgConnection,
        message: &Message,
        why: &str,
    ) -> Result<(), sqlx::Error> {
        tracing::error!(
            stream = self.stream,
            position = message.recorded.position,
            why,
            "alarm: a message is parked"
        );
        if let Some(log) = &self.log {
            let body = proto::log::v1::MessageParked {
                stream: self.stream.to_owned(),
                position: message.recorded.position,
                hash: Bytes::copy_from_slice(&message.recorded.hash),
                report_id: Bytes::copy_from_slice(message.report_id.as_bytes()),
                reason: why.to_owned(),
            };
            self.note(log, conn, message, "message.parked", body.encode_to_vec()).await?;
        }
        parked::put(conn, self.stream, message, why).await
    }

    /// Appends an event about a message, on a stream that holds only such events of its report.
    async fn note(
        &self,
        log: &Log,
        conn: &mut PgConnection,
        message: &Message,
        kind: &'static str,
        body: Vec<u8>,
    ) -> Result<(), sqlx::Error> {
        let event = NewEvent {
            stream: side_stream(message.report_id, "parked"),
            after: After::Whatever,
            kind,
            meta: proto::log::v1::Meta {
                report_id: message.meta.report_id.clone(),
                cause: Some(message.cause(self.stream)),
                ..Default::default()
            },
            body: body.into(),
        };
        for noted in log.append(conn, [event].iter()).await? {
            noted?;
        }
        Ok(())
    }

    /// Brings one parked message again. Done: it is no longer parked.
    pub async fn release(
        &self,
        conn: &mut PgConnection,
        position: u64,
        actor: &str,
    ) -> Result<Handled, ReleaseError> {
        let message = match self.broker.recorded(self.stream, position).await? {
            Some(Ok(recorded)) => Message::new(recorded),
            Some(Err(_)) | None => return Err(ReleaseError::NotThere(position)),
        };
        let mut tx = conn.begin().await?;
        if !parked::take(&mut tx, self.stream, position).await? {
            return Err(ReleaseError::NotThere(position));
        }
        let handled = self.handle(&mut tx, std::slice::from_ref(&message)).await?;
        if handled == Handled::Done {
            if let Some(log) = &self.log {
                let body = proto::log::v1::MessageReleased {
                    stream: self.stream.to_owned(),
                    position,
                    actor: actor.to_owned(),
                };
                let body = body.encode_to_vec();
                self.note(log, &mut tx, &message, "message.released", body).await?;
            }
            tx.commit().await?;
        }
        Ok(handled)
    }
}

/// Why a parked message could not be brought again.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    #[error("no message {0} is parked, or the stream no longer has it")]
    NotThere(u64),
    #[error(transparent)]
    Broker(#[from] BrokerError),
    #[error("the database is away")]
    Database(#[from] sqlx::Error),
}

enum Outcome {
    Moved(Head),
    Later(Duration),
    /// Something in the batch needs to be handled alone.
    Alone,
    Overtaken,
}

/// What a person reads of a statement that failed; no value of a row stands in it.
fn reason(error: &sqlx::Error) -> String {
    if let Some(database) = error.as_database_error() {
        let code = database.code().unwrap_or_default();
        return format!(
            "the database refused it: {code} {}",
            database.constraint().unwrap_or_default()
        );
    }
    if let sqlx::Error::Encode(source) | sqlx::Error::Decode(source) = error {
        return source.to_string();
    }
    "it cannot be stored".to_owned()
}
