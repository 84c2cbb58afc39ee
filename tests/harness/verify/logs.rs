//! The logs and their streams: positions, chain, versions, and message N against event N.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context as _;
use async_nats::jetstream;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use aws_lc_rs::digest;
use futures_util::StreamExt as _;
use prost::Message as _;
use proto::log::v1::{Meta, Recorded};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};
use uuid::Uuid;

use super::Finding;
use crate::Result;
use crate::urls::Urls;

/// A row of a log.
#[derive(Debug, Clone)]
pub struct Event {
    pub position: u64,
    pub stream: Uuid,
    pub version: u32,
    pub kind: String,
    pub recorded_at_us: i64,
    pub meta: Meta,
    pub meta_bytes: Vec<u8>,
    pub body: Vec<u8>,
    pub hash: Vec<u8>,
    pub tag: Vec<u8>,
}

impl Event {
    /// The report that the event is about.
    #[must_use]
    pub fn report_id(&self) -> Uuid {
        Uuid::from_slice(&self.meta.report_id).unwrap_or(Uuid::nil())
    }

    /// SHA-256 over the predecessor's hash and every field, as the design writes it down.
    #[must_use]
    pub fn computed(&self, previous: &[u8]) -> Vec<u8> {
        let mut all = b"fc1".to_vec();
        all.extend(previous);
        all.extend(self.position.to_be_bytes());
        all.extend(self.stream.as_bytes());
        all.extend(self.version.to_be_bytes());
        let kind = self.kind.as_bytes();
        all.extend(u32::try_from(kind.len()).unwrap_or(0).to_be_bytes());
        all.extend(kind);
        all.extend(self.recorded_at_us.to_be_bytes());
        for bytes in [&self.meta_bytes, &self.body] {
            all.extend(u32::try_from(bytes.len()).unwrap_or(0).to_be_bytes());
            all.extend(bytes);
        }
        digest::digest(&digest::SHA256, &all).as_ref().to_vec()
    }

    fn message(&self, previous: &[u8]) -> Vec<u8> {
        Recorded {
            position: self.position,
            previous_hash: previous.to_vec().into(),
            stream: self.stream.as_bytes().to_vec().into(),
            version: self.version,
            kind: self.kind.clone(),
            recorded_at_us: self.recorded_at_us,
            meta: self.meta_bytes.clone().into(),
            body: self.body.clone().into(),
            hash: self.hash.clone().into(),
            tag: self.tag.clone().into(),
        }
        .encode_to_vec()
    }
}

/// All rows of the log in the database at `url`, by position.
pub async fn read_log(url: &str) -> Result<Vec<Event>> {
    let mut conn = PgConnection::connect(url).await.context("connect to a log's database")?;
    let rows = sqlx::query(
        "select position, stream, version, kind, meta, body, hash, tag,
                (extract(epoch from recorded_at) * 1000000)::bigint as recorded_at_us
         from event order by position",
    )
    .fetch_all(&mut conn)
    .await?;
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let meta_bytes: Vec<u8> = row.try_get("meta")?;
        events.push(Event {
            position: u64::try_from(row.try_get::<i64, _>("position")?)?,
            stream: row.try_get("stream")?,
            version: u32::try_from(row.try_get::<i32, _>("version")?)?,
            kind: row.try_get("kind")?,
            recorded_at_us: row.try_get("recorded_at_us")?,
            meta: Meta::decode(meta_bytes.as_slice()).unwrap_or_default(),
            meta_bytes,
            body: row.try_get("body")?,
            hash: row.try_get("hash")?,
            tag: row.try_get("tag")?,
        });
    }
    Ok(events)
}

/// The three logs by the names of their streams.
pub(super) struct Logs(pub(super) BTreeMap<&'static str, Vec<Event>>);

const LOGS: [(&str, &str); 3] = [
    ("INTAKE", "INTAKE_DATABASE_URL"),
    ("BUREAU", "BUREAU_DATABASE_URL"),
    ("NOTIFIER", "NOTIFIER_DATABASE_URL"),
];

impl Logs {
    pub(super) async fn read(urls: &Urls) -> Result<Self> {
        let mut logs = BTreeMap::new();
        for (name, url) in LOGS {
            logs.insert(name, read_log(urls.get(url)?).await?);
        }
        Ok(Self(logs))
    }

    pub(super) fn of(&self, name: &str) -> &[Event] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) async fn check(&self, urls: &Urls) -> Result<Vec<Finding>> {
        let mut chain = Finding::new("positions have no gap and the chain holds");
        let mut versions = Finding::new("versions of a stream have no gap");
        let mut mirrored = Finding::new("message N of the stream is event N of the log");
        let mut once = Finding::new("every accepted report is in the log once");
        let mut causes = Finding::new("a cause is an event of its log, with its hash");
        for (name, events) in &self.0 {
            let mut next: HashMap<Uuid, u32> = HashMap::new();
            let messages = read_stream(urls, name).await?;
            mirrored.check(messages.len() == events.len(), || {
                format!("{name}: {} messages, {} events", messages.len(), events.len())
            });
            let mut previous = vec![0; 32];
            for (event, number) in events.iter().zip(1u64..) {
                let at = || format!("{name} {number}");
                chain
                    .check(event.position == number && event.hash == event.computed(&previous), at);
                let version = next.entry(event.stream).or_insert(0);
                *version += 1;
                versions.check(event.version == *version, at);
                let message = usize::try_from(number - 1).ok().and_then(|at| messages.get(at));
                mirrored.check(message.is_some_and(|m| *m == event.message(&previous)), at);
                previous.clone_from(&event.hash);
                if let Some(cause) = &event.meta.cause {
                    let found =
                        self.of(&cause.stream).iter().find(|e| e.position == cause.position);
                    causes.check(found.is_some_and(|found| found.hash == cause.hash), at);
                }
            }
        }
        let mut seen = HashMap::new();
        for event in self.of("INTAKE").iter().filter(|event| event.kind == "report.submitted") {
            let times = seen.entry(event.stream).or_insert(0);
            *times += 1;
            let times = *times;
            once.check(times == 1, || format!("report {} is there {times} times", event.stream));
        }
        Ok(vec![once, chain, versions, mirrored, causes])
    }
}

/// The payloads of all messages of a stream.
async fn read_stream(urls: &Urls, name: &str) -> Result<Vec<Vec<u8>>> {
    let client = connect(urls).await?;
    let context = jetstream::new(client);
    let stream = context.get_stream(name).await.with_context(|| format!("stream {name}"))?;
    let last = stream.cached_info().state.last_sequence;
    let mut payloads = vec![];
    if last == 0 {
        return Ok(payloads);
    }
    let consumer = stream
        .create_consumer(pull::Config {
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::None,
            memory_storage: true,
            inactive_threshold: std::time::Duration::from_secs(30),
            ..pull::Config::default()
        })
        .await?;
    let mut messages = consumer.messages().await?;
    while let Some(message) = messages.next().await {
        let message = message?;
        payloads.push(message.payload.to_vec());
        if message.info().map_err(|error| anyhow::anyhow!("{error}"))?.stream_sequence >= last {
            break;
        }
    }
    Ok(payloads)
}

/// A connection as the observer that `urls.env` names.
async fn connect(urls: &Urls) -> Result<async_nats::Client> {
    let url = urls.get("NATS_URL")?;
    let (head, rest) = url.split_once("://").context("NATS_URL has no scheme")?;
    let (login, host) = rest.rsplit_once('@').context("NATS_URL has no user")?;
    let (user, password) = login.split_once(':').context("NATS_URL has no password")?;
    Ok(async_nats::ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
        .connect(format!("{head}://{host}"))
        .await?)
}
