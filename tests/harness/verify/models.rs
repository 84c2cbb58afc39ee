//! Read models against a fold of the logs, written here anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Context as _;
use prost::Message as _;
use proto::bureau::v1::{CaseAssessed, CaseClaimed, CaseDecided, CaseOpened, Grade, ReplyReceived};
use proto::intake::v1::{Flag, ReportSubmitted};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};
use uuid::Uuid;

use super::Finding;
use super::logs::{Event, Logs};
use crate::Result;
use crate::urls::Urls;

pub(super) async fn check(urls: &Urls, logs: &Logs) -> Result<Vec<Finding>> {
    Ok(vec![
        status_page(urls, logs).await?,
        partners(urls, logs).await?,
        triage_queue(urls, logs).await?,
        everywhere(urls, logs).await?,
        nothing_parked(urls).await?,
    ])
}

/// Every report of INTAKE is on the status page with the status that BUREAU says.
async fn status_page(urls: &Urls, logs: &Logs) -> Result<Finding> {
    let mut finding = Finding::new("the status page equals the fold of the streams");
    let mut expected: BTreeMap<Uuid, (String, &str, bool)> = BTreeMap::new();
    for event in logs.of("INTAKE").iter().filter(|event| event.kind == "report.submitted") {
        let submitted = ReportSubmitted::decode(event.body.as_slice())?;
        expected.insert(event.stream, (submitted.reference, "received", false));
    }
    for event in logs.of("BUREAU") {
        let Some(report) = expected.get_mut(&event.report_id()) else { continue };
        report.2 |= event.kind == "contact.stop_received";
        report.1 = match (event.kind.as_str(), report.1) {
            ("case.claimed" | "case.assessed", "received")
            | (
                "reply.received" | "evidence.received" | "withdrawal.received" | "found.reported",
                _,
            ) => "assessing",
            ("case.decided", _) => after(&CaseDecided::decode(event.body.as_slice())?.decision),
            (_, unchanged) => unchanged,
        };
    }
    let mut conn = PgConnection::connect(urls.get("INTAKE_DATABASE_URL")?).await?;
    let rows = sqlx::query(
        "select report_id, reference, status, contact_stopped, asked is not null as is_asked
         from report",
    )
    .fetch_all(&mut conn)
    .await?;
    finding.check(rows.len() == expected.len(), || {
        format!("{} rows for {} reports", rows.len(), expected.len())
    });
    for row in rows {
        let id: Uuid = row.try_get("report_id")?;
        let shown: (String, String, bool) =
            (row.try_get("reference")?, row.try_get("status")?, row.try_get("contact_stopped")?);
        let wanted = expected.get(&id).map(|(reference, status, stopped)| {
            (reference.clone(), (*status).to_owned(), *stopped)
        });
        finding.check(wanted.as_ref() == Some(&shown), || format!("{shown:?} and not {wanted:?}"));
        let is_asked: bool = row.try_get("is_asked")?;
        finding.check(is_asked == (shown.1 == "needs_reply"), || {
            format!("{shown:?}, and asked something: {is_asked}")
        });
    }
    Ok(finding)
}

/// What partners passed on is theirs, and nothing else is.
async fn partners(urls: &Urls, logs: &Logs) -> Result<Finding> {
    let mut finding = Finding::new("partners' requests equal the fold of the log");
    let mut expected = BTreeSet::new();
    for event in logs.of("INTAKE").iter().filter(|event| event.kind == "report.submitted") {
        let submitted = ReportSubmitted::decode(event.body.as_slice())?;
        if !submitted.partner.is_empty() {
            expected.insert((
                event.stream,
                submitted.partner,
                submitted.kind,
                submitted.submitted_at_us,
            ));
        }
    }
    let mut conn = PgConnection::connect(urls.get("INTAKE_DATABASE_URL")?).await?;
    let rows = sqlx::query(
        "select report_id, partner, kind,
                (extract(epoch from submitted_at) * 1000000)::bigint as submitted_at_us
         from partner_request",
    )
    .fetch_all(&mut conn)
    .await?;
    let mut shown = BTreeSet::new();
    for row in &rows {
        shown.insert((
            row.try_get("report_id")?,
            row.try_get("partner")?,
            row.try_get("kind")?,
            row.try_get("submitted_at_us")?,
        ));
    }
    finding.check(shown == expected, || format!("{shown:?} and not {expected:?}"));
    Ok(finding)
}

fn after(decision: &str) -> &'static str {
    match decision {
        "request_details" => "needs_reply",
        "allocate" => "with_officer",
        "refer" => "passed_on",
        "file_for_information" => "no_further_action",
        _ => "assessing",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Row {
    reference: String,
    kind: String,
    status: String,
    grade: Option<String>,
    claimed_by: Option<String>,
    version: i32,
    flags: BTreeSet<&'static str>,
    /// Whether no way is safe any more.
    stopped: bool,
    still_being_written: bool,
    found: bool,
}

impl Row {
    /// Somebody looks at it; what was decided already stays.
    fn begin(&mut self) {
        if self.status == "received" {
            "assessing".clone_into(&mut self.status);
        }
    }
}

/// The triage list, row by row, against the cases of BUREAU.
async fn triage_queue(urls: &Urls, logs: &Logs) -> Result<Finding> {
    let mut finding = Finding::new("the triage list equals the fold of its log");
    let mut expected: HashMap<Uuid, Row> = HashMap::new();
    for event in logs.of("BUREAU").iter().filter(|event| event.stream == event.report_id()) {
        fold(expected.entry(event.stream).or_default(), event)?;
    }
    let mut conn = PgConnection::connect(urls.get("BUREAU_DATABASE_URL")?).await?;
    let rows = sqlx::query(
        "select report_id, reference, kind, status, grade, claimed_by, version, flags,
                still_being_written, found,
                contact_stopped_at is not null
                    and not (email_is_safe or phone_is_safe or post_is_safe) as stopped
         from triage_queue",
    )
    .fetch_all(&mut conn)
    .await?;
    finding.check(rows.len() == expected.len(), || {
        format!("{} rows for {} cases", rows.len(), expected.len())
    });
    for row in rows {
        let id: Uuid = row.try_get("report_id")?;
        let flags: String = row.try_get("flags")?;
        let shown = Row {
            reference: row.try_get("reference")?,
            kind: row.try_get("kind")?,
            status: row.try_get("status")?,
            grade: row.try_get("grade")?,
            claimed_by: row.try_get("claimed_by")?,
            version: row.try_get("version")?,
            flags: FLAGS.into_iter().filter(|flag| flags.split(' ').any(|f| f == *flag)).collect(),
            stopped: row.try_get("stopped")?,
            still_being_written: row.try_get("still_being_written")?,
            found: row.try_get("found")?,
        };
        let wanted = expected.get(&id);
        finding.check(wanted == Some(&shown), || format!("{shown:?} and not {wanted:?}"));
    }
    Ok(finding)
}

fn fold(row: &mut Row, event: &Event) -> Result<()> {
    row.version = i32::try_from(event.version)?;
    let body = event.body.as_slice();
    match event.kind.as_str() {
        "case.opened" => {
            let opened = CaseOpened::decode(body)?;
            row.flags.extend(opened.flags().filter_map(word));
            row.still_being_written = opened.continues;
            row.reference = opened.reference;
            row.kind = opened.kind;
            "received".clone_into(&mut row.status);
        }
        "contact.stop_received" => row.stopped = true,
        "case.claimed" => {
            row.claimed_by = Some(CaseClaimed::decode(body)?.by);
            row.begin();
        }
        "case.released" => row.claimed_by = None,
        "case.assessed" => {
            let grade = match CaseAssessed::decode(body)?.grade() {
                Grade::Unspecified => None,
                Grade::Immediate => Some("immediate"),
                Grade::Priority => Some("priority"),
                Grade::Scheduled => Some("scheduled"),
                Grade::Routine => Some("routine"),
            };
            row.grade = grade.map(str::to_owned);
            row.begin();
        }
        "case.decided" => {
            after(&CaseDecided::decode(body)?.decision).clone_into(&mut row.status);
            row.found = false;
        }
        "reply.received" => {
            let reply = ReplyReceived::decode(body)?;
            row.flags.extend(reply.flags().filter_map(word));
            row.still_being_written &= !reply.finished;
            "assessing".clone_into(&mut row.status);
        }
        "writing.finished" => row.still_being_written = false,
        "found.reported" => {
            let looked_for = ["missing", "vehicle-stolen"].contains(&row.kind.as_str());
            row.flags.insert(if looked_for { "priority_1" } else { "priority_2" });
            row.found = true;
            "assessing".clone_into(&mut row.status);
        }
        "evidence.received" | "withdrawal.received" => "assessing".clone_into(&mut row.status),
        _ => {}
    }
    Ok(())
}

const FLAGS: [&str; 5] =
    ["emergency_declared", "emergency_cannot_call", "priority_1", "priority_2", "safeguarding"];

fn word(flag: Flag) -> Option<&'static str> {
    let place = usize::try_from(i32::from(flag)).ok()?.checked_sub(1)?;
    FLAGS.get(place).copied()
}

/// Each report of INTAKE has its case in BUREAU and its obligation in NOTIFIER, once.
async fn everywhere(urls: &Urls, logs: &Logs) -> Result<Finding> {
    let mut finding = Finding::new("every report has one case and one first obligation");
    let count = |log: &str, kind: &str| {
        let mut counts: HashMap<Uuid, usize> = HashMap::new();
        for event in logs.of(log).iter().filter(|event| event.kind == kind) {
            *counts.entry(event.report_id()).or_default() += 1;
        }
        counts
    };
    let cases = count("BUREAU", "case.opened");
    let obligations = count("NOTIFIER", "obligation.opened");
    let mut conn = PgConnection::connect(urls.get("KEYS_DATABASE_URL")?).await.context("keys")?;
    for event in logs.of("INTAKE").iter().filter(|event| event.kind == "report.submitted") {
        let id = event.stream;
        finding.check(cases.get(&id) == Some(&1), || format!("{id}: {:?} cases", cases.get(&id)));
        finding.check(obligations.get(&id).is_some_and(|count| *count >= 1), || {
            format!("{id}: {:?} obligations", obligations.get(&id))
        });
        let submitted = ReportSubmitted::decode(event.body.as_slice())?;
        let sealed = submitted.content.context("a report without content")?;
        let key_id = Uuid::from_slice(&sealed.key_id)?;
        let key = sqlx::query("select 1 from report_key where key_id = $1").bind(key_id);
        let found = key.fetch_optional(&mut conn).await?.is_some();
        finding.check(found, || format!("{id} has no key"));
    }
    Ok(finding)
}

async fn nothing_parked(urls: &Urls) -> Result<Finding> {
    let mut finding = Finding::new("nothing is parked");
    for name in ["INTAKE_DATABASE_URL", "BUREAU_DATABASE_URL", "NOTIFIER_DATABASE_URL"] {
        let mut conn = PgConnection::connect(urls.get(name)?).await?;
        let rows =
            sqlx::query("select stream, position, reason from parked").fetch_all(&mut conn).await?;
        finding.check(rows.is_empty(), || format!("{name}: {} parked", rows.len()));
    }
    Ok(finding)
}
