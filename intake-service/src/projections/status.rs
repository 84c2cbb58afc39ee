//! What the status page shows: public words and times, nothing that the reporter wrote.

use std::collections::HashMap;

use backbone::append;
use backbone::event_log::{self, Recorded, to_i64};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;
use sqlx::{Arguments as _, PgConnection};
use uuid::Uuid;

use super::{Beside, Through, evidence};

/// A report as its reporter sees it.
#[derive(Debug, Clone)]
pub struct Shown {
    pub report_id: Uuid,
    pub reference: String,
    pub submitted_at: Timestamp,
    pub contact_by: Timestamp,
    pub status: String,
    /// Sealed words of the decision that asks for details.
    pub asked: Option<Vec<u8>>,
    /// The reporter said that it is no longer safe to contact them.
    pub contact_stopped: bool,
}

/// One line of a report's history.
#[derive(Debug, Clone)]
pub struct Line {
    pub at: Timestamp,
    pub what: String,
}

/// An act of a reporter that is in the log.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    pub report_id: Uuid,
    pub version: u32,
}

/// How a message moves the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Somebody has begun to look at it; what was decided already stays.
    Begin,
    To(&'static str),
}

impl Move {
    /// Both moves, this one first.
    fn then(self, next: Option<Self>) -> Self {
        match (self, next) {
            (_, Some(Self::To(status))) => Self::To(status),
            (first, Some(Self::Begin) | None) => first,
        }
    }
}

/// What one message of bureau or notifier changes.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub status: Option<Move>,
    /// Some(None): nothing is asked any more.
    pub asked: Option<Option<Vec<u8>>>,
    pub seen: bool,
    pub contact_stopped: bool,
    pub line: Option<&'static str>,
    pub at: Timestamp,
}

/// The report with this reference.
pub async fn find(conn: &mut PgConnection, reference: &str) -> Result<Option<Shown>, sqlx::Error> {
    let row = sqlx::query!(
        "select report_id, reference, submitted_at, contact_by, status, asked, contact_stopped
         from report where reference = $1",
        reference
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Shown {
        report_id: row.report_id,
        reference: row.reference,
        submitted_at: row.submitted_at.to_jiff(),
        contact_by: row.contact_by.to_jiff(),
        status: row.status,
        asked: row.asked,
        contact_stopped: row.contact_stopped,
    }))
}

/// Its history, oldest first.
pub async fn timeline(conn: &mut PgConnection, report_id: Uuid) -> Result<Vec<Line>, sqlx::Error> {
    let rows = sqlx::query!(
        "select at, what from timeline where report_id = $1 order by at, source, position limit 500",
        report_id
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| Line { at: row.at.to_jiff(), what: row.what }).collect())
}

/// The act with this id.
pub async fn act(conn: &mut PgConnection, act_id: Uuid) -> Result<Option<Found>, sqlx::Error> {
    let row = sqlx::query!("select report_id, version from reporter_act where act_id = $1", act_id)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| Found { report_id: row.report_id, version: row.version.unsigned_abs() }))
}

/// The rows that stand beside an event of the public, written by the statement that appends it.
pub static BESIDE: append::Beside<Beside> = append::Beside {
    inserts: ", reported as (
         insert into report (report_id, reference, submitted_at, contact_by)
         select new.* from head,
             unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[]) as new),
     acted as (
         insert into reporter_act (act_id, report_id, version)
         select new.* from head, unnest($5::uuid[], $6::uuid[], $7::integer[]) as new),
     passed_on as (
         insert into partner_request (report_id, partner, kind, submitted_at)
         select new.* from head,
             unnest($8::uuid[], $9::text[], $10::text[], $11::timestamptz[]) as new),
     held as (
         insert into evidence (file_id, report_id, number, size)
         select new.* from head,
             unnest($12::uuid[], $13::uuid[], $14::integer[], $15::bigint[]) as new)",
    parameters: 15,
    bind,
};

fn bind(arguments: &mut PgArguments, beside: &[(&Beside, &Recorded)]) -> Result<(), BoxDynError> {
    let mut reports = Reports::default();
    let mut acts = Acts::default();
    let mut requests = Requests::default();
    let mut files = evidence::Columns::default();
    for (beside, event) in beside {
        match beside {
            Beside::Report { reference, submitted_at, contact_by, through, held } => {
                files.push(event.stream, held);
                reports.ids.push(event.stream);
                reports.references.push(reference);
                reports.submitted_at.push(submitted_at.to_sqlx());
                reports.contact_by.push(contact_by.to_sqlx());
                if let Some(Through { partner, kind }) = through {
                    requests.reports.push(event.stream);
                    requests.partners.push(partner);
                    requests.kinds.push(kind);
                    requests.submitted_at.push(submitted_at.to_sqlx());
                }
            }
            Beside::Act { act_id, held } => {
                files.push(event.stream, held);
                acts.ids.push(*act_id);
                acts.reports.push(event.stream);
                acts.versions.push(i32::try_from(event.version).unwrap_or(i32::MAX));
            }
            Beside::Nothing => {}
        }
    }
    arguments.add(reports.ids)?;
    arguments.add(reports.references)?;
    arguments.add(reports.submitted_at)?;
    arguments.add(reports.contact_by)?;
    arguments.add(acts.ids)?;
    arguments.add(acts.reports)?;
    arguments.add(acts.versions)?;
    arguments.add(requests.reports)?;
    arguments.add(requests.partners)?;
    arguments.add(requests.kinds)?;
    arguments.add(requests.submitted_at)?;
    arguments.add(files.files)?;
    arguments.add(files.reports)?;
    arguments.add(files.numbers)?;
    arguments.add(files.sizes)
}

#[derive(Default)]
struct Reports<'a> {
    ids: Vec<Uuid>,
    references: Vec<&'a str>,
    submitted_at: Vec<jiff_sqlx::Timestamp>,
    contact_by: Vec<jiff_sqlx::Timestamp>,
}

#[derive(Default)]
struct Acts {
    ids: Vec<Uuid>,
    reports: Vec<Uuid>,
    versions: Vec<i32>,
}

#[derive(Default)]
struct Requests<'a> {
    reports: Vec<Uuid>,
    partners: Vec<&'a str>,
    kinds: Vec<&'a str>,
    submitted_at: Vec<jiff_sqlx::Timestamp>,
}

/// Applies what a batch of messages of `source` changes, in their order.
pub async fn apply(
    conn: &mut PgConnection,
    source: &str,
    changes: &[(Uuid, u64, Change)],
) -> Result<(), sqlx::Error> {
    let mut last: HashMap<Uuid, Change> = HashMap::new();
    let mut lines = Lines::default();
    for (report_id, position, change) in changes {
        if let Some(what) = change.line {
            lines.reports.push(*report_id);
            lines.positions.push(to_i64(*position));
            lines.at.push(change.at.to_sqlx());
            lines.what.push(what.to_owned());
        }
        let merged = last.entry(*report_id).or_default();
        merged.status =
            merged.status.map_or(change.status, |first| Some(first.then(change.status)));
        merged.asked = change.asked.clone().or(merged.asked.take());
        merged.seen |= change.seen;
        merged.contact_stopped |= change.contact_stopped;
        merged.at = change.at;
    }
    last.retain(|_, change| {
        let said = change.status.is_some() || change.asked.is_some();
        said || change.seen || change.contact_stopped
    });
    update(conn, last).await?;
    if !lines.reports.is_empty() {
        sqlx::query!(
            "insert into timeline (report_id, source, position, at, what)
             select r, $2, p, a, w
             from unnest($1::uuid[], $3::bigint[], $4::timestamptz[], $5::text[]) as t (r, p, a, w)
             on conflict do nothing",
            &lines.reports,
            source,
            &lines.positions,
            &lines.at as _,
            &lines.what
        )
        .execute(conn)
        .await?;
    }
    Ok(())
}

#[derive(Default)]
struct Lines {
    reports: Vec<Uuid>,
    positions: Vec<i64>,
    at: Vec<jiff_sqlx::Timestamp>,
    what: Vec<String>,
}

async fn update(
    conn: &mut PgConnection,
    changes: HashMap<Uuid, Change>,
) -> Result<(), sqlx::Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let (mut ids, mut statuses, mut begins, mut asks, mut asked, mut seen, mut at) =
        (vec![], vec![], vec![], vec![], vec![], vec![], vec![]);
    let mut stopped = vec![];
    for (report_id, change) in changes {
        ids.push(report_id);
        statuses.push(match change.status {
            Some(Move::To(status)) => Some(status.to_owned()),
            Some(Move::Begin) | None => None,
        });
        begins.push(change.status == Some(Move::Begin));
        asks.push(change.asked.is_some());
        asked.push(change.asked.flatten());
        seen.push(change.seen);
        stopped.push(change.contact_stopped);
        at.push(change.at.to_sqlx());
    }
    sqlx::query!(
        "update report set
             status = case when c.begins and report.status = 'received' then 'assessing'
                           else coalesce(c.status, report.status) end,
             asked = case when c.asks then c.asked else report.asked end,
             seen_at = case when c.seen then coalesce(report.seen_at, c.at) else report.seen_at end,
             contact_stopped = report.contact_stopped or c.stopped
         from unnest($1::uuid[], $2::text[], $3::boolean[], $4::bytea[], $5::boolean[],
                     $6::timestamptz[], $7::boolean[], $8::boolean[])
             as c (id, status, asks, asked, seen, at, begins, stopped)
         where report.report_id = c.id",
        &ids,
        &statuses as &[Option<String>],
        &asks,
        &asked as &[Option<Vec<u8>>],
        &seen,
        &at as _,
        &begins,
        &stopped
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Computes everything here from the log anew; what bureau and notifier said is followed from their
/// first message again.
pub async fn rebuild(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "truncate report, timeline, reporter_act, partner_request, evidence, followed, parked"
    )
    .execute(&mut *conn)
    .await?;
    let mut after = 0;
    loop {
        let events = event_log::read_after(conn, after, 500).await?;
        let Some(last) = events.last() else { return Ok(()) };
        after = last.position;
        let beside: Vec<(Beside, &Recorded)> =
            events.iter().filter_map(|event| Some((crate::codec::beside(event)?, event))).collect();
        let beside: Vec<_> = beside.iter().map(|(beside, event)| (beside, *event)).collect();
        BESIDE.write_again(conn, &beside).await?;
    }
}
