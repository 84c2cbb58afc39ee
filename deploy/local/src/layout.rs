//! Where everything lies: one folder, and a socket folder elsewhere where its path is too long.

use std::fs::{DirBuilder, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use aws_lc_rs::digest;

/// The kernel takes 107 bytes for the path of a socket.
const SOCKET_PATH_BYTES_MAX: usize = 107;

/// The folder of one stack.
#[derive(Debug, Clone)]
pub struct Layout {
    dir: PathBuf,
}

impl Layout {
    /// `dir` need not exist yet.
    pub fn new(dir: &Path) -> Result<Self> {
        let dir = std::path::absolute(dir).context("the folder of the stack")?;
        Ok(Self { dir })
    }

    /// Makes the folders. Those with secrets or a socket without password are for the owner only;
    /// the outer one may be passed through, since PostgreSQL may run as another user.
    pub(crate) fn create(&self) -> Result<()> {
        make_folder(&self.dir, 0o711)?;
        for folder in ["log", "secrets", "outbox", "nats", "evidence"] {
            make_folder(&self.dir.join(folder), 0o700)?;
        }
        Ok(())
    }

    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.dir.join("lock")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.dir.join("stack.json")
    }

    #[must_use]
    pub fn urls(&self) -> PathBuf {
        self.dir.join("urls.env")
    }

    /// The settings of one service, for commands that are run by hand.
    pub(crate) fn service_env(&self, service: &str) -> PathBuf {
        self.dir.join(format!("{service}.env"))
    }

    pub(crate) fn log(&self, process: &str) -> PathBuf {
        self.dir.join("log").join(format!("{process}.log"))
    }

    pub(crate) fn secret(&self, name: &str) -> PathBuf {
        self.dir.join("secrets").join(name)
    }

    /// Who may pass reports on: the name that only demonstrations have, and its key's hash.
    pub(crate) fn partners(&self) -> PathBuf {
        self.secret("partners.txt")
    }

    pub(crate) fn outbox(&self) -> PathBuf {
        self.dir.join("outbox")
    }

    pub(crate) fn evidence(&self) -> PathBuf {
        self.dir.join("evidence")
    }

    pub(crate) fn tools(&self) -> PathBuf {
        self.dir.join("tools")
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.dir.join("pg")
    }

    pub(crate) fn nats_store(&self) -> PathBuf {
        self.dir.join("nats")
    }

    pub(crate) fn nats_config(&self) -> PathBuf {
        self.dir.join("nats.conf")
    }

    /// Where PostgreSQL has its socket: inside the folder if that path is short and plain enough.
    pub(crate) fn socket_dir(&self) -> PathBuf {
        let inside = self.dir.join("run");
        let is_plain = inside.to_str().is_some_and(|path| {
            path.len() + "/.s.PGSQL.5432.lock".len() <= SOCKET_PATH_BYTES_MAX
                && path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
        });
        if is_plain { inside } else { PathBuf::from(format!("/tmp/fc-{}", self.fingerprint())) }
    }

    /// Tells this stack from others on the machine.
    pub(crate) fn fingerprint(&self) -> String {
        let hash = digest::digest(&digest::SHA256, self.dir.as_os_str().as_encoded_bytes());
        hex::encode(hash).chars().take(16).collect()
    }
}

/// Makes a folder with this mode, whatever the umask. One that is there keeps its mode.
pub(crate) fn make_folder(path: &Path, mode: u32) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(path)
        .and_then(|()| std::fs::set_permissions(path, Permissions::from_mode(mode)))
        .with_context(|| format!("making the folder {}", path.display()))
}

/// Puts a file for the owner's eyes in place at once: nobody sees half of it.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    let new = path.with_extension("new");
    let written = || {
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, path)
    };
    written().with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dir: &str, is_inside: bool) {
        let socket_dir = Layout::new(Path::new(dir)).unwrap().socket_dir();
        assert_eq!(socket_dir.starts_with(dir), is_inside, "{}", socket_dir.display());
        assert!(socket_dir.as_os_str().len() + 19 <= SOCKET_PATH_BYTES_MAX);
    }

    #[test]
    fn the_socket_stays_inside_where_the_kernel_takes_its_path() {
        check("/work/main/.local", true);
        check(&format!("/{}", "a".repeat(83)), true);
        check(&format!("/{}", "a".repeat(84)), false);
    }

    #[test]
    fn a_path_that_urls_would_have_to_quote_is_avoided() {
        check("/home/a b/.local", false);
        check("/home/a&b/.local", false);
    }
}
