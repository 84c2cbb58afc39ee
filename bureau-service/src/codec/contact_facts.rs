//! What happened to a promise <-> `bureau.v1`, on the case's contact stream.

use bytes::Bytes;
use jiff::Timestamp;
use prost::Message as _;
use proto::bureau::v1 as wire;

use super::{DecodeError, body, id, known, named, time};
use crate::domain::promise::{Fact, Message};
use crate::domain::words::{ContactState, MessageWhat, TaskHow, TaskWhy};

/// Kind and body of a fact. It holds nothing personal, so nothing is sealed.
#[must_use]
pub fn encode(fact: &Fact) -> (&'static str, Bytes) {
    let (kind, body) = match fact {
        Fact::Message { message, at } => {
            let body = wire::ContactStateChanged {
                state: message.state.as_str().to_owned(),
                at_us: at.as_microsecond(),
                what: message.what.as_str().to_owned(),
                message_id: Bytes::copy_from_slice(message.id.as_bytes()),
                decision_number: message.decision,
                again_by_us: message.again_by.map_or(0, Timestamp::as_microsecond),
            };
            ("contact.state_changed", body.encode_to_vec())
        }
        Fact::AtRisk { due } => {
            let body = wire::PromiseAtRisk { due_at_us: due.as_microsecond() };
            ("promise.at_risk", body.encode_to_vec())
        }
        Fact::TaskOpened { task, why, due } => {
            let body = wire::TaskOpened {
                task_id: Bytes::copy_from_slice(task.as_bytes()),
                why: why.as_str().to_owned(),
                due_at_us: due.as_microsecond(),
            };
            ("task.opened", body.encode_to_vec())
        }
        Fact::TaskDone { task, how } => {
            let body = wire::TaskDone {
                task_id: Bytes::copy_from_slice(task.as_bytes()),
                how: how.as_str().to_owned(),
            };
            ("task.done", body.encode_to_vec())
        }
    };
    (kind, body.into())
}

/// The fact that `bytes` say; None where `kind` is of something else.
pub fn decode(kind: &str, bytes: &[u8]) -> Result<Option<Fact>, DecodeError> {
    let fact = match kind {
        "contact.state_changed" => {
            let read: wire::ContactStateChanged = body(kind, bytes)?;
            let message = Message {
                id: id(&read.message_id, "message_id")?,
                what: known(MessageWhat::parse(&read.what), "what")?,
                decision: read.decision_number,
                again_by: named(read.again_by_us, "again_by_us")?,
                state: known(ContactState::parse(&read.state), "state")?,
            };
            Fact::Message { message, at: time(read.at_us, "at_us")? }
        }
        "promise.at_risk" => {
            let read: wire::PromiseAtRisk = body(kind, bytes)?;
            Fact::AtRisk { due: time(read.due_at_us, "due_at_us")? }
        }
        "task.opened" => {
            let read: wire::TaskOpened = body(kind, bytes)?;
            Fact::TaskOpened {
                task: id(&read.task_id, "task_id")?,
                why: known(TaskWhy::parse(&read.why), "why")?,
                due: time(read.due_at_us, "due_at_us")?,
            }
        }
        "task.done" => {
            let read: wire::TaskDone = body(kind, bytes)?;
            Fact::TaskDone {
                task: id(&read.task_id, "task_id")?,
                how: known(TaskHow::parse(&read.how), "how")?,
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(fact))
}
