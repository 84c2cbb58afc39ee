//! Every stream with its publisher, and every kind of event with the message that is its body.
//!
//! The subject of an event is `<publisher>.v1.<kind>`: nothing of a person or a report stands in it.

/// The public's acts alone.
pub const INTAKE: &str = "INTAKE";
/// What staff and the bureau's clock did.
pub const BUREAU: &str = "BUREAU";
/// What was owed and sent.
pub const NOTIFIER: &str = "NOTIFIER";

/// One stream, the service that alone may publish to it, and the kinds of event that it carries.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    pub name: &'static str,
    pub publisher: &'static str,
    pub kinds: &'static [&'static str],
}

/// All streams there are.
pub const STREAMS: [Stream; 3] = [
    Stream {
        name: INTAKE,
        publisher: "intake",
        kinds: &[
            "report.submitted",
            "details.added",
            "evidence.added",
            "withdrawal.asked",
            "contact.stopped",
            "found.reported",
            "link.asked",
        ],
    },
    Stream {
        name: BUREAU,
        publisher: "bureau",
        kinds: &[
            "case.opened",
            "case.claimed",
            "case.released",
            "case.assessed",
            "case.decided",
            "note.added",
            "reply.received",
            "entry.kept",
            "evidence.received",
            "evidence.quarantined",
            "withdrawal.received",
            "contact.stop_received",
            "writing.finished",
            "found.reported",
            "contact.recorded",
            "contact.held",
            "contact.hold_released",
            "contact.state_changed",
            "promise.at_risk",
            "task.opened",
            "task.done",
            "message.parked",
            "message.released",
        ],
    },
    Stream {
        name: NOTIFIER,
        publisher: "notifier",
        kinds: &[
            "obligation.opened",
            "obligation.kept",
            "message.planned",
            "message.given_up",
            "message.cancelled",
            "sending.held",
            "sending.resumed",
            "sending.stopped",
            "attempt.intended",
            "attempt.ended",
            "channels.exhausted",
            "emergency.raised",
            "emergency.attempt_intended",
            "emergency.attempt_ended",
            "emergency.acknowledged",
            "emergency.alarmed",
            "message.parked",
            "message.released",
        ],
    },
];
