//! Group commit: many callers, one task that owns its connection, one commit for all that wait.
//!
//! A caller hands over what it wants appended and waits for the answer, which comes after the
//! commit. A caller that goes away changes nothing. The queue is bounded in items and bytes: what
//! does not fit is refused at once, so that an overload is told early.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::postgres::{PgArguments, PgConnectOptions};
use sqlx::{Connection as _, PgConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::Instant;
use uuid::Uuid;

use crate::admin::Health;
use crate::append::{Beside, Statement};
use crate::clock::{Clock as _, SystemClock};
use crate::db;
use crate::event_log::{self, After, Head, Log, NewEvent, Recorded, Refused};
use crate::shutdown::Tasks;

const QUEUE_ITEMS_MAX: usize = 2_000;
const QUEUE_KIB_MAX: usize = 32 * 1024;
const BATCH_EVENTS_MAX: usize = 500;
const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// After this long without a database a caller hears that it is away.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why nothing was appended, or why nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Refused(#[from] Refused),
    /// More is waiting than may wait. Nothing was appended.
    #[error("too much is waiting to be written")]
    Full,
    /// The database did not answer in time. The event may stand in the log or not: ask again with
    /// the same id.
    #[error("the database is away")]
    Away,
    /// What had to be written beside the event broke this constraint.
    #[error("constraint {0} refuses it")]
    Constraint(String),
}

/// The way to the writer task. Cheap to clone.
#[derive(Debug)]
pub struct Writer<C> {
    queue: mpsc::Sender<Item<C>>,
    room: Arc<Semaphore>,
}

impl<C> Clone for Writer<C> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), room: Arc::clone(&self.room) }
    }
}

#[derive(Debug)]
struct Item<C> {
    event: NewEvent,
    beside: C,
    since: Instant,
    answer: oneshot::Sender<Result<Recorded, WriteError>>,
    /// Given back when the item is answered.
    _room: OwnedSemaphorePermit,
}

impl<C: Send + Sync + 'static> Writer<C> {
    /// Starts the task. It ends when the last `Writer` is gone, after all that waits is written.
    #[must_use]
    pub fn start(
        log: Log,
        options: PgConnectOptions,
        beside: &'static Beside<C>,
        tasks: &Tasks,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_ITEMS_MAX);
        let statement = Statement::new(beside.inserts, beside.parameters);
        let task = Task { log, beside, statement, options, conn: None, end: None };
        tasks.spawn_apart("writer", task.run(waiting, tasks.token()));
        Self { queue, room: Arc::new(Semaphore::new(QUEUE_KIB_MAX)) }
    }

    /// Appends one event and what stands beside it. Answers after the commit.
    pub async fn append(&self, event: NewEvent, beside: C) -> Result<Recorded, WriteError> {
        let kib = u32::try_from(event.body.len() / 1024 + 1).unwrap_or(u32::MAX);
        let room =
            Arc::clone(&self.room).try_acquire_many_owned(kib).map_err(|_| WriteError::Full)?;
        let (answer, answered) = oneshot::channel();
        let item = Item { event, beside, since: Instant::now(), answer, _room: room };
        self.queue.try_send(item).map_err(|_| WriteError::Full)?;
        answered.await.unwrap_or(Err(WriteError::Away))
    }

    /// Says when the task is no longer there: nothing can be appended then. Keeps it until the service ends.
    pub fn watch(&self, health: &Health, tasks: &Tasks) {
        let (queue, health, token) = (self.queue.clone(), health.clone(), tasks.token());
        health.ready("writer", "takes events");
        tasks.spawn(async move {
            tokio::select! {
                biased;
                () = token.cancelled() => {}
                () = queue.closed() => {
                    tracing::error!("alarm: the writer has ended, nothing can be appended");
                    health.not_ready("writer", "it has ended: restart the service");
                }
            }
        });
    }

    /// How many items wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        QUEUE_ITEMS_MAX - self.queue.capacity()
    }
}

struct Task<C: 'static> {
    log: Log,
    beside: &'static Beside<C>,
    statement: Statement,
    options: PgConnectOptions,
    /// Kept while it is sound.
    conn: Option<PgConnection>,
    /// Where the log ended when this task wrote to it last. Another replica may have written since: then
    /// the statement writes nothing.
    end: Option<End>,
}

/// The end of the log, and when its last event was recorded.
#[derive(Debug, Clone, Copy)]
struct End {
    head: Head,
    recorded_at: Timestamp,
}

/// What became of a transaction.
enum Written {
    Committed(Vec<Result<Recorded, Refused>>),
    /// A statement was wrong: with one item it is that item's fault.
    Failed(sqlx::Error),
    /// The database went away before or during the commit.
    Away,
}

impl<C: Send + Sync + 'static> Task<C> {
    async fn run(
        mut self,
        mut waiting: mpsc::Receiver<Item<C>>,
        token: tokio_util::sync::CancellationToken,
    ) {
        let mut items = Vec::with_capacity(BATCH_EVENTS_MAX);
        loop {
            let received = tokio::select! {
                biased;
                received = waiting.recv_many(&mut items, BATCH_EVENTS_MAX) => received,
                () = token.cancelled() => {
                    // The last ones that came in before the doors closed are written too.
                    waiting.close();
                    waiting.recv_many(&mut items, BATCH_EVENTS_MAX).await
                }
            };
            if received == 0 {
                return;
            }
            while !items.is_empty() {
                let rest = items.split_off(batch_length(&items));
                let batch = std::mem::replace(&mut items, rest);
                self.write(batch).await;
            }
        }
    }

    /// The connection. Who takes it keeps it again with `self.conn` if it is sound.
    async fn connection(&mut self) -> Result<PgConnection, sqlx::Error> {
        match self.conn.take() {
            Some(conn) => Ok(conn),
            None => db::connect(&self.options).await,
        }
    }

    /// Writes `batch` until it is committed, refused, or nobody should wait any longer.
    async fn write(&mut self, mut batch: Vec<Item<C>>) {
        while !batch.is_empty() {
            match self.transaction(&batch).await {
                Written::Committed(results) => {
                    for (item, result) in batch.into_iter().zip(results) {
                        // Nobody there any more: the report stands all the same.
                        item.answer.send(result.map_err(WriteError::Refused)).ok();
                    }
                    return;
                }
                Written::Failed(error) => match self.begun(&batch).await {
                    Ok(begun) if begun.is_empty() => {
                        self.write_alone(batch, &error).await;
                        return;
                    }
                    Ok(begun) => batch = refuse_begun(batch, &begun),
                    Err(error) => {
                        tracing::warn!(error = %error, "the database is away");
                        batch = give_up(batch, PATIENCE).await;
                    }
                },
                Written::Away => batch = give_up(batch, PATIENCE).await,
            }
        }
    }

    /// One bad item fails alone: each gets a transaction of its own. `error` is that of all together.
    async fn write_alone(&mut self, batch: Vec<Item<C>>, error: &sqlx::Error) {
        let only = batch.len() == 1;
        for item in batch {
            if only {
                item.answer.send(Err(failure(error))).ok();
            } else {
                Box::pin(self.write(vec![item])).await;
            }
        }
    }

    /// The versions of those streams that `batch` would begin and that have begun already.
    async fn begun(&mut self, batch: &[Item<C>]) -> Result<HashMap<Uuid, u32>, sqlx::Error> {
        let new = batch.iter().filter(|item| item.event.after == After::Nothing);
        let streams: Vec<Uuid> = new.map(|item| item.event.stream).collect();
        let mut conn = self.connection().await?;
        let begun = event_log::versions(&mut conn, &streams).await?;
        self.conn = Some(conn);
        Ok(begun)
    }

    async fn transaction(&mut self, batch: &[Item<C>]) -> Written {
        let mut conn = match self.connection().await {
            Ok(conn) => conn,
            Err(error) => {
                tracing::warn!(error = %error, "the database is away");
                return Written::Away;
            }
        };
        let mut sent = None;
        let written = match self.try_append(&mut conn, batch, &mut sent).await {
            Ok(()) => {
                self.conn = Some(conn);
                Written::Committed(sent.unwrap_or_default())
            }
            Err(error) if !db::is_away(&error) => {
                // The transaction was dropped, which rolls back; the connection is sound.
                self.conn = Some(conn);
                Written::Failed(error)
            }
            Err(error) => {
                tracing::warn!(error = %error, "the database went away under a batch");
                drop(conn);
                match sent {
                    None => Written::Away,
                    Some(results) => self.look_up(results).await,
                }
            }
        };
        if let Written::Committed(results) = &written
            && let Some(last) = results.iter().flatten().next_back()
        {
            self.end = Some(last.into());
        }
        written
    }

    /// Appends the whole batch or nothing of it. What was appended stands in `sent` from the moment in
    /// which the commit goes out: an error after it leaves open whether the batch stands.
    async fn try_append(
        &mut self,
        conn: &mut PgConnection,
        batch: &[Item<C>],
        sent: &mut Option<Vec<Result<Recorded, Refused>>>,
    ) -> Result<(), sqlx::Error> {
        let events = batch.iter().map(|item| &item.event);
        // Whose streams are new needs nothing that stands in the log but its end.
        if let Some(end) = self.end
            && batch.iter().all(|item| item.event.after == After::Nothing)
        {
            let now = SystemClock.now().max(end.recorded_at);
            let results: &Vec<_> = sent.insert(self.log.follow_on(end.head, events.clone(), now));
            if self.put(conn, batch, results).await? {
                return Ok(());
            }
            *sent = None;
        }
        let mut tx = conn.begin().await?;
        let results = self.log.number(&mut tx, events).await?;
        if !self.put(&mut tx, batch, &results).await? {
            return Err(sqlx::Error::Protocol("the head moved under its lock".to_owned()));
        }
        *sent = Some(results);
        tx.commit().await
    }

    /// False: the log's end is elsewhere by now, and nothing was written.
    async fn put(
        &self,
        conn: &mut PgConnection,
        batch: &[Item<C>],
        results: &[Result<Recorded, Refused>],
    ) -> Result<bool, sqlx::Error> {
        let taken: Vec<(&C, &Recorded)> = batch
            .iter()
            .zip(results)
            .filter_map(|(item, result)| Some((&item.beside, result.as_ref().ok()?)))
            .collect();
        let mut arguments = PgArguments::default();
        (self.beside.bind)(&mut arguments, &taken).map_err(sqlx::Error::Encode)?;
        let events: Vec<&Recorded> = taken.into_iter().map(|(_, event)| event).collect();
        self.statement.run(conn, arguments, &events).await
    }

    /// The commit was sent and no answer came: finds out on a new connection what became of it.
    async fn look_up(&mut self, sent: Vec<Result<Recorded, Refused>>) -> Written {
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            let stands = match (self.connection().await, sent.iter().flatten().next()) {
                (Ok(_), None) => Ok(true),
                (Ok(mut conn), Some(first)) => stands(&mut conn, first).await,
                (Err(error), _) => Err(error),
            };
            match stands {
                Ok(true) => return Written::Committed(sent),
                Ok(false) => return Written::Away,
                Err(error) => tracing::warn!(error = %error, "looking up a commit failed"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Written::Away
    }
}

impl From<&Recorded> for End {
    fn from(last: &Recorded) -> Self {
        let head = Head { position: last.position, hash: last.hash };
        Self { head, recorded_at: last.recorded_at }
    }
}

/// Whether this very event stands. Waits for the head, so that a commit still under way is over.
async fn stands(conn: &mut PgConnection, event: &Recorded) -> Result<bool, sqlx::Error> {
    let mut tx = conn.begin().await?;
    sqlx::query!("select position from log_head for update").fetch_one(&mut *tx).await?;
    let found = sqlx::query_scalar!(
        "select hash from event where stream = $1 and version = $2",
        event.stream,
        i32::try_from(event.version).unwrap_or(i32::MAX)
    )
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(found.is_some_and(|found| found == event.hash))
}

/// Refuses those of `batch` that would begin a stream that has begun; gives the others.
fn refuse_begun<C>(batch: Vec<Item<C>>, begun: &HashMap<Uuid, u32>) -> Vec<Item<C>> {
    let mut others = vec![];
    for item in batch {
        match begun.get(&item.event.stream) {
            Some(current) if item.event.after == After::Nothing => {
                let refused = Refused::Conflict { current: *current };
                item.answer.send(Err(refused.into())).ok();
            }
            Some(_) | None => others.push(item),
        }
    }
    others
}

/// How many of the waiting items make one batch: at most a mebibyte, and always one.
fn batch_length<C>(items: &[Item<C>]) -> usize {
    let mut bytes = 0;
    items
        .iter()
        .take_while(|item| {
            bytes += item.event.body.len();
            bytes <= BATCH_BYTES_MAX
        })
        .count()
        .max(1)
}

/// Tells those who have waited longer than `patience` that the database is away; the others go on in a
/// moment.
async fn give_up<C>(batch: Vec<Item<C>>, patience: Duration) -> Vec<Item<C>> {
    let (late, on): (Vec<_>, Vec<_>) =
        batch.into_iter().partition(|item| item.since.elapsed() >= patience);
    for item in late {
        item.answer.send(Err(WriteError::Away)).ok();
    }
    if !on.is_empty() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    on
}

fn failure(error: &sqlx::Error) -> WriteError {
    if let Some(constraint) = error.as_database_error().and_then(|error| error.constraint()) {
        return WriteError::Constraint(constraint.to_owned());
    }
    tracing::error!(error = %error, "an event could not be written");
    WriteError::Away
}
