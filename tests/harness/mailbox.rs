//! What was delivered: the folder into which the local stack's channel puts its messages.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Result;
use crate::wait;

#[derive(Debug, Clone)]
pub struct Mailbox(PathBuf);

/// A delivered message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub file: String,
    /// Headers and body; soft line breaks of quoted-printable are undone.
    pub text: String,
}

impl Mailbox {
    #[must_use]
    pub fn new(folder: &str) -> Self {
        Self(Path::new(folder).to_owned())
    }

    /// All messages, by file name.
    pub fn all(&self) -> Result<Vec<Mail>> {
        let mut mails = vec![];
        let Ok(entries) = std::fs::read_dir(&self.0) else { return Ok(mails) };
        for entry in entries {
            let path = entry?.path();
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if [".eml", ".sms.txt"].iter().any(|end| file.ends_with(end)) {
                let raw = String::from_utf8_lossy(&std::fs::read(&path)?).into_owned();
                mails.push(Mail { file, text: readable(&raw) });
            }
        }
        mails.sort_by(|a, b| a.file.cmp(&b.file));
        Ok(mails)
    }

    /// Waits for a message that says all of `words`.
    pub async fn gets(&self, words: &[&str], limit: Duration) -> Result<Mail> {
        wait::until(&format!("a message that says {words:?}"), limit, || async {
            let mails = self.all()?;
            let found =
                mails.into_iter().find(|mail| words.iter().all(|word| mail.text.contains(word)));
            Ok(found)
        })
        .await
    }
}

/// Undoes quoted-printable far enough to look for ASCII words.
fn readable(raw: &str) -> String {
    raw.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
}
