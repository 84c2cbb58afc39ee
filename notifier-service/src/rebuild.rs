//! Empties the read models and computes them from the log again.

use backbone::event_log;
use sqlx::{Executor as _, PgConnection};

use crate::history::{self, HistoryError};
use crate::projections::rows::{self, Touched};

const BATCH_MAX: u32 = 500;

/// Rebuilds all read models in the caller's transaction, which has to be the owner's or the service's
/// with the service stopped.
pub async fn rebuild(conn: &mut PgConnection) -> Result<(), HistoryError> {
    conn.execute("truncate reporter, obligation, message, attempt, hold, emergency, emergency_letter, emergency_attempt").await?;
    let mut position = 0;
    loop {
        let events = event_log::read_after(conn, position, BATCH_MAX).await?;
        let Some(last) = events.last() else { return Ok(()) };
        position = last.position;
        // Each history is folded to its end where it begins, and not again.
        let mut histories = history::of(events.iter().filter_map(history::begins));
        history::catch_up(conn, &mut histories).await?;
        let mut touched = Touched::default();
        for (report_id, history) in &histories {
            touched.all(*report_id, &history.contact);
        }
        rows::write(conn, &histories, &touched).await?;
    }
}
