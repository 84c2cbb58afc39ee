//! Messages put aside with their reason, and later ones of the same report behind them.

use std::collections::HashSet;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::event_log::{to_i64, to_u64};
use crate::follower::Message;

/// A message that waits for a person.
#[derive(Debug, Clone)]
pub struct Parked {
    pub stream: String,
    pub position: u64,
    pub report_id: Uuid,
    pub reason: String,
    pub parked_at: jiff::Timestamp,
}

/// All parked messages in the order in which they have to be released.
pub async fn list(conn: &mut PgConnection) -> Result<Vec<Parked>, sqlx::Error> {
    let rows = sqlx::query!(
        "select stream, position, report_id, reason, parked_at from parked
         order by parked_at, stream, position limit 10000"
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Parked {
            stream: row.stream,
            position: to_u64(row.position),
            report_id: row.report_id,
            reason: row.reason,
            parked_at: row.parked_at.to_jiff(),
        })
        .collect())
}

/// Which of these reports have a parked message, so that their later ones wait as well.
pub(crate) async fn reports(
    conn: &mut PgConnection,
    of: &[Uuid],
) -> Result<HashSet<Uuid>, sqlx::Error> {
    let found =
        sqlx::query_scalar!("select distinct report_id from parked where report_id = any($1)", of)
            .fetch_all(conn)
            .await?;
    Ok(found.into_iter().collect())
}

pub(crate) async fn put(
    conn: &mut PgConnection,
    stream: &str,
    message: &Message,
    reason: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into parked (stream, position, hash, report_id, reason)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
        stream,
        to_i64(message.recorded.position),
        &message.recorded.hash,
        message.report_id,
        reason
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// True: it was there.
pub(crate) async fn take(
    conn: &mut PgConnection,
    stream: &str,
    position: u64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "delete from parked where stream = $1 and position = $2",
        stream,
        to_i64(position)
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}
