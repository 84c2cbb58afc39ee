//! Who asked where a saved form is: told once at most, about no report, and owed nothing.

use std::collections::HashMap;

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::Finding;
use super::logs::{Event, Logs};
use crate::Result;
use crate::urls::Urls;

pub(super) async fn check(urls: &Urls, logs: &Logs) -> Result<Finding> {
    let mut finding = Finding::new("where a saved form is is told once at most, and is no report");
    let mut told: HashMap<Uuid, Vec<&Event>> = HashMap::new();
    for event in logs.of("NOTIFIER") {
        told.entry(event.stream).or_default().push(event);
    }
    let mut all = 0;
    for asked in logs.of("INTAKE").iter().filter(|event| event.kind == "link.asked") {
        let events = told.get(&asked.stream).map_or(&[][..], Vec::as_slice);
        let nameless =
            events.iter().copied().chain([asked]).all(|event| event.meta.report_id.is_empty());
        let count = |kind: &str| events.iter().filter(|event| event.kind == kind).count();
        let (planned, owed) = (count("message.planned"), count("obligation.opened"));
        all += planned;
        finding.check(asked.version == 1 && nameless && planned <= 1 && owed == 0, || {
            format!("link {}: {planned} messages, {owed} owed", asked.stream)
        });
    }
    let case = logs.of("BUREAU").iter().find(|event| event.report_id().is_nil());
    finding.check(case.is_none(), || format!("BUREAU has {case:?} about no report"));
    let mut conn = PgConnection::connect(urls.get("INTAKE_DATABASE_URL")?).await?;
    let lines = "select from timeline where report_id not in (select report_id from report)";
    let strays = sqlx::query(lines).fetch_all(&mut conn).await?.len();
    finding.check(strays == 0, || format!("{strays} lines of no report's page"));
    let mut conn = PgConnection::connect(urls.get("NOTIFIER_DATABASE_URL")?).await?;
    let rows = "select from message join reporter using (report_id)
                where what = 'saved_link' and reference = '' and contact is not null";
    let rows = sqlx::query(rows).fetch_all(&mut conn).await?.len();
    finding.check(rows == all, || format!("{rows} rows of {all} messages"));
    Ok(finding)
}
