//! The reporter comes back: sees how it stands, adds something, says that it has got worse, that it is
//! to end, or that it is no longer safe to contact them.

use std::sync::Arc;

use backbone::clock::Clock;
use backbone::event_log::{self, After, NewEvent};
use backbone::sealing::{KeyError, Keys, Unreadable};
use backbone::writer::{WriteError, Writer};
use bytes::Bytes;
use jiff::Timestamp;
use prost::Message as _;
use proto::bureau::v1::DecisionWords;
use proto::intake::v1::{
    ContactStopped, DetailsAdded, DetailsContent, Diary, EvidenceAdded, EvidenceContent, File,
    FoundContent, FoundReported, WithdrawalAsked,
};
use proto::log::v1::Sealed;
use sqlx::PgPool;
use uuid::Uuid;

use crate::codec::{self, Added, Found};
use crate::domain::form::Question;
use crate::domain::report::{Flags, Report};
use crate::evidence::{Evidence, NotTaken, Taken, Why};
use crate::files_answered;
use crate::identity::{self, Identity};
use crate::projections::status::{self, Shown};
use crate::projections::{Beside, code_try, evidence};
use crate::submit::{self, Sent, SubmitError, meta};

/// The event of everything that somebody adds in words.
pub const DETAILS_ADDED: &str = "details.added";
/// And of files.
pub const EVIDENCE_ADDED: &str = "evidence.added";

/// How often an act is tried again because another one took its files' places in the same moment.
const TRIES: usize = 3;

/// The event of whom or what is found.
const FOUND_REPORTED: &str = "found.reported";
/// The form with which somebody tells one more time of something that goes on for weeks.
const DIARY: &str = "diary";

/// What a returning reporter is served with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Returning {
    pub identity: Identity,
    pub keys: Keys,
    pub evidence: Evidence,
    pub writer: Writer<Beside>,
    pub pool: PgPool,
    pub clock: Arc<dyn Clock>,
}

/// Why the report was not opened or not added to.
#[derive(Debug, thiserror::Error)]
pub enum ReturnError {
    /// No such reference, or another code: the same answer for both.
    #[error("that code does not open a report")]
    NotOpened,
    #[error("too many wrong codes: wait {0} seconds")]
    Wait(u64),
    /// By their place among those that were sent.
    #[error("some of the files cannot be taken")]
    Files(Vec<(usize, Why)>),
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

impl From<NotTaken> for ReturnError {
    fn from(error: NotTaken) -> Self {
        match error {
            NotTaken::Wrong(wrong) => Self::Files(wrong),
            NotTaken::Checking => Self::Submit(SubmitError::Checking),
            NotTaken::Unavailable => Self::Submit(SubmitError::Unavailable),
        }
    }
}

impl From<sqlx::Error> for ReturnError {
    fn from(error: sqlx::Error) -> Self {
        Self::Submit(error.into())
    }
}

impl From<KeyError> for ReturnError {
    fn from(error: KeyError) -> Self {
        Self::Submit(error.into())
    }
}

impl From<Unreadable> for ReturnError {
    fn from(error: Unreadable) -> Self {
        Self::Submit(error.into())
    }
}

/// A report that was opened with its code.
#[derive(Debug, Clone)]
pub struct Opened {
    pub shown: Shown,
    /// What staff ask, while they ask it.
    pub asked: Vec<Question>,
}

/// What a reporter does with an open report.
#[derive(Debug, Clone)]
pub enum Act<'a> {
    Details(Added<'a>),
    Evidence(AddedFiles),
    /// It has got worse or happened again.
    Again {
        told: &'a Report<'a>,
        fingerprint: [u8; 32],
    },
    /// They have told all, and add nothing by saying so.
    Finish,
    /// Whom or what they look for has come back or been found.
    Found(Found),
    Withdraw,
    /// It is no longer safe to contact them, in any way.
    StopContact,
}

/// Files that a reporter adds later, each by the token of its upload.
#[derive(Debug, Clone)]
pub struct AddedFiles {
    pub tokens: Vec<String>,
    pub about: String,
    pub fingerprint: [u8; 32],
}

impl Act<'_> {
    /// What its event is called.
    fn kind(&self) -> &'static str {
        match self {
            Self::Details(_) | Self::Again { .. } | Self::Finish => DETAILS_ADDED,
            Self::Evidence(_) => EVIDENCE_ADDED,
            Self::Found(_) => FOUND_REPORTED,
            Self::Withdraw => "withdrawal.asked",
            Self::StopContact => "contact.stopped",
        }
    }

    /// Of what was written, where something was.
    fn fingerprint(&self) -> Option<[u8; 32]> {
        match self {
            Self::Details(added) => Some(added.fingerprint),
            Self::Evidence(added) => Some(added.fingerprint),
            Self::Again { fingerprint, .. } => Some(*fingerprint),
            Self::Found(found) => Some(found.fingerprint),
            Self::Finish | Self::Withdraw | Self::StopContact => None,
        }
    }
}

/// An act that is in the log.
#[derive(Debug, Clone)]
pub struct Done {
    pub at: Timestamp,
    /// The files that it added.
    pub files: Vec<File>,
    /// The same request did it before.
    pub replayed: bool,
    /// It stands with the others, and no reply is owed to it.
    pub kept: bool,
}

/// What is appended for an act.
struct Body {
    bytes: Vec<u8>,
    taken: Taken,
    kept: bool,
}

impl Returning {
    /// Opens a report with its reference and return code. The right code opens it at any time; wrong
    /// ones are counted, and from the sixth on each has to wait longer.
    pub async fn open(&self, reference: &str, code: &str) -> Result<Opened, ReturnError> {
        let now = self.clock.now();
        // One that cannot exist opens nothing, so its tries are not counted: strangers' slips of the pen
        // do not make one another wait.
        let known = identity::reference(reference);
        let can_exist = known.is_some();
        let reference = known.unwrap_or_else(|| "none".to_owned());
        let mut conn = self.pool.acquire().await?;
        let shown = status::find(&mut conn, &reference).await?;
        // A report that does not exist takes the same way as one that does.
        let report_id = shown.as_ref().map_or(Uuid::nil(), |shown| shown.report_id);
        let opens = self.identity.opens(report_id, 1, code);
        let Some(shown) = shown.filter(|_| opens) else {
            // What came too early is not counted, so that a flood of guesses writes nothing.
            if let Some(seconds) = code_try::wait(&mut conn, &reference, now).await? {
                return Err(ReturnError::Wait(seconds));
            }
            if can_exist {
                code_try::count(&mut conn, &reference, now).await?;
            }
            return Err(ReturnError::NotOpened);
        };
        drop(conn);
        let asked = self.asked(&shown).await?;
        Ok(Opened { shown, asked })
    }

    async fn asked(&self, shown: &Shown) -> Result<Vec<Question>, ReturnError> {
        let Some(sealed) = &shown.asked else { return Ok(vec![]) };
        let sealed = Sealed::decode(sealed.as_slice()).map_err(|_| Unreadable::NotOpened)?;
        let key = self.keys.of(shown.report_id, &sealed).await?;
        let words = key.open("case.decision", &sealed)?;
        let words = DecisionWords::decode(words.as_slice()).map_err(|_| Unreadable::NotOpened)?;
        let asked = words.questions.iter().zip(1..);
        Ok(asked
            .map(|(asked, number)| Question::asked(number, &asked.label, &asked.kind))
            .collect())
    }

    /// What was sent when the report was made.
    pub async fn sent(&self, report_id: Uuid) -> Result<Sent, ReturnError> {
        Ok(submit::sent(&self.keys, &self.pool, report_id).await?)
    }

    /// Appends what the reporter does, once for each `act_id`.
    pub async fn act(
        &self,
        report_id: Uuid,
        act_id: Uuid,
        act: Act<'_>,
    ) -> Result<Done, ReturnError> {
        let (kind, fingerprint) = (act.kind(), act.fingerprint());
        for _ in 0..TRIES {
            if let Some(done) = self.done_before(report_id, act_id, kind, fingerprint).await? {
                return Ok(done);
            }
            let at = self.clock.now();
            let body = match self.body(report_id, (act_id, at), act.clone()).await {
                // A twin may have taken them since we looked: then this was done, and not refused.
                Err(
                    error @ (ReturnError::Files(_) | ReturnError::Submit(SubmitError::Files(_))),
                ) => {
                    let twin = self.done_before(report_id, act_id, kind, fingerprint).await?;
                    return twin.ok_or(error);
                }
                body => body?,
            };
            let Body { bytes, taken, kept } = body;
            let event = NewEvent {
                stream: report_id,
                after: After::Whatever,
                kind,
                meta: meta(report_id),
                body: Bytes::from(bytes),
            };
            let beside = Beside::Act { act_id, held: taken.held };
            match self.writer.append(event, beside).await {
                Ok(_) => return Ok(Done { at, files: taken.files, replayed: false, kept }),
                // Another act took the files or their places, or a twin was faster.
                Err(WriteError::Constraint(broken)) if evidence::is_ours(&broken) => {}
                Err(WriteError::Constraint(_)) => {
                    let done = self.done_before(report_id, act_id, kind, fingerprint).await?;
                    return done.ok_or(ReturnError::Submit(SubmitError::Unavailable));
                }
                Err(error) => return Err(SubmitError::from(error).into()),
            }
        }
        Err(SubmitError::Unavailable.into())
    }

    /// The body of the act's event, and what goes with it.
    async fn body(
        &self,
        report_id: Uuid,
        (act_id, at): (Uuid, Timestamp),
        act: Act<'_>,
    ) -> Result<Body, ReturnError> {
        let key = || submit::key_of(&self.keys, &self.pool, report_id);
        let mut kept = false;
        let mut taken = Taken::default();
        let body = match act {
            Act::Details(mut added) => {
                taken = files_answered::take_told(&self.evidence, report_id, &mut added.answers)
                    .await?;
                codec::details(added, &taken, act_id, at, &key().await?).encode_to_vec()
            }
            Act::Evidence(added) => {
                taken = self.evidence.take(report_id, &added.tokens).await?;
                let AddedFiles { about, fingerprint, .. } = added;
                codec::evidence(about, &taken, &fingerprint, (act_id, at), &key().await?)
                    .encode_to_vec()
            }
            Act::Again { told, fingerprint } => {
                let diary = self.diary(report_id, told).await?;
                kept = diary == Diary::Kept;
                codec::again(told, diary, &fingerprint, act_id, at, &key().await?).encode_to_vec()
            }
            Act::Finish => codec::finished(act_id, at).encode_to_vec(),
            Act::Found(found) => codec::found(&found, act_id, at, &key().await?).encode_to_vec(),
            Act::Withdraw => codec::withdrawal(act_id, at).encode_to_vec(),
            Act::StopContact => codec::contact_stopped(act_id, at).encode_to_vec(),
        };
        Ok(Body { bytes: body, taken, kept })
    }

    /// What it is as an entry of a diary. A reply is owed to the first, and to one that says that something
    /// has changed.
    async fn diary(&self, report_id: Uuid, told: &Report<'_>) -> Result<Diary, ReturnError> {
        if told.kind != DIARY {
            return Ok(Diary::Unspecified);
        }
        if told.flags != Flags::default() {
            return Ok(Diary::Told);
        }
        let mut conn = self.pool.acquire().await?;
        let before = event_log::load(&mut conn, report_id).await?;
        let is_entry = |event: event_log::Recorded| {
            let added = DetailsAdded::decode(event.body).unwrap_or_default();
            event.kind == DETAILS_ADDED && added.diary() != Diary::Unspecified
        };
        Ok(if before.into_iter().any(is_entry) { Diary::Kept } else { Diary::Told })
    }

    /// What the same request did before; an error where its key was used for another one.
    pub async fn done_before(
        &self,
        report_id: Uuid,
        act_id: Uuid,
        kind: &str,
        fingerprint: Option<[u8; 32]>,
    ) -> Result<Option<Done>, ReturnError> {
        let mut conn = self.pool.acquire().await?;
        let Some(found) = status::act(&mut conn, act_id).await? else { return Ok(None) };
        if found.report_id != report_id {
            return Err(SubmitError::KeyReused.into());
        }
        let events = event_log::load(&mut conn, report_id).await?;
        drop(conn);
        let event = events.into_iter().find(|event| event.version == found.version);
        let Some(event) = event else { return Ok(None) };
        if event.kind != kind {
            return Err(SubmitError::KeyReused.into());
        }
        let done =
            |at_us| Done { at: submit::time(at_us), files: vec![], replayed: true, kept: false };
        match (event.kind.as_str(), fingerprint) {
            (DETAILS_ADDED, _) => {
                let details =
                    DetailsAdded::decode(event.body).map_err(|_| Unreadable::NotOpened)?;
                let content = self.words_of::<DetailsContent>(
                    report_id,
                    codec::DETAILS,
                    details.content.as_ref(),
                );
                let written = content.await?.map(|content| content.fingerprint);
                let kept = details.diary() == Diary::Kept;
                let done = Done { kept, ..done(details.added_at_us) };
                same(written.as_deref(), fingerprint, done)
            }
            (FOUND_REPORTED, _) => {
                let found = FoundReported::decode(event.body).map_err(|_| Unreadable::NotOpened)?;
                let content =
                    self.words_of::<FoundContent>(report_id, codec::FOUND, found.content.as_ref());
                let written = content.await?.map(|content| content.fingerprint);
                same(written.as_deref(), fingerprint, done(found.at_us))
            }
            (EVIDENCE_ADDED, Some(fingerprint)) => {
                let added = EvidenceAdded::decode(event.body).map_err(|_| Unreadable::NotOpened)?;
                let sealed = added.content.as_ref().ok_or(Unreadable::NotOpened)?;
                let opened =
                    self.keys.of(report_id, sealed).await?.open(codec::EVIDENCE, sealed)?;
                let content = EvidenceContent::decode(opened.as_slice())
                    .map_err(|_| Unreadable::NotOpened)?;
                if content.fingerprint.as_ref() != fingerprint {
                    return Err(SubmitError::KeyReused.into());
                }
                Ok(Some(Done { files: content.files, ..done(added.added_at_us) }))
            }
            ("withdrawal.asked", None) => {
                let asked =
                    WithdrawalAsked::decode(event.body).map_err(|_| Unreadable::NotOpened)?;
                Ok(Some(done(asked.asked_at_us)))
            }
            ("contact.stopped", None) => {
                let stopped =
                    ContactStopped::decode(event.body).map_err(|_| Unreadable::NotOpened)?;
                Ok(Some(done(stopped.stopped_at_us)))
            }
            _ => Err(SubmitError::KeyReused.into()),
        }
    }

    /// What somebody wrote, opened; nothing where nothing was written.
    async fn words_of<M: prost::Message + Default>(
        &self,
        report_id: Uuid,
        what: &str,
        sealed: Option<&Sealed>,
    ) -> Result<Option<M>, ReturnError> {
        let Some(sealed) = sealed else { return Ok(None) };
        let opened = self.keys.of(report_id, sealed).await?.open(what, sealed)?;
        Ok(Some(M::decode(opened.as_slice()).map_err(|_| Unreadable::NotOpened)?))
    }
}

/// The act that is in the log, if its request was the same.
fn same(
    written: Option<&[u8]>,
    asked: Option<[u8; 32]>,
    done: Done,
) -> Result<Option<Done>, ReturnError> {
    let same = written == asked.as_ref().map(<[u8; 32]>::as_slice);
    same.then_some(Some(done)).ok_or(ReturnError::Submit(SubmitError::KeyReused))
}
