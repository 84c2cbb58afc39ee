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
/// How often a change is made again on what another tab has changed meanwhile.
const TRIES: usize = 8;
/// A session in use is noted this often, and not with each page.
const NOTED_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// One browser's session.
#[derive(Debug, Clone)]
pub struct Session {
    token: String,
    open: Open,
    /// How often it was changed; zero: it is not kept yet.
    version: i32,
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
        let row = sqlx::query!(
            "select sealed, version, used_at from session where session_id = $1",
            &id[..]
        )
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
        Ok(Some(Session { token: token.to_owned(), open, version: row.version, rested }))
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
        Session { token: identity::new_token(), open: Open::default(), version: 0, rested: false }
    }

    /// Opens a draft in the session, in place of another of its kind; None closes that.
    pub async fn set_draft(
        &self,
        session: &mut Session,
        kind: &str,
        code: Option<&DraftCode>,
    ) -> Result<(), OpenError> {
        let set = |open: &mut Open| {
            match code {
                Some(code) => open.drafts.insert(kind.to_owned(), code.shown()),
                None => open.drafts.remove(kind),
            };
        };
        self.change(session, set).await
    }

    /// Opens a report in the session, or closes the one that is open.
    pub async fn set_report(
        &self,
        session: &mut Session,
        report: Option<OpenReport>,
    ) -> Result<(), OpenError> {
        self.change(session, |open| open.report.clone_from(&report)).await
    }

    /// From now on the session ends where others rest.
    pub async fn guard(&self, session: &mut Session) -> Result<(), OpenError> {
        if session.open.guarded {
            return Ok(());
        }
        self.change(session, |open| open.guarded = true).await
    }

    /// Somebody says that they are still the same person.
    pub async fn wake(&self, session: &mut Session) -> Result<(), OpenError> {
        session.rested = false;
        self.change(session, |_| {}).await
    }

    /// The same under another token: whoever has seen the old one opens nothing with it any more.
    pub async fn renew(&self, session: Session) -> Result<Session, OpenError> {
        let mut renewed = Session { token: identity::new_token(), version: 0, ..session.clone() };
        self.change(&mut renewed, |_| {}).await?;
        self.end(&session.token).await?;
        Ok(renewed)
    }

    /// Changes what is open, on top of what another tab has changed meanwhile. What was ended meanwhile
    /// stays ended, and what rests is not woken by it.
    async fn change(
        &self,
        session: &mut Session,
        change: impl Fn(&mut Open),
    ) -> Result<(), OpenError> {
        let (id, key) = self.identity.session_keys(&session.token);
        let key =
            ReportKey::new(Uuid::nil(), Uuid::nil(), &key).map_err(|_| OpenError::Unavailable)?;
        for _ in 0..TRIES {
            change(&mut session.open);
            if session.rested {
                return Ok(());
            }
            let plain = serde_json::to_vec(&session.open).unwrap_or_default();
            let sealed = key.seal(SEALED_AS, &plain).encode_to_vec();
            let now = self.clock.now().to_sqlx();
            let kept = if session.version == 0 {
                sqlx::query!(
                    "insert into session (session_id, sealed, used_at) values ($1, $2, $3)
                     on conflict do nothing",
                    &id[..],
                    sealed,
                    now
                )
                .execute(&self.pool)
                .await?
            } else {
                sqlx::query!(
                    "update session set sealed = $2, used_at = $3, version = version + 1
                     where session_id = $1 and version = $4",
                    &id[..],
                    sealed,
                    now,
                    session.version
                )
                .execute(&self.pool)
                .await?
            };
            if kept.rows_affected() == 1 {
                session.version += 1;
                return Ok(());
            }
            let Some(stands) = self.find(&session.token).await? else { return Ok(()) };
            session.open = stands.open;
            session.version = stands.version;
        }
        Err(OpenError::Unavailable)
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
