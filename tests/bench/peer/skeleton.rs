//! Group commit and nothing else: one task, one statement for all that wait, answers after it.

use axum::body::Bytes;
use sqlx::{Connection as _, PgConnection};
use tests::Result;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::TYPE;

const QUEUE_MAX: usize = 8_192;
const BATCH_MAX: usize = 500;

type Item = (Uuid, Bytes, oneshot::Sender<bool>);

#[derive(Debug, Clone)]
pub(super) struct Store(mpsc::Sender<Item>);

impl Store {
    pub(super) async fn connect(database: &str) -> Result<Self> {
        let conn = PgConnection::connect(database).await?;
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let mut tasks = JoinSet::new();
        tasks.spawn(write(conn, waiting));
        // It ends with the last sender.
        tasks.detach_all();
        Ok(Self(queue))
    }

    pub(super) async fn keep(&self, id: Uuid, body: Bytes) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.0.send((id, body, answer)).await?;
        anyhow::ensure!(answered.await?, "not written");
        Ok(())
    }
}

async fn write(mut conn: PgConnection, mut waiting: mpsc::Receiver<Item>) {
    let mut items = Vec::with_capacity(BATCH_MAX);
    while waiting.recv_many(&mut items, BATCH_MAX).await > 0 {
        let ids: Vec<Uuid> = items.iter().map(|(id, ..)| *id).collect();
        let bodies: Vec<&[u8]> = items.iter().map(|(_, body, _)| body.as_ref()).collect();
        let written = sqlx::query(
            "insert into ev (stream, version, type, payload)
             select id, 1, $3, body from unnest($1::uuid[], $2::bytea[]) as new (id, body)",
        )
        .bind(&ids)
        .bind(&bodies)
        .bind(TYPE)
        .execute(&mut conn)
        .await
        .is_ok();
        for (_, _, answer) in items.drain(..) {
            answer.send(written).ok();
        }
    }
}
