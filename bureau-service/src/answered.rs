//! Answers given to staff who sent a key: the same request gets the same answer.

use aws_lc_rs::digest::{Context, SHA256};
use backbone::chain::{GENESIS, Hash, TagKey};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

/// Keyed digests of a key and of the request that came with it: neither can be guessed from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    pub key: Hash,
    pub request: Hash,
}

impl Repeat {
    /// `parts` say who asked for what.
    #[must_use]
    pub fn new(secret: &TagKey, actor: &str, key: &str, parts: &[&[u8]]) -> Self {
        let key = secret.tag(&digest(&[b"staff key", actor.as_bytes(), key.as_bytes()]));
        let mut all = vec![b"staff request".as_slice(), &key];
        all.extend(parts);
        Self { key, request: secret.tag(&digest(&all)) }
    }
}

fn digest(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(part);
    }
    let mut hash = GENESIS;
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// What was answered to a key.
#[derive(Debug, Clone)]
pub struct Kept {
    pub request: Vec<u8>,
    pub version: u32,
    pub body: String,
}

/// What was answered to this key before.
pub async fn find(conn: &mut PgConnection, key: &Hash) -> Result<Option<Kept>, sqlx::Error> {
    let row = sqlx::query!(
        "select request, version, answer from answered where key = $1",
        key.as_slice()
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Kept {
        request: row.request,
        version: row.version.unsigned_abs(),
        body: row.answer,
    }))
}

/// Keeps an answer, in the transaction of the act itself. False: another act with this key was
/// faster, and what was answered there holds.
pub async fn keep(
    conn: &mut PgConnection,
    repeat: &Repeat,
    version: u32,
    answer: &str,
) -> Result<bool, sqlx::Error> {
    let kept = sqlx::query!(
        "insert into answered (key, request, version, answer) values ($1, $2, $3, $4)
         on conflict do nothing",
        repeat.key.as_slice(),
        repeat.request.as_slice(),
        i32::try_from(version).unwrap_or(i32::MAX),
        answer
    )
    .execute(conn)
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Forgets what was answered before `then`: nobody sends the same request after so long.
pub async fn forget(conn: &mut PgConnection, then: Timestamp) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from answered where answered_at < $1", then.to_sqlx() as _)
        .execute(conn)
        .await?;
    Ok(())
}
