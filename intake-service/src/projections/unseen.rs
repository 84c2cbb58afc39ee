//! Reports that the bureau has not been seen to have: an alarm after D/96.

use std::time::Duration;

use backbone::service::Ground;
use backbone::shutdown::pause;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx as _;

use super::code_try;

/// A report is in the table at most so long after the time at which it was submitted.
const LATE: SignedDuration = SignedDuration::from_mins(1);

/// Looks every few seconds, for as long as the service runs.
pub fn watch(ground: &Ground, contact_deadline: Duration) {
    let (ground, token) = (ground.clone(), ground.tasks.token());
    let patience = contact_deadline / 96;
    ground.tasks.clone().spawn(async move {
        let gauge = opentelemetry_gauge();
        let mut before = 0;
        let mut from = Timestamp::UNIX_EPOCH;
        while pause(&token, Duration::from_secs(2)).await {
            match count(&ground, from, patience).await {
                Ok(Unseen { count: unseen, look_from }) => {
                    from = look_from;
                    gauge.record(unseen.unsigned_abs(), &[]);
                    if unseen > 0 && unseen != before {
                        tracing::error!(
                            unseen,
                            "alarm: reports have not reached the bureau in time"
                        );
                    }
                    before = unseen;
                }
                Err(error) => tracing::debug!(error = %error, "cannot look for unseen reports"),
            }
        }
    });
}

fn opentelemetry_gauge() -> opentelemetry::metrics::Gauge<u64> {
    opentelemetry::global::meter("intake")
        .u64_gauge("intake_reports_unseen")
        .with_description("Reports that the bureau has not been seen to have after D/96")
        .build()
}

struct Unseen {
    count: i64,
    /// All that were submitted before this have been seen.
    look_from: Timestamp,
}

async fn count(
    ground: &Ground,
    from: Timestamp,
    patience: Duration,
) -> Result<Unseen, sqlx::Error> {
    let now = ground.clock.now();
    let earlier = |from: Timestamp, by: SignedDuration| from.saturating_sub(by).unwrap_or(from);
    let until = earlier(now, SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX));
    let mut conn = ground.pool.acquire().await?;
    code_try::sweep(&mut conn, now).await?;
    let found = sqlx::query!(
        r#"select count(*) as "count!", min(submitted_at) as oldest from report
           where seen_at is null and submitted_at >= $1 and submitted_at < $2"#,
        from.to_sqlx(),
        until.to_sqlx()
    )
    .fetch_one(&mut *conn)
    .await?;
    let look_from = found.oldest.map_or(earlier(until, LATE), jiff_sqlx::Timestamp::to_jiff);
    Ok(Unseen { count: found.count, look_from: look_from.max(from) })
}
