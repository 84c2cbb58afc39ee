//! An act of staff: load, fold, decide, append, project; one transaction.

use backbone::event_log::{self, After, Log, Refused};
use backbone::follower;
use backbone::sealing::{KeyError, Keys, ReportKey};
use jiff::Timestamp;
use proto::topology::INTAKE;
use sqlx::{Connection as _, PgConnection, PgPool};
use uuid::Uuid;

use crate::answered::{self, Repeat};
use crate::case_file::key_of;
use crate::codec::{self, DecodeError, Happened, case_events};
use crate::domain::case::{Act, Actor, Case, Command, Event, Rejection, decide};
use crate::projections::{clock, triage_queue};
use crate::record::{Origin, next_task, record, take_head};

/// An act that somebody asks for.
#[derive(Debug, Clone)]
pub struct Asked {
    pub report_id: Uuid,
    /// The version of the case that they have seen.
    pub expected: u32,
    pub actor: Actor,
    pub at: Timestamp,
    pub act: Act,
    pub repeat: Option<Repeat>,
    pub traceparent: String,
}

/// What is answered: the case as the act has left it, or what was answered the first time.
#[derive(Debug, Clone)]
pub struct Answer {
    pub version: u32,
    pub body: String,
    pub replayed: bool,
}

/// Why an act was not done.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    #[error(transparent)]
    Rejected(#[from] Rejection),
    #[error("the case is at version {current} by now")]
    Stale { current: u32 },
    #[error("the same key came with another request")]
    KeyReused,
    #[error("what was written is too large for one event")]
    TooLarge,
    #[error("the report's key cannot be had")]
    Key(#[from] KeyError),
    #[error("an event of the case cannot be read")]
    Unreadable(#[from] DecodeError),
    /// A bug: the domain decided on something that has no event.
    #[error("an event has no body")]
    NotEncoded,
    #[error("the database refused it or is away")]
    Database(#[from] sqlx::Error),
}

/// What an act works with.
#[derive(Debug, Clone)]
pub struct Execute {
    pub log: Log,
    pub pool: PgPool,
    pub keys: Keys,
}

impl Execute {
    /// Does what is asked for. `show` writes the answer, which is kept with the act.
    pub async fn act(
        &self,
        asked: Asked,
        show: fn(&triage_queue::Case) -> String,
    ) -> Result<Answer, ExecuteError> {
        let repeat = asked.repeat;
        let mut conn = self.pool.acquire().await?;
        if let Some(answer) = answered_before(&mut conn, repeat).await? {
            return Ok(answer);
        }
        let key = if asked.act.has_words() {
            let first = event_log::first_of(&mut conn, asked.report_id).await?;
            Some(key_of(&self.keys, asked.report_id, first.as_ref()).await?)
        } else {
            None
        };
        match self.act_once(&mut conn, asked, key.as_ref(), show).await {
            // Another request with this key may have been faster on another connection.
            Err(error @ ExecuteError::Stale { .. }) => {
                answered_before(&mut conn, repeat).await?.ok_or(error)
            }
            done => done,
        }
    }

    async fn act_once(
        &self,
        conn: &mut PgConnection,
        asked: Asked,
        key: Option<&ReportKey>,
        show: fn(&triage_queue::Case) -> String,
    ) -> Result<Answer, ExecuteError> {
        let (report_id, repeat) = (asked.report_id, asked.repeat);
        let mut tx = conn.begin().await?;
        let (case, version) = load(&mut tx, report_id).await?;
        if version != asked.expected {
            return Err(ExecuteError::Stale { current: version });
        }
        let Asked { actor, at, act, traceparent, .. } = asked;
        let by = actor.id.clone();
        let events = decide(&case, Command::Staff { actor, at, act })?;
        let bodies = encode(&events, key)?;

        take_head(&mut tx).await?;
        if !events.is_empty() {
            let origin = Origin {
                report_id,
                actor: by,
                cause: None,
                intake_position: follower::position(&mut tx, INTAKE).await?.position,
                traceparent,
            };
            self.write(&mut tx, &origin, events.into_iter().zip(bodies).collect(), (version, at))
                .await?;
        }
        let mut cases = triage_queue::load(&mut tx, &[report_id]).await?;
        let now = cases.remove(&report_id).ok_or(Rejection::NoCase)?;
        let answer = Answer { version: now.version, body: show(&now), replayed: false };
        if let Some(repeat) = repeat
            && !answered::keep(&mut tx, &repeat, answer.version, &answer.body).await?
        {
            return Err(ExecuteError::Stale { current: answer.version });
        }
        tx.commit().await?;
        Ok(answer)
    }

    /// Appends the case's events, and what follows from them for its promise.
    async fn write(
        &self,
        conn: &mut PgConnection,
        origin: &Origin,
        said: Vec<(Event, Body)>,
        (version, at): (u32, Timestamp),
    ) -> Result<(), ExecuteError> {
        let report_id = origin.report_id;
        let mut promises = clock::load(conn, &[report_id]).await?;
        let mut promise = promises.remove(&report_id).ok_or(Rejection::NoCase)?;
        let mut entries = vec![];
        for ((event, body), after) in said.into_iter().zip(version..) {
            promise.evolve(&event);
            entries.push(origin.case_event(After::Version(after), body, Happened::Case(event)));
        }
        let facts = promise.follow_up(at, next_task(report_id, &promise));
        entries.extend(facts.into_iter().map(|fact| origin.contact_fact(fact)));
        for taken in record(&self.log, conn, entries).await? {
            match taken {
                Ok(_) => {}
                Err(Refused::Conflict { current }) => return Err(ExecuteError::Stale { current }),
                Err(Refused::TooLarge { .. }) => return Err(ExecuteError::TooLarge),
            }
        }
        Ok(())
    }
}

type Body = (&'static str, bytes::Bytes);

fn encode(events: &[Event], key: Option<&ReportKey>) -> Result<Vec<Body>, ExecuteError> {
    let encoded = events.iter().map(|event| case_events::encode(event, key));
    encoded.collect::<Option<_>>().ok_or(ExecuteError::NotEncoded)
}

async fn answered_before(
    conn: &mut PgConnection,
    repeat: Option<Repeat>,
) -> Result<Option<Answer>, ExecuteError> {
    let Some(repeat) = repeat else { return Ok(None) };
    match answered::find(conn, &repeat.key).await? {
        None => Ok(None),
        Some(kept) if kept.request == repeat.request => {
            Ok(Some(Answer { version: kept.version, body: kept.body, replayed: true }))
        }
        Some(_) => Err(ExecuteError::KeyReused),
    }
}

/// The case as its events have left it, and its version.
async fn load(conn: &mut PgConnection, report_id: Uuid) -> Result<(Case, u32), ExecuteError> {
    let mut case = Case::default();
    let mut version = 0;
    for recorded in event_log::load(conn, report_id).await? {
        version = recorded.version;
        if let Happened::Case(event) = codec::decode(&recorded, None)? {
            case = case.evolve(&event);
        }
    }
    Ok((case, version))
}
