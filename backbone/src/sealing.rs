//! Personal data is sealed from the first event on, with one key a report.
//!
//! The keys stand in a database of their own, wrapped by a master key from a file. Deleting a key
//! makes what it sealed unreadable wherever a copy lies: in logs, streams, backups.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use proto::log::v1::Sealed;
use sqlx::{PgConnection, PgPool};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::db;
use crate::shutdown::Tasks;

const SCHEME: u32 = 1;
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const ISSUE_QUEUE_MAX: usize = 2_000;
const ISSUE_BATCH_MAX: usize = 500;
/// What a wrapped key is bound to, besides its report.
const WRAPPED_KIND: &str = "report.key";

/// Why something sealed cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the key of this report is gone")]
    NoKey,
    #[error("it was sealed in another way, with another key, or for another place")]
    NotOpened,
}

/// Why no key could be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key database is away")]
    Away(#[from] sqlx::Error),
    #[error("too much is waiting for a key")]
    Full,
    /// The master key is another one than the one that wrapped this report's key.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// The key of one report.
#[derive(Clone)]
pub struct ReportKey {
    report_id: Uuid,
    cipher: XChaCha20Poly1305,
}

impl std::fmt::Debug for ReportKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReportKey(..)")
    }
}

impl ReportKey {
    /// `key` has 32 bytes.
    pub fn new(report_id: Uuid, key: &[u8]) -> Result<Self, Unreadable> {
        let cipher = XChaCha20Poly1305::new_from_slice(key).map_err(|_| Unreadable::NotOpened)?;
        Ok(Self { report_id, cipher })
    }

    /// Seals `plain` for this report and for this kind of content: elsewhere it does not open.
    #[must_use]
    pub fn seal(&self, kind: &str, plain: &[u8]) -> Sealed {
        let (nonce, data) = encrypt(&self.cipher, self.report_id, kind, plain);
        Sealed {
            scheme: SCHEME,
            key_id: Bytes::copy_from_slice(self.report_id.as_bytes()),
            nonce: Bytes::copy_from_slice(&nonce),
            data: data.into(),
        }
    }

    /// Opens what was sealed for this report as `kind`.
    pub fn open(&self, kind: &str, sealed: &Sealed) -> Result<Vec<u8>, Unreadable> {
        if sealed.scheme != SCHEME || sealed.key_id.as_ref() != self.report_id.as_bytes() {
            return Err(Unreadable::NotOpened);
        }
        decrypt(&self.cipher, self.report_id, kind, &sealed.nonce, &sealed.data)
    }
}

fn encrypt(
    cipher: &XChaCha20Poly1305,
    report_id: Uuid,
    kind: &str,
    plain: &[u8],
) -> ([u8; NONCE_BYTES], Vec<u8>) {
    let mut nonce = [0; NONCE_BYTES];
    random(&mut nonce);
    let aad = additional(report_id, kind);
    let sealed = cipher.encrypt(XNonce::from_slice(&nonce), Payload { msg: plain, aad: &aad });
    #[expect(clippy::expect_used, reason = "it fails only beyond 256 GiB")]
    let data = sealed.expect("an event is far smaller than what the cipher takes");
    (nonce, data)
}

fn decrypt(
    cipher: &XChaCha20Poly1305,
    report_id: Uuid,
    kind: &str,
    nonce: &[u8],
    data: &[u8],
) -> Result<Vec<u8>, Unreadable> {
    if nonce.len() != NONCE_BYTES {
        return Err(Unreadable::NotOpened);
    }
    let aad = additional(report_id, kind);
    cipher
        .decrypt(XNonce::from_slice(nonce), Payload { msg: data, aad: &aad })
        .map_err(|_| Unreadable::NotOpened)
}

fn additional(report_id: Uuid, kind: &str) -> Vec<u8> {
    [report_id.as_bytes().as_slice(), kind.as_bytes()].concat()
}

/// Fills `bytes` from the operating system's source.
pub fn random(bytes: &mut [u8]) {
    #[expect(clippy::expect_used, reason = "without randomness nothing may go on")]
    aws_lc_rs::rand::fill(bytes).expect("the system gives random bytes");
}

/// A key that is to be stored, unless its report has one already.
struct Issue {
    report_id: Uuid,
    answer: oneshot::Sender<Result<Issued, KeyError>>,
}

/// The key of a report, and whether it was made for this call.
#[derive(Debug, Clone)]
pub struct Issued {
    pub key: ReportKey,
    /// False: somebody has asked for this report before, so it may stand in the log.
    pub is_new: bool,
}

/// The keys of all reports. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Keys {
    store: Store,
    queue: mpsc::Sender<Issue>,
}

#[derive(Clone)]
struct Store {
    master: XChaCha20Poly1305,
    pool: PgPool,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store(..)")
    }
}

impl Keys {
    /// `master` has 32 bytes. Keys are issued by one task that stores all that wait at once.
    pub fn start(master: &[u8], pool: PgPool, tasks: &Tasks) -> Result<Self, Unreadable> {
        let master =
            XChaCha20Poly1305::new_from_slice(master).map_err(|_| Unreadable::NotOpened)?;
        let store = Store { master, pool };
        let (queue, waiting) = mpsc::channel(ISSUE_QUEUE_MAX);
        tasks.spawn_apart("keys", issue_all(store.clone(), waiting, tasks.token()));
        Ok(Self { store, queue })
    }

    /// The key of `report_id`, made and stored where there is none.
    pub async fn issue(&self, report_id: Uuid) -> Result<Issued, KeyError> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Issue { report_id, answer }).map_err(|_| KeyError::Full)?;
        answered.await.unwrap_or(Err(KeyError::Full))
    }

    /// The keys that there are for `report_ids`.
    pub async fn load(&self, report_ids: &[Uuid]) -> Result<HashMap<Uuid, ReportKey>, KeyError> {
        let mut conn = self.store.pool.acquire().await?;
        self.store.load(&mut conn, report_ids).await
    }

    /// The key of one report; an error where it is gone.
    pub async fn one(&self, report_id: Uuid) -> Result<ReportKey, KeyError> {
        let mut keys = self.load(&[report_id]).await?;
        Ok(keys.remove(&report_id).ok_or(Unreadable::NoKey)?)
    }
}

impl Store {
    async fn load(
        &self,
        conn: &mut PgConnection,
        report_ids: &[Uuid],
    ) -> Result<HashMap<Uuid, ReportKey>, KeyError> {
        let rows = sqlx::query!(
            "select report_id, wrapped from report_key where report_id = any($1)",
            report_ids
        )
        .fetch_all(conn)
        .await?;
        let unwrapped = rows.into_iter().map(|row| {
            let key = self.unwrap(row.report_id, &row.wrapped)?;
            Ok((row.report_id, ReportKey::new(row.report_id, &key)?))
        });
        unwrapped.collect()
    }

    fn wrap(&self, report_id: Uuid, key: &[u8]) -> Vec<u8> {
        let (nonce, data) = encrypt(&self.master, report_id, WRAPPED_KIND, key);
        [nonce.as_slice(), &data].concat()
    }

    fn unwrap(&self, report_id: Uuid, wrapped: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let (nonce, data) = wrapped.split_at_checked(NONCE_BYTES).ok_or(Unreadable::NotOpened)?;
        decrypt(&self.master, report_id, WRAPPED_KIND, nonce, data)
    }

    /// Stores a key for each of `report_ids` that has none; gives the keys as they then stand.
    async fn issue(
        &self,
        conn: &mut PgConnection,
        report_ids: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, Issued>, KeyError> {
        let mut made = Vec::with_capacity(report_ids.len());
        let mut wrapped = Vec::with_capacity(report_ids.len());
        for report_id in &report_ids {
            let mut key = [0; KEY_BYTES];
            random(&mut key);
            wrapped.push(self.wrap(*report_id, &key));
            made.push(ReportKey::new(*report_id, &key)?);
        }
        let stored = sqlx::query_scalar!(
            "insert into report_key (report_id, wrapped)
             select * from unnest($1::uuid[], $2::bytea[])
             on conflict do nothing returning report_id",
            &report_ids,
            &wrapped
        )
        .fetch_all(&mut *conn)
        .await?;
        let stored: HashSet<Uuid> = stored.into_iter().collect();
        let (new, known): (Vec<_>, Vec<_>) =
            made.into_iter().partition(|key| stored.contains(&key.report_id));
        let mut issued: HashMap<Uuid, Issued> =
            new.into_iter().map(|key| (key.report_id, Issued { key, is_new: true })).collect();
        if !known.is_empty() {
            let known: Vec<Uuid> = known.iter().map(|key| key.report_id).collect();
            let keys = self.load(conn, &known).await?;
            issued.extend(keys.into_iter().map(|(id, key)| (id, Issued { key, is_new: false })));
        }
        Ok(issued)
    }
}

async fn issue_all(
    store: Store,
    mut waiting: mpsc::Receiver<Issue>,
    token: tokio_util::sync::CancellationToken,
) {
    let mut asked = Vec::with_capacity(ISSUE_BATCH_MAX);
    let mut kept = None;
    loop {
        tokio::select! {
            received = waiting.recv_many(&mut asked, ISSUE_BATCH_MAX) => if received == 0 { return },
            () = token.cancelled() => return,
        }
        let mut ids: Vec<Uuid> = asked.iter().map(|issue| issue.report_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let issued = issue_on(&store, &mut kept, ids).await;
        answer_all(&mut asked, issued);
    }
}

/// Issues on the connection that is kept for it; after an error the next one gets another.
async fn issue_on(
    store: &Store,
    kept: &mut Option<PgConnection>,
    report_ids: Vec<Uuid>,
) -> Result<HashMap<Uuid, Issued>, KeyError> {
    let mut conn = match kept.take() {
        Some(conn) => conn,
        None => db::connect(&store.pool.connect_options()).await?,
    };
    let issued = store.issue(&mut conn, report_ids).await?;
    *kept = Some(conn);
    Ok(issued)
}

/// Of several that ask for the same report only the first hears that its key is new.
fn answer_all(asked: &mut Vec<Issue>, issued: Result<HashMap<Uuid, Issued>, KeyError>) {
    match issued {
        Ok(mut issued) => {
            for Issue { report_id, answer } in asked.drain(..) {
                let found = issued.get_mut(&report_id).map(|issued| {
                    let given = issued.clone();
                    issued.is_new = false;
                    given
                });
                answer.send(found.ok_or(KeyError::Unreadable(Unreadable::NoKey))).ok();
            }
        }
        Err(error) => {
            tracing::warn!(error = %error, "keys could not be issued");
            for Issue { answer, .. } in asked.drain(..) {
                let told = match &error {
                    KeyError::Away(_) | KeyError::Full => KeyError::Away(sqlx::Error::PoolTimedOut),
                    KeyError::Unreadable(why) => KeyError::Unreadable(*why),
                };
                answer.send(Err(told)).ok();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(report_id: Uuid) -> ReportKey {
        ReportKey::new(report_id, &[7; 32]).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_for_its_report_and_kind_alone() {
        let (mine, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let sealed = key(mine).seal("report.contact", b"07700 900123");
        assert_eq!(key(mine).open("report.contact", &sealed).unwrap(), b"07700 900123");
        assert_eq!(key(mine).open("report.content", &sealed), Err(Unreadable::NotOpened));
        assert_eq!(key(other).open("report.contact", &sealed), Err(Unreadable::NotOpened));
        let mut moved = sealed.clone();
        moved.key_id = Bytes::copy_from_slice(other.as_bytes());
        assert_eq!(key(other).open("report.contact", &moved), Err(Unreadable::NotOpened));
    }

    #[test]
    fn nothing_of_the_content_shows() {
        let sealed = key(Uuid::from_u128(1)).seal("report.contact", b"07700 900123");
        assert!(!sealed.data.windows(5).any(|bytes| bytes == b"07700"));
    }

    #[test]
    fn a_changed_byte_does_not_open() {
        let mut sealed = key(Uuid::from_u128(1)).seal("x", b"plain");
        let mut data = sealed.data.to_vec();
        data[0] ^= 1;
        sealed.data = data.into();
        assert_eq!(key(Uuid::from_u128(1)).open("x", &sealed), Err(Unreadable::NotOpened));
    }
}
