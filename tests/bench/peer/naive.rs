//! The textbook's outbox: event and outbox row in one explicit transaction per request.

use sqlx::postgres::{PgPool, PgPoolOptions};
use tests::Result;
use uuid::Uuid;

use super::TYPE;

const CONNECTIONS: u32 = 10;

#[derive(Debug, Clone)]
pub(super) struct Store(PgPool);

impl Store {
    pub(super) async fn connect(database: &str) -> Result<Self> {
        Ok(Self(PgPoolOptions::new().max_connections(CONNECTIONS).connect(database).await?))
    }

    pub(super) async fn keep(&self, id: Uuid, body: &[u8]) -> Result<()> {
        let mut tx = self.0.begin().await?;
        sqlx::query("insert into ev (stream, version, type, payload) values ($1, 1, $2, $3)")
            .bind(id)
            .bind(TYPE)
            .bind(body)
            .execute(&mut *tx)
            .await?;
        sqlx::query("insert into outbox (event, subject, payload) values ($1, $2, $3)")
            .bind(id)
            .bind(TYPE)
            .bind(body)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
