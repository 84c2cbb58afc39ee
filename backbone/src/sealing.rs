//! Personal data is sealed from the first event on, with one key a report.
//!
//! The keys stand in a database of their own, wrapped by a master key from a file. Deleting a key
//! makes what it sealed unreadable wherever a copy lies: in logs, streams, backups.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use proto::log::v1::Sealed;
use sqlx::postgres::PgConnectOptions;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::xchacha::{Cipher, NONCE_BYTES};

const SCHEME: u32 = 1;
const KEY_BYTES: usize = 32;
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
    /// The master key is another one than the one that wrapped this report's key.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// The key of one report.
#[derive(Clone)]
pub struct ReportKey {
    report_id: Uuid,
    cipher: Cipher,
}

impl std::fmt::Debug for ReportKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReportKey(..)")
    }
}

impl ReportKey {
    /// `key` has 32 bytes.
    pub fn new(report_id: Uuid, key: &[u8]) -> Result<Self, Unreadable> {
        let cipher = Cipher::new(key).ok_or(Unreadable::NotOpened)?;
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
    cipher: &Cipher,
    report_id: Uuid,
    kind: &str,
    plain: &[u8],
) -> ([u8; NONCE_BYTES], Vec<u8>) {
    let mut nonce = [0; NONCE_BYTES];
    random(&mut nonce);
    let data = cipher.seal(&nonce, &additional(report_id, kind), plain);
    (nonce, data)
}

fn decrypt(
    cipher: &Cipher,
    report_id: Uuid,
    kind: &str,
    nonce: &[u8],
    data: &[u8],
) -> Result<Vec<u8>, Unreadable> {
    let nonce = nonce.try_into().map_err(|_| Unreadable::NotOpened)?;
    cipher.open(nonce, &additional(report_id, kind), data).ok_or(Unreadable::NotOpened)
}

fn additional(report_id: Uuid, kind: &str) -> Vec<u8> {
    [report_id.as_bytes().as_slice(), kind.as_bytes()].concat()
}

/// Fills `bytes` from the operating system's source.
pub fn random(bytes: &mut [u8]) {
    #[expect(clippy::expect_used, reason = "without randomness nothing may go on")]
    aws_lc_rs::rand::fill(bytes).expect("the system gives random bytes");
}

/// A key that there is; an error where the master key does not open it.
pub type FoundKey = Result<ReportKey, Unreadable>;

/// A key as it is stored: readable with the master key alone.
#[derive(Debug, Clone)]
pub struct WrappedKey {
    report_id: Uuid,
    wrapped: Vec<u8>,
}

/// The keys of all reports. Cheap to clone.
#[derive(Clone)]
pub struct Keys {
    master: Cipher,
    pool: PgPool,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    /// `master` has 32 bytes.
    pub fn new(master: &[u8], pool: PgPool) -> Result<Self, Unreadable> {
        let master = Cipher::new(master).ok_or(Unreadable::NotOpened)?;
        Ok(Self { master, pool })
    }

    /// Makes a key for `report_id`. It holds once it is stored, and nothing that it sealed may go
    /// anywhere before.
    pub fn make(&self, report_id: Uuid) -> Result<(ReportKey, WrappedKey), Unreadable> {
        let mut key = [0; KEY_BYTES];
        random(&mut key);
        let (nonce, data) = encrypt(&self.master, report_id, WRAPPED_KIND, &key);
        let wrapped = WrappedKey { report_id, wrapped: [nonce.as_slice(), &data].concat() };
        Ok((ReportKey::new(report_id, &key)?, wrapped))
    }

    /// The keys that there are for `report_ids`. One that cannot be read says nothing of the others.
    pub async fn load(&self, report_ids: &[Uuid]) -> Result<HashMap<Uuid, FoundKey>, sqlx::Error> {
        let mut conn = self.pool.acquire().await?;
        let rows = sqlx::query!(
            "select report_id, wrapped from report_key where report_id = any($1)",
            report_ids
        )
        .fetch_all(&mut *conn)
        .await?;
        let unwrapped = rows.into_iter();
        Ok(unwrapped.map(|row| (row.report_id, self.unwrap(row.report_id, &row.wrapped))).collect())
    }

    /// Whether no key of a sample opens: then it is the master key that is another one.
    pub async fn none_opens(&self) -> Result<bool, sqlx::Error> {
        let mut conn = self.pool.acquire().await?;
        // Ids have no order in time or place, so that these are any keys.
        let rows =
            sqlx::query!("select report_id, wrapped from report_key order by report_id limit 20")
                .fetch_all(&mut *conn)
                .await?;
        let opens = rows.iter().any(|row| self.unwrap(row.report_id, &row.wrapped).is_ok());
        Ok(rows.len() > 1 && !opens)
    }

    /// The key of one report; an error where it is gone.
    pub async fn one(&self, report_id: Uuid) -> Result<ReportKey, KeyError> {
        let mut keys = self.load(&[report_id]).await?;
        Ok(keys.remove(&report_id).unwrap_or(Err(Unreadable::NoKey))?)
    }

    fn unwrap(&self, report_id: Uuid, wrapped: &[u8]) -> FoundKey {
        let (nonce, data) = wrapped.split_at_checked(NONCE_BYTES).ok_or(Unreadable::NotOpened)?;
        ReportKey::new(report_id, &decrypt(&self.master, report_id, WRAPPED_KIND, nonce, data)?)
    }

    /// How to reach the database of the keys.
    pub(crate) fn options(&self) -> PgConnectOptions {
        (*self.pool.connect_options()).clone()
    }
}

/// Stores the first key of each report that has none; gives the reports whose key was stored.
pub(crate) async fn store(
    conn: &mut PgConnection,
    keys: &[&WrappedKey],
) -> Result<HashSet<Uuid>, sqlx::Error> {
    let report_ids: Vec<Uuid> = keys.iter().map(|key| key.report_id).collect();
    let wrapped: Vec<&[u8]> = keys.iter().map(|key| key.wrapped.as_slice()).collect();
    let stored = sqlx::query_scalar!(
        "insert into report_key (report_id, wrapped)
         select * from unnest($1::uuid[], $2::bytea[])
         on conflict do nothing returning report_id",
        &report_ids,
        &wrapped as &[&[u8]]
    )
    .fetch_all(conn)
    .await?;
    Ok(stored.into_iter().collect())
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
