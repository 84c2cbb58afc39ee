//! A real clamd on a socket of its own, with a signature of our own: it knows the harmless string that all
//! scanners agree to find.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::Result;
use crate::wait;

/// More than this it does not take.
pub const STREAM_BYTES_MAX: usize = 1024 * 1024;

/// Ended when it is dropped.
#[derive(Debug)]
pub struct Clamd {
    folder: tempfile::TempDir,
    daemon: Child,
}

/// What every scanner finds, put together here so that no scanner finds this file.
#[must_use]
pub fn found_by_all() -> Vec<u8> {
    let halves = [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];
    halves.concat().into_bytes()
}

impl Clamd {
    pub async fn start() -> Result<Self> {
        let program = program()?;
        let folder = tempfile::Builder::new().prefix("clamd-").tempdir()?;
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("db"))?;
        let signature = format!("Own.Test:0:*:{}\n", hex::encode(found_by_all()));
        std::fs::write(at("db").join("own.ndb"), signature)?;
        let settings = format!(
            "Foreground yes\nLocalSocket {}\nDatabaseDirectory {}\nTemporaryDirectory {}\n\
             StreamMaxLength {STREAM_BYTES_MAX}\n",
            at("socket").display(),
            at("db").display(),
            folder.path().display(),
        );
        std::fs::write(at("clamd.conf"), settings)?;
        let mut daemon = Command::new(program)
            .arg("--config-file")
            .arg(at("clamd.conf"))
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(at("log"))?)
            .stderr(std::fs::File::create(at("errors"))?)
            .spawn()
            .context("start clamd")?;
        let socket = at("socket");
        wait::until("the scanner", Duration::from_mins(1), || {
            let there = std::os::unix::net::UnixStream::connect(&socket).is_ok();
            let ended = daemon.try_wait();
            async move {
                match ended {
                    Ok(Some(status)) => bail!("clamd ended with {status}"),
                    Ok(None) | Err(_) => Ok(there.then_some(())),
                }
            }
        })
        .await?;
        Ok(Self { folder, daemon })
    }

    /// For `CLAMD_ADDRESS`.
    #[must_use]
    pub fn address(&self) -> String {
        self.folder.path().join("socket").display().to_string()
    }

    pub fn ends(&mut self) -> Result<()> {
        self.daemon.kill()?;
        self.daemon.wait()?;
        Ok(())
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        self.ends().ok();
    }
}

/// `make tools` installs it.
fn program() -> Result<PathBuf> {
    let places = ["/usr/sbin/clamd", "/usr/local/sbin/clamd", "/usr/bin/clamd"];
    let found = places.into_iter().map(Path::new).find(|place| place.exists());
    Ok(found.context("clamd is not installed: run `make tools`")?.to_owned())
}

/// Whether it is here. Where it is not, the test that asks says so loudly, and fails under `CI=true`.
#[must_use]
pub fn is_installed() -> bool {
    program().is_ok()
}
