//! Personal data is sealed from the first event on, with one key a report.
//!
//! The keys stand in a database of their own, wrapped by a master key from a file. What is sealed
//! names its key. Deleting a key makes what it sealed unreadable wherever a copy lies: in logs,
//! streams, backups.

use std::collections::HashMap;

use bytes::Bytes;
use proto::log::v1::Sealed;
use sqlx::PgPool;
use uuid::Uuid;

use crate::xchacha::{Cipher, NONCE_BYTES};

const SCHEME: u32 = 1;
const KEY_BYTES: usize = 32;
/// What a wrapped key is bound to, besides its id.
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
    key_id: Uuid,
    cipher: Cipher,
}

impl std::fmt::Debug for ReportKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReportKey(..)")
    }
}

impl ReportKey {
    /// `key` has 32 bytes.
    pub fn new(report_id: Uuid, key_id: Uuid, key: &[u8]) -> Result<Self, Unreadable> {
        let cipher = Cipher::new(key).ok_or(Unreadable::NotOpened)?;
        Ok(Self { report_id, key_id, cipher })
    }

    /// Seals `plain` for this report and for this kind of content: elsewhere it does not open.
    #[must_use]
    pub fn seal(&self, kind: &str, plain: &[u8]) -> Sealed {
        let (nonce, data) = encrypt(&self.cipher, self.report_id, kind, plain);
        Sealed {
            scheme: SCHEME,
            key_id: Bytes::copy_from_slice(self.key_id.as_bytes()),
            nonce: Bytes::copy_from_slice(&nonce),
            data: data.into(),
        }
    }

    /// Opens what was sealed for this report as `kind`.
    pub fn open(&self, kind: &str, sealed: &Sealed) -> Result<Vec<u8>, Unreadable> {
        if sealed.scheme != SCHEME || sealed.key_id.as_ref() != self.key_id.as_bytes() {
            return Err(Unreadable::NotOpened);
        }
        decrypt(&self.cipher, self.report_id, kind, &sealed.nonce, &sealed.data)
    }
}

fn encrypt(cipher: &Cipher, id: Uuid, kind: &str, plain: &[u8]) -> ([u8; NONCE_BYTES], Vec<u8>) {
    let mut nonce = [0; NONCE_BYTES];
    random(&mut nonce);
    let data = cipher.seal(&nonce, &additional(id, kind), plain);
    (nonce, data)
}

fn decrypt(
    cipher: &Cipher,
    id: Uuid,
    kind: &str,
    nonce: &[u8],
    data: &[u8],
) -> Result<Vec<u8>, Unreadable> {
    let nonce = nonce.try_into().map_err(|_| Unreadable::NotOpened)?;
    cipher.open(nonce, &additional(id, kind), data).ok_or(Unreadable::NotOpened)
}

fn additional(id: Uuid, kind: &str) -> Vec<u8> {
    [id.as_bytes().as_slice(), kind.as_bytes()].concat()
}

/// Fills `bytes` from the operating system's source.
pub fn random(bytes: &mut [u8]) {
    #[expect(clippy::expect_used, reason = "without randomness nothing may go on")]
    aws_lc_rs::rand::fill(bytes).expect("the system gives random bytes");
}

/// A key that there is; an error where the master key does not open it.
pub type FoundKey = Result<ReportKey, Unreadable>;

/// A key that is stored already and that has sealed nothing yet.
#[derive(Clone)]
pub(crate) struct UnusedKey {
    key_id: Uuid,
    cipher: Cipher,
}

impl std::fmt::Debug for UnusedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UnusedKey(..)")
    }
}

impl UnusedKey {
    /// Whether `sealed` names this key.
    pub(crate) fn has_sealed(&self, sealed: &Sealed) -> bool {
        key_id(sealed) == Some(self.key_id)
    }

    /// The same key, for this report.
    pub(crate) fn of_report(&self, report_id: Uuid) -> ReportKey {
        ReportKey { report_id, key_id: self.key_id, cipher: self.cipher.clone() }
    }
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

    /// Makes `count` keys and stores them. Nothing may be sealed with one that is not stored.
    pub(crate) async fn make(&self, count: usize) -> Result<Vec<UnusedKey>, KeyError> {
        let (mut ids, mut wrapped, mut made) = (vec![], vec![], vec![]);
        for _ in 0..count {
            let (key_id, mut key) = (Uuid::new_v4(), [0; KEY_BYTES]);
            random(&mut key);
            let (nonce, data) = encrypt(&self.master, key_id, WRAPPED_KIND, &key);
            ids.push(key_id);
            wrapped.push([nonce.as_slice(), &data].concat());
            let cipher = Cipher::new(&key).ok_or(Unreadable::NotOpened)?;
            made.push(UnusedKey { key_id, cipher });
        }
        sqlx::query!(
            "insert into report_key (key_id, wrapped) select * from unnest($1::uuid[], $2::bytea[])",
            &ids,
            &wrapped
        )
        .execute(&self.pool)
        .await?;
        Ok(made)
    }

    /// The keys that there are for reports of which something sealed is given. One that cannot be read
    /// says nothing of the others.
    pub async fn load<'a>(
        &self,
        sealed: impl IntoIterator<Item = (Uuid, &'a Sealed)>,
    ) -> Result<HashMap<Uuid, FoundKey>, sqlx::Error> {
        let named = sealed.into_iter();
        let reports: HashMap<Uuid, Uuid> =
            named.filter_map(|(report_id, sealed)| Some((key_id(sealed)?, report_id))).collect();
        let ids: Vec<Uuid> = reports.keys().copied().collect();
        let rows =
            sqlx::query!("select key_id, wrapped from report_key where key_id = any($1)", &ids)
                .fetch_all(&self.pool)
                .await?;
        let found = rows.into_iter().filter_map(|row| {
            let report_id = *reports.get(&row.key_id)?;
            Some((report_id, self.unwrap(report_id, row.key_id, &row.wrapped)))
        });
        Ok(found.collect())
    }

    /// Whether no key of a sample opens: then it is the master key that is another one.
    pub async fn none_opens(&self) -> Result<bool, sqlx::Error> {
        // Ids have no order in time or place, so that these are any keys.
        let rows = sqlx::query!("select key_id, wrapped from report_key order by key_id limit 20")
            .fetch_all(&self.pool)
            .await?;
        let opens =
            rows.iter().any(|row| self.unwrap(Uuid::nil(), row.key_id, &row.wrapped).is_ok());
        Ok(rows.len() > 1 && !opens)
    }

    /// The key that sealed this of a report; an error where it is gone.
    pub async fn of(&self, report_id: Uuid, sealed: &Sealed) -> Result<ReportKey, KeyError> {
        let mut keys = self.load([(report_id, sealed)]).await?;
        Ok(keys.remove(&report_id).unwrap_or(Err(Unreadable::NoKey))?)
    }

    fn unwrap(&self, report_id: Uuid, key_id: Uuid, wrapped: &[u8]) -> FoundKey {
        let (nonce, data) = wrapped.split_at_checked(NONCE_BYTES).ok_or(Unreadable::NotOpened)?;
        let key = decrypt(&self.master, key_id, WRAPPED_KIND, nonce, data)?;
        ReportKey::new(report_id, key_id, &key)
    }
}

/// The id of the key that sealed this; None where it names none.
fn key_id(sealed: &Sealed) -> Option<Uuid> {
    Uuid::from_slice(&sealed.key_id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY_ID: Uuid = Uuid::from_u128(7);

    fn key(report_id: Uuid) -> ReportKey {
        ReportKey::new(report_id, KEY_ID, &[7; 32]).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_for_its_report_and_kind_alone() {
        let (mine, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let sealed = key(mine).seal("report.contact", b"07700 900123");
        assert_eq!(key(mine).open("report.contact", &sealed).unwrap(), b"07700 900123");
        assert_eq!(key(mine).open("report.content", &sealed), Err(Unreadable::NotOpened));
        assert_eq!(key(other).open("report.contact", &sealed), Err(Unreadable::NotOpened));
        let unnamed = Sealed { key_id: Bytes::new(), ..sealed };
        assert_eq!(key(mine).open("report.contact", &unnamed), Err(Unreadable::NotOpened));
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
