//! Pages of the list: filters, two orders, and a cursor that names the last row seen.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{Case, Rank, Row};
use crate::domain::words::{Grade, Kind, Status};

/// A page has at most so many rows, whatever was asked for.
pub const LIMIT_MAX: u32 = 200;

words! {
    /// What the list is sorted by; ascending, so that what waits longest comes first.
    pub enum Sort {
        Due = "due",
        Received = "received",
    }
}

/// What of the list is wished for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub status: Option<Status>,
    pub kind: Option<Kind>,
    pub grade: Option<Grade>,
    pub claimed_by: Option<String>,
    pub reference: Option<String>,
    pub sort: Sort,
    pub after: Option<Cursor>,
    pub limit: u32,
}

/// The last row of a page: the next page begins behind it, whatever has changed meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    sort: Sort,
    rank: i16,
    at: Timestamp,
    report_id: Uuid,
}

impl Cursor {
    fn of(sort: Sort, case: &Case) -> Self {
        let (rank, at) = match sort {
            Sort::Due => (case.rank.number(), case.due_at),
            Sort::Received => (0, case.open.submitted_at),
        };
        Self { sort, rank, at, report_id: case.report_id }
    }

    /// As it stands in a URL.
    #[must_use]
    pub fn encode(&self) -> String {
        let at = self.at.as_microsecond();
        URL_SAFE_NO_PAD.encode(format!(
            "{} {} {at} {}",
            self.sort.as_str(),
            self.rank,
            self.report_id.simple()
        ))
    }

    /// Reads one of this order.
    #[must_use]
    pub fn parse(text: &str, sort: Sort) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut parts = text.split(' ');
        let cursor = Self {
            sort: Sort::parse(parts.next()?)?,
            rank: parts.next()?.parse().ok()?,
            at: Timestamp::from_microsecond(parts.next()?.parse().ok()?).ok()?,
            report_id: Uuid::try_parse(parts.next()?).ok()?,
        };
        // The database holds fewer years than a timestamp does.
        let is_time = cursor.at >= Timestamp::UNIX_EPOCH;
        let is_rank = Rank::ALL.iter().any(|rank| rank.number() == cursor.rank);
        (parts.next().is_none() && cursor.sort == sort && is_rank && is_time).then_some(cursor)
    }
}

/// A page, and where the next one begins.
#[derive(Debug, Clone)]
pub struct Page {
    pub cases: Vec<Case>,
    pub next: Option<Cursor>,
}

/// One page of the list.
pub async fn page(conn: &mut PgConnection, wish: &Wish) -> Result<Page, sqlx::Error> {
    let limit = wish.limit.clamp(1, LIMIT_MAX);
    let rows: Vec<Row> =
        statement(wish, i64::from(limit) + 1).build_query_as().fetch_all(conn).await?;
    let mut cases = rows.into_iter().map(Row::into_case).collect::<Result<Vec<_>, _>>()?;
    let more = cases.len() > limit as usize;
    cases.truncate(limit as usize);
    let last = cases.last().filter(|_| more);
    let next = last.map(|case| Cursor::of(wish.sort, case));
    Ok(Page { cases, next })
}

fn statement(wish: &Wish, limit: i64) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new("select * from triage_queue where true");
    let filters = [
        (" and status = ", wish.status.map(|status| status.as_str().to_owned())),
        (" and kind = ", wish.kind.map(|kind| kind.as_str().to_owned())),
        (" and grade = ", wish.grade.map(|grade| grade.as_str().to_owned())),
        (" and claimed_by = ", wish.claimed_by.clone()),
        (" and reference = ", wish.reference.clone()),
    ];
    for (filter, value) in filters {
        if let Some(value) = value {
            sql.push(filter).push_bind(value);
        }
    }
    if let Some(after) = wish.after {
        match wish.sort {
            Sort::Due => {
                sql.push(" and (rank, due_at, report_id) > (").push_bind(after.rank).push(", ");
            }
            Sort::Received => {
                sql.push(" and (submitted_at, report_id) > (");
            }
        }
        sql.push_bind(after.at.to_sqlx()).push(", ").push_bind(after.report_id).push(")");
    }
    sql.push(match wish.sort {
        Sort::Due => " order by rank, due_at, report_id limit ",
        Sort::Received => " order by submitted_at, report_id limit ",
    });
    sql.push_bind(limit);
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_belongs_to_its_order() {
        for rank in Rank::ALL {
            let cursor = Cursor {
                sort: Sort::Due,
                rank: rank.number(),
                at: Timestamp::from_microsecond(17).unwrap(),
                report_id: Uuid::from_u128(9),
            };
            let text = cursor.encode();
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            assert_eq!(Cursor::parse(&text, Sort::Due), Some(cursor));
            assert_eq!(Cursor::parse(&text, Sort::Received), None);
        }
        assert_eq!(Cursor::parse("nonsense", Sort::Due), None);
        assert_eq!(Cursor::parse("", Sort::Due), None);
    }

    #[test]
    fn a_cursor_at_a_time_that_no_case_has_is_none() {
        let read = |at: i64| {
            let text = URL_SAFE_NO_PAD.encode(format!("due 2 {at} {}", "0".repeat(32)));
            Cursor::parse(&text, Sort::Due).is_some()
        };
        let last = Timestamp::MAX.as_second() * 1_000_000;
        assert!(read(0) && read(last));
        for at in [-377_705_023_201_000_000, -210_866_803_200_000_001, -1, last + 1_000_000] {
            assert!(!read(at), "{at}");
        }
    }
}
