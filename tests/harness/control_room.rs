//! The control room's own system: takes webhooks, checks their signature by itself, and answers as it
//! is told.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::Result;
use crate::wait;

const SECRET: [u8; 32] = [0x5a; 32];

/// How the next requests are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// With this status and body.
    Answer(u16, &'static str),
    /// Takes the request and says nothing.
    Silent,
}

/// A request as it came, with a signature that was right.
#[derive(Debug, Clone)]
pub struct Told {
    pub id: String,
    pub body: Value,
}

/// Listens for as long as the test runs.
#[derive(Debug)]
pub struct ControlRoom {
    address: String,
    folder: tempfile::TempDir,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Debug)]
struct Inside {
    mode: Mode,
    told: Vec<Told>,
    faults: Vec<String>,
}

impl ControlRoom {
    pub fn start(mode: Mode) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("room-").tempdir()?;
        let secret = format!("whsec_{}", STANDARD.encode(SECRET));
        std::fs::write(folder.path().join("secret"), secret)?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let inside = Arc::new(Mutex::new(Inside { mode, told: vec![], faults: vec![] }));
        let kept = Arc::clone(&inside);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || {
                    if let Err(error) = take(stream, &kept) {
                        lock(&kept).faults.push(format!("{error:#}"));
                    }
                });
            }
        });
        Ok(Self { address, folder, inside })
    }

    /// For `CONTROL_ROOM_WEBHOOK`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/reports?from=form", self.address)
    }

    /// For `CONTROL_ROOM_WEBHOOK_SECRET_FILE`.
    #[must_use]
    pub fn secret_file(&self) -> String {
        Path::new(self.folder.path()).join("secret").display().to_string()
    }

    /// From now on.
    pub fn answers(&self, mode: Mode) {
        lock(&self.inside).mode = mode;
    }

    /// Everything that came; an error where something was not as it must be.
    pub fn told(&self) -> Result<Vec<Told>> {
        let inside = lock(&self.inside);
        ensure!(inside.faults.is_empty(), "{:?}", inside.faults);
        Ok(inside.told.clone())
    }

    /// Waits until so many requests have come.
    pub async fn hears(&self, count: usize, limit: Duration) -> Result<Vec<Told>> {
        wait::until(&format!("{count} requests at the control room"), limit, || async {
            let told = self.told()?;
            Ok((told.len() >= count).then_some(told))
        })
        .await
    }
}

fn lock(inside: &Mutex<Inside>) -> MutexGuard<'_, Inside> {
    inside.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes one request and answers it.
fn take(stream: TcpStream, kept: &Mutex<Inside>) -> Result<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    ensure!(first.starts_with("POST /reports?from=form "), "{first}");
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let header = |name: &str| headers.get(name).cloned().with_context(|| format!("no {name}"));
    let mut body = vec![0; header("content-length")?.parse()?];
    reader.read_exact(&mut body)?;
    ensure!(header("content-type")? == "application/json");
    let (id, time) = (header("webhook-id")?, header("webhook-timestamp")?);
    ensure!(is_now(time.parse()?), "the time {time} is not now");
    let signed = [format!("{id}.{time}.").as_bytes(), &body].concat();
    let signature = header("webhook-signature")?;
    let signature = STANDARD.decode(signature.strip_prefix("v1,").context("no v1 signature")?)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
    ensure!(hmac::verify(&key, &signed, &signature).is_ok(), "the signature is wrong");
    let mode = {
        let mut inside = lock(kept);
        inside.told.push(Told { id, body: serde_json::from_slice(&body)? });
        inside.mode
    };
    match mode {
        Mode::Answer(status, body) => {
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status} As told\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            reader.get_mut().write_all(answer.as_bytes()).ok();
        }
        Mode::Silent => {
            // Until the other side has had enough.
            reader.read_to_end(&mut vec![]).ok();
        }
    }
    Ok(())
}

fn is_now(seconds: i64) -> bool {
    #[expect(clippy::disallowed_methods, reason = "the other side has a clock of its own")]
    let now = jiff::Timestamp::now().as_second();
    (now - seconds).abs() < 60
}
