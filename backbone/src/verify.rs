//! Is the log whole? Reads every row and believes none of them.

use sqlx::{Connection as _, PgConnection};

use crate::chain::GENESIS;
use crate::event_log::{self, Log};

const BATCH_MAX: u32 = 1_000;

/// What a reading of the whole log came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub events: u64,
    pub faults: Vec<Fault>,
}

/// Something that cannot be in a whole log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("position {0} is missing")]
    Missing(u64),
    #[error("position {0}: the hash is not that of the row: it was edited, or the row before it")]
    Edited(u64),
    #[error("position {0}: the tag was not made with this service's key")]
    NotTagged(u64),
    #[error("the head says {head}, the last row is {last}")]
    Head { head: u64, last: u64 },
}

/// Reads the whole log as it is at one moment: a service may go on appending. Stops after twenty faults:
/// the rest follows from them.
pub async fn verify(conn: &mut PgConnection, log: &Log) -> Result<Verified, sqlx::Error> {
    let mut conn = conn.begin_with("begin isolation level repeatable read").await?;
    let mut verified = Verified { events: 0, faults: vec![] };
    let mut last = 0;
    let mut hash = GENESIS;
    while verified.faults.len() < 20 {
        let events = event_log::read_after(&mut conn, last, BATCH_MAX).await?;
        if events.is_empty() {
            break;
        }
        for event in events {
            if event.position != last + 1 {
                verified.faults.push(Fault::Missing(last + 1));
                hash = event.previous;
            }
            if event.previous != hash || event.computed_hash() != event.hash {
                verified.faults.push(Fault::Edited(event.position));
            }
            if !log.key.verifies(&event.hash, &event.tag) {
                verified.faults.push(Fault::NotTagged(event.position));
            }
            verified.events += 1;
            (last, hash) = (event.position, event.hash);
        }
    }
    let head = event_log::head(&mut conn).await?;
    if verified.faults.is_empty() && (head.position != last || head.hash != hash) {
        verified.faults.push(Fault::Head { head: head.position, last });
    }
    Ok(verified)
}
