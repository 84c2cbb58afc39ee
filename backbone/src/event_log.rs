//! The numbered log: append and load, inside the caller's transaction.
//!
//! `log_head` is one row, locked by each appending transaction before any other row; so the next
//! position is known, positions have no gaps, and commit order is position order.

use std::collections::HashMap;

use bytes::Bytes;
use jiff::Timestamp;
use prost::Message as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::append;
use crate::chain::{self, Hash, Link, TagKey};

/// Meta and body of one event together may not be larger: a message has to fit the broker.
pub const EVENT_BYTES_MAX: usize = 512 * 1024;

/// What is read or written at once is at most so large, or one event.
pub(crate) const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The name of a log, which is also that of its stream, with the key of its tags.
#[derive(Debug, Clone)]
pub struct Log {
    pub name: &'static str,
    pub key: TagKey,
}

/// An event that is to be appended.
#[derive(Debug, Clone)]
pub struct NewEvent {
    pub stream: Uuid,
    pub after: After,
    pub kind: &'static str,
    pub meta: proto::log::v1::Meta,
    pub body: Bytes,
}

/// Where in its stream an event belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// First, in a stream whose id was made for this event. Nobody looks first whether the stream has
    /// begun: where it has, the table refuses the whole batch.
    Nothing,
    /// Right after this version, else it is refused: the writer has decided on what it saw.
    Version(u32),
    /// Wherever the stream ends by then: the event is a fact that depends on nothing.
    Whatever,
}

/// An event as it stands in a log and travels in its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub position: u64,
    pub previous: Hash,
    pub stream: Uuid,
    pub version: u32,
    pub kind: String,
    pub recorded_at: Timestamp,
    pub meta: Bytes,
    pub body: Bytes,
    pub hash: Hash,
    pub tag: Hash,
}

/// Why one event of a batch was not taken. The others were.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Somebody else was faster: load the stream again and decide again.
    #[error("stream is at version {current}, another one was expected")]
    Conflict { current: u32 },
    #[error("event has {bytes} bytes, more than {EVENT_BYTES_MAX}")]
    TooLarge { bytes: usize },
}

/// What `Recorded` bytes of a stream may be wrong with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOurs {
    #[error("its bytes are no recorded event")]
    Unreadable,
    #[error("its hash is not that of its content")]
    WrongHash,
}

/// The end of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub position: u64,
    pub hash: Hash,
}

impl Recorded {
    /// The hash that the content has, whatever `hash` says.
    #[must_use]
    pub fn computed_hash(&self) -> Hash {
        chain::hash(
            &self.previous,
            &Link {
                position: self.position,
                stream: self.stream.into_bytes(),
                version: self.version,
                kind: &self.kind,
                recorded_at_us: self.recorded_at.as_microsecond(),
                meta: &self.meta,
                body: &self.body,
            },
        )
    }

    /// The bytes of the message: the same whenever and however often it is sent.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        proto::log::v1::Recorded {
            position: self.position,
            previous_hash: Bytes::copy_from_slice(&self.previous),
            stream: Bytes::copy_from_slice(self.stream.as_bytes()),
            version: self.version,
            kind: self.kind.clone(),
            recorded_at_us: self.recorded_at.as_microsecond(),
            meta: self.meta.clone(),
            body: self.body.clone(),
            hash: Bytes::copy_from_slice(&self.hash),
            tag: Bytes::copy_from_slice(&self.tag),
        }
        .encode_to_vec()
        .into()
    }

    /// Reads a message and proves that its hash belongs to its content.
    pub fn decode(payload: Bytes) -> Result<Self, NotOurs> {
        let read = proto::log::v1::Recorded::decode(payload).map_err(|_| NotOurs::Unreadable)?;
        let hash = |bytes: &Bytes| Hash::try_from(bytes.as_ref()).map_err(|_| NotOurs::Unreadable);
        let recorded = Self {
            position: read.position,
            previous: hash(&read.previous_hash)?,
            stream: Uuid::from_slice(&read.stream).map_err(|_| NotOurs::Unreadable)?,
            version: read.version,
            kind: read.kind,
            recorded_at: Timestamp::from_microsecond(read.recorded_at_us)
                .map_err(|_| NotOurs::Unreadable)?,
            hash: hash(&read.hash)?,
            tag: hash(&read.tag)?,
            meta: read.meta,
            body: read.body,
        };
        if recorded.computed_hash() == recorded.hash {
            Ok(recorded)
        } else {
            Err(NotOurs::WrongHash)
        }
    }

    /// How much room it takes: what can be large of it.
    pub(crate) fn bytes(&self) -> usize {
        self.meta.len() + self.body.len()
    }

    /// The event's `Meta`; empty where its bytes are none.
    #[must_use]
    pub fn meta(&self) -> proto::log::v1::Meta {
        proto::log::v1::Meta::decode(self.meta.clone()).unwrap_or_default()
    }

    /// The report that the event is about; nil where it is about none.
    #[must_use]
    pub fn report_id(&self) -> Uuid {
        Uuid::from_slice(&self.meta().report_id).unwrap_or(Uuid::nil())
    }
}

impl From<Refused> for sqlx::Error {
    /// A refusal where none was possible is a fault of the event, not of the storage.
    fn from(refused: Refused) -> Self {
        Self::Encode(Box::new(refused))
    }
}

impl Log {
    /// Appends `events` in their order. Each is taken or refused by itself; the caller, who owns the
    /// transaction, rolls back where one refusal spoils the rest.
    ///
    /// From here to the caller's commit nobody else can append: prepare everything before.
    pub async fn append(
        &self,
        conn: &mut PgConnection,
        events: impl ExactSizeIterator<Item = &NewEvent> + Clone,
    ) -> Result<Vec<Result<Recorded, Refused>>, sqlx::Error> {
        let taken = self.number(conn, events).await?;
        append::insert(conn, &taken.iter().flatten().collect::<Vec<_>>()).await?;
        Ok(taken)
    }

    /// The rows that `events` become. Nobody else can append before the caller's transaction ends.
    pub(crate) async fn number(
        &self,
        conn: &mut PgConnection,
        events: impl ExactSizeIterator<Item = &NewEvent> + Clone,
    ) -> Result<Vec<Result<Recorded, Refused>>, sqlx::Error> {
        if events.len() == 0 {
            return Ok(vec![]);
        }
        let locked = sqlx::query!(
            r#"select position, hash, clock_timestamp() as "now!" from log_head for update"#
        )
        .fetch_one(&mut *conn)
        .await?;
        let mut head = Head { position: to_u64(locked.position), hash: to_hash(&locked.hash)? };
        let now = locked.now.to_jiff();
        let mut versions = current_versions(conn, events.clone()).await?;
        Ok(events.map(|event| self.admit(event, &mut head, &mut versions, now)).collect())
    }

    /// The rows that `events` become behind `head`, if the streams that they begin are new.
    pub(crate) fn follow_on<'a>(
        &self,
        mut head: Head,
        events: impl Iterator<Item = &'a NewEvent>,
        now: Timestamp,
    ) -> Vec<Result<Recorded, Refused>> {
        let mut versions = HashMap::new();
        events.map(|event| self.admit(event, &mut head, &mut versions, now)).collect()
    }

    /// Gives `event` its number, or says why it gets none.
    fn admit(
        &self,
        event: &NewEvent,
        head: &mut Head,
        versions: &mut HashMap<Uuid, u32>,
        now: Timestamp,
    ) -> Result<Recorded, Refused> {
        let current = versions.entry(event.stream).or_default();
        let expected = match event.after {
            After::Nothing => Some(0),
            After::Version(version) => Some(version),
            After::Whatever => None,
        };
        if expected.is_some_and(|expected| expected != *current) {
            return Err(Refused::Conflict { current: *current });
        }
        let meta = Bytes::from(event.meta.encode_to_vec());
        let bytes = meta.len() + event.body.len();
        if bytes > EVENT_BYTES_MAX {
            return Err(Refused::TooLarge { bytes });
        }
        let mut recorded = Recorded {
            position: head.position + 1,
            previous: head.hash,
            stream: event.stream,
            version: *current + 1,
            kind: event.kind.into(),
            recorded_at: now,
            meta,
            body: event.body.clone(),
            hash: chain::GENESIS,
            tag: chain::GENESIS,
        };
        recorded.hash = recorded.computed_hash();
        recorded.tag = self.key.tag(&recorded.hash);
        *current = recorded.version;
        *head = Head { position: recorded.position, hash: recorded.hash };
        Ok(recorded)
    }
}

/// The versions of those streams that somebody else may have written to.
async fn current_versions(
    conn: &mut PgConnection,
    events: impl Iterator<Item = &NewEvent>,
) -> Result<HashMap<Uuid, u32>, sqlx::Error> {
    let streams: Vec<Uuid> =
        events.filter(|event| event.after != After::Nothing).map(|event| event.stream).collect();
    if streams.is_empty() { Ok(HashMap::new()) } else { versions(conn, &streams).await }
}

/// The versions that these streams are at; one that has not begun is not there.
pub(crate) async fn versions(
    conn: &mut PgConnection,
    streams: &[Uuid],
) -> Result<HashMap<Uuid, u32>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select stream as "stream!", (
               select version from event where event.stream = asked.stream
               order by version desc limit 1
           ) as version
           from (select distinct unnest($1::uuid[]) as stream) as asked"#,
        streams
    )
    .fetch_all(conn)
    .await?;
    let begun = rows.into_iter().filter_map(|row| Some((row.stream, row.version?.unsigned_abs())));
    Ok(begun.collect())
}

/// The end of the log.
pub async fn head(conn: &mut PgConnection) -> Result<Head, sqlx::Error> {
    let row = sqlx::query!("select position, hash from log_head").fetch_one(conn).await?;
    Ok(Head { position: to_u64(row.position), hash: to_hash(&row.hash)? })
}

/// The events of one stream, oldest first.
pub async fn load(conn: &mut PgConnection, stream: Uuid) -> Result<Vec<Recorded>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select position, stream, version, kind, recorded_at, meta, body, hash, tag,
                  (select hash from event as before where before.position = event.position - 1)
                      as previous
           from event where stream = $1 order by version"#,
        stream
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::into_recorded).collect()
}

/// The first event of each of `streams` that has one.
pub async fn first_of(
    conn: &mut PgConnection,
    stream: Uuid,
) -> Result<Option<Recorded>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select position, stream, version, kind, recorded_at, meta, body, hash, tag,
                  (select hash from event as before where before.position = event.position - 1)
                      as previous
           from event where stream = $1 and version = 1"#,
        stream
    )
    .fetch_optional(conn)
    .await?;
    row.map(Row::into_recorded).transpose()
}

/// Up to `limit` events after `position`, at most [`BATCH_BYTES_MAX`] of them and always one where there
/// is one, in order, with their predecessors' hashes.
pub async fn read_after(
    conn: &mut PgConnection,
    position: u64,
    limit: u32,
) -> Result<Vec<Recorded>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select position, stream, version, kind, recorded_at, meta, body, hash, tag,
                  null::bytea as previous
           from (
               select *, sum(octet_length(meta) + octet_length(body))
                             filter (where position > $1)
                             over (order by position rows unbounded preceding) as bytes
               from (select * from event where position >= $1 order by position limit $2) as next
           ) as sized
           where position <= $1 + 1 or bytes <= $3 order by position"#,
        to_i64(position),
        i64::from(limit) + 1,
        i64::try_from(BATCH_BYTES_MAX).unwrap_or(i64::MAX)
    )
    .fetch_all(conn)
    .await?;
    let mut events = Vec::with_capacity(rows.len());
    let mut previous = chain::GENESIS;
    for row in rows {
        let event = Recorded { previous, ..row.into_recorded()? };
        previous = event.hash;
        if event.position > position {
            events.push(event);
        }
    }
    Ok(events)
}

/// Whether reading ended at one of its limits, so that there may be more.
pub(crate) fn is_full(events: &[Recorded], limit: u32) -> bool {
    let bytes: usize = events.iter().map(Recorded::bytes).sum();
    events.len() >= limit as usize || bytes > BATCH_BYTES_MAX - EVENT_BYTES_MAX
}

struct Row {
    position: i64,
    stream: Uuid,
    version: i32,
    kind: String,
    recorded_at: jiff_sqlx::Timestamp,
    meta: Vec<u8>,
    body: Vec<u8>,
    hash: Vec<u8>,
    tag: Vec<u8>,
    previous: Option<Vec<u8>>,
}

impl Row {
    fn into_recorded(self) -> Result<Recorded, sqlx::Error> {
        Ok(Recorded {
            position: to_u64(self.position),
            previous: self.previous.as_deref().map_or(Ok(chain::GENESIS), to_hash)?,
            stream: self.stream,
            version: self.version.unsigned_abs(),
            kind: self.kind,
            recorded_at: self.recorded_at.to_jiff(),
            meta: self.meta.into(),
            body: self.body.into(),
            hash: to_hash(&self.hash)?,
            tag: to_hash(&self.tag)?,
        })
    }
}

pub(crate) fn to_hash(bytes: &[u8]) -> Result<Hash, sqlx::Error> {
    Hash::try_from(bytes)
        .map_err(|_| sqlx::Error::Decode("a hash in the log has not 32 bytes".into()))
}

/// Positions are `bigint` in PostgreSQL, which has no unsigned numbers, and never negative.
#[must_use]
pub fn to_u64(position: i64) -> u64 {
    u64::try_from(position).unwrap_or(0)
}

#[must_use]
pub fn to_i64(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}
