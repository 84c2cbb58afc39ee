//! Drafts in the database.

use std::sync::Arc;

use backbone::clock::Clock;
use backbone::sealing::ReportKey;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use proto::log::v1::Sealed;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Draft, DraftCode};
use crate::identity::Identity;
use crate::projections::code_try;

/// What a sealed draft is bound to.
const SEALED_AS: &str = "draft";
/// A draft may not be larger: many times the longest report.
const BYTES_MAX: usize = 512 * 1024;
/// How often a change is made again on what another tab has saved meanwhile.
const TRIES: usize = 8;

/// Why a draft was not opened or not saved.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No such code, or one that has ended: the same answer for both.
    #[error("that code does not open a draft")]
    NotOpened,
    #[error("too many wrong codes: wait {0} seconds")]
    Wait(u64),
    #[error("the draft is too large")]
    TooLarge,
    #[error("drafts cannot be read or written at the moment")]
    Unavailable,
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        tracing::warn!(error = %error, "drafts cannot be reached");
        Self::Unavailable
    }
}

/// Where drafts are kept. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Drafts {
    pub identity: Identity,
    pub pool: PgPool,
    pub clock: Arc<dyn Clock>,
}

/// A draft as it stands, and how often it was written.
#[derive(Debug, Clone)]
pub struct Written {
    pub draft: Draft,
    /// When it was last changed: it is kept from then on.
    pub saved_at: Timestamp,
    version: i32,
}

impl Drafts {
    /// Keeps a new draft, and gives the code that opens it.
    pub async fn create(&self, draft: &Draft) -> Result<DraftCode, OpenError> {
        for _ in 0..TRIES {
            let code = DraftCode::random();
            let sealed = self.seal(&code, draft)?;
            let made = sqlx::query!(
                "insert into draft (find, sealed, version, saved_at) values ($1, $2, 1, $3)
                 on conflict do nothing",
                code.find(),
                sealed,
                self.clock.now().to_sqlx()
            )
            .execute(&self.pool)
            .await?;
            if made.rows_affected() == 1 {
                return Ok(code);
            }
        }
        Err(OpenError::Unavailable)
    }

    /// The draft that `code` opens.
    pub async fn read(&self, code: &DraftCode) -> Result<Written, OpenError> {
        let oldest = self.clock.now().saturating_sub(super::KEPT).unwrap_or_default();
        let row = sqlx::query!(
            "select sealed, version, saved_at from draft where find = $1 and saved_at > $2",
            code.find(),
            oldest.to_sqlx()
        )
        .fetch_optional(&self.pool)
        .await?;
        let row = row.ok_or(OpenError::NotOpened)?;
        let draft = self.unseal(code, &row.sealed).ok_or(OpenError::NotOpened)?;
        Ok(Written { draft, version: row.version, saved_at: row.saved_at.to_jiff() })
    }

    /// The same for a code that somebody typed. The right one opens at any time; wrong ones are
    /// counted, and from the sixth on each has to wait longer.
    pub async fn open(&self, typed: &str) -> Result<(DraftCode, Written), OpenError> {
        // What cannot be a code opens nothing, so its tries are not counted.
        let code = DraftCode::parse(typed).ok_or(OpenError::NotOpened)?;
        match self.read(&code).await {
            Err(OpenError::NotOpened) => {}
            read => return read.map(|written| (code, written)),
        }
        let now = self.clock.now();
        let mut conn = self.pool.acquire().await?;
        // Reports' references are longer: the two never meet.
        if let Some(seconds) = code_try::wait(&mut conn, code.find(), now).await? {
            return Err(OpenError::Wait(seconds));
        }
        code_try::count(&mut conn, code.find(), now).await?;
        Err(OpenError::NotOpened)
    }

    /// Changes the draft, on top of whatever another tab has saved meanwhile.
    pub async fn change(
        &self,
        code: &DraftCode,
        mut written: Written,
        change: impl Fn(&mut Draft),
    ) -> Result<Written, OpenError> {
        for _ in 0..TRIES {
            let before = written.draft.clone();
            change(&mut written.draft);
            if written.draft == before {
                return Ok(written);
            }
            let sealed = self.seal(code, &written.draft)?;
            let now = self.clock.now();
            let kept = sqlx::query!(
                "update draft set sealed = $2, version = version + 1, saved_at = $3
                 where find = $1 and version = $4",
                code.find(),
                sealed,
                now.to_sqlx(),
                written.version
            )
            .execute(&self.pool)
            .await?;
            if kept.rows_affected() == 1 {
                written.version += 1;
                written.saved_at = now;
                return Ok(written);
            }
            written = self.read(code).await?;
        }
        Err(OpenError::Unavailable)
    }

    /// Deletes the draft at its writer's wish.
    pub async fn delete(&self, code: &DraftCode) -> Result<(), OpenError> {
        sqlx::query!("delete from draft where find = $1", code.find()).execute(&self.pool).await?;
        Ok(())
    }

    fn key(&self, code: &DraftCode) -> Option<ReportKey> {
        ReportKey::new(Uuid::nil(), Uuid::nil(), &self.identity.draft_key(code)).ok()
    }

    fn seal(&self, code: &DraftCode, draft: &Draft) -> Result<Vec<u8>, OpenError> {
        let plain = serde_json::to_vec(draft).unwrap_or_default();
        if plain.len() > BYTES_MAX {
            return Err(OpenError::TooLarge);
        }
        let key = self.key(code).ok_or(OpenError::Unavailable)?;
        Ok(key.seal(SEALED_AS, &plain).encode_to_vec())
    }

    fn unseal(&self, code: &DraftCode, sealed: &[u8]) -> Option<Draft> {
        let sealed = Sealed::decode(sealed).ok()?;
        let plain = self.key(code)?.open(SEALED_AS, &sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}
