//! Messages as they come: pulled in batches, and each proved to follow the one before.

use std::time::Duration;

use async_nats::jetstream::consumer::pull::{Config, Stream as Pulled};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};

use super::{BATCH_MAX, Doubt, Message, SILENCE};
use crate::event_log::{Head, Recorded};
use crate::jetstream::Broker;

const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A consumer that brings everything from `from` on. The broker keeps nothing for it.
pub(super) async fn consumer(broker: &Broker, stream: &str, from: u64) -> Result<Pulled, Doubt> {
    let odd = |error: &dyn std::fmt::Display| Doubt::Consumer(error.to_string());
    let stream = broker.context.get_stream_no_info(stream).await.map_err(|error| odd(&error))?;
    let consumer = stream
        .create_consumer(Config {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: from },
            ack_policy: AckPolicy::None,
            inactive_threshold: Duration::from_secs(30),
            memory_storage: true,
            num_replicas: 1,
            ..Config::default()
        })
        .await
        .map_err(|error| odd(&error))?;
    consumer
        .stream()
        .max_messages_per_batch(BATCH_MAX)
        .expires(Duration::from_secs(10))
        .heartbeat(Duration::from_secs(2))
        .messages()
        .await
        .map_err(|error| odd(&error))
}

/// The next messages that are there, at least one; None after a time of silence.
pub(super) async fn next_batch(
    pulled: &mut Pulled,
    max: usize,
) -> Result<Option<Vec<Bytes>>, Doubt> {
    let Ok(first) = tokio::time::timeout(SILENCE, pulled.next()).await else { return Ok(None) };
    let mut batch = vec![];
    let mut bytes = 0;
    let mut next = first;
    loop {
        match next {
            None => return Err(Doubt::Consumer("the consumer ended".into())),
            // What came before the error is not lost: it is pulled again.
            Some(Err(error)) => return Err(Doubt::Consumer(error.to_string())),
            Some(Ok(message)) => {
                bytes += message.payload.len();
                batch.push(message.payload.clone());
            }
        }
        if batch.len() >= max || bytes >= BATCH_BYTES_MAX {
            return Ok(Some(batch));
        }
        match pulled.next().now_or_never() {
            Some(more) => next = more,
            None => return Ok(Some(batch)),
        }
    }
}

/// Reads the payloads and proves that each follows the one before.
pub(super) fn chained(at: &Head, batch: Vec<Bytes>) -> Result<Vec<Message>, Doubt> {
    let mut before = *at;
    let mut messages = Vec::with_capacity(batch.len());
    for payload in batch {
        let position = before.position + 1;
        let fork = |why: String| Doubt::Fork { position, why };
        let recorded = Recorded::decode(payload).map_err(|why| fork(why.to_string()))?;
        if recorded.position != position {
            return Err(Doubt::Consumer(format!("{} came for {position}", recorded.position)));
        }
        if recorded.previous != before.hash {
            return Err(fork("its predecessor is another one".into()));
        }
        before = Head { position, hash: recorded.hash };
        messages.push(Message::new(recorded));
    }
    Ok(messages)
}
