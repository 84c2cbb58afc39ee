//! Reports that the bureau has not been seen to have: an alarm after D/96.

use std::time::Duration;

use backbone::service::Ground;
use backbone::shutdown::pause;
use jiff::SignedDuration;
use jiff_sqlx::ToSqlx as _;

use super::code_try;

/// Looks every few seconds, for as long as the service runs.
pub fn watch(ground: &Ground, contact_deadline: Duration) {
    let (ground, token) = (ground.clone(), ground.tasks.token());
    let patience = contact_deadline / 96;
    ground.tasks.clone().spawn(async move {
        let gauge = opentelemetry_gauge();
        let mut before = 0;
        while pause(&token, Duration::from_secs(2)).await {
            match count(&ground, patience).await {
                Ok(unseen) => {
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

async fn count(ground: &Ground, patience: Duration) -> Result<i64, sqlx::Error> {
    let now = ground.clock.now();
    let patience = SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX);
    let since = now.saturating_sub(patience).unwrap_or(now);
    let mut conn = ground.pool.acquire().await?;
    code_try::sweep(&mut conn, now).await?;
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from report where seen_at is null and submitted_at < $1"#,
        since.to_sqlx()
    )
    .fetch_one(&mut *conn)
    .await
}
