//! JetStream as this project uses it: connect, a stream as it must be, one message by its number.

use std::time::Duration;

use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use async_nats::jetstream::{self, Context, ErrorCode};
use bytes::Bytes;

use crate::config::Secret;
use crate::event_log::{NotOurs, Recorded};

/// A message holds an event of the largest size with its envelope.
pub const PAYLOAD_BYTES_MIN: usize = 640 * 1024;

/// Where the broker is and who asks.
#[derive(Debug, Clone)]
pub struct Settings {
    pub url: String,
    pub user: String,
    pub password: Secret,
}

/// A connection that comes back by itself.
#[derive(Debug, Clone)]
pub struct Broker {
    pub context: Context,
    client: async_nats::Client,
}

/// What stands between us and a stream.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    #[error("the broker is away")]
    Away(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("stream {0} does not exist")]
    NoStream(String),
    /// An operator must decide: it was made by somebody else, or changed.
    #[error("stream {stream} is not as it must be: {difference}")]
    Different { stream: String, difference: String },
    #[error(
        "the broker takes messages up to {0} bytes, at least {PAYLOAD_BYTES_MIN} are needed: raise max_payload"
    )]
    PayloadTooSmall(usize),
}

impl BrokerError {
    pub(crate) fn away(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Away(error.into())
    }
}

/// Connects in the background: the caller may start while the broker is away.
pub async fn connect(settings: &Settings) -> Result<Broker, BrokerError> {
    let client = async_nats::ConnectOptions::new()
        .user_and_password(settings.user.clone(), settings.password.text())
        .custom_inbox_prefix(format!("_INBOX_{}", settings.user))
        .name(&settings.user)
        .retry_on_initial_connect()
        .ping_interval(Duration::from_secs(5))
        .connection_timeout(Duration::from_secs(3))
        .request_timeout(Some(Duration::from_secs(3)))
        .reconnect_delay_callback(|attempts| {
            Duration::from_millis(50u64.saturating_mul(1 << attempts.min(5)))
        })
        .event_callback(|event| async move { tracing::debug!(event = %event, "broker") })
        .connect(&settings.url)
        .await
        .map_err(BrokerError::away)?;
    let context = jetstream::ContextBuilder::new()
        .timeout(Duration::from_secs(3))
        .ack_timeout(Duration::from_secs(5))
        .max_ack_inflight(1_000)
        .build(client.clone());
    Ok(Broker { context, client })
}

/// How a stream must be: nothing in it is ever trimmed, deleted or overwritten.
#[must_use]
pub fn wanted(stream: &str) -> Config {
    Config {
        name: stream.to_owned(),
        subjects: vec![format!("{}.>", stream.to_lowercase())],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        max_messages: -1,
        max_bytes: -1,
        max_messages_per_subject: -1,
        max_age: Duration::ZERO,
        num_replicas: 1,
        deny_delete: true,
        deny_purge: true,
        ..Config::default()
    }
}

fn difference(is: &Config) -> Option<String> {
    let wanted = wanted(&is.name);
    let unlimited = |limit: i64| limit <= 0;
    let checks = [
        (is.subjects == wanted.subjects, "subjects"),
        (is.retention == wanted.retention, "retention must be limits"),
        (is.storage == wanted.storage, "storage must be file"),
        (is.discard == wanted.discard, "discard must be new"),
        (unlimited(is.max_messages), "max_msgs must not be set"),
        (unlimited(is.max_messages_per_subject), "max_msgs_per_subject must not be set"),
        (is.max_age.is_zero(), "max_age must not be set"),
        (is.deny_delete && is.deny_purge, "deny_delete and deny_purge must be set"),
    ];
    checks.iter().find(|(holds, _)| !holds).map(|(_, name)| (*name).to_owned())
}

impl Broker {
    /// The stream's last sequence.
    pub async fn last(&self, stream: &str) -> Result<u64, BrokerError> {
        Ok(self.info(stream).await?.state.last_sequence)
    }

    async fn info(&self, stream: &str) -> Result<jetstream::stream::Info, BrokerError> {
        match self.context.get_stream(stream).await {
            Ok(found) => Ok(found.cached_info().clone()),
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(ref said)
                    if said.error_code() == ErrorCode::STREAM_NOT_FOUND =>
                {
                    Err(BrokerError::NoStream(stream.to_owned()))
                }
                GetStreamErrorKind::EmptyName
                | GetStreamErrorKind::Request
                | GetStreamErrorKind::InvalidStreamName
                | GetStreamErrorKind::JetStream(_) => Err(BrokerError::away(error)),
            },
        }
    }

    /// The last sequence of one's own stream, which is made if it is not there and refused if it is
    /// not as it must be. Only the owner calls this; a follower waits.
    pub async fn own(&self, stream: &str) -> Result<u64, BrokerError> {
        let info = match self.info(stream).await {
            Err(BrokerError::NoStream(_)) => {
                tracing::info!(stream, "creating the stream");
                self.context.create_stream(wanted(stream)).await.map_err(BrokerError::away)?;
                self.info(stream).await?
            }
            found => found?,
        };
        let payload_max = self.client.server_info().max_payload;
        if payload_max < PAYLOAD_BYTES_MIN {
            return Err(BrokerError::PayloadTooSmall(payload_max));
        }
        match difference(&info.config) {
            None => Ok(info.state.last_sequence),
            Some(difference) => {
                Err(BrokerError::Different { stream: stream.to_owned(), difference })
            }
        }
    }

    /// Message `sequence` as it lies in the stream; None where there is none.
    pub async fn raw(&self, stream: &str, sequence: u64) -> Result<Option<Bytes>, BrokerError> {
        let stream = self.context.get_stream_no_info(stream).await.map_err(BrokerError::away)?;
        match stream.get_raw_message(sequence).await {
            Ok(message) => Ok(Some(message.payload)),
            Err(error) => match error.kind() {
                async_nats::jetstream::stream::RawMessageErrorKind::NoMessageFound => Ok(None),
                async_nats::jetstream::stream::RawMessageErrorKind::JetStream(ref said)
                    if said.error_code() == ErrorCode::STREAM_NOT_FOUND =>
                {
                    Ok(None)
                }
                async_nats::jetstream::stream::RawMessageErrorKind::InvalidSubject
                | async_nats::jetstream::stream::RawMessageErrorKind::JetStream(_)
                | async_nats::jetstream::stream::RawMessageErrorKind::Other => {
                    Err(BrokerError::away(error))
                }
            },
        }
    }

    /// Message `sequence` as an event whose hash was checked.
    pub async fn recorded(
        &self,
        stream: &str,
        sequence: u64,
    ) -> Result<Option<Result<Recorded, NotOurs>>, BrokerError> {
        Ok(self.raw(stream, sequence).await?.map(|payload| {
            let recorded = Recorded::decode(payload)?;
            if recorded.position == sequence { Ok(recorded) } else { Err(NotOurs::Unreadable) }
        }))
    }
}
