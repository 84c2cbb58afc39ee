//! How far each stream has been applied: one row a stream, moved with what its messages led to.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use crate::chain::GENESIS;
use crate::event_log::{Head, to_hash, to_i64, to_u64};

/// How far `stream` has been applied in this database.
pub async fn position(conn: &mut PgConnection, stream: &str) -> Result<Head, sqlx::Error> {
    let row = sqlx::query!("select position, hash from followed where stream = $1", stream)
        .fetch_optional(conn)
        .await?;
    row.map_or(Ok(Head { position: 0, hash: GENESIS }), |row| {
        Ok(Head { position: to_u64(row.position), hash: to_hash(&row.hash)? })
    })
}

/// How far every stream has been applied.
pub async fn positions(conn: &mut PgConnection) -> Result<BTreeMap<String, u64>, sqlx::Error> {
    let rows = sqlx::query!("select stream, position from followed").fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.stream, to_u64(row.position))).collect())
}

/// Moves the position from `before` to `after`. False: somebody else moved it meanwhile.
pub(super) async fn advance(
    conn: &mut PgConnection,
    stream: &str,
    before: &Head,
    after: &Head,
) -> Result<bool, sqlx::Error> {
    let moved = sqlx::query!(
        "insert into followed (stream, position, hash) values ($1, $2, $3)
         on conflict (stream) do update set position = excluded.position, hash = excluded.hash
         where followed.position = $4",
        stream,
        to_i64(after.position),
        &after.hash,
        to_i64(before.position)
    )
    .execute(conn)
    .await?;
    Ok(moved.rows_affected() == 1)
}
