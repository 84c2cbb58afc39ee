//! The read models: computed from the log, live and when they are rebuilt, by the same code.
//!
//! Whoever appends projects in the same transaction, under the log's head: so nobody else changes a
//! row between its reading and its writing.

pub mod clock; // where each promise stands, and when something is due
pub mod triage_queue; // the list of cases
pub mod message; // what became of each message
pub mod task; // what a person has to do

use std::collections::HashSet;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::codec::{Happened, Seen};
use crate::domain::case::Event;

/// All tables that are computed from the log, in the order in which they are made.
pub const TABLES: [&str; 4] = ["triage_queue", "clock", "message", "task"];

/// Brings all read models on by these events: a number of statements for all of them, not for each.
pub async fn apply(conn: &mut PgConnection, seen: &[Seen]) -> Result<(), sqlx::Error> {
    let promises = clock::apply(conn, seen).await?;
    triage_queue::apply(conn, seen, &promises).await?;
    message::apply(conn, seen).await?;
    task::apply(conn, seen).await
}

/// The reports of which something is known before `seen`.
fn known_before(seen: &[Seen]) -> Vec<Uuid> {
    let mut begun = HashSet::new();
    let mut known = HashSet::new();
    for one in seen {
        match &one.happened {
            Happened::Case(Event::Opened(_)) => {
                begun.insert(one.report_id);
            }
            Happened::Case(_) | Happened::Contact(_) => {
                if !begun.contains(&one.report_id) {
                    known.insert(one.report_id);
                }
            }
            Happened::Parking => {}
        }
    }
    known.into_iter().collect()
}

/// A number as PostgreSQL keeps it: it has no unsigned ones, and ours stay far below the limit.
fn to_i32(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A word in a row that this build does not know: the row was written by a newer one.
fn unknown(column: &'static str) -> sqlx::Error {
    sqlx::Error::Decode(format!("{column} holds a word that is not known here").into())
}
