//! State -> rows of emergencies. There are few of them, so each is written by itself.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::control_room::codec;
use crate::domain::emergency::{Attempt, AttemptState, Emergency, Letter, Way};

/// Which attempts of an emergency have to be written anew.
pub(super) type Attempts = BTreeSet<(Uuid, Way, u32)>;

fn time(time: Option<Timestamp>) -> Option<jiff_sqlx::Timestamp> {
    time.map(jiff::Timestamp::to_sqlx)
}

fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Writes an emergency, its letters, and the attempts that were touched.
pub(super) async fn write(
    conn: &mut PgConnection,
    report_id: Uuid,
    emergency: &Emergency,
    traceparent: &str,
    touched: &Attempts,
) -> Result<(), sqlx::Error> {
    let raised = &emergency.raised;
    let content = raised.content.as_ref().filter(|_| emergency.acknowledged.is_none());
    let acknowledged = emergency.acknowledged.as_ref();
    sqlx::query!(
        "insert into emergency (message_id, report_id, of_what, reference, raised_at, content,
                                waits_since, has_no_way, is_nowhere, alarms, alarmed_at,
                                acknowledged_by, acknowledged_at, traceparent)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         on conflict (message_id) do update set
             content = excluded.content, waits_since = excluded.waits_since,
             is_nowhere = excluded.is_nowhere, alarms = excluded.alarms,
             alarmed_at = excluded.alarmed_at, acknowledged_by = excluded.acknowledged_by,
             acknowledged_at = excluded.acknowledged_at",
        raised.id,
        report_id,
        codec::of(raised.of),
        raised.reference,
        raised.at.to_sqlx() as _,
        content.map(|sealed| sealed.0.as_slice()),
        time(emergency.waits_since()) as _,
        emergency.has_no_way(),
        emergency.is_nowhere(),
        number(emergency.alarms),
        time(emergency.alarmed_at) as _,
        acknowledged.map(|(by, _)| by.as_str()),
        time(acknowledged.map(|(_, at)| *at)) as _,
        traceparent
    )
    .execute(&mut *conn)
    .await?;
    for letter in &emergency.letters {
        write_letter(conn, raised.id, letter).await?;
        for attempt in &letter.attempts {
            if touched.contains(&(raised.id, letter.way, attempt.number)) {
                write_attempt(conn, raised.id, letter.way, attempt).await?;
            }
        }
    }
    Ok(())
}

async fn write_letter(
    conn: &mut PgConnection,
    message_id: Uuid,
    letter: &Letter,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into emergency_letter (message_id, way, delivered_at, next_at, failures)
         values ($1, $2, $3, $4, $5)
         on conflict (message_id, way) do update set
             delivered_at = excluded.delivered_at, next_at = excluded.next_at,
             failures = excluded.failures",
        message_id,
        letter.way.to_string(),
        time(letter.delivered_at) as _,
        time(letter.next_at) as _,
        number(letter.failures)
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn write_attempt(
    conn: &mut PgConnection,
    message_id: Uuid,
    way: Way,
    attempt: &Attempt,
) -> Result<(), sqlx::Error> {
    let state = match attempt.state {
        AttemptState::Intended => "intended",
        AttemptState::Ended(outcome) => codec::outcome(outcome),
    };
    sqlx::query!(
        "insert into emergency_attempt (message_id, way, attempt, provider, state, detail,
                                        intended_at, ended_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (message_id, way, attempt) do update set
             state = excluded.state, detail = excluded.detail, ended_at = excluded.ended_at",
        message_id,
        way.to_string(),
        number(attempt.number),
        attempt.provider,
        state,
        attempt.detail,
        attempt.intended_at.to_sqlx() as _,
        time(attempt.ended_at) as _
    )
    .execute(conn)
    .await?;
    Ok(())
}
