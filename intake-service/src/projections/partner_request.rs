//! What a partner passed on and how it stands: public words and times, nothing that anybody wrote.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

/// A page has at most so many, whatever was asked for.
pub const ROWS_MAX: u32 = 1_000;

/// Statuses after which nothing more is to come.
const CLOSED: [&str; 3] = ["no_further_action", "passed_on", "closed"];

/// A report that a partner passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub reference: String,
    pub kind: String,
    pub status: String,
    pub submitted_at: Timestamp,
    pub updated_at: Timestamp,
    pub contact_by: Timestamp,
}

impl Request {
    #[must_use]
    pub fn is_open(&self) -> bool {
        !CLOSED.contains(&self.status.as_str())
    }
}

/// Which of a partner's reports are wished for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Only these; then nothing else is looked at.
    pub references: Option<Vec<String>>,
    pub kinds: Option<Vec<String>>,
    pub from: Timestamp,
    /// Before this.
    pub until: Timestamp,
    pub is_open: Option<bool>,
    pub rows: u32,
    pub skipped: u32,
}

/// Those of `partner`, the newest first.
pub async fn of(
    conn: &mut PgConnection,
    partner: &str,
    wish: &Wish,
) -> Result<Vec<Request>, sqlx::Error> {
    let closed = CLOSED.map(str::to_owned);
    let rows = sqlx::query!(
        r#"select r.reference, p.kind, r.status, p.submitted_at, r.contact_by,
                  (select max(at) from timeline t where t.report_id = p.report_id) as last_at
           from partner_request p join report r using (report_id)
           where p.partner = $1
             and case when $2::text[] is null
                 then p.submitted_at >= $3 and p.submitted_at < $4
                      and ($5::text[] is null or p.kind = any($5))
                      and ($6::boolean is null or (r.status = any($7)) != $6)
                 else r.reference = any($2) end
           order by p.submitted_at desc, p.report_id
           limit $8 offset $9"#,
        partner,
        wish.references.as_deref(),
        wish.from.to_sqlx() as _,
        wish.until.to_sqlx() as _,
        wish.kinds.as_deref(),
        wish.is_open,
        &closed,
        i64::from(wish.rows.min(ROWS_MAX)),
        i64::from(wish.skipped)
    )
    .fetch_all(conn)
    .await?;
    let request = rows.into_iter().map(|row| {
        let submitted_at = row.submitted_at.to_jiff();
        Request {
            reference: row.reference,
            kind: row.kind,
            status: row.status,
            submitted_at,
            updated_at: row.last_at.map_or(submitted_at, jiff_sqlx::Timestamp::to_jiff),
            contact_by: row.contact_by.to_jiff(),
        }
    });
    Ok(request.collect())
}
