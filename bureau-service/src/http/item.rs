//! A case, as the list shows it and as acts are answered.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::words::{Channel, Grade};
use crate::projections::triage_queue::Case;

/// Nothing in it is personal.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "what programs read, word by word")]
pub(super) struct Item<'a> {
    reference: &'a str,
    report_id: Uuid,
    kind: &'a str,
    status: &'static str,
    grade: Option<&'static str>,
    submitted_at: Timestamp,
    contact_by: Timestamp,
    contact_state: &'static str,
    claimed_by: Option<&'a str>,
    version: u32,
    flags: Vec<&'static str>,
    at_risk: bool,
    due_at: Timestamp,
    held: bool,
    withdrawal_asked: bool,
    /// Somebody speaks with the reporter by a safe way before a withdrawal is granted.
    speak_first: bool,
    /// What the reporter added since the last decision raised flags.
    raised: bool,
    /// The reporter has sent the first part and not said yet that they have told all.
    still_being_written: bool,
    /// What is looked for is said to be found, and nothing was decided since. The search goes on.
    found_reported: bool,
    /// How many of its files are handed out no more.
    quarantined: usize,
    /// No way that was given is safe any more: the reporter said so.
    contact_stopped_at: Option<Timestamp>,
    channel: Option<&'static str>,
}

impl<'a> Item<'a> {
    pub(super) fn new(case: &'a Case) -> Self {
        let open = &case.open;
        Self {
            reference: &open.reference,
            report_id: case.report_id,
            kind: &open.kind,
            status: open.status.as_str(),
            grade: open.grade.map(Grade::as_str),
            submitted_at: open.submitted_at,
            contact_by: open.contact_by,
            contact_state: case.contact.as_str(),
            claimed_by: open.claimed_by.as_deref(),
            version: case.version,
            flags: open.flags.iter().map(|flag| flag.as_str()).collect(),
            at_risk: case.at_risk,
            due_at: case.due_at,
            held: open.held,
            withdrawal_asked: open.withdrawal_asked,
            speak_first: open.speak_first,
            raised: open.raised,
            still_being_written: open.still_being_written,
            found_reported: open.found,
            quarantined: open.quarantined.len(),
            contact_stopped_at: open.contact_stopped,
            channel: open.plan.channel.map(Channel::as_str),
        }
    }
}

/// The item as JSON.
pub(super) fn json(case: &Case) -> String {
    serde_json::to_string(&Item::new(case)).unwrap_or_default()
}

/// `"v3"`
pub(super) fn etag(version: u32) -> String {
    format!("\"v{version}\"")
}
