//! What staff see of one reporter: what was owed, tried and kept. No address, no words.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::emergencies::{self, EmergencyRow};

/// Everything about one report's contact.
#[derive(Debug, Clone, Serialize)]
pub struct ContactPage {
    pub reference: String,
    pub report_id: Uuid,
    pub held_at: Option<Timestamp>,
    /// Since when the reporter wants no message in any way.
    pub stopped_at: Option<Timestamp>,
    pub obligations: Vec<ObligationRow>,
    pub messages: Vec<MessageRow>,
    pub emergencies: Vec<EmergencyRow>,
}

#[derive(Debug, Clone, Serialize)]
pub struct ObligationRow {
    pub id: Uuid,
    pub why: String,
    pub owed: bool,
    pub opened_at: Timestamp,
    pub due_at: Timestamp,
    pub exhausted_at: Option<Timestamp>,
    pub kept: Option<String>,
    pub kept_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize)]
pub struct MessageRow {
    pub id: Uuid,
    pub what: String,
    pub channel: String,
    pub decision_number: Option<u32>,
    pub first_at: Timestamp,
    pub due_at: Timestamp,
    pub next_at: Option<Timestamp>,
    pub state: String,
    pub why: Option<String>,
    pub ended_at: Option<Timestamp>,
    pub attempts: Vec<AttemptRow>,
}

#[derive(Debug, Clone, Serialize)]
pub struct AttemptRow {
    pub attempt: u32,
    pub provider: String,
    pub outcome: String,
    pub detail: String,
    pub resend: bool,
    pub intended_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// The page of the report with this reference.
pub async fn by_reference(
    conn: &mut PgConnection,
    reference: &str,
) -> Result<Option<ContactPage>, sqlx::Error> {
    let found = sqlx::query!(
        r#"select reporter.report_id, reference, stopped_at, held_at as "held_at?"
           from reporter left join hold on hold.report_id = reporter.report_id
           where reference = $1"#,
        reference
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(found) = found else { return Ok(None) };
    Ok(Some(ContactPage {
        reference: found.reference,
        report_id: found.report_id,
        held_at: found.held_at.map(jiff_sqlx::Timestamp::to_jiff),
        stopped_at: found.stopped_at.map(jiff_sqlx::Timestamp::to_jiff),
        obligations: obligations(conn, found.report_id).await?,
        messages: messages(conn, found.report_id).await?,
        emergencies: emergencies::of_report(conn, found.report_id).await?,
    }))
}

async fn obligations(
    conn: &mut PgConnection,
    report_id: Uuid,
) -> Result<Vec<ObligationRow>, sqlx::Error> {
    let rows = sqlx::query!(
        "select obligation_id, why, owed, opened_at, due_at, exhausted_at, kept, kept_at
         from obligation where report_id = $1 order by opened_at, obligation_id",
        report_id
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ObligationRow {
            id: row.obligation_id,
            why: row.why,
            owed: row.owed,
            opened_at: row.opened_at.to_jiff(),
            due_at: row.due_at.to_jiff(),
            exhausted_at: row.exhausted_at.map(jiff_sqlx::Timestamp::to_jiff),
            kept: row.kept,
            kept_at: row.kept_at.map(jiff_sqlx::Timestamp::to_jiff),
        })
        .collect())
}

async fn messages(
    conn: &mut PgConnection,
    report_id: Uuid,
) -> Result<Vec<MessageRow>, sqlx::Error> {
    let rows = sqlx::query!(
        "select message_id, what, channel, decision_number, first_at, due_at, next_at, state,
                ended_why, ended_at
         from message where report_id = $1 order by first_at, message_id",
        report_id
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut messages: Vec<MessageRow> = rows
        .into_iter()
        .map(|row| MessageRow {
            id: row.message_id,
            what: row.what,
            channel: row.channel,
            decision_number: Some(row.decision_number.unsigned_abs()).filter(|number| *number > 0),
            first_at: row.first_at.to_jiff(),
            due_at: row.due_at.to_jiff(),
            next_at: row.next_at.map(jiff_sqlx::Timestamp::to_jiff),
            state: row.state,
            why: Some(row.ended_why).filter(|why| !why.is_empty()),
            ended_at: row.ended_at.map(jiff_sqlx::Timestamp::to_jiff),
            attempts: vec![],
        })
        .collect();
    for (message_id, attempt) in attempts(conn, report_id).await? {
        if let Some(message) = messages.iter_mut().find(|message| message.id == message_id) {
            message.attempts.push(attempt);
        }
    }
    Ok(messages)
}

async fn attempts(
    conn: &mut PgConnection,
    report_id: Uuid,
) -> Result<Vec<(Uuid, AttemptRow)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select message_id, attempt, provider, state, detail, is_resend, intended_at, ended_at
         from attempt where report_id = $1 order by message_id, attempt",
        report_id
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let attempt = AttemptRow {
                attempt: row.attempt.unsigned_abs(),
                provider: row.provider,
                outcome: row.state,
                detail: row.detail,
                resend: row.is_resend,
                intended_at: row.intended_at.to_jiff(),
                ended_at: row.ended_at.map(jiff_sqlx::Timestamp::to_jiff),
            };
            (row.message_id, attempt)
        })
        .collect())
}
