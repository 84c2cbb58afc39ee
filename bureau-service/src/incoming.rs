//! Messages of intake and notifier -> events of the bureau, a batch at a time.
//!
//! Nothing is decided here: the domain says what follows from a message, and a message whose events
//! are there already is done.

use std::collections::HashMap;

use backbone::event_log::{After, Log, Refused};
use backbone::follower::{self, Handled, Message};
use backbone::telemetry;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use proto::topology::{INTAKE, NOTIFIER};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::codec::from_intake::LINK_ASKED;
use crate::codec::{Happened, from_intake, from_notifier};
use crate::domain::case::{Case, Command, decide};
use crate::domain::promise::{self, Promise};
use crate::projections::{clock, message, triage_queue};
use crate::record::{Entry, Origin, next_task, record, take_head};

/// Who acts where no person does.
pub const BUREAU_ITSELF: &str = "bureau";
const REPORTER: &str = "reporter";

/// What the handlers work with.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub log: Log,
}

/// Applies messages of intake.
pub fn intake<'a>(
    incoming: &'a Incoming,
    conn: &'a mut PgConnection,
    messages: &'a [Message],
) -> BoxFuture<'a, Result<Handled, sqlx::Error>> {
    apply_intake(incoming, conn, messages).boxed()
}

/// Applies messages of the notifier.
pub fn notifier<'a>(
    incoming: &'a Incoming,
    conn: &'a mut PgConnection,
    messages: &'a [Message],
) -> BoxFuture<'a, Result<Handled, sqlx::Error>> {
    apply_notifier(incoming, conn, messages).boxed()
}

async fn apply_intake(
    incoming: &Incoming,
    conn: &mut PgConnection,
    messages: &[Message],
) -> Result<Handled, sqlx::Error> {
    let mut asked = Vec::with_capacity(messages.len());
    for message in messages.iter().filter(|message| message.recorded.kind != LINK_ASKED) {
        if message.report_id.is_nil() {
            return Ok(Handled::Park("it names no report".to_owned()));
        }
        match from_intake::read(&message.recorded.kind, &message.recorded.body) {
            Ok(read) => asked.push((message, read)),
            Err(why) => return Ok(Handled::Park(why.to_string())),
        }
    }
    let mut cases = known_cases(conn, &asked).await?;
    let mut entries = Vec::with_capacity(asked.len());
    for (message, asked) in asked {
        let case = cases.entry(message.report_id).or_default();
        let after = match asked.command {
            // Refused where the case is there: then this message was handled before.
            Command::Open(_) => After::Version(0),
            Command::Reply { .. }
            | Command::Finish { .. }
            | Command::Found { .. }
            | Command::Keep { .. }
            | Command::AddEvidence { .. }
            | Command::Withdraw { .. }
            | Command::Stop { .. }
            | Command::Staff { .. } => After::Whatever,
        };
        let events = match decide(case, asked.command) {
            Ok(events) => events,
            Err(refusal) => return Ok(Handled::Park(refusal.to_string())),
        };
        let origin = origin(message, INTAKE, message.recorded.position, REPORTER);
        for event in events {
            *case = std::mem::take(case).evolve(&event);
            let said = (asked.kind, asked.body.clone());
            entries.push(origin.case_event(after, said, Happened::Case(event)));
        }
    }
    append(&incoming.log, conn, entries).await
}

/// The cases that messages other than new reports are about: usually none.
async fn known_cases(
    conn: &mut PgConnection,
    asked: &[(&Message, from_intake::Asked)],
) -> Result<HashMap<Uuid, Case>, sqlx::Error> {
    let about: Vec<Uuid> = asked
        .iter()
        .filter(|(_, asked)| !matches!(asked.command, Command::Open(_)))
        .map(|(message, _)| message.report_id)
        .collect();
    if about.is_empty() {
        return Ok(HashMap::new());
    }
    take_head(conn).await?;
    let rows = triage_queue::load(conn, &about).await?;
    Ok(rows.into_iter().map(|(id, row)| (id, Case::Open(Box::new(row.open)))).collect())
}

async fn apply_notifier(
    incoming: &Incoming,
    conn: &mut PgConnection,
    messages: &[Message],
) -> Result<Handled, sqlx::Error> {
    let mut read = Vec::with_capacity(messages.len());
    // What names no report tells somebody where a form is that they saved.
    for message in messages.iter().filter(|message| !message.report_id.is_nil()) {
        let recorded = &message.recorded;
        match from_notifier::read(&recorded.kind, &recorded.body, recorded.recorded_at) {
            Ok((promise::Notice::Nothing, _)) => {}
            Ok((notice, at)) => read.push((message, notice, at)),
            Err(why) => return Ok(Handled::Park(why.to_string())),
        }
    }
    if read.is_empty() {
        return Ok(Handled::Done);
    }
    let about: Vec<Uuid> = read.iter().map(|(message, ..)| message.report_id).collect();
    take_head(conn).await?;
    let intake_position = follower::position(conn, INTAKE).await?.position;
    let mut known = Known::load(conn, &about).await?;
    let mut entries = vec![];
    for (message, notice, at) in read {
        let facts = match known.facts(message.report_id, notice, at) {
            Ok(facts) => facts,
            Err(why) => return Ok(Handled::Park(why.to_string())),
        };
        let origin = origin(message, NOTIFIER, intake_position, BUREAU_ITSELF);
        entries.extend(facts.into_iter().map(|fact| origin.contact_fact(fact)));
    }
    append(&incoming.log, conn, entries).await
}

/// Promises and messages of a batch, as the messages before have left them.
struct Known {
    promises: HashMap<Uuid, Promise>,
    messages: HashMap<Uuid, Vec<promise::Message>>,
}

/// Why a notice leads to nothing, however often it comes.
#[derive(Debug, thiserror::Error)]
enum Meaningless {
    #[error("it is about a report that is not known here")]
    NoCase,
    #[error(transparent)]
    NeverPlanned(#[from] promise::NeverPlanned),
}

impl Known {
    async fn load(conn: &mut PgConnection, about: &[Uuid]) -> Result<Self, sqlx::Error> {
        let promises = clock::load(conn, about).await?;
        let told = message::of_reports(conn, about).await?;
        let messages = told
            .into_iter()
            .map(|(id, told)| (id, told.into_iter().map(|told| told.message).collect()))
            .collect();
        Ok(Self { promises, messages })
    }

    fn facts(
        &mut self,
        report_id: Uuid,
        notice: promise::Notice,
        at: jiff::Timestamp,
    ) -> Result<Vec<promise::Fact>, Meaningless> {
        let promise = self.promises.get_mut(&report_id).ok_or(Meaningless::NoCase)?;
        let messages = self.messages.entry(report_id).or_default();
        let task = next_task(report_id, promise);
        let mut facts = promise.notice(messages, notice, at, task)?;
        for fact in &facts {
            promise.learn(fact);
            remember(messages, fact);
        }
        // What follows from it by then: a task that is no longer needed is done.
        let then = promise.follow_up(at, next_task(report_id, promise));
        for fact in then {
            promise.learn(&fact);
            facts.push(fact);
        }
        Ok(facts)
    }
}

fn remember(messages: &mut Vec<promise::Message>, fact: &promise::Fact) {
    let promise::Fact::Message { message, .. } = fact else { return };
    messages.retain(|known| known.id != message.id);
    messages.push(*message);
}

fn origin(message: &Message, stream: &str, intake_position: u64, actor: &str) -> Origin {
    Origin {
        report_id: message.report_id,
        actor: actor.to_owned(),
        cause: Some(message.cause(stream)),
        intake_position,
        traceparent: onward(&message.meta.traceparent, &message.recorded.kind),
    }
}

/// The trace goes on through a span of ours, where there is one.
fn onward(traceparent: &str, kind: &str) -> String {
    if traceparent.is_empty() {
        return String::new();
    }
    let span = tracing::info_span!("bureau.follow", event.kind = kind);
    telemetry::continue_trace(&span, traceparent);
    let own = span.in_scope(telemetry::traceparent);
    if own.is_empty() { traceparent.to_owned() } else { own }
}

async fn append(
    log: &Log,
    conn: &mut PgConnection,
    entries: Vec<Entry>,
) -> Result<Handled, sqlx::Error> {
    for taken in record(log, conn, entries).await? {
        match taken {
            // Its case is there: it was opened by this very message.
            Ok(_) | Err(Refused::Conflict { .. }) => {}
            Err(refused @ Refused::TooLarge { .. }) => {
                return Ok(Handled::Park(refused.to_string()));
            }
        }
    }
    Ok(Handled::Done)
}
