//! Sends what is due: intent first, then the call, then the outcome.
//!
//! One replica leads. An attempt is committed before the provider is called and its outcome after;
//! no transaction is open in between. What a process took with it when it died is in doubt, and
//! resolved by asking the provider or, where it cannot be asked, by one counted resend.

mod prepare; // a due message -> a parcel
pub(crate) mod flight; // one call, from its intent to its outcome
pub mod record; // outcomes -> events, many at once

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use backbone::admin::Part;
use backbone::db;
use backbone::follower;
use backbone::jetstream::BrokerError;
use backbone::relay::Relayed;
use backbone::service::Ground;
use jiff::SignedDuration;
use proto::topology::{BUREAU, INTAKE};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::channels::{Channel, Parcel};
use crate::domain::contact::{Command, Event, Outcome};
use crate::execute::{Executor, Order};
use crate::projections::due::{self, DueMessage};
use crate::render::Renderer;
use flight::{Flights, Landed, Seat};
use record::Recorder;

/// Longer than any provider's time: after it, an attempt without an outcome has been lost.
const LEASE: SignedDuration = SignedDuration::from_secs(35);
const REVIEWS_MAX: i64 = 500;
const PART: &str = "dispatch";

/// What sending takes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Dispatcher {
    pub ground: Ground,
    pub executor: Executor,
    pub channel: Arc<Channel>,
    pub renderer: Arc<Renderer>,
}

/// Why a round ended early. It is begun anew.
#[derive(Debug, thiserror::Error)]
enum RoundError {
    #[error("the database is away")]
    Database(#[from] sqlx::Error),
    #[error("the master key opens no report's key")]
    MasterKey,
}

impl Dispatcher {
    /// Sends for as long as the service runs, on the replica that leads; not before the log was
    /// found to agree with its stream.
    pub fn start(self, mut relayed: Relayed) {
        let tasks = self.ground.tasks.clone();
        let token = tasks.token();
        let recorder = Recorder::new(self.ground.pool.clone(), self.executor.clone());
        let (landed, landings) = mpsc::channel(self.channel.calls_max());
        tasks.spawn(recorder.clone().record_all(landings, tasks.clone()));
        tasks.spawn(async move {
            tokio::select! {
                () = token.cancelled() => return,
                () = relayed.until_compared() => {}
            }
            let flights = Flights::new(self.channel.calls_max());
            let lead = || self.lead(&recorder, &flights, &landed);
            db::lead(&self.ground.options, PART, &token, lead).await;
        });
    }

    async fn lead(&self, recorder: &Recorder, flights: &Flights, landed: &mpsc::Sender<Landed>) {
        let part = self.ground.health.part(PART);
        self.until_level(&part).await;
        let mut wake = self.ground.wake.clone();
        loop {
            flights.until_free().await;
            let round = self.round(recorder, flights, landed).await;
            match &round {
                Ok(_) => part.ready(format!("sends through {}", self.channel.name())),
                Err(error) => part.not_ready(format!("sending waits: {error}")),
            }
            match round {
                Ok(0) => wake.wait().await,
                Ok(_) => {}
                Err(error) => {
                    match error {
                        RoundError::Database(_) => tracing::warn!(error = %error, "sending waits"),
                        RoundError::MasterKey => tracing::error!("alarm: sending waits: {error}"),
                    }
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
        }
    }

    /// Waits until everything is known that the other services had said when the lead was taken:
    /// what waits in their streams may be a hold, or a decision.
    async fn until_level(&self, part: &Part) {
        let mut targets: HashMap<&str, u64> = HashMap::new();
        loop {
            let mut level = true;
            for stream in [INTAKE, BUREAU] {
                // A stream that is shorter by now was made anew; what it no longer has was not ours.
                if let Ok(last) = self.last(stream).await {
                    let target = targets.entry(stream).or_insert(last);
                    *target = last.min(*target);
                }
                let followed = self.followed(stream).await.ok();
                level &=
                    targets.get(stream).zip(followed).is_some_and(|(target, at)| at >= *target);
            }
            if level {
                return;
            }
            part.ready("waits: the other services' streams are being read");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn last(&self, stream: &str) -> Result<u64, BrokerError> {
        match self.ground.broker.last(stream).await {
            Err(BrokerError::NoStream(_)) => Ok(0),
            found => found,
        }
    }

    async fn followed(&self, stream: &str) -> Result<u64, sqlx::Error> {
        let mut conn = self.ground.pool.acquire().await?;
        Ok(follower::position(&mut conn, stream).await?.position)
    }

    /// Whether every decision is known that the bureau has told.
    async fn knows_all_decisions(&self) -> bool {
        match (self.last(BUREAU).await, self.followed(BUREAU).await) {
            (Ok(last), Ok(followed)) => followed >= last,
            (Err(_), _) | (_, Err(_)) => false,
        }
    }

    /// Does what is due. Gives how much that was.
    async fn round(
        &self,
        recorder: &Recorder,
        flights: &Flights,
        landed: &mpsc::Sender<Landed>,
    ) -> Result<usize, RoundError> {
        let overdue = self.overdue(flights).await?;
        let mut done = 0;
        if !overdue.is_empty() {
            done += count(&recorder.commit(overdue).await?);
        }
        let due = self.due(flights).await?;
        if due.is_empty() {
            return Ok(done);
        }
        let (to_ask, to_send): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|message| self.can_ask_about(message));
        for message in to_ask {
            let Some(seat) = flights.board(message.message_id) else { break };
            self.ask(message, seat, landed.clone());
            done += 1;
        }
        Ok(done + self.send(to_send, recorder, flights, landed).await?)
    }

    /// Attempts that nobody can tell the outcome of any more, and obligations whose time is short.
    async fn overdue(&self, flights: &Flights) -> Result<Vec<Order>, sqlx::Error> {
        let now = self.ground.clock.now();
        let mut conn = self.ground.pool.acquire().await?;
        let lost = due::untold(&mut conn, REVIEWS_MAX).await?.into_iter().filter(|untold| {
            let can_be_asked =
                self.channel.can_be_asked() && untold.provider == self.channel.name();
            let lease = if can_be_asked { SignedDuration::ZERO } else { LEASE };
            untold.intended_at.duration_until(now) >= lease && !flights.has(untold.message_id)
        });
        let lost = lost.map(|untold| Order {
            report_id: untold.report_id,
            command: Command::End {
                message: untold.message_id,
                attempt: untold.attempt,
                outcome: Outcome::InDoubt,
                detail: "untold".to_owned(),
                again: Uuid::nil(),
            },
            because: None,
            intake_position: 0,
            traceparent: String::new(),
        });
        let mut orders: Vec<Order> = lost.collect();
        let reviews = due::reviews(&mut conn, now, REVIEWS_MAX).await?;
        orders.extend(reviews.into_iter().map(|report_id| Order {
            report_id,
            command: Command::Review,
            because: None,
            intake_position: 0,
            traceparent: String::new(),
        }));
        Ok(orders)
    }

    /// As many due messages as there is room for. A holding message waits while there may be a
    /// decision that is not known here yet.
    async fn due(&self, flights: &Flights) -> Result<Vec<DueMessage>, sqlx::Error> {
        let now = self.ground.clock.now();
        let limit = i64::try_from(flights.free() + flights.taken()).unwrap_or(1);
        let all = self.due_at(now, true, limit).await?;
        let waits = |message: &DueMessage| message.what == "holding";
        let due = if all.iter().any(waits) && !self.knows_all_decisions().await {
            self.due_at(now, false, limit).await?
        } else {
            all
        };
        let free = flights.free();
        Ok(due.into_iter().filter(|message| !flights.has(message.message_id)).take(free).collect())
    }

    async fn due_at(
        &self,
        now: jiff::Timestamp,
        holding_too: bool,
        limit: i64,
    ) -> Result<Vec<DueMessage>, sqlx::Error> {
        let mut conn = self.ground.pool.acquire().await?;
        due::messages(&mut conn, now, holding_too, limit).await
    }

    fn can_ask_about(&self, message: &DueMessage) -> bool {
        let provider = message.in_doubt.as_ref().map(|(_, provider)| provider.as_str());
        self.channel.can_be_asked() && provider == Some(self.channel.name())
    }

    fn ask(&self, message: DueMessage, seat: Seat, landed: mpsc::Sender<Landed>) {
        let channel = Arc::clone(&self.channel);
        self.ground.tasks.spawn(flight::ask(channel, message, seat, landed));
    }

    /// Makes the messages and sends those whose intent was granted.
    async fn send(
        &self,
        due: Vec<DueMessage>,
        recorder: &Recorder,
        flights: &Flights,
        landed: &mpsc::Sender<Landed>,
    ) -> Result<usize, RoundError> {
        if due.is_empty() {
            return Ok(0);
        }
        let sealed = due.iter().filter_map(|due| Some((due.report_id, prepare::sealed(due)?)));
        let sealed: Vec<_> = sealed.collect();
        let sealed = sealed.iter().map(|(report_id, sealed)| (*report_id, sealed));
        let keys = self.ground.keys.load(sealed).await?;
        let all_open = keys.values().all(Result::is_ok);
        if !all_open && self.ground.keys.none_opens().await? {
            return Err(RoundError::MasterKey);
        }
        let mut made = HashMap::new();
        let mut orders = vec![];
        for message in due {
            let Some(seat) = flights.board(message.message_id) else { continue };
            let parcel = prepare::parcel(&message, keys.get(&message.report_id), &self.renderer);
            let can_be_asked = self.can_ask_about(&message);
            let (id, provider) = (message.message_id, self.channel.name());
            let command = match &parcel {
                Ok(_) => Command::Intend { message: id, provider, can_be_asked },
                Err(why) => {
                    why.tell(&message);
                    Command::GiveUp { message: id, why: why.to_string() }
                }
            };
            orders.push(Order {
                report_id: message.report_id,
                command,
                because: None,
                intake_position: 0,
                traceparent: message.traceparent.clone(),
            });
            if let Ok(parcel) = parcel {
                made.insert(id, (message, parcel, seat));
            }
        }
        // A task of its own: between the commit of an intent and its call nothing may be dropped.
        let (launched, answer) = oneshot::channel();
        let (this, recorder, landed) = (self.clone(), recorder.clone(), landed.clone());
        self.ground.tasks.spawn(async move {
            launched.send(this.launch(orders, made, &recorder, &landed).await).ok();
        });
        Ok(answer.await.unwrap_or(Ok(0))?)
    }

    /// Commits the intents, and lets those go that were granted.
    async fn launch(
        &self,
        orders: Vec<Order>,
        mut made: HashMap<Uuid, (DueMessage, Parcel, Seat)>,
        recorder: &Recorder,
        landed: &mpsc::Sender<Landed>,
    ) -> Result<usize, sqlx::Error> {
        let answers = recorder.commit(orders).await?;
        for event in answers.iter().flat_map(|(_, answer)| answer.iter().flatten()) {
            let Event::AttemptIntended { message, attempt, at, .. } = event else { continue };
            if let Some((message, parcel, seat)) = made.remove(message) {
                let call = flight::Call { message, parcel, attempt: *attempt, at: *at };
                let channel = Arc::clone(&self.channel);
                self.ground.tasks.spawn(flight::send(channel, call, seat, landed.clone()));
            }
        }
        Ok(count(&answers))
    }
}

/// How many orders came to something.
fn count(answers: &record::Committed) -> usize {
    answers
        .iter()
        .filter(|(_, answer)| answer.as_ref().is_ok_and(|events| !events.is_empty()))
        .count()
}
