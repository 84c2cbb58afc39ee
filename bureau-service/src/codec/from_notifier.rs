//! What the notifier says -> notices, as far as they concern the bureau.

use jiff::Timestamp;
use proto::notifier::v1 as notifier;

use super::{DecodeError, body, id, known, named, time};
use crate::domain::promise::Notice;
use crate::domain::words::MessageWhat;

/// Reads a message of the notifier: what it says, and when that was.
pub fn read(
    kind: &str,
    bytes: &[u8],
    recorded_at: Timestamp,
) -> Result<(Notice, Timestamp), DecodeError> {
    match kind {
        "message.planned" => {
            let read: notifier::MessagePlanned = body(kind, bytes)?;
            let notice = Notice::Planned {
                id: id(&read.message_id, "message_id")?,
                what: known(MessageWhat::parse(&read.what), "what")?,
                decision: read.decision_number,
                again_by: named(read.again_by_us, "again_by_us")?,
            };
            Ok((notice, recorded_at))
        }
        "attempt.intended" => {
            let read: notifier::AttemptIntended = body(kind, bytes)?;
            let notice = Notice::Sending { id: id(&read.message_id, "message_id")? };
            Ok((notice, time(read.at_us, "at_us")?))
        }
        "attempt.ended" => {
            let read: notifier::AttemptEnded = body(kind, bytes)?;
            let id = id(&read.message_id, "message_id")?;
            let notice = match read.outcome.as_str() {
                "accepted" => Notice::Accepted { id },
                // It will be tried again, or given up, which is said then.
                "refused" | "unavailable" | "in_doubt" | "not_sent" => Notice::Nothing,
                _ => return Err(DecodeError::Field("outcome")),
            };
            Ok((notice, time(read.at_us, "at_us")?))
        }
        "message.given_up" => {
            let read: notifier::MessageGivenUp = body(kind, bytes)?;
            let notice = Notice::GivenUp { id: id(&read.message_id, "message_id")? };
            Ok((notice, time(read.at_us, "at_us")?))
        }
        "message.cancelled" => {
            let read: notifier::MessageCancelled = body(kind, bytes)?;
            let notice = Notice::Cancelled { id: id(&read.message_id, "message_id")? };
            Ok((notice, time(read.at_us, "at_us")?))
        }
        "obligation.kept" => {
            let read: notifier::ObligationKept = body(kind, bytes)?;
            let notice = match read.how.as_str() {
                "delivered" => Notice::Kept,
                // The bureau knew before: a person said so here, or nothing was owed.
                "by_person" | "published" => Notice::Nothing,
                _ => return Err(DecodeError::Field("how")),
            };
            Ok((notice, time(read.at_us, "at_us")?))
        }
        "channels.exhausted" => {
            let read: notifier::ChannelsExhausted = body(kind, bytes)?;
            let notice = Notice::Exhausted { due: time(read.due_at_us, "due_at_us")? };
            Ok((notice, time(read.at_us, "at_us")?))
        }
        // What is owed is computed here from the plan: the watcher does not ask the sender.
        "obligation.opened" => {
            body::<notifier::ObligationOpened>(kind, bytes)?;
            Ok((Notice::Nothing, recorded_at))
        }
        "sending.held" | "sending.resumed" | "sending.stopped" | "message.parked"
        | "message.released"
        // The control room's; the case stands at the top of the list by its flag.
        | "emergency.raised"
        | "emergency.attempt_intended"
        | "emergency.attempt_ended"
        | "emergency.acknowledged"
        | "emergency.alarmed" => Ok((Notice::Nothing, recorded_at)),
        other => Err(DecodeError::UnknownKind(other.to_owned())),
    }
}
