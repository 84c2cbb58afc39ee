//! Sends files: in pieces, over a line that may be slow and may be cut, or in one form.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Result;
use crate::citizen::{Answer, Receipt, http};

/// A telephone with files.
#[derive(Debug, Clone)]
pub struct Uploader {
    http: reqwest::Client,
    intake: String,
}

/// What a form with files may hold.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    File(&'a str, &'a [u8]),
    Upload(&'a str),
    About(&'a str),
}

impl Uploader {
    pub fn new(intake: &str) -> Result<Self> {
        Ok(Self { http: http()?, intake: intake.to_owned() })
    }

    /// Begins an upload; whatever comes back.
    pub async fn begins(&self, name: &str, size: usize) -> Result<Answer> {
        use base64::Engine as _;
        let name = base64::prelude::BASE64_STANDARD.encode(name);
        let request = self
            .http
            .post(format!("{}/api/v1/uploads", self.intake))
            .header("tus-resumable", "1.0.0")
            .header("upload-length", size)
            .header("upload-metadata", format!("filename {name}"));
        Answer::read(request.send().await?).await
    }

    /// The same, where it must be taken: its token.
    pub async fn begun(&self, name: &str, size: usize) -> Result<String> {
        let begun: Value = self.begins(name, size).await?.into(201)?;
        Ok(begun.get("token").and_then(Value::as_str).context("no token")?.to_owned())
    }

    pub async fn sends(&self, token: &str, offset: usize, bytes: &[u8]) -> Result<Answer> {
        let request = self
            .http
            .patch(self.address(token))
            .header("content-type", "application/offset+octet-stream")
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", offset)
            .body(bytes.to_vec());
        Answer::read(request.send().await?).await
    }

    /// A whole small file: its token.
    pub async fn sent(&self, name: &str, bytes: &[u8]) -> Result<String> {
        let token = self.begun(name, bytes.len()).await?;
        let sent = self.sends(&token, 0, bytes).await?;
        if sent.status != 204 {
            bail!("{}: {}", sent.status, sent.body);
        }
        Ok(token)
    }

    /// How much of it is kept.
    pub async fn offset(&self, token: &str) -> Result<usize> {
        let answer = self.http.head(self.address(token)).send().await?;
        let offset = answer.headers().get("upload-offset").context("no offset")?;
        Ok(offset.to_str()?.parse()?)
    }

    pub async fn looks(&self, token: &str) -> Result<Answer> {
        Answer::read(self.http.get(self.address(token)).send().await?).await
    }

    pub async fn deletes(&self, token: &str) -> Result<Answer> {
        Answer::read(self.http.delete(self.address(token)).send().await?).await
    }

    /// Sends `blocks` from `offset` on, as a line does that takes a block every two milliseconds. The head
    /// promises `promised` bytes: if the blocks end before, the line is cut there.
    pub async fn trickles(
        &self,
        token: &str,
        offset: usize,
        promised: usize,
        blocks: impl Iterator<Item = Vec<u8>>,
    ) -> Result<String> {
        let host = self.intake.strip_prefix("http://").context("no plain address")?;
        let mut line = TcpStream::connect(host).await?;
        let head = format!(
            "PATCH /api/v1/uploads/{token} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             content-type: application/offset+octet-stream\r\ntus-resumable: 1.0.0\r\n\
             upload-offset: {offset}\r\ncontent-length: {promised}\r\n\r\n"
        );
        line.write_all(head.as_bytes()).await?;
        let mut pace = tokio::time::interval(Duration::from_millis(2));
        let mut sent = 0;
        for block in blocks {
            pace.tick().await;
            line.write_all(&block).await?;
            sent += block.len();
        }
        let mut said = String::new();
        if sent == promised {
            line.read_to_string(&mut said).await?;
        }
        Ok(said)
    }

    /// Adds files to a report.
    pub async fn adds(&self, to: &Receipt, key: &str, parts: &[Part<'_>]) -> Result<Answer> {
        let mut body = vec![];
        for part in parts {
            let (head, bytes) = match part {
                Part::File(name, bytes) => (format!("\"file\"; filename=\"{name}\""), *bytes),
                Part::Upload(token) => ("\"upload\"".to_owned(), token.as_bytes()),
                Part::About(text) => ("\"about\"".to_owned(), text.as_bytes()),
            };
            let head = format!("--zq\r\ncontent-disposition: form-data; name={head}\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--zq--\r\n");
        let request = self
            .http
            .post(format!("{}/api/v1/reports/{}/evidence", self.intake, to.reference))
            .header("return-code", &to.return_code)
            .header("idempotency-key", key)
            .header("content-type", "multipart/form-data; boundary=zq")
            .body(body);
        Answer::read(request.send().await?).await
    }

    fn address(&self, token: &str) -> String {
        format!("{}/api/v1/uploads/{token}", self.intake)
    }
}
