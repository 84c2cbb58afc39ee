//! Which files belong to which report: written beside the event that says so.

use backbone::event_log::to_i64;
use sqlx::PgPool;
use uuid::Uuid;

use super::Held;

/// What a report has already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Has {
    pub files: u32,
    pub bytes: u64,
}

/// What `report_id` has of files.
pub async fn of_report(pool: &PgPool, report_id: Uuid) -> Result<Has, sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) as "files!", coalesce(sum(size), 0)::bigint as "bytes!"
           from evidence where report_id = $1"#,
        report_id
    )
    .fetch_one(pool)
    .await?;
    Ok(Has {
        files: u32::try_from(row.files).unwrap_or(u32::MAX),
        bytes: u64::try_from(row.bytes).unwrap_or(0),
    })
}

/// Rows of table `evidence`, a column each.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) files: Vec<Uuid>,
    pub(super) reports: Vec<Uuid>,
    pub(super) numbers: Vec<i32>,
    pub(super) sizes: Vec<i64>,
}

impl Columns {
    pub(super) fn push(&mut self, report_id: Uuid, held: &[Held]) {
        for Held { file_id, size, number } in held {
            self.files.push(*file_id);
            self.reports.push(report_id);
            self.numbers.push(i32::try_from(*number).unwrap_or(i32::MAX));
            self.sizes.push(to_i64(*size));
        }
    }
}

/// Whether this constraint was broken because another act of the same moment took a file or its place.
#[must_use]
pub fn is_ours(constraint: &str) -> bool {
    ["evidence_pkey", "evidence_number_key"].contains(&constraint)
}
