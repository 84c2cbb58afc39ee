//! What has to be done now.

use backbone::event_log::to_u64;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

/// A message that is due, with what is needed to make it.
#[derive(Debug, Clone)]
pub struct DueMessage {
    pub message_id: Uuid,
    pub report_id: Uuid,
    pub what: String,
    pub channel: String,
    pub due_at: Timestamp,
    pub again_by: Option<Timestamp>,
    pub decision: String,
    pub words: Option<Vec<u8>>,
    pub traceparent: String,
    pub reference: String,
    pub email_is_safe: bool,
    pub phone_is_safe: bool,
    pub anonymous: bool,
    pub contact: Option<Vec<u8>>,
    /// An attempt that is in doubt, and with whom.
    pub in_doubt: Option<(u32, String)>,
}

/// Messages that are due at `now`, earliest deadline first. Not those of a report that is held, or
/// that has a parked message: what waits there may be a hold.
pub async fn messages(
    conn: &mut PgConnection,
    now: Timestamp,
    holding_too: bool,
    limit: i64,
) -> Result<Vec<DueMessage>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select due.message_id, due.report_id, what, channel, due_at, again_by, decision, words,
                  traceparent, reference, email_is_safe, phone_is_safe, anonymous, contact,
                  attempt.attempt as "in_doubt?", attempt.provider as "provider?"
           from (
               select * from message
               where next_at <= $1
                   and ($2 or what <> 'holding')
                   and not exists (select from hold where hold.report_id = message.report_id)
                   and not exists (select from parked where parked.report_id = message.report_id)
               order by due_at, next_at
               limit $3
           ) as due
           join reporter on reporter.report_id = due.report_id
           left join attempt
               on attempt.message_id = due.message_id and attempt.state = 'in_doubt'
           order by due_at, next_at"#,
        now.to_sqlx() as _,
        holding_too,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| DueMessage {
            message_id: row.message_id,
            report_id: row.report_id,
            what: row.what,
            channel: row.channel,
            due_at: row.due_at.to_jiff(),
            again_by: row.again_by.map(jiff_sqlx::Timestamp::to_jiff),
            decision: row.decision,
            words: row.words,
            traceparent: row.traceparent,
            reference: row.reference,
            email_is_safe: row.email_is_safe,
            phone_is_safe: row.phone_is_safe,
            anonymous: row.anonymous,
            contact: row.contact,
            in_doubt: row
                .in_doubt
                .map(|number| (number.unsigned_abs(), row.provider.unwrap_or_default())),
        })
        .collect())
}

/// Reports with an obligation that a person has to take over by now.
pub async fn reviews(
    conn: &mut PgConnection,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select report_id from obligation where check_at <= $1 order by check_at limit $2",
        now.to_sqlx() as _,
        limit
    )
    .fetch_all(conn)
    .await
}

/// An attempt whose outcome nobody has told.
#[derive(Debug, Clone)]
pub struct Untold {
    pub message_id: Uuid,
    pub report_id: Uuid,
    pub attempt: u32,
    pub provider: String,
    pub intended_at: Timestamp,
}

/// Attempts that were intended and have no outcome, oldest first.
pub async fn untold(conn: &mut PgConnection, limit: i64) -> Result<Vec<Untold>, sqlx::Error> {
    let rows = sqlx::query!(
        "select message_id, report_id, attempt, provider, intended_at from attempt
         where state = 'intended' order by intended_at limit $1",
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Untold {
            message_id: row.message_id,
            report_id: row.report_id,
            attempt: row.attempt.unsigned_abs(),
            provider: row.provider,
            intended_at: row.intended_at.to_jiff(),
        })
        .collect())
}

/// How much waits for the dispatcher at `now`: messages, obligations and attempts under way.
pub async fn count(conn: &mut PgConnection, now: Timestamp) -> Result<u64, sqlx::Error> {
    let count = sqlx::query_scalar!(
        r#"select (
               (select count(*) from message where next_at <= $1
                   and not exists (select from hold where hold.report_id = message.report_id)
                   and not exists (select from parked where parked.report_id = message.report_id))
               + (select count(*) from obligation where check_at <= $1)
               + (select count(*) from attempt where state = 'intended')
           ) as "count!""#,
        now.to_sqlx() as _
    )
    .fetch_one(conn)
    .await?;
    Ok(to_u64(count))
}
