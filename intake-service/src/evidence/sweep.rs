//! What no report took ends.

use std::time::Duration;

use backbone::admin::Check;
use backbone::service::Ground;
use backbone::shutdown::pause;
use jiff_sqlx::ToSqlx as _;

use super::{Evidence, EvidenceError};

const EVERY: Duration = Duration::from_mins(5);
/// So much longer than a report may take it a file stays: whoever is taking it right now has it.
const GRACE: Duration = Duration::from_hours(1);
/// What was begun and never sent is forgotten sooner: its sender begins anew.
const EMPTY: Duration = Duration::from_hours(1);

/// Looks for as long as the service runs.
pub fn watch(ground: &Ground, evidence: Evidence) {
    let (health, token) = (ground.health.clone(), ground.tasks.token());
    let every = EVERY.min(evidence.settings.kept);
    ground.tasks.clone().spawn(async move {
        while pause(&token, every).await {
            // A log that was restored does not know yet which files are its own: nothing is swept before all
            // parts say that they are well.
            let is_well = health.parts().values().all(|part| matches!(part, Check::Ready(_)));
            if is_well && let Err(error) = evidence.sweep().await {
                tracing::debug!(error = %error, "cannot sweep uploads");
            }
        }
    });
}

impl Evidence {
    /// Deletes uploads that no report took in time, and pieces that belong to nothing.
    pub async fn sweep(&self) -> Result<(), EvidenceError> {
        let grace = GRACE.min(self.settings.kept);
        let oldest = self.oldest_taken().saturating_sub(grace).unwrap_or_default();
        let empty = EMPTY.min(self.settings.kept);
        let empty = self.clock.now().saturating_sub(empty).unwrap_or_default();
        sqlx::query!(
            "delete from upload
             where created_at < $1 or (created_at < $2 and received = 0 and state = 'receiving')",
            oldest.to_sqlx(),
            empty.to_sqlx()
        )
        .execute(&self.pool)
        .await?;
        let lying = self.store.files().await?;
        let nobodys = sqlx::query_scalar!(
            r#"select file_id as "file_id!" from unnest($1::uuid[]) as lying (file_id)
               where not exists (select from upload where upload.file_id = lying.file_id)
                 and not exists (select from evidence where evidence.file_id = lying.file_id)"#,
            &lying
        )
        .fetch_all(&self.pool)
        .await?;
        for file_id in nobodys {
            // A row may be away for a while, as after an old copy of the database was put back.
            if self.store.written_at(file_id).await?.is_none_or(|at| at < oldest) {
                self.store.delete(file_id).await?;
            }
        }
        Ok(())
    }
}
