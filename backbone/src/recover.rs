//! A log that was restored from an older copy takes back what its stream still has.
//!
//! The service is stopped and the caller is the owner. Events that were written behind the restored
//! copy, which nobody has followed, are kept in a file and appended again behind the rest, with new
//! positions. Everything happens in one transaction.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use prost::Message as _;
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::append;
use crate::chain::GENESIS;
use crate::event_log::{self, After, Head, Log, NewEvent, Recorded, to_i64};
use crate::jetstream::{Broker, BrokerError};
use crate::relay::hash_at;

const BATCH_MAX: u32 = 500;
/// So many of a witness's events are looked at.
const NEWEST: u64 = 200;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovered {
    /// The last position that log and stream had in common.
    pub common: u64,
    /// Events taken back from the stream.
    pub taken_back: u64,
    /// Events of the local tail that were appended behind them.
    pub moved: u64,
    /// Events of the tail that the stream has as well: the same act, told twice.
    pub known: u64,
    /// Where the tail was kept as it was.
    pub tail_file: Option<PathBuf>,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    #[error(transparent)]
    Broker(#[from] BrokerError),
    #[error("the database refused it or is away")]
    Database(#[from] sqlx::Error),
    #[error(
        "message {0} of the stream was not published by this service: run `stream rebuild`, or look at it first"
    )]
    Stray(u64),
    #[error("message {0} of the stream does not follow the one before it")]
    Broken(u64),
    /// Some events are gone for good; a person has to decide what that means.
    #[error(
        "{follower} has applied this log up to {known}, but log and stream end at {end}: the events in between are lost. Restore a newer copy"
    )]
    Lost { follower: &'static str, known: u64, end: u64 },
    #[error("the old tail could not be kept in a file")]
    File(#[from] std::io::Error),
}

/// A stream that may know how far this log once was.
#[derive(Debug, Clone, Copy)]
pub struct Witness {
    /// Whose events name ours as their cause.
    pub stream: &'static str,
}

/// Makes log and stream one again. `tail_folder` gets a file with the events that had to move.
pub async fn recover(
    conn: &mut PgConnection,
    log: &Log,
    broker: &Broker,
    witnesses: &[Witness],
    tail_folder: &Path,
) -> Result<Recovered, RecoverError> {
    let last = broker.own(log.name).await?;
    let mut tx = conn.begin().await?;
    tx.execute("lock table event in access exclusive mode").await?;
    let head = event_log::head(&mut tx).await?;
    let common = common_end(&mut tx, log, broker, head.position.min(last)).await?;
    for witness in witnesses {
        refuse_if_lost(broker, log, *witness, last.max(head.position)).await?;
    }
    let mut done = Recovered { common, ..Recovered::default() };
    if common == last {
        // The stream is the beginning of the log: the relay will do the rest.
        return Ok(done);
    }
    let tail = read_tail(&mut tx, common).await?;
    if !tail.is_empty() {
        done.tail_file = Some(keep(&tail, log, tail_folder, head)?);
        remove_tail(&mut tx, common).await?;
    }
    done.taken_back = take_back(&mut tx, log, broker, common, last).await?;
    for event in tail {
        if append_again(&mut tx, log, event).await? { done.moved += 1 } else { done.known += 1 }
    }
    tx.commit().await?;
    Ok(done)
}

/// The last position, at most `upto`, where log and stream have the same event. Both are chains, so
/// equal hashes at one position mean equal histories up to it.
async fn common_end(
    conn: &mut PgConnection,
    log: &Log,
    broker: &Broker,
    upto: u64,
) -> Result<u64, RecoverError> {
    let (mut same, mut differs) = (0, upto + 1);
    while differs - same > 1 {
        // The upper end first: as a rule it is there.
        let middle = if differs == upto + 1 { upto } else { same + (differs - same) / 2 };
        let ours = hash_at(conn, middle).await?;
        let theirs = match broker.recorded(log.name, middle).await? {
            Some(Ok(recorded)) => Some(recorded.hash),
            Some(Err(_)) | None => None,
        };
        if ours.is_some() && ours == theirs { same = middle } else { differs = middle }
    }
    Ok(same)
}

/// Refuses where a witness has seen more of this log than log and stream together still have.
async fn refuse_if_lost(
    broker: &Broker,
    log: &Log,
    witness: Witness,
    end: u64,
) -> Result<(), RecoverError> {
    let (known, _) = seen_by(broker, log, witness, 0).await?;
    if known > end {
        return Err(RecoverError::Lost { follower: witness.stream, known, end });
    }
    Ok(())
}

/// How far this log was when `witness` wrote its newest events, those up to `after` apart; and the last of
/// them. Its newest ones are enough: causes grow with positions, but for a released message.
pub(crate) async fn seen_by(
    broker: &Broker,
    log: &Log,
    witness: Witness,
    after: u64,
) -> Result<(u64, u64), BrokerError> {
    let last = match broker.last(witness.stream).await {
        Ok(last) => last,
        Err(BrokerError::NoStream(_)) => return Ok((0, 0)),
        Err(error) => return Err(error),
    };
    // A stream that is shorter by now was made anew.
    let after = if last < after { 0 } else { after };
    let mut known = 0;
    for sequence in (after.max(last.saturating_sub(NEWEST)) + 1)..=last {
        let Some(Ok(recorded)) = broker.recorded(witness.stream, sequence).await? else { continue };
        if let Some(cause) = recorded.meta().cause.filter(|cause| cause.stream == log.name) {
            known = known.max(cause.position);
        }
    }
    Ok((known, last))
}

async fn read_tail(conn: &mut PgConnection, after: u64) -> Result<Vec<Recorded>, sqlx::Error> {
    let mut tail: Vec<Recorded> = vec![];
    loop {
        let from = tail.last().map_or(after, |event| event.position);
        let events = event_log::read_after(conn, from, BATCH_MAX).await?;
        if events.is_empty() {
            return Ok(tail);
        }
        tail.extend(events);
    }
}

/// Writes the tail as it was, each event behind its length, and makes it durable.
fn keep(
    tail: &[Recorded],
    log: &Log,
    folder: &Path,
    head: Head,
) -> Result<PathBuf, std::io::Error> {
    let name =
        format!("{}-tail-to-{}-{}.bin", log.name, head.position, &hex::encode(head.hash)[..8]);
    let path = folder.join(name);
    let mut file = std::fs::File::create(&path)?;
    for event in tail {
        let bytes = event.encode();
        file.write_all(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes())?;
        file.write_all(&bytes)?;
    }
    file.sync_all()?;
    Ok(path)
}

async fn remove_tail(conn: &mut PgConnection, after: u64) -> Result<(), sqlx::Error> {
    conn.execute("alter table event disable trigger event_append_only").await?;
    sqlx::query!("delete from event where position > $1", to_i64(after))
        .execute(&mut *conn)
        .await?;
    conn.execute("alter table event enable trigger event_append_only").await?;
    sqlx::query!(
        "update log_head set position = $1, hash = $2",
        to_i64(after),
        &hash_at(conn, after).await?.unwrap_or(GENESIS)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Inserts the stream's events after `from` as they are, each proved to follow the one before.
async fn take_back(
    conn: &mut PgConnection,
    log: &Log,
    broker: &Broker,
    from: u64,
    to: u64,
) -> Result<u64, RecoverError> {
    let mut before = Head { position: from, hash: hash_at(conn, from).await?.unwrap_or(GENESIS) };
    let mut batch: Vec<Recorded> = vec![];
    for sequence in from + 1..=to {
        let recorded = match broker.recorded(log.name, sequence).await? {
            Some(Ok(recorded)) if log.key.verifies(&recorded.hash, &recorded.tag) => recorded,
            Some(_) | None => return Err(RecoverError::Stray(sequence)),
        };
        if recorded.previous != before.hash {
            return Err(RecoverError::Broken(sequence));
        }
        before = Head { position: sequence, hash: recorded.hash };
        batch.push(recorded);
        if event_log::is_full(&batch, BATCH_MAX) || sequence == to {
            append::insert(conn, &batch.iter().collect::<Vec<_>>()).await?;
            batch.clear();
        }
    }
    Ok(to - from)
}

/// Appends an event of the old tail at the end. False: its place in its stream is taken by the same
/// kind of event, so the same act was told twice (the person had sent it again with the same key).
async fn append_again(
    conn: &mut PgConnection,
    log: &Log,
    event: Recorded,
) -> Result<bool, RecoverError> {
    let Some(kind) = known_kind(log, &event.kind) else {
        return Err(RecoverError::Broken(event.position));
    };
    let same_place = sqlx::query_scalar!(
        "select kind from event where stream = $1 and version = $2",
        event.stream,
        i32::try_from(event.version).unwrap_or(i32::MAX)
    )
    .fetch_optional(&mut *conn)
    .await?;
    if event.version == 1 && same_place.as_deref() == Some(kind) {
        return Ok(false);
    }
    let meta = proto::log::v1::Meta::decode(event.meta.clone()).unwrap_or_default();
    let again = NewEvent {
        stream: event.stream,
        after: After::Whatever,
        kind,
        meta,
        body: Bytes::clone(&event.body),
    };
    for result in log.append(conn, [again].iter()).await? {
        result.map_err(sqlx::Error::from)?;
    }
    Ok(true)
}

fn known_kind(log: &Log, kind: &str) -> Option<&'static str> {
    proto::topology::STREAMS
        .iter()
        .find(|stream| stream.name == log.name)
        .and_then(|stream| stream.kinds.iter().find(|known| **known == kind))
        .copied()
}

/// Sets the positions and the parked set of a service's followers to what its log proves: each
/// stream up to the last message that an event of the log names as its cause.
pub async fn positions_from_log(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    conn.execute("truncate followed, parked").await?;
    let mut after = 0;
    loop {
        let events = event_log::read_after(conn, after, BATCH_MAX).await?;
        let Some(last) = events.last() else { return Ok(()) };
        after = last.position;
        for event in &events {
            let Some(cause) = event.meta().cause else { continue };
            if event.kind != "message.released" {
                note_position(conn, &cause).await?;
            }
            note_parked(conn, event).await?;
        }
    }
}

async fn note_position(
    conn: &mut PgConnection,
    cause: &proto::log::v1::Cause,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into followed (stream, position, hash) values ($1, $2, $3)
         on conflict (stream) do update set position = excluded.position, hash = excluded.hash
         where followed.position < excluded.position",
        &cause.stream,
        to_i64(cause.position),
        cause.hash.as_ref()
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn note_parked(conn: &mut PgConnection, event: &Recorded) -> Result<(), sqlx::Error> {
    match event.kind.as_str() {
        "message.parked" => {
            let Ok(parked) = proto::log::v1::MessageParked::decode(event.body.clone()) else {
                return Ok(());
            };
            sqlx::query!(
                "insert into parked (stream, position, hash, report_id, reason)
                 values ($1, $2, $3, $4, $5) on conflict do nothing",
                parked.stream,
                to_i64(parked.position),
                parked.hash.as_ref(),
                event.report_id(),
                parked.reason
            )
            .execute(conn)
            .await?;
        }
        "message.released" => {
            let Ok(released) = proto::log::v1::MessageReleased::decode(event.body.clone()) else {
                return Ok(());
            };
            sqlx::query!(
                "delete from parked where stream = $1 and position = $2",
                released.stream,
                to_i64(released.position)
            )
            .execute(conn)
            .await?;
        }
        _ => {}
    }
    Ok(())
}
