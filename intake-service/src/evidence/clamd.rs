//! The scanner sees a file chunk by chunk (`INSTREAM`). That it is away keeps nobody from reporting: the file is
//! taken, and says that it was not scanned, and why.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{Instant, timeout, timeout_at};

const CONNECT_TIME: Duration = Duration::from_secs(3);
/// All of it: the daemon has limits of its own and ends long before.
const SCAN_TIME: Duration = Duration::from_mins(2);
const ANSWER_BYTES_MAX: u64 = 1024;

/// What the scanner says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Clean,
    Infected,
    NotScanned(&'static str),
}

const NOT_CONFIGURED: Verdict = Verdict::NotScanned("no scanner is configured");
const AWAY: Verdict = Verdict::NotScanned("the scanner was away");
const TOO_SLOW: Verdict = Verdict::NotScanned("the scanner took too long");
const TOO_LARGE: Verdict = Verdict::NotScanned("the file is larger than the scanner takes");
const NOT_READ: Verdict = Verdict::NotScanned("the scanner could not read the file");

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

/// One file on its way through the scanner.
pub struct Scan {
    line: Result<Box<dyn Line>, Verdict>,
    until: Instant,
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scan(..)")
    }
}

impl Scan {
    /// Begins with the daemon at `address`: host:port, or a socket's path.
    pub async fn begin(address: &str) -> Self {
        let line = match timeout(CONNECT_TIME, connect(address)).await {
            Ok(line) => line,
            Err(_) => Err(AWAY),
        };
        let mut scan = Self { line, until: Instant::now() + SCAN_TIME };
        scan.write(b"zINSTREAM\0").await;
        scan
    }

    pub async fn feed(&mut self, chunk: &[u8]) {
        let length = u32::try_from(chunk.len()).unwrap_or(u32::MAX).to_be_bytes();
        self.write(&length).await;
        self.write(chunk).await;
    }

    async fn write(&mut self, bytes: &[u8]) {
        let Ok(line) = &mut self.line else { return };
        match timeout_at(self.until, line.write_all(bytes)).await {
            Ok(Ok(())) => {}
            // It hangs up on a file that is too large for it, and has said so.
            Ok(Err(_)) => self.line = Err(self.answer().await),
            Err(_) => self.line = Err(TOO_SLOW),
        }
    }

    /// What it says when it has seen all.
    pub async fn end(mut self) -> Verdict {
        self.write(&0u32.to_be_bytes()).await;
        self.answer().await
    }

    async fn answer(&mut self) -> Verdict {
        let line = match &mut self.line {
            Ok(line) => line,
            Err(verdict) => return *verdict,
        };
        let mut said = vec![];
        match timeout_at(self.until, line.take(ANSWER_BYTES_MAX).read_to_end(&mut said)).await {
            Err(_) => TOO_SLOW,
            Ok(_) => verdict(&said),
        }
    }
}

async fn connect(address: &str) -> Result<Box<dyn Line>, Verdict> {
    if address.is_empty() {
        return Err(NOT_CONFIGURED);
    }
    let line: Result<Box<dyn Line>, std::io::Error> = if address.starts_with('/') {
        UnixStream::connect(address).await.map(|line| Box::new(line) as Box<dyn Line>)
    } else {
        TcpStream::connect(address).await.map(|line| Box::new(line) as Box<dyn Line>)
    };
    line.map_err(|error| {
        tracing::warn!(error = %error, "the scanner is away: files are taken without it");
        AWAY
    })
}

/// Reads the daemon's answer, which ends with a zero.
fn verdict(said: &[u8]) -> Verdict {
    let said = String::from_utf8_lossy(said);
    let said = said.trim_end_matches(['\0', '\n']);
    if said.ends_with(" FOUND") {
        Verdict::Infected
    } else if said.ends_with(" OK") || said.ends_with(":OK") {
        Verdict::Clean
    } else if said.contains("size limit exceeded") {
        TOO_LARGE
    } else if said.is_empty() {
        AWAY
    } else {
        NOT_READ
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_daemon_says_is_understood() {
        for (said, then) in [
            ("stream: OK\0", Verdict::Clean),
            ("stream: Eicar-Test-Signature FOUND\0", Verdict::Infected),
            ("INSTREAM size limit exceeded. ERROR\0", TOO_LARGE),
            ("stream: Can't allocate memory ERROR\0", NOT_READ),
            ("", AWAY),
        ] {
            assert_eq!(verdict(said.as_bytes()), then, "{said}");
        }
    }

    #[tokio::test]
    async fn without_a_scanner_nothing_is_scanned_and_said_so() {
        let mut scan = Scan::begin("").await;
        scan.feed(b"x").await;
        assert_eq!(scan.end().await, NOT_CONFIGURED);
        assert_eq!(Scan::begin("/nowhere/clamd.sock").await.end().await, AWAY);
    }
}
