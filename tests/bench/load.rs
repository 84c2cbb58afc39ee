//! A small HTTP client that costs less than what it measures: bytes that are ready but for the key.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tests::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::crime;
use crate::report::quantile;

/// As many as performance.md's peers were measured with.
const CLIENTS: usize = 64;
const KEY_LENGTH: usize = 32;
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What a server took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) rps: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// A kept-alive connection that sends one report after the other.
#[derive(Debug)]
pub(crate) struct Sender {
    stream: TcpStream,
    request: Vec<u8>,
    key_at: usize,
    answer: Vec<u8>,
    run: Uuid,
    numbers: Arc<AtomicU64>,
}

impl Sender {
    /// `numbers` is shared by all senders of a run, so that no key comes twice.
    pub(crate) async fn connect(url: &str, numbers: &Arc<AtomicU64>) -> Result<Self> {
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        let stream = TcpStream::connect(address).await.context("connect to the server")?;
        stream.set_nodelay(true)?;
        let body = crime::request()?;
        let mut request = format!(
            "POST /api/v1/reports HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nidempotency-key: ",
            body.len()
        )
        .into_bytes();
        let key_at = request.len();
        request.extend([b'0'; KEY_LENGTH]);
        request.extend(b"\r\n\r\n");
        request.extend(body);
        let (answer, run) = (Vec::with_capacity(4096), Uuid::new_v4());
        Ok(Self { stream, request, key_at, answer, run, numbers: Arc::clone(numbers) })
    }

    /// Sends one report with a key of its own; gives the body of the 201.
    pub(crate) async fn send(&mut self) -> Result<&[u8]> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let key = format!("{:016x}{number:016x}", self.run.as_u64_pair().0);
        let place = self.request.get_mut(self.key_at..self.key_at + KEY_LENGTH);
        place.context("room for the key")?.copy_from_slice(key.as_bytes());
        self.stream.write_all(&self.request).await?;
        self.answer.clear();
        let mut ends = None;
        loop {
            if ends.is_none() {
                ends = head_and_length(&self.answer)?;
            }
            match ends {
                Some((head, end)) if self.answer.len() >= end => {
                    return self.answer.get(head..end).context("a body");
                }
                _ if self.answer.len() > ANSWER_BYTES_MAX => bail!("the answer does not end"),
                _ => {}
            }
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                bail!("the server hung up");
            }
        }
    }
}

/// Where the body of an answer begins and ends, as soon as its head is there.
fn head_and_length(answer: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(head) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return Ok(None);
    };
    let (text, rest) = answer.split_at(head);
    let text = std::str::from_utf8(text)?;
    if !text.starts_with("HTTP/1.1 201") {
        bail!("not taken: {text} {}", String::from_utf8_lossy(rest));
    }
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
    });
    let length = length.context("an answer without a length")??;
    Ok(Some((head + 4, head + 4 + length)))
}

/// All clients send as soon as they have an answer.
pub(crate) async fn closed(url: &str, warm_up: Duration, time: Duration) -> Result<Load> {
    let numbers = Arc::default();
    let mut senders = vec![];
    for _ in 0..CLIENTS {
        senders.push(Sender::connect(url, &numbers).await?);
    }
    let begin = Instant::now() + warm_up;
    let end = begin + time;
    let mut clients = JoinSet::new();
    for sender in senders {
        clients.spawn(send_until(sender, begin, end));
    }
    let mut latencies = vec![];
    while let Some(client) = clients.join_next().await {
        latencies.extend(client??);
    }
    let count = u32::try_from(latencies.len())?;
    Ok(Load {
        rps: f64::from(count) / time.as_secs_f64(),
        p50_ms: quantile(&latencies, 0.5),
        p99_ms: quantile(&latencies, 0.99),
    })
}

/// The latencies in ms of all answers that came between the two moments.
async fn send_until(mut sender: Sender, begin: Instant, end: Instant) -> Result<Vec<f64>> {
    let mut latencies = vec![];
    loop {
        let sent = Instant::now();
        sender.send().await?;
        let answered = Instant::now();
        if answered >= end {
            return Ok(latencies);
        }
        if answered >= begin {
            latencies.push((answered - sent).as_secs_f64() * 1e3);
        }
    }
}
