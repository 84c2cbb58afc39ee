//! What a browser has open. Its cookie holds a token and nothing else; what the session knows is
//! sealed with it, so that a copy of the database opens no draft.

use std::collections::BTreeMap;
use std::sync::Arc;

use backbone::clock::Clock;
use backbone::sealing::ReportKey;
use jiff::SignedDuration;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use proto::log::v1::Sealed;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use uuid::Uuid;

use super::{DraftCode, OpenError};
use crate::identity::{self, Identity};

const SEALED_AS: &str = "session";
/// A session in use is noted this often, and not with each page.
const NOTED_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// One browser's session.
#[derive(Debug, Clone)]
pub struct Session {
    token: String,
    open: Open,
    /// Nobody used it for longer than a session rests: what it had open is shown only after a question.
    pub rested: bool,
}

/// What is open in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Open {
    /// The code of the draft of each kind.
    #[serde(default)]
    drafts: BTreeMap<String, String>,
    /// A report that was opened with its return code.
    #[serde(default)]
    report: Option<OpenReport>,
    /// Somebody near may be a danger: unused, it does not rest but ends.
    #[serde(default)]
    guarded: bool,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenReport {
    pub reference: String,
    pub return_code: String,
}

impl std::fmt::Debug for OpenReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenReport(..)")
    }
}

impl Session {
    /// What its cookie holds.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The code of the draft of this kind, if one is open.
    #[must_use]
    pub fn draft(&self, kind: &str) -> Option<DraftCode> {
        DraftCode::parse(self.open.drafts.get(kind)?)
    }

    /// The kinds of which a draft is open.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.open.drafts.keys().map(String::as_str)
    }

    #[must_use]
    pub fn report(&self) -> Option<&OpenReport> {
        self.open.report.as_ref()
    }
}

/// The sessions of all browsers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sessions {
    pub identity: Identity,
    pub pool: PgPool,
    pub clock: Arc<dyn Clock>,
    /// Unused for so long, a session rests.
    pub rests_after: SignedDuration,
}

impl Sessions {
    /// The session of this cookie, if it has not ended.
    pub async fn find(&self, token: &str) -> Result<Option<Session>, OpenError> {
        let (id, _) = self.identity.session_keys(token);
        let row =
            sqlx::query!("select sealed, used_at from session where session_id = $1", &id[..])
                .fetch_optional(&self.pool)
                .await?;
        let Some(row) = row else { return Ok(None) };
        let Some(open) = self.unseal(token, &row.sealed) else { return Ok(None) };
        let now = self.clock.now();
        let unused = now.duration_since(row.used_at.to_jiff());
        let rested = unused > self.rests_after;
        if rested && open.guarded {
            self.end(token).await?;
            return Ok(None);
        }
        if unused > NOTED_EVERY && !rested {
            sqlx::query!(
                "update session set used_at = $2 where session_id = $1",
                &id[..],
                now.to_sqlx()
            )
            .execute(&self.pool)
            .await?;
        }
        Ok(Some(Session { token: token.to_owned(), open, rested }))
    }

    /// What tells this session from others, and opens nothing.
    #[must_use]
    pub fn mark(&self, session: &Session) -> String {
        let (id, _) = self.identity.session_keys(&session.token);
        hex::encode(id.get(..8).unwrap_or_default())
    }

    /// A new session, kept when something is opened in it.
    #[must_use]
    pub fn begin(&self) -> Session {
        Session { token: identity::new_token(), open: Open::default(), rested: false }
    }

    /// Opens a draft in the session, in place of another of its kind; None closes that.
    pub async fn set_draft(
        &self,
        session: &mut Session,
        kind: &str,
        code: Option<&DraftCode>,
    ) -> Result<(), OpenError> {
        match code {
            Some(code) => session.open.drafts.insert(kind.to_owned(), code.shown()),
            None => session.open.drafts.remove(kind),
        };
        self.keep(session).await
    }

    /// Opens a report in the session, or closes the one that is open.
    pub async fn set_report(
        &self,
        session: &mut Session,
        report: Option<OpenReport>,
    ) -> Result<(), OpenError> {
        session.open.report = report;
        self.keep(session).await
    }

    /// From now on the session ends where others rest.
    pub async fn guard(&self, session: &mut Session) -> Result<(), OpenError> {
        if session.open.guarded {
            return Ok(());
        }
        session.open.guarded = true;
        self.keep(session).await
    }

    /// Somebody says that they are still the same person.
    pub async fn wake(&self, session: &mut Session) -> Result<(), OpenError> {
        session.rested = false;
        self.keep(session).await
    }

    async fn keep(&self, session: &Session) -> Result<(), OpenError> {
        let (id, key) = self.identity.session_keys(&session.token);
        let key =
            ReportKey::new(Uuid::nil(), Uuid::nil(), &key).map_err(|_| OpenError::Unavailable)?;
        let plain = serde_json::to_vec(&session.open).unwrap_or_default();
        sqlx::query!(
            "insert into session (session_id, sealed, used_at) values ($1, $2, $3)
             on conflict (session_id) do update
             set sealed = excluded.sealed, used_at = excluded.used_at",
            &id[..],
            key.seal(SEALED_AS, &plain).encode_to_vec(),
            self.clock.now().to_sqlx()
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Ends the session: its cookie opens nothing any more.
    pub async fn end(&self, token: &str) -> Result<(), OpenError> {
        let (id, _) = self.identity.session_keys(token);
        sqlx::query!("delete from session where session_id = $1", &id[..])
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    fn unseal(&self, token: &str, sealed: &[u8]) -> Option<Open> {
        let (_, key) = self.identity.session_keys(token);
        let key = ReportKey::new(Uuid::nil(), Uuid::nil(), &key).ok()?;
        let plain = key.open(SEALED_AS, &Sealed::decode(sealed).ok()?).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}
