//! Wrong return codes are counted and slowed down; the right one is never asked to wait.
//!
//! A count is forgotten after a quiet day and not when the right code comes: that would give a
//! stranger new tries each time the reporter looks.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

/// So many wrong codes cost nothing.
const FREE: u32 = 5;
const WAIT_SECONDS_MAX: u64 = 60;
/// So many are told to an operator.
const ALARM: u32 = 50;

/// How long after the last of `wrong` tries the next wrong one is looked at: 1, 2, 4 ... 60 seconds.
fn wait_seconds(wrong: u32) -> u64 {
    match wrong.checked_sub(FREE) {
        None => 0,
        Some(beyond) => (1u64 << beyond.min(6)).min(WAIT_SECONDS_MAX),
    }
}

/// How many seconds the next wrong try for `reference` has to wait, if any.
pub async fn wait(
    conn: &mut PgConnection,
    reference: &str,
    now: Timestamp,
) -> Result<Option<u64>, sqlx::Error> {
    let found = sqlx::query!("select wrong, last_at from code_try where reference = $1", reference)
        .fetch_optional(conn)
        .await?;
    Ok(found.and_then(|row| {
        let seconds = wait_seconds(row.wrong.unsigned_abs());
        let wait = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        let passed = now.duration_since(row.last_at.to_jiff());
        let left = wait.checked_sub(passed).filter(SignedDuration::is_positive)?;
        Some(left.as_secs().unsigned_abs() + 1)
    }))
}

/// Counts a wrong code. Counts older than a day are forgotten on the way.
pub async fn count(
    conn: &mut PgConnection,
    reference: &str,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let day_ago = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(now);
    let wrong = sqlx::query_scalar!(
        "insert into code_try as t (reference, wrong, last_at) values ($1, 1, $2)
         on conflict (reference) do update
         set wrong = case when t.last_at < $3 then 1 else least(t.wrong + 1, 1000000) end,
             last_at = excluded.last_at
         returning wrong",
        reference,
        now.to_sqlx(),
        day_ago.to_sqlx()
    )
    .fetch_one(&mut *conn)
    .await?;
    if wrong.unsigned_abs() == ALARM {
        tracing::error!(wrong, "alarm: many wrong codes for one reference or saved form");
    }
    Ok(())
}

/// Deletes counts that no longer matter, so that tried references do not pile up.
pub async fn sweep(conn: &mut PgConnection, now: Timestamp) -> Result<(), sqlx::Error> {
    let day_ago = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(now);
    sqlx::query!("delete from code_try where last_at < $1", day_ago.to_sqlx())
        .execute(conn)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_codes_cost_nothing_and_later_ones_up_to_a_minute() {
        let waits: Vec<u64> = (0..14).map(wait_seconds).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }
}
