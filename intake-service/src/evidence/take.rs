use bytes::Bytes;
use proto::intake::v1 as wire;
use uuid::Uuid;

use super::settings::FILES_MAX;
use super::{Evidence, EvidenceError, Refused, State, Upload};
use crate::projections::{Held, evidence};

/// Files that a report may have, checked and opened; it has them when its event is in the log.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    pub files: Vec<wire::File>,
    pub held: Vec<Held>,
}

/// Why a report cannot have a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No such upload, or it was swept.
    Unknown,
    Unfinished,
    Refused(Refused),
    /// A report has it already.
    HasReport,
    Twice,
    TooMany,
    TooMuch,
}

impl Why {
    /// A word that a program can act on.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "file_unknown",
            Self::Unfinished => "file_unfinished",
            Self::Refused(why) => why.as_str(),
            Self::HasReport => "file_sent_already",
            Self::Twice => "file_twice",
            Self::TooMany => "too_many_files",
            Self::TooMuch => "files_too_big",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Unknown => "Choose this file again: it did not reach us",
            Self::Unfinished => "This file has not all reached us yet. Wait until it has",
            Self::Refused(why) => why.words(),
            Self::HasReport => "This file was sent already. Take it out of the list",
            Self::Twice => "This file is in the list twice. Take one of them out",
            Self::TooMany => {
                "A report can have 10 files. Tell us about the others, and we will ask for them"
            }
            Self::TooMuch => {
                "These files are too big together. Tell us about the others, and we will ask for them in \
                 another way"
            }
        }
    }
}

/// Why a report cannot have files.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// By their place among those that were asked for.
    #[error("some of the files cannot be taken")]
    Wrong(Vec<(usize, Why)>),
    /// One is still being checked: ask again in a moment.
    #[error("a file is still being checked")]
    Checking,
    #[error("database or store is away")]
    Unavailable,
}

impl From<sqlx::Error> for NotTaken {
    fn from(error: sqlx::Error) -> Self {
        tracing::warn!(error = %error, "looking up uploads failed");
        Self::Unavailable
    }
}

impl Evidence {
    /// The files of these tokens for a report that does not have them yet.
    pub async fn take(&self, report_id: Uuid, tokens: &[String]) -> Result<Taken, NotTaken> {
        let mut wrong = vec![];
        let mut uploads: Vec<Upload> = vec![];
        // An eleventh is not even looked up.
        for (place, token) in tokens.iter().enumerate().take(FILES_MAX) {
            match self.one(token).await? {
                Err(why) => wrong.push((place, why)),
                Ok(upload) if uploads.iter().any(|one| one.file_id == upload.file_id) => {
                    wrong.push((place, Why::Twice));
                }
                Ok(upload) => uploads.push(upload),
            }
        }
        let has = evidence::of_report(&self.pool, report_id).await?;
        let room = FILES_MAX.saturating_sub(usize::try_from(has.files).unwrap_or(usize::MAX));
        wrong.extend((room..tokens.len()).map(|place| (place, Why::TooMany)));
        let bytes: u64 = uploads.iter().map(|upload| upload.received).sum();
        if has.bytes + bytes > self.settings.report_max {
            wrong.push((tokens.len().saturating_sub(1), Why::TooMuch));
        }
        if !wrong.is_empty() {
            return Err(NotTaken::Wrong(wrong));
        }
        if !self.taking(&uploads).await? {
            // Discarded since it was looked up: the next look says which.
            return Err(NotTaken::Checking);
        }
        let held = uploads.iter().zip(has.files + 1..).map(|(upload, number)| Held {
            file_id: upload.file_id,
            size: upload.received,
            number,
        });
        Ok(Taken { held: held.collect(), files: uploads.iter().map(file).collect() })
    }

    async fn one(&self, token: &str) -> Result<Result<Upload, Why>, NotTaken> {
        let found = match self.find(token).await {
            Ok(upload) => self.checked(upload).await,
            Err(error) => Err(error),
        };
        match found {
            Ok(upload) if upload.state == State::Ready => Ok(Ok(upload)),
            Ok(upload) if upload.state == State::Taken => Ok(Err(Why::HasReport)),
            Ok(_) | Err(EvidenceError::Offset) => Ok(Err(Why::Unfinished)),
            Err(EvidenceError::Unknown) => Ok(Err(Why::Unknown)),
            Err(EvidenceError::Refused(why)) => Ok(Err(Why::Refused(why))),
            Err(EvidenceError::Checking) => Err(NotTaken::Checking),
            Err(EvidenceError::Full | EvidenceError::Unavailable) => Err(NotTaken::Unavailable),
        }
    }
}

fn file(upload: &Upload) -> wire::File {
    let about = &upload.about;
    wire::File {
        file_id: upload.file_id.to_string(),
        name: about.name.clone(),
        media_type: about.media_type.clone().unwrap_or_default(),
        size: upload.received,
        sha256: about.sha256.map(|digest| Bytes::copy_from_slice(&digest)).unwrap_or_default(),
        key: Bytes::copy_from_slice(upload.key.bytes()),
        scan: about.scan.clone(),
        why_not_scanned: about.why_not_scanned.clone(),
    }
}
