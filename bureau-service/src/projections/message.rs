//! What became of each message to a reporter.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{to_i32, unknown};
use crate::codec::{Happened, Seen};
use crate::domain::promise::{Fact, Message};
use crate::domain::words::{ContactState, MessageWhat};

/// Takes in what the events say of messages.
pub async fn apply(conn: &mut PgConnection, seen: &[Seen]) -> Result<(), sqlx::Error> {
    let mut newest: HashMap<Uuid, (Uuid, &Message, Timestamp)> = HashMap::new();
    for one in seen {
        if let Happened::Contact(Fact::Message { message, at }) = &one.happened {
            newest.insert(message.id, (one.report_id, message, *at));
        }
    }
    if newest.is_empty() {
        return Ok(());
    }
    let (mut ids, mut reports, mut whats) = (vec![], vec![], vec![]);
    let (mut decisions, mut named) = (vec![], vec![]);
    let (mut states, mut times) = (vec![], vec![]);
    for (report_id, message, at) in newest.into_values() {
        ids.push(message.id);
        reports.push(report_id);
        whats.push(message.what.as_str().to_owned());
        decisions.push(to_i32(message.decision));
        named.push(message.again_by.map(jiff_sqlx::ToSqlx::to_sqlx));
        states.push(message.state.as_str().to_owned());
        times.push(at.to_sqlx());
    }
    sqlx::query!(
        "insert into message (message_id, report_id, what, decision_number, again_by, state,
                              changed_at)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[],
                              $5::timestamptz[], $6::text[], $7::timestamptz[])
         on conflict (message_id) do update set
             state = excluded.state, changed_at = excluded.changed_at",
        &ids,
        &reports,
        &whats,
        &decisions,
        &named as _,
        &states,
        &times as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A message with the time of its newest news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub message: Message,
    pub changed_at: Timestamp,
}

/// The messages of these reports, the oldest news first.
pub async fn of_reports(
    conn: &mut PgConnection,
    reports: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Told>>, sqlx::Error> {
    let rows = sqlx::query!(
        "select message_id, report_id, what, decision_number, again_by, state, changed_at
         from message where report_id = any($1) order by changed_at, message_id",
        reports
    )
    .fetch_all(conn)
    .await?;
    let mut told: HashMap<Uuid, Vec<Told>> = HashMap::new();
    for row in rows {
        let message = Message {
            id: row.message_id,
            what: MessageWhat::parse(&row.what).ok_or_else(|| unknown("message.what"))?,
            decision: row.decision_number.unsigned_abs(),
            again_by: row.again_by.map(jiff_sqlx::Timestamp::to_jiff),
            state: ContactState::parse(&row.state).ok_or_else(|| unknown("message.state"))?,
        };
        let changed_at = row.changed_at.to_jiff();
        told.entry(row.report_id).or_default().push(Told { message, changed_at });
    }
    Ok(told)
}
