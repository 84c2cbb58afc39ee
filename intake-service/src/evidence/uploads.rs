use std::time::Duration;

use backbone::evidence::FileKey;
use backbone::sealing::ReportKey;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use proto::log::v1::Sealed;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Evidence, EvidenceError, Refused, State};
use crate::domain::file_type::FileType;
use crate::identity::UploadToken;

const SEALED_AS: &str = "upload";
const NAME_CHARS_MAX: usize = 200;
/// From when a report takes a file until its event is in the log, or never will be: far longer than a write waits.
const TAKING: Duration = Duration::from_mins(10);

/// A file that somebody is sending or has sent, opened with its token.
#[derive(Debug, Clone)]
pub struct Upload {
    pub token: UploadToken,
    pub file_id: Uuid,
    /// None: known when all of it has come.
    pub size: Option<u64>,
    /// So much of it is kept.
    pub received: u64,
    pub about: About,
    pub state: State,
    pub problem: Option<Refused>,
    /// The report that has it.
    pub report_id: Option<Uuid>,
    pub(super) pieces: i32,
    pub(super) key: FileKey,
}

/// What rests sealed.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct About {
    /// As the sender's device calls it.
    pub name: String,
    /// Found by content.
    #[serde(default)]
    pub media_type: Option<String>,
    /// Of the original, when all of it was read back.
    #[serde(default)]
    pub sha256: Option<[u8; 32]>,
    /// `clean` or `not_scanned`.
    #[serde(default)]
    pub scan: String,
    #[serde(default)]
    pub why_not_scanned: String,
}

impl std::fmt::Debug for About {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("About(..)")
    }
}

impl Upload {
    pub(super) fn file_type(&self) -> Option<FileType> {
        self.about.media_type.as_deref().and_then(FileType::called)
    }

    pub(super) fn is_whole(&self) -> bool {
        self.size == Some(self.received)
    }
}

impl Evidence {
    /// Begins an upload. `size` None: all of it comes in one go, and its end tells.
    pub async fn begin(&self, name: &str, size: Option<u64>) -> Result<Upload, EvidenceError> {
        match size {
            Some(0) => return Err(EvidenceError::Refused(Refused::Empty)),
            Some(size) if size > self.settings.largest() => {
                return Err(EvidenceError::Refused(Refused::TooBig));
            }
            Some(_) | None => {}
        }
        self.see_that_there_is_room(size.unwrap_or(0)).await?;
        let token = UploadToken::random();
        let file_id = Uuid::new_v4();
        let key = self.key(&token)?;
        let about = About { name: plain_name(name), ..About::default() };
        sqlx::query!(
            "insert into upload (find, file_id, sealed, size, created_at) values ($1, $2, $3, $4, $5)",
            token.find(),
            file_id,
            seal(&key, file_id, &about),
            size.map(signed),
            self.clock.now().to_sqlx()
        )
        .execute(&self.pool)
        .await?;
        Ok(Upload {
            token,
            file_id,
            size,
            received: 0,
            about,
            state: State::Receiving,
            problem: None,
            report_id: None,
            pieces: 0,
            key,
        })
    }

    /// Nobody can fill our disks with files that no report takes. What lies there counts, and not what somebody
    /// says that they will send: so nobody keeps others out with words. Each piece asks again.
    pub(super) async fn see_that_there_is_room(&self, size: u64) -> Result<(), EvidenceError> {
        let waiting = sqlx::query_scalar!(
            r#"select coalesce(sum(received), 0)::bigint as "bytes!" from upload
               where state in ('receiving', 'ready')
                 and not exists (select from evidence where evidence.file_id = upload.file_id)"#
        )
        .fetch_one(&self.pool)
        .await?;
        if unsigned(waiting) + size > self.settings.waiting_max {
            tracing::error!("alarm: more files wait for a report than EVIDENCE_WAITING_MB allows");
            return Err(EvidenceError::Full);
        }
        Ok(())
    }

    /// The upload that a token opens.
    pub async fn find(&self, token: &str) -> Result<Upload, EvidenceError> {
        let token = UploadToken::parse(token).ok_or(EvidenceError::Unknown)?;
        let oldest = self.oldest_taken();
        let row = sqlx::query!(
            r#"select upload.file_id, sealed, upload.size, received, pieces, state, problem,
                      evidence.report_id as "report_id?"
               from upload left join evidence on evidence.file_id = upload.file_id
               where find = $1 and created_at > $2"#,
            token.find(),
            oldest.to_sqlx()
        )
        .fetch_optional(&self.pool)
        .await?
        .ok_or(EvidenceError::Unknown)?;
        let key = self.key(&token)?;
        let about = open(&key, row.file_id, &row.sealed).ok_or(EvidenceError::Unknown)?;
        let mut upload = Upload {
            token,
            file_id: row.file_id,
            size: row.size.map(unsigned),
            received: unsigned(row.received),
            about,
            state: State::parse(&row.state).unwrap_or(State::Refused),
            problem: row.problem.as_deref().and_then(Refused::parse),
            report_id: row.report_id,
            pieces: row.pieces,
            key,
        };
        if upload.report_id.is_some() {
            upload.state = State::Taken;
        } else if upload.state == State::Receiving && upload.is_whole() {
            upload.state = State::Checking;
        }
        Ok(upload)
    }

    /// What began before this is taken by no report any more.
    pub(super) fn oldest_taken(&self) -> Timestamp {
        self.clock.now().saturating_sub(self.settings.kept).unwrap_or_default()
    }

    /// Makes `holder` the one that may write from where the upload stands: the last one that comes, since the
    /// one before is a connection that nobody is at any more.
    pub(super) async fn hold(&self, upload: &Upload, holder: Uuid) -> Result<bool, EvidenceError> {
        let held = sqlx::query!(
            "update upload set holder = $3
             where find = $1 and received = $2 and state = 'receiving'",
            upload.token.find(),
            signed(upload.received),
            holder
        )
        .execute(&self.pool)
        .await?;
        Ok(held.rows_affected() == 1)
    }

    /// Whether `holder` still is that one.
    pub(super) async fn holds(&self, upload: &Upload, holder: Uuid) -> Result<bool, EvidenceError> {
        let held = sqlx::query_scalar!(
            r#"select 1 as "one!" from upload where find = $1 and received = $2 and holder = $3"#,
            upload.token.find(),
            signed(upload.received),
            holder
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(held.is_some())
    }

    /// Says that all up to `end` is kept. False: another connection writes by now.
    pub(super) async fn advance(
        &self,
        upload: &mut Upload,
        holder: Uuid,
        end: u64,
    ) -> Result<bool, EvidenceError> {
        let moved = sqlx::query!(
            "update upload set received = $3, pieces = pieces + 1, sealed = $5
             where find = $1 and received = $2 and holder = $4",
            upload.token.find(),
            signed(upload.received),
            signed(end),
            holder,
            seal(&upload.key, upload.file_id, &upload.about)
        )
        .execute(&self.pool)
        .await?;
        upload.received = end;
        upload.pieces += 1;
        Ok(moved.rows_affected() == 1)
    }

    /// All of it has come, whose size was not known.
    pub(super) async fn ended(&self, upload: &mut Upload) -> Result<(), EvidenceError> {
        sqlx::query!(
            "update upload set size = $2 where find = $1 and received = $2 and size is null",
            upload.token.find(),
            signed(upload.received)
        )
        .execute(&self.pool)
        .await?;
        upload.size = Some(upload.received);
        Ok(())
    }

    /// Keeps what was found out: a report may take it now.
    pub(super) async fn ready(&self, upload: &mut Upload) -> Result<(), EvidenceError> {
        let found = sqlx::query!(
            "update upload set state = 'ready', sealed = $2, holder = null
             where find = $1 and state = 'receiving'",
            upload.token.find(),
            seal(&upload.key, upload.file_id, &upload.about)
        )
        .execute(&self.pool)
        .await?;
        if found.rows_affected() == 0 {
            // Another replica read it back as well and was faster: what it found is told when it is asked for again.
            return Err(EvidenceError::Checking);
        }
        upload.state = State::Ready;
        Ok(())
    }

    /// It is not taken, and nothing of it is kept but the answer why. False: it is no longer for `holder`, or for
    /// this check, to say so. Somebody else may have completed the file, and its bytes are theirs.
    pub(super) async fn refuse(
        &self,
        upload: &Upload,
        holder: Option<Uuid>,
        why: Refused,
    ) -> Result<bool, EvidenceError> {
        let refused = sqlx::query!(
            "update upload set state = 'refused', problem = $2, holder = null
             where find = $1 and state = 'receiving' and ($3::uuid is null or holder = $3)
             and not exists (select from evidence where evidence.file_id = upload.file_id)",
            upload.token.find(),
            why.as_str(),
            holder
        )
        .execute(&self.pool)
        .await?;
        if refused.rows_affected() == 0 {
            return Ok(false);
        }
        self.store.delete(upload.file_id).await?;
        Ok(true)
    }

    /// Says that a report is about to have these: none of them is discarded meanwhile. False: one was a moment ago.
    pub(super) async fn taking(&self, uploads: &[Upload]) -> Result<bool, sqlx::Error> {
        let ids: Vec<Uuid> = uploads.iter().map(|upload| upload.file_id).collect();
        let held = sqlx::query!(
            "update upload set taking_at = $2 where file_id = any($1)",
            &ids,
            self.clock.now().to_sqlx()
        )
        .execute(&self.pool)
        .await?;
        Ok(held.rows_affected() == uploads.len() as u64)
    }

    /// Its sender does not want it sent after all. What a report has stays, and so does what one may be about to
    /// have: its bytes would be gone when its event is in the log. If none takes it in the end, it is swept.
    pub async fn discard(&self, upload: &Upload) -> Result<(), EvidenceError> {
        let taken_by_now = self.clock.now().saturating_sub(TAKING).unwrap_or_default();
        let gone = sqlx::query!(
            "delete from upload where find = $1 and (taking_at is null or taking_at < $2)
             and not exists (select from evidence where evidence.file_id = upload.file_id)",
            upload.token.find(),
            taken_by_now.to_sqlx()
        )
        .execute(&self.pool)
        .await?;
        if gone.rows_affected() == 1 {
            self.store.delete(upload.file_id).await?;
        }
        Ok(())
    }

    fn key(&self, token: &UploadToken) -> Result<FileKey, EvidenceError> {
        FileKey::new(&self.identity.upload_key(token)).ok_or(EvidenceError::Unavailable)
    }
}

fn seal(key: &FileKey, file_id: Uuid, about: &About) -> Vec<u8> {
    let plain = serde_json::to_vec(about).unwrap_or_default();
    let key = ReportKey::new(file_id, Uuid::nil(), key.bytes());
    key.map(|key| key.seal(SEALED_AS, &plain).encode_to_vec()).unwrap_or_default()
}

fn open(key: &FileKey, file_id: Uuid, sealed: &[u8]) -> Option<About> {
    let sealed = Sealed::decode(sealed).ok()?;
    let key = ReportKey::new(file_id, Uuid::nil(), key.bytes()).ok()?;
    serde_json::from_slice(&key.open(SEALED_AS, &sealed).ok()?).ok()
}

/// The name without folders before it and without what nobody can see.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen = crate::domain::form::free_words(last).replace('\n', " ");
    seen.chars().take(NAME_CHARS_MAX).collect()
}

pub(super) fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(bytes: i64) -> u64 {
    u64::try_from(bytes).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_only_a_name() {
        assert_eq!(plain_name("../../etc/pass\u{200b}wd"), "passwd");
        assert_eq!(plain_name("C:\\Users\\Jo\\IMG 1.jpg"), "IMG 1.jpg");
        assert_eq!(plain_name("a\r\nb\0"), "a b");
        assert_eq!(plain_name(&"x".repeat(300)).len(), NAME_CHARS_MAX);
    }

    #[test]
    fn what_is_known_of_a_file_opens_with_its_own_key() {
        let (key, id) = (FileKey::random(), Uuid::from_u128(1));
        let about = About { name: "IMG 1.jpg".to_owned(), ..About::default() };
        let sealed = seal(&key, id, &about);
        assert!(!sealed.windows(4).any(|bytes| bytes == b"IMG "));
        assert_eq!(open(&key, id, &sealed).unwrap().name, about.name);
        assert!(open(&FileKey::random(), id, &sealed).is_none());
        assert!(open(&key, Uuid::from_u128(2), &sealed).is_none());
    }
}
