//! Files in a folder: `<message id>.eml` and `<message id>.sms.txt`. A file is there whole or not at
//! all, so the folder can always say whether it has a message.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::letter::{self, From};
use super::{Answer, Parcel};

/// The folder, and who its emails are from.
#[derive(Debug, Clone)]
pub struct Folder {
    pub path: PathBuf,
    pub from: From,
}

impl Folder {
    pub(super) async fn send(
        &self,
        id: Uuid,
        parcel: &Parcel,
        now: Timestamp,
        time_max: Duration,
    ) -> Answer {
        let (name, bytes) = match parcel {
            Parcel::Email { to, words } => match letter::write(id, &self.from, to, words, now) {
                Ok(letter) => (format!("{id}.eml"), letter.bytes),
                Err(why) => return Answer::Refused { code: why.to_string() },
            },
            Parcel::Text { to, text } => {
                (format!("{id}.sms.txt"), format!("To: {}\n\n{text}\n", to.number()).into_bytes())
            }
        };
        let path = self.path.clone();
        let written = tokio::task::spawn_blocking(move || put(&path, &name, &bytes));
        match tokio::time::timeout(time_max, written).await {
            Ok(Ok(Ok(()))) => Answer::Sent { provider_reference: id.to_string() },
            Ok(Ok(Err(Failed::Before(error)))) => {
                Answer::Unavailable { code: format!("{:?}", error.kind()) }
            }
            Ok(Ok(Err(Failed::After(error)))) => {
                Answer::InDoubt { code: format!("{:?}", error.kind()) }
            }
            Ok(Err(_)) => Answer::InDoubt { code: "panic".to_owned() },
            Err(_) => Answer::InDoubt { code: "timeout".to_owned() },
        }
    }

    pub(super) async fn has(&self, id: Uuid, time_max: Duration) -> Option<bool> {
        let path = self.path.clone();
        let looked = tokio::task::spawn_blocking(move || {
            if !path.is_dir() {
                return None; // It may be mounted again.
            }
            let names = [format!("{id}.eml"), format!("{id}.sms.txt")];
            Some(names.iter().any(|name| path.join(name).is_file()))
        });
        tokio::time::timeout(time_max, looked).await.ok()?.ok()?
    }
}

/// Before or after the file had its name.
enum Failed {
    Before(io::Error),
    After(io::Error),
}

/// Writes under another name first, so that nobody ever reads half a message.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Failed> {
    let draft = folder.join(format!(".{name}.part"));
    let write = || {
        std::fs::create_dir_all(folder)?;
        let mut file = File::create(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(Failed::Before)?;
    std::fs::rename(&draft, folder.join(name)).map_err(Failed::Before)?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Failed::After)
}
