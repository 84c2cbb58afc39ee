//! Which files belong to which report: the table against the log.

use std::collections::BTreeSet;

use prost::Message as _;
use proto::intake::v1::{DetailsAdded, EvidenceAdded, ReportSubmitted};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};
use uuid::Uuid;

use super::Finding;
use super::logs::Logs;
use crate::Result;
use crate::urls::Urls;

type Row = (Uuid, Uuid, i32, i64);

pub(super) async fn check(urls: &Urls, logs: &Logs) -> Result<Finding> {
    let mut finding = Finding::new("a file has one report, and a report ten files");
    let mut expected: BTreeSet<Row> = BTreeSet::new();
    for event in logs.of("INTAKE") {
        let held = match event.kind.as_str() {
            "report.submitted" => ReportSubmitted::decode(event.body.as_slice())?.held,
            "details.added" => DetailsAdded::decode(event.body.as_slice())?.held,
            "evidence.added" => EvidenceAdded::decode(event.body.as_slice())?.held,
            _ => continue,
        };
        for file in held {
            let id = Uuid::from_slice(&file.file_id)?;
            let (number, size) = (i32::try_from(file.number)?, i64::try_from(file.size)?);
            finding.check(!expected.iter().any(|row| row.0 == id) && number <= 10, || {
                format!("file {id} of report {} is number {number}", event.stream)
            });
            expected.insert((id, event.stream, number, size));
        }
    }
    let mut conn = PgConnection::connect(urls.get("INTAKE_DATABASE_URL")?).await?;
    let rows = sqlx::query("select file_id, report_id, number, size from evidence")
        .fetch_all(&mut conn)
        .await?;
    let mut found: BTreeSet<Row> = BTreeSet::new();
    for row in rows {
        found.insert((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?));
    }
    finding.check(found == expected, || format!("{found:?} and not {expected:?}"));
    Ok(finding)
}
