//! A real SMTP server that accepts, refuses, is busy, or hangs up: as it is told.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

use crate::Result;
use crate::wait;

/// Ended when it is dropped: the server ends when its standard input closes.
#[derive(Debug)]
pub struct SmtpServer {
    folder: tempfile::TempDir,
    server: Child,
    port: u16,
}

/// How the next messages are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Accept,
    /// 451: try again later.
    Busy,
    /// 550: never.
    Refuse,
    /// Keeps the message and hangs up without an answer.
    Cut,
}

impl SmtpServer {
    pub async fn start(mode: Mode) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("smtp-").tempdir()?;
        let tools = tools()?;
        let server = Command::new("python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/smtp_server.py"))
            .arg(folder.path())
            .env("PYTHONPATH", tools)
            .stdin(Stdio::piped())
            .spawn()
            .context("start the SMTP server")?;
        let mut started = Self { folder, server, port: 0 };
        started.answers(mode)?;
        let file = started.folder.path().join("port");
        started.port = wait::until("the SMTP server's port", Duration::from_secs(20), || async {
            Ok(std::fs::read_to_string(&file).ok().and_then(|port| port.trim().parse().ok()))
        })
        .await?;
        Ok(started)
    }

    /// For `SMTP_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// From now on.
    pub fn answers(&self, mode: Mode) -> Result<()> {
        let word = match mode {
            Mode::Accept => "accept",
            Mode::Busy => "busy",
            Mode::Refuse => "refuse",
            Mode::Cut => "cut",
        };
        let (new, file) = (self.folder.path().join("mode.new"), self.folder.path().join("mode"));
        std::fs::write(&new, word)?;
        std::fs::rename(new, file)?;
        Ok(())
    }

    /// What it has kept, in the order of coming.
    pub fn kept(&self) -> Result<Vec<String>> {
        let mut kept = vec![];
        for number in 1.. {
            let Ok(bytes) = std::fs::read(self.folder.path().join(format!("{number}.eml"))) else {
                break;
            };
            kept.push(String::from_utf8_lossy(&bytes).into_owned());
        }
        Ok(kept)
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        self.server.wait().ok();
    }
}

/// Where `make tools` puts what the tests need beside the machine's own packages.
pub fn tools() -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let found =
        here.ancestors().map(|dir| dir.join("tools")).find(|dir| dir.join("aiosmtpd").is_dir());
    found.context("the test tools are not installed: run `make tools`")
}
