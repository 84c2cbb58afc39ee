//! The user that PostgreSQL runs as: it refuses to run as root.

use std::ffi::OsString;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::environment;
use crate::process::complete;

/// The user that everybody has and that owns nothing.
const NOBODY: u32 = 65_534;

/// How PostgreSQL's programs are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    /// We are an ordinary user.
    Ourselves,
    /// As root, under another number of our own: files stay root's, no other user is needed.
    Renamed,
    /// As root where such names are forbidden, as in many containers.
    Nobody,
}

const RENAME: [&str; 4] = ["unshare", "--user", "--map-user=1000", "--map-group=1000"];

impl Account {
    pub(crate) fn choose() -> Self {
        if !environment::is_root() {
            return Self::Ourselves;
        }
        let [unshare, options @ ..] = RENAME;
        match complete(Command::new(unshare).args(options).arg("true")) {
            Ok(_) => Self::Renamed,
            Err(_) => Self::Nobody,
        }
    }

    /// The command line that runs `program` as this user; the process stays the same one.
    pub(crate) fn command(self, program: &Path) -> Vec<OsString> {
        let user = NOBODY.to_string();
        let before: Vec<String> = match self {
            Self::Ourselves => vec![],
            Self::Renamed => RENAME.map(str::to_owned).to_vec(),
            Self::Nobody => vec![
                "setpriv".to_owned(),
                format!("--reuid={user}"),
                format!("--regid={user}"),
                "--clear-groups".to_owned(),
            ],
        };
        before.into_iter().map(OsString::from).chain([program.as_os_str().to_owned()]).collect()
    }

    /// Who its files belong to, if ours belong to `ours`.
    pub(crate) fn owner(self, ours: u32) -> u32 {
        match self {
            Self::Ourselves | Self::Renamed => ours,
            Self::Nobody => NOBODY,
        }
    }

    /// Makes a file this user's.
    pub(crate) fn give_file(self, path: &Path) -> Result<()> {
        if self != Self::Nobody {
            return Ok(());
        }
        chown(path, Some(NOBODY), Some(NOBODY))
            .with_context(|| format!("giving {} to nobody", path.display()))
    }

    /// Makes `folder` this user's, and sees whether it can be reached.
    pub(crate) fn give(self, folder: &Path) -> Result<()> {
        if self != Self::Nobody {
            return Ok(());
        }
        self.give_file(folder)?;
        let command = self.command(Path::new("test"));
        let [program, arguments @ ..] = command.as_slice() else { return Ok(()) };
        let reached = complete(Command::new(program).args(arguments).arg("-w").arg(folder));
        if reached.is_err() {
            bail!(
                "PostgreSQL does not run as root, user namespaces are forbidden here, and user \
                 nobody cannot reach {}. Run this as an ordinary user, allow user namespaces, or \
                 choose a folder that everybody may pass through, with --dir",
                folder.display()
            );
        }
        Ok(())
    }
}
