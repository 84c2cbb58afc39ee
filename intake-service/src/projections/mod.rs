//! What intake's pages read: computed from its own log and from what bureau and notifier say.

pub mod evidence; // which files belong to which report
pub mod code_try; // wrong return codes, and how long to wait
pub mod partner_request; // what partners passed on
pub mod status; // what the status page shows
pub mod unseen; // reports that the bureau has not been seen to have

use jiff::Timestamp;
use uuid::Uuid;

/// What stands beside an event of the public, written in the transaction that appends it.
#[derive(Debug, Clone)]
pub enum Beside {
    Report {
        reference: String,
        submitted_at: Timestamp,
        contact_by: Timestamp,
        /// Where the reporter did not send it themselves.
        through: Option<Through>,
        held: Vec<Held>,
    },
    Act {
        act_id: Uuid,
        held: Vec<Held>,
    },
    /// It is about no report: no page shows it.
    Nothing,
}

/// The partner who passed a report on, and what it is about to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Through {
    pub partner: String,
    pub kind: String,
}

/// A file that belongs to a report from its event on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub file_id: Uuid,
    pub size: u64,
    /// 1, 2, 3 within the report.
    pub number: u32,
}
