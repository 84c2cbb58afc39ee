//! Viewing copies of pictures: drawn anew by `viewing-copy`, a process that can do nothing else. What
//! strangers sent is never decoded in here.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{ChildStdin, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

const PROGRAM: &str = "viewing-copy";
/// So many are drawn at once; each may take two gigabytes for a moment: `MEMORY_MAX` of the program.
const AT_ONCE: usize = 2;
const WAITS: Duration = Duration::from_secs(10);
const TAKES: Duration = Duration::from_secs(30);
/// Of it, handing over the original: what takes longer says nothing of the picture.
const FEEDS: Duration = Duration::from_secs(15);
/// A picture of the size of a screen is smaller.
const COPY_MAX: u64 = 32 * 1024 * 1024;

/// What can be drawn; other types are only handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    Jpeg,
    Png,
}

impl Picture {
    /// Of a media type that was found by content.
    #[must_use]
    pub fn of(media_type: &str) -> Option<Self> {
        match media_type {
            "image/jpeg" => Some(Self::Jpeg),
            "image/png" => Some(Self::Png),
            _ => None,
        }
    }

    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
        }
    }
}

/// Why there is no viewing copy.
#[derive(Debug, thiserror::Error)]
pub enum NoCopy {
    #[error("the picture is too large to be drawn")]
    TooLarge,
    #[error("it is not a picture that can be drawn")]
    NotAPicture,
    #[error("too many pictures are being drawn")]
    Busy,
    #[error("the original comes too slowly")]
    Slow,
    #[error("the original cannot be read")]
    Original(#[source] io::Error),
    #[error("the program that draws pictures failed: {0}")]
    Failed(String),
}

/// Makes viewing copies. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Viewing {
    program: PathBuf,
    turns: Arc<Semaphore>,
}

impl Viewing {
    /// With the program that stands beside this one.
    pub fn beside_this_program() -> io::Result<Self> {
        Ok(Self::with(std::env::current_exe()?.with_file_name(PROGRAM)))
    }

    #[must_use]
    pub fn with(program: PathBuf) -> Self {
        Self { program, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Whether the program can be started at all.
    #[must_use]
    pub fn is_installed(&self) -> bool {
        self.program.is_file()
    }

    /// The copy of `original`, as a picture of the same type.
    pub async fn copy(
        &self,
        picture: Picture,
        original: impl Stream<Item = io::Result<Bytes>>,
    ) -> Result<Bytes, NoCopy> {
        let turn = timeout(WAITS, self.turns.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(NoCopy::Busy) };
        let drawn = Box::pin(self.draw(picture, original));
        timeout(TAKES, drawn).await.unwrap_or(Err(NoCopy::TooLarge))
    }

    async fn draw(
        &self,
        picture: Picture,
        original: impl Stream<Item = io::Result<Bytes>>,
    ) -> Result<Bytes, NoCopy> {
        let failed = |error: io::Error| NoCopy::Failed(error.to_string());
        let mut child = Command::new(&self.program)
            .arg(picture.name())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(told)) = pipes else {
            return Err(NoCopy::Failed("it has no pipes".to_owned()));
        };
        let fed = timeout(FEEDS, feed(input, original));
        let (fed, drawn, told) = tokio::join!(fed, read(output, COPY_MAX), read(told, 100));
        fed.map_err(|_| NoCopy::Slow)?.map_err(NoCopy::Original)?;
        let ended = child.wait().await.map_err(failed)?;
        if ended.success() {
            return drawn.map(Bytes::from).map_err(failed);
        }
        match told.map_err(failed)?.trim_ascii() {
            b"too_large" => Err(NoCopy::TooLarge),
            b"not_a_picture" => Err(NoCopy::NotAPicture),
            // Out of memory or time: it ends itself, and says nothing or what its runtime says.
            _ if ended.code() == Some(2) => Err(NoCopy::Failed("it could not begin".to_owned())),
            _ => Err(NoCopy::TooLarge),
        }
    }
}

/// Hands over the original. A program that ends before it has all has said why.
async fn feed(
    mut input: ChildStdin,
    original: impl Stream<Item = io::Result<Bytes>>,
) -> io::Result<()> {
    let mut original = std::pin::pin!(original);
    while let Some(bytes) = original.next().await {
        if input.write_all(&bytes?).await.is_err() {
            break;
        }
    }
    Ok(())
}

async fn read(from: impl AsyncRead + Unpin, most: u64) -> io::Result<Vec<u8>> {
    let mut all = vec![];
    from.take(most).read_to_end(&mut all).await?;
    Ok(all)
}
