//! An event of another service, and where its effects may stand.

use bytes::Bytes;
use uuid::Uuid;

use crate::chain::{GENESIS, Hash};
use crate::event_log::Recorded;

/// An event of another service, as its handler gets it.
#[derive(Debug, Clone)]
pub struct Message {
    pub recorded: Recorded,
    pub meta: proto::log::v1::Meta,
    pub report_id: Uuid,
}

impl Message {
    #[must_use]
    pub fn new(recorded: Recorded) -> Self {
        let meta = recorded.meta();
        let report_id = Uuid::from_slice(&meta.report_id).unwrap_or(Uuid::nil());
        Self { recorded, meta, report_id }
    }

    /// The message as the cause of events that follow from it.
    #[must_use]
    pub fn cause(&self, stream: &str) -> proto::log::v1::Cause {
        proto::log::v1::Cause {
            stream: stream.to_owned(),
            position: self.recorded.position,
            hash: Bytes::copy_from_slice(&self.recorded.hash),
        }
    }
}

/// The id of a second stream of the same report, for facts that must not move its version.
#[must_use]
pub fn side_stream(report_id: Uuid, name: &str) -> Uuid {
    let mut bytes: Hash = GENESIS;
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    context.update(report_id.as_bytes());
    context.update(name.as_bytes());
    bytes.copy_from_slice(context.finish().as_ref());
    let mut id = [0; 16];
    id.copy_from_slice(bytes.split_at(16).0);
    Uuid::from_bytes(id)
}
