//! Drafts and sessions end.

use std::time::Duration;

use backbone::service::Ground;
use backbone::shutdown::pause;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgPool;

/// Looks every minute, for as long as the service runs.
pub fn watch(ground: &Ground) {
    let (ground, token) = (ground.clone(), ground.tasks.token());
    ground.tasks.clone().spawn(async move {
        while pause(&token, Duration::from_mins(1)).await {
            if let Err(error) = sweep(&ground.pool, ground.clock.now()).await {
                tracing::debug!(error = %error, "cannot sweep drafts");
            }
        }
    });
}

/// Deletes what has ended by `now`.
pub async fn sweep(pool: &PgPool, now: Timestamp) -> Result<(), sqlx::Error> {
    let oldest = now.saturating_sub(super::KEPT).unwrap_or_default().to_sqlx();
    sqlx::query!("delete from draft where saved_at <= $1", oldest).execute(pool).await?;
    sqlx::query!("delete from session where used_at < $1", oldest).execute(pool).await?;
    Ok(())
}
