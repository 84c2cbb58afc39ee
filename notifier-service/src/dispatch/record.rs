//! Outcomes -> events, as many in one transaction as have come in.

use std::time::Duration;

use backbone::follower::{self, side_stream};
use backbone::shutdown::Tasks;
use proto::topology::INTAKE;
use sqlx::PgPool;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::flight::Landed;
use crate::domain::contact::{Command, Event, Rejection};
use crate::execute::{ExecuteError, Executor, Order};
use crate::history::HistoryError;

/// So many outcomes are recorded in one transaction.
const BATCH_MAX: usize = 128;

/// What each order led to.
pub type Committed = Vec<(Uuid, Result<Vec<Event>, Rejection>)>;

/// Executes and commits. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Recorder {
    pool: PgPool,
    executor: Executor,
}

impl Recorder {
    #[must_use]
    pub fn new(pool: PgPool, executor: Executor) -> Self {
        Self { pool, executor }
    }

    /// One transaction. A report whose history cannot be read stands aside, with an alarm, so that
    /// the others do not wait for it.
    pub async fn commit(&self, mut orders: Vec<Order>) -> Result<Committed, sqlx::Error> {
        loop {
            let mut tx = self.pool.begin().await?;
            let followed = follower::position(&mut tx, INTAKE).await?.position;
            for order in &mut orders {
                order.intake_position = followed;
            }
            match self.executor.execute(&mut tx, &orders).await {
                Ok(answers) => {
                    tx.commit().await?;
                    return Ok(orders.iter().map(|order| order.report_id).zip(answers).collect());
                }
                Err(ExecuteError::History(HistoryError::Unreadable {
                    report_id,
                    version,
                    source,
                })) => {
                    let why = source.to_string();
                    tracing::error!(report.id = %report_id, version, why, "alarm: unreadable");
                    orders.retain(|order| order.report_id != report_id);
                }
                Err(
                    ExecuteError::Database(error)
                    | ExecuteError::History(HistoryError::Database(error)),
                ) => return Err(error),
                Err(ExecuteError::Refused(refused)) => return Err(refused.into()),
            }
        }
    }

    /// Records outcomes until the last flight has landed. While the database is away they wait here,
    /// and at the end of the service only for a while: what is not recorded is in doubt.
    pub(super) async fn record_all(self, mut landings: mpsc::Receiver<Landed>, tasks: Tasks) {
        let mut landed = vec![];
        while landings.recv_many(&mut landed, BATCH_MAX).await > 0 {
            let mut failures_at_end = 0;
            while let Err(error) = self.commit(landed.iter().map(order).collect()).await {
                tracing::warn!(error = %error, outcomes = landed.len(), "outcomes wait");
                failures_at_end += u32::from(tasks.ending());
                if failures_at_end > 10 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            landed.clear();
        }
    }
}

fn order(landed: &Landed) -> Order {
    Order {
        report_id: landed.report_id,
        command: Command::End {
            message: landed.message_id,
            attempt: landed.attempt,
            outcome: landed.outcome.clone(),
            detail: landed.detail.clone(),
            again: side_stream(landed.message_id, "obligation"),
        },
        because: None,
        intake_position: 0,
        traceparent: landed.traceparent.clone(),
    }
}
