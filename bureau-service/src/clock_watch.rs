//! The bureau's own clock: says what is due, and opens a person's task in time, whoever sends or not.

use std::sync::Arc;
use std::time::Duration;

use backbone::clock::Clock;
use backbone::event_log::Log;
use backbone::relay::Relayed;
use backbone::shutdown::{Tasks, pause};
use backbone::{db, follower};
use jiff::{SignedDuration, Timestamp};
use proto::topology::INTAKE;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};
use tokio_util::sync::CancellationToken;

use crate::answered;
use crate::domain::promise::Fact;
use crate::incoming::BUREAU_ITSELF;
use crate::projections::clock;
use crate::record::{Origin, next_task, record, take_head};

const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Few enough to keep the log's head for a moment only.
const BATCH_MAX: i64 = 200;
const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Answers are kept for people who repeat a request, not as a record.
const ANSWERS_LAST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What the watch works with.
#[derive(Debug, Clone)]
pub struct ClockWatch {
    pub log: Log,
    pub options: PgConnectOptions,
    pub clock: Arc<dyn Clock>,
}

impl ClockWatch {
    /// Watches for as long as the service runs, on the replica that leads; not before log and stream
    /// were found to agree.
    pub fn start(self, relayed: Relayed, tasks: &Tasks) {
        let token = tasks.token();
        tasks.spawn(async move {
            let mut relayed = relayed;
            tokio::select! {
                () = token.cancelled() => return,
                () = relayed.until_compared() => {}
            }
            db::lead(&self.options, "bureau clock", &token, || self.watch(&token)).await;
        });
    }

    async fn watch(&self, token: &CancellationToken) {
        while !token.is_cancelled() {
            if let Err(error) = self.watch_with_one_connection(token).await {
                tracing::warn!(error = %error, "the clock waits for the database");
            }
            pause(token, LOOK_EVERY).await;
        }
    }

    async fn watch_with_one_connection(
        &self,
        token: &CancellationToken,
    ) -> Result<(), sqlx::Error> {
        let mut conn = db::connect(&self.options).await?;
        let mut sweep_at = Timestamp::MIN;
        while !token.is_cancelled() {
            let now = self.clock.now();
            if sweep_at <= now {
                let then = now.saturating_sub(ANSWERS_LAST).unwrap_or(Timestamp::MIN);
                answered::forget(&mut conn, then).await?;
                sweep_at = now.saturating_add(SWEEP_EVERY).unwrap_or(Timestamp::MAX);
            }
            let said = self.say_what_is_due(&mut conn).await?;
            if said == 0 {
                pause(token, LOOK_EVERY).await;
            }
        }
        Ok(())
    }

    /// One batch of what is due now, the longest due first. Gives how many promises it was about.
    pub async fn say_what_is_due(&self, conn: &mut PgConnection) -> Result<usize, sqlx::Error> {
        let now = self.clock.now();
        if clock::due(conn, now, 1).await?.is_empty() {
            return Ok(0);
        }
        let mut tx = conn.begin().await?;
        take_head(&mut tx).await?;
        let intake_position = follower::position(&mut tx, INTAKE).await?.position;
        let due = clock::due(&mut tx, now, BATCH_MAX).await?;
        let mut entries = vec![];
        for (report_id, promise) in &due {
            let origin = Origin {
                report_id: *report_id,
                actor: BUREAU_ITSELF.to_owned(),
                cause: None,
                intake_position,
                traceparent: String::new(),
            };
            for fact in promise.follow_up(now, next_task(*report_id, promise)) {
                tell_operators(&origin, &fact);
                entries.push(origin.contact_fact(fact));
            }
        }
        for taken in record(&self.log, &mut tx, entries).await? {
            taken?;
        }
        tx.commit().await?;
        Ok(due.len())
    }
}

fn tell_operators(origin: &Origin, fact: &Fact) {
    let report = origin.report_id;
    match fact {
        Fact::AtRisk { due } => {
            tracing::warn!(report.id = %report, due = %due, "alarm: a promise is at risk");
        }
        Fact::TaskOpened { why, due, .. } => {
            let why = why.as_str();
            tracing::warn!(report.id = %report, due = %due, why, "a person has a task");
        }
        Fact::TaskDone { .. } | Fact::Message { .. } => {}
    }
}
