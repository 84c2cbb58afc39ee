//! Emergencies: what has to be told now, and what staff see of them.

use backbone::event_log::to_u64;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx as _;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::emergency::Way;
use crate::domain::plan::Wishes;

const LETTERS_MAX: i64 = 64;

/// A letter that is due, with what is needed to make it.
#[derive(Debug, Clone)]
pub struct DueLetter {
    pub message_id: Uuid,
    pub way: Way,
    pub report_id: Uuid,
    pub reference: String,
    pub raised_at: Timestamp,
    pub is_details: bool,
    pub has_no_way: bool,
    pub content: Option<Vec<u8>>,
    pub contact: Option<Vec<u8>>,
    pub wishes: Wishes,
    pub traceparent: String,
}

/// Letters that are due at `now`.
pub async fn letters(
    conn: &mut PgConnection,
    now: Timestamp,
) -> Result<Vec<DueLetter>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select letter.message_id, letter.way, emergency.report_id, emergency.reference, raised_at,
                  of_what, has_no_way, content, traceparent, contact as "contact?",
                  phone_is_safe as "phone_is_safe?", anonymous as "anonymous?"
           from emergency_letter as letter
           join emergency on emergency.message_id = letter.message_id
           left join reporter on reporter.report_id = emergency.report_id
           where letter.next_at <= $1
           order by letter.next_at, letter.message_id
           limit $2"#,
        now.to_sqlx() as _,
        LETTERS_MAX
    )
    .fetch_all(conn)
    .await?;
    let letters = rows.into_iter().filter_map(|row| {
        Some(DueLetter {
            message_id: row.message_id,
            way: Way::parse(&row.way)?,
            report_id: row.report_id,
            reference: row.reference,
            raised_at: row.raised_at.to_jiff(),
            is_details: row.of_what == "details",
            has_no_way: row.has_no_way,
            content: row.content,
            contact: row.contact,
            wishes: Wishes {
                phone_is_safe: row.phone_is_safe.unwrap_or_default(),
                anonymous: row.anonymous.unwrap_or_default(),
                ..Wishes::default()
            },
            traceparent: row.traceparent,
        })
    });
    Ok(letters.collect())
}

/// An attempt whose outcome nobody has told.
#[derive(Debug, Clone)]
pub struct Untold {
    pub message_id: Uuid,
    pub report_id: Uuid,
    pub way: Way,
    pub attempt: u32,
    pub provider: String,
    pub intended_at: Timestamp,
}

/// Attempts that were intended and have no outcome.
pub async fn untold(conn: &mut PgConnection) -> Result<Vec<Untold>, sqlx::Error> {
    let rows = sqlx::query!(
        "select attempt.message_id, report_id, way, attempt, provider, intended_at
         from emergency_attempt as attempt
         join emergency on emergency.message_id = attempt.message_id
         where state = 'intended' order by intended_at limit $1",
        LETTERS_MAX
    )
    .fetch_all(conn)
    .await?;
    let untold = rows.into_iter().filter_map(|row| {
        Some(Untold {
            message_id: row.message_id,
            report_id: row.report_id,
            way: Way::parse(&row.way)?,
            attempt: row.attempt.unsigned_abs(),
            provider: row.provider,
            intended_at: row.intended_at.to_jiff(),
        })
    });
    Ok(untold.collect())
}

/// Emergencies, with their reports, that an alarm is due for.
pub async fn alarms(
    conn: &mut PgConnection,
    now: Timestamp,
    patience: SignedDuration,
) -> Result<Vec<(Uuid, Uuid)>, sqlx::Error> {
    let before = now.saturating_sub(patience).unwrap_or(Timestamp::MIN);
    let rows = sqlx::query!(
        "select message_id, report_id from emergency
         where waits_since is not null and (waits_since <= $1 or (has_no_way and alarms = 0))
         order by waits_since limit $2",
        before.to_sqlx() as _,
        LETTERS_MAX
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.message_id, row.report_id)).collect())
}

/// How much has to be done at `now`; an emergency that is with nobody yet is not done with.
pub async fn count(conn: &mut PgConnection, now: Timestamp) -> Result<u64, sqlx::Error> {
    let count = sqlx::query_scalar!(
        r#"select (
               (select count(*) from emergency_letter where next_at <= $1)
               + (select count(*) from emergency_attempt where state = 'intended')
               + (select count(*) from emergency where waits_since is not null and is_nowhere)
           ) as "count!""#,
        now.to_sqlx() as _
    )
    .fetch_one(conn)
    .await?;
    Ok(to_u64(count))
}

/// An emergency, as whoever acknowledges it is answered.
#[derive(Debug, Clone)]
pub struct Found {
    pub report_id: Uuid,
    pub reference: String,
    pub acknowledged: Option<(String, Timestamp)>,
}

/// The emergency with this id.
pub async fn find(conn: &mut PgConnection, id: Uuid) -> Result<Option<Found>, sqlx::Error> {
    let row = sqlx::query!(
        "select report_id, reference, acknowledged_by, acknowledged_at from emergency
         where message_id = $1",
        id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Found {
        report_id: row.report_id,
        reference: row.reference,
        acknowledged: row
            .acknowledged_by
            .zip(row.acknowledged_at.map(jiff_sqlx::Timestamp::to_jiff)),
    }))
}

/// What staff see of one.
#[derive(Debug, Clone, Serialize)]
pub struct EmergencyRow {
    pub message_id: Uuid,
    pub of: String,
    pub raised_at: Timestamp,
    pub alarms: u32,
    pub alarmed_at: Option<Timestamp>,
    pub acknowledged_by: Option<String>,
    pub acknowledged_at: Option<Timestamp>,
    pub letters: Vec<LetterRow>,
}

#[derive(Debug, Clone, Serialize)]
pub struct LetterRow {
    pub way: String,
    pub delivered_at: Option<Timestamp>,
    pub next_at: Option<Timestamp>,
    pub attempts: Vec<AttemptRow>,
}

#[derive(Debug, Clone, Serialize)]
pub struct AttemptRow {
    pub attempt: u32,
    pub provider: String,
    pub outcome: String,
    pub detail: String,
    pub intended_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// All emergencies of a report, oldest first.
pub async fn of_report(
    conn: &mut PgConnection,
    report_id: Uuid,
) -> Result<Vec<EmergencyRow>, sqlx::Error> {
    let rows = sqlx::query!(
        "select message_id, of_what, raised_at, alarms, alarmed_at, acknowledged_by, acknowledged_at
         from emergency where report_id = $1 order by raised_at, message_id",
        report_id
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut emergencies = vec![];
    for row in rows {
        emergencies.push(EmergencyRow {
            message_id: row.message_id,
            of: row.of_what,
            raised_at: row.raised_at.to_jiff(),
            alarms: row.alarms.unsigned_abs(),
            alarmed_at: row.alarmed_at.map(jiff_sqlx::Timestamp::to_jiff),
            acknowledged_by: row.acknowledged_by,
            acknowledged_at: row.acknowledged_at.map(jiff_sqlx::Timestamp::to_jiff),
            letters: letters_of(conn, row.message_id).await?,
        });
    }
    Ok(emergencies)
}

async fn letters_of(
    conn: &mut PgConnection,
    message_id: Uuid,
) -> Result<Vec<LetterRow>, sqlx::Error> {
    let rows = sqlx::query!(
        "select way, delivered_at, next_at from emergency_letter where message_id = $1 order by way",
        message_id
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut letters: Vec<LetterRow> = rows
        .into_iter()
        .map(|row| LetterRow {
            way: row.way,
            delivered_at: row.delivered_at.map(jiff_sqlx::Timestamp::to_jiff),
            next_at: row.next_at.map(jiff_sqlx::Timestamp::to_jiff),
            attempts: vec![],
        })
        .collect();
    let attempts = sqlx::query!(
        "select way, attempt, provider, state, detail, intended_at, ended_at from emergency_attempt
         where message_id = $1 order by way, attempt",
        message_id
    )
    .fetch_all(conn)
    .await?;
    for row in attempts {
        if let Some(letter) = letters.iter_mut().find(|letter| letter.way == row.way) {
            letter.attempts.push(AttemptRow {
                attempt: row.attempt.unsigned_abs(),
                provider: row.provider,
                outcome: row.state,
                detail: row.detail,
                intended_at: row.intended_at.to_jiff(),
                ended_at: row.ended_at.map(jiff_sqlx::Timestamp::to_jiff),
            });
        }
    }
    Ok(letters)
}
