//! Tells the control room and, when nobody acknowledges, the people on call. One replica leads.
//!
//! Every letter is a task of its own: its intent is committed, the provider is called, its outcome is
//! committed. Nothing here waits for other messages, for holds, or for the hour of the day.

use std::sync::Arc;
use std::time::Duration;

use backbone::db;
use backbone::follower::side_stream;
use backbone::relay::Relayed;
use backbone::sealing::KeyError;
use backbone::service::Ground;
use backbone::shutdown::pause;
use backbone::telemetry;
use jiff::SignedDuration;
use opentelemetry::KeyValue;
use tracing::Instrument as _;
use uuid::Uuid;

use super::desk::Desk;
use super::webhook::Answer;
use super::{codec, words};
use crate::channels::{self, Channel, Parcel};
use crate::dispatch::flight::{Flights, Seat};
use crate::dispatch::record::Recorder;
use crate::domain::contact::{self, Event};
use crate::domain::emergency::{self, Command, Outcome, Way};
use crate::domain::safe::SafeEmail;
use crate::execute::Order;
use crate::projections::emergencies::{self, DueLetter, Untold};
use crate::render::{Email, Renderer};

const PART: &str = "control-room";
const CALLS_MAX: usize = 64;
/// A mail server that takes longer is asked again: whoever gets the message twice can tell.
const EMAIL_TIME: Duration = Duration::from_secs(10);
/// So long a key database that is away is waited for; then the reference goes alone.
const KEYS_TIME: SignedDuration = SignedDuration::from_secs(60);
/// How long an attempt may be without an outcome before it is taken for lost: longer than its call.
const WEBHOOK_LEASE: SignedDuration = SignedDuration::from_secs(5);
const EMAIL_LEASE: SignedDuration = SignedDuration::from_secs(12);

/// What telling takes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Teller {
    pub ground: Ground,
    pub recorder: Recorder,
    pub channel: Arc<Channel>,
    pub renderer: Arc<Renderer>,
    pub desk: Arc<Desk>,
}

/// A finished letter.
enum Finished {
    Webhook(String),
    Email(SafeEmail, Email),
    /// Where it was to go is not set any more.
    Nowhere,
}

impl Teller {
    /// Tells for as long as the service runs, on the replica that leads; not before the log was found
    /// to agree with its stream.
    pub fn start(self, mut relayed: Relayed) {
        let tasks = self.ground.tasks.clone();
        let token = tasks.token();
        tasks.spawn(async move {
            tokio::select! {
                () = token.cancelled() => return,
                () = relayed.until_compared() => {}
            }
            let flights = Flights::new(CALLS_MAX);
            let lead = || self.lead(&flights);
            db::lead(&self.ground.options, PART, &token, lead).await;
        });
    }

    async fn lead(&self, flights: &Flights) {
        // What is said of this work goes with the lead: another replica may do it by then.
        let part = self.ground.health.part(PART);
        let mut wake = self.ground.wake.clone();
        loop {
            match self.round(flights).await {
                Ok(begun) => {
                    part.ready(self.desk.says());
                    if begun == 0 {
                        wake.wait().await;
                    }
                }
                Err(error) => {
                    part.not_ready("telling the control room waits: the database is away");
                    tracing::warn!(error = %error, "telling the control room waits");
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
        }
    }

    /// Begins what is due. Gives how much that was.
    async fn round(&self, flights: &Flights) -> Result<usize, sqlx::Error> {
        let now = self.ground.clock.now();
        let mut conn = self.ground.pool.acquire().await?;
        let untold = emergencies::untold(&mut conn).await?;
        let alarms = emergencies::alarms(&mut conn, now, self.desk.patience).await?;
        let letters = emergencies::letters(&mut conn, now).await?;
        drop(conn);
        let lost = untold.iter().filter(|untold| {
            let waited = untold.intended_at.duration_until(now) >= lease(untold);
            waited && !flights.has(seat_id(untold.message_id, untold.way))
        });
        let mut orders: Vec<Order> = lost.map(end_lost).collect();
        orders.extend(
            alarms
                .into_iter()
                .map(|(id, report_id)| order(report_id, Command::Alarm { id }, String::new())),
        );
        let mut begun = 0;
        if !orders.is_empty() {
            for (report_id, answer) in self.recorder.commit(orders).await? {
                let events = answer.unwrap_or_default();
                for event in &events {
                    alarm(report_id, event);
                }
                begun += usize::from(!events.is_empty());
            }
        }
        for letter in letters {
            let Some(seat) = flights.board(seat_id(letter.message_id, letter.way)) else {
                continue;
            };
            let span = tracing::info_span!(
                "tell_control_room",
                message.id = %letter.message_id,
                way = %letter.way
            );
            telemetry::continue_trace(&span, &letter.traceparent);
            self.ground.tasks.spawn(self.clone().tell(letter, seat).instrument(span));
            begun += 1;
        }
        Ok(begun)
    }

    /// One letter, from its intent to its outcome. Its seat keeps it away from the next rounds.
    async fn tell(self, letter: DueLetter, seat: Seat) {
        let token = self.ground.tasks.token();
        let (attempt, finished) = match self.begin(&letter).await {
            Ok(Some(begun)) => begun,
            refused => {
                if let Err(error) = refused {
                    tracing::warn!(error = %error, "a letter to the control room waits");
                }
                // The seat is kept meanwhile, or what cannot be begun would be begun again at once.
                pause(&token, Duration::from_millis(250)).await;
                return;
            }
        };
        let answer = self.call(&letter, finished).await;
        let Answer { outcome, detail, acknowledged } = answer;
        tell_outcome(letter.way, outcome, &detail);
        let command = Command::End {
            id: letter.message_id,
            way: letter.way,
            attempt,
            outcome,
            detail,
            acknowledged,
        };
        let order = order(letter.report_id, command, letter.traceparent);
        let mut failures_at_end = 0;
        while let Err(error) = self.recorder.commit(vec![order.clone()]).await {
            tracing::warn!(error = %error, "an outcome waits");
            failures_at_end += u32::from(self.ground.tasks.ending());
            if failures_at_end > 10 {
                break; // It is in doubt, and told again.
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        drop(seat);
    }

    /// Makes the letter and commits the intent to send it. None: it is not wanted any more.
    async fn begin(&self, letter: &DueLetter) -> Result<Option<(u32, Finished)>, KeyError> {
        let finished = self.finish(letter).await?;
        let command = Command::Intend {
            id: letter.message_id,
            way: letter.way,
            provider: self.provider(letter.way),
            letter: letter_id(letter.message_id, letter.way),
        };
        let order = order(letter.report_id, command, letter.traceparent.clone());
        let answers = self.recorder.commit(vec![order]).await?;
        let granted = answers.into_iter().flat_map(|(_, answer)| answer.unwrap_or_default());
        let attempt = granted.into_iter().find_map(|event| match event {
            Event::Emergency(emergency::Event::Intended(intended)) => Some(intended.attempt),
            Event::Emergency(_)
            | Event::ObligationOpened { .. }
            | Event::ObligationKept { .. }
            | Event::ChannelsExhausted { .. }
            | Event::MessagePlanned(_)
            | Event::MessageGivenUp { .. }
            | Event::MessageCancelled { .. }
            | Event::AttemptIntended { .. }
            | Event::AttemptEnded { .. }
            | Event::SendingHeld { .. }
            | Event::SendingResumed { .. }
            | Event::SendingStopped { .. } => None,
        });
        Ok(attempt.map(|attempt| (attempt, finished)))
    }

    fn provider(&self, way: Way) -> &'static str {
        match way {
            Way::Webhook => "webhook",
            Way::Email | Way::OnCall { .. } => self.channel.name(),
        }
    }

    /// The letter's words. What cannot be filled goes nowhere, with an alarm.
    async fn finish(&self, letter: &DueLetter) -> Result<Finished, KeyError> {
        let to = match letter.way {
            Way::Webhook if self.desk.webhook.is_none() => return Ok(Finished::Nowhere),
            Way::Webhook => None,
            Way::Email => self.desk.email.as_ref(),
            Way::OnCall { person, .. } => self.desk.person(person),
        };
        let words = match (letter.way, to) {
            (Way::OnCall { .. }, Some(_)) => words::on_call(&self.renderer, letter),
            (Way::Webhook, _) => {
                let facts = self.facts(letter).await?;
                let is_live = self.renderer.is_live();
                let body = words::webhook(&self.desk, letter, &facts, is_live);
                return Ok(Finished::Webhook(body.to_string()));
            }
            (Way::Email, Some(_)) => {
                let facts = self.facts(letter).await?;
                words::email(&self.renderer, &self.desk, letter, &facts)
            }
            (Way::Email | Way::OnCall { .. }, None) => return Ok(Finished::Nowhere),
        };
        match (to, words) {
            (Some(to), Ok(words)) => Ok(Finished::Email(to.clone(), words)),
            (_, Err(error)) => {
                tracing::error!(error = %error, "alarm: a template failed");
                Ok(Finished::Nowhere)
            }
            (None, Ok(_)) => Ok(Finished::Nowhere),
        }
    }

    async fn facts(&self, letter: &DueLetter) -> Result<words::Facts, KeyError> {
        let facts = match words::open(&self.ground.keys, letter).await {
            Ok(facts) => facts,
            Err(error) if self.may_wait(letter) => return Err(error),
            Err(_) => words::Facts::default(),
        };
        if !facts.is_readable {
            let (report, message) = (letter.report_id, letter.message_id);
            tracing::error!(report.id = %report, message.id = %message, "alarm: the control room is told a reference alone");
        }
        Ok(facts)
    }

    fn may_wait(&self, letter: &DueLetter) -> bool {
        letter.raised_at.duration_until(self.ground.clock.now()) < KEYS_TIME
    }

    /// Calls the provider once.
    async fn call(&self, letter: &DueLetter, finished: Finished) -> Answer {
        let now = self.ground.clock.now();
        match finished {
            Finished::Nowhere => Answer::of(Outcome::NotSet, "not_set"),
            Finished::Webhook(body) => match &self.desk.webhook {
                Some(webhook) => webhook.post(letter.message_id, now, &body).await,
                None => Answer::of(Outcome::NotSet, "not_set"),
            },
            Finished::Email(to, words) => {
                let id = letter_id(letter.message_id, letter.way);
                let parcel = Parcel::Email { to, words };
                let sent = self.channel.send(id, &parcel, now);
                match tokio::time::timeout(EMAIL_TIME, sent).await {
                    Ok(channels::Answer::Sent { .. }) => Answer::of(Outcome::Delivered, ""),
                    Ok(
                        channels::Answer::Refused { code } | channels::Answer::Unavailable { code },
                    ) => Answer::of(Outcome::Failed, &code),
                    Ok(channels::Answer::InDoubt { code }) => Answer::of(Outcome::InDoubt, &code),
                    Err(_) => Answer::of(Outcome::InDoubt, "timeout"),
                }
            }
        }
    }
}

/// A letter's id with its provider. The control room knows both of its letters by the message's.
fn letter_id(message_id: Uuid, way: Way) -> Uuid {
    if way.is_to_control_room() { message_id } else { side_stream(message_id, &way.to_string()) }
}

fn seat_id(message_id: Uuid, way: Way) -> Uuid {
    side_stream(message_id, &way.to_string())
}

/// A folder takes the same file twice without harm, so nobody needs to wait for it.
fn lease(untold: &Untold) -> SignedDuration {
    match untold.provider.as_str() {
        "webhook" => WEBHOOK_LEASE,
        "folder" => SignedDuration::ZERO,
        _ => EMAIL_LEASE,
    }
}

fn end_lost(untold: &Untold) -> Order {
    let command = Command::End {
        id: untold.message_id,
        way: untold.way,
        attempt: untold.attempt,
        outcome: Outcome::InDoubt,
        detail: "untold".to_owned(),
        acknowledged: false,
    };
    order(untold.report_id, command, String::new())
}

fn order(report_id: Uuid, command: Command, traceparent: String) -> Order {
    let command = contact::Command::Emergency(command);
    Order { report_id, command, because: None, intake_position: 0, traceparent }
}

/// Tells operators that nobody has it.
fn alarm(report_id: Uuid, event: &Event) {
    let Event::Emergency(emergency::Event::Alarmed { id, number, why, .. }) = event else { return };
    let why = codec::why(*why);
    count("notifier_control_room_alarms", &[KeyValue::new("why", why)]);
    tracing::error!(
        report.id = %report_id,
        message.id = %id,
        number,
        why,
        "alarm: somebody cannot call 999, and no control room has acknowledged it"
    );
}

fn tell_outcome(way: Way, outcome: Outcome, detail: &str) {
    let outcome = codec::outcome(outcome);
    let way = match way {
        Way::Webhook => "webhook",
        Way::Email => "email",
        Way::OnCall { .. } => "on_call",
    };
    let labels = [KeyValue::new("way", way), KeyValue::new("outcome", outcome)];
    count("notifier_control_room_sends", &labels);
    tracing::info!(outcome, detail, "told");
}

fn count(name: &'static str, labels: &[KeyValue]) {
    opentelemetry::global::meter("notifier").u64_counter(name).build().add(1, labels);
}
