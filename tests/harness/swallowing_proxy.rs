//! A way to PostgreSQL that loses an answer: what was asked is done, and whoever asked is hung up on.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use anyhow::Context as _;
use backbone::shutdown::Tasks;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};

use crate::Result;

/// The end of every answer outside a transaction: `ReadyForQuery`, idle.
const DONE: &[u8] = &[b'Z', 0, 0, 0, 5, b'I'];
const APPEND: &[u8] = b"insert into event";

/// Which answer is lost, once, on a connection that appends events: one that says that all is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Lost {
    None,
    /// That of the next `COMMIT`.
    Commit,
    /// The next of all: for who has appended before in a transaction and now does so by one statement.
    Next,
}

/// Ended when its tasks are.
#[derive(Debug, Clone)]
pub struct SwallowingProxy {
    port: u16,
    lost: Arc<AtomicU8>,
    swallowed: Arc<AtomicUsize>,
}

impl SwallowingProxy {
    /// To the server whose socket lies in `folder`.
    pub async fn start(folder: &Path, tasks: &Tasks) -> Result<Self> {
        let socket = folder.join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Self {
            port: listener.local_addr()?.port(),
            lost: Arc::new(AtomicU8::new(Lost::None as u8)),
            swallowed: Arc::default(),
        };
        let (accepting, token, more) = (proxy.clone(), tasks.token(), tasks.clone());
        tasks.spawn(async move {
            let accept = async {
                while let Ok((client, _)) = listener.accept().await {
                    let (proxy, socket) = (accepting.clone(), socket.clone());
                    // A connection that breaks is what this is for.
                    more.spawn(
                        async move { proxy.carry(client, socket).await.unwrap_or_default() },
                    );
                }
            };
            tokio::select! { () = token.cancelled() => {}, () = accept => {} }
        });
        Ok(proxy)
    }

    /// The same database as `url`, by this way.
    pub fn through(&self, url: &str) -> Result<String> {
        let rest = url.strip_prefix("postgres:///").context("no URL of a socket")?;
        let (database, rest) = rest.split_once('?').context("no socket")?;
        let user =
            rest.split('&').find_map(|part| part.strip_prefix("user=")).context("no user")?;
        Ok(format!("postgres://{user}@127.0.0.1:{}/{database}?sslmode=disable", self.port))
    }

    pub fn lose(&self, lost: Lost) {
        self.lost.store(lost as u8, Ordering::SeqCst);
    }

    /// How many answers were lost.
    #[must_use]
    pub fn swallowed(&self) -> usize {
        self.swallowed.load(Ordering::SeqCst)
    }

    /// Whether the answer to `asked` is the one to be lost.
    fn takes(&self, asked: &[u8]) -> bool {
        let commits = asked.windows(6).any(|window| window == b"COMMIT");
        let due = |lost: Lost| {
            let (now, none) = (lost as u8, Lost::None as u8);
            self.lost.compare_exchange(now, none, Ordering::SeqCst, Ordering::SeqCst).is_ok()
        };
        (commits && due(Lost::Commit)) || due(Lost::Next)
    }

    async fn carry(&self, mut client: TcpStream, socket: PathBuf) -> std::io::Result<()> {
        let mut server = UnixStream::connect(socket).await?;
        let (mut asked, mut answered) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
        let mut appends = false;
        loop {
            tokio::select! {
                read = client.read(&mut asked) => {
                    let asked = asked.get(..read?).unwrap_or_default();
                    if asked.is_empty() {
                        return Ok(());
                    }
                    appends |= asked.windows(APPEND.len()).any(|window| window == APPEND);
                    let is_lost = appends && self.takes(asked);
                    server.write_all(asked).await?;
                    if is_lost {
                        return self.swallow(server).await;
                    }
                }
                read = server.read(&mut answered) => {
                    let answered = answered.get(..read?).unwrap_or_default();
                    if answered.is_empty() {
                        return Ok(());
                    }
                    client.write_all(answered).await?;
                }
            }
        }
    }

    /// Waits until what was asked is done, and tells nobody.
    async fn swallow(&self, mut server: UnixStream) -> std::io::Result<()> {
        let mut answer = vec![];
        while !answer.ends_with(DONE) && server.read_buf(&mut answer).await? > 0 {}
        self.swallowed.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}
