//! One signed request to the control room's own system (Standard Webhooks). What fails before the
//! request is written was certainly not taken; from then until the answer it may have been.

use std::fmt;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, Uri, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use uuid::Uuid;

use crate::channels::smtp::is_loopback;
use crate::domain::emergency::Outcome;

/// For all of it: connection, request and answer.
const TIME_MAX: Duration = Duration::from_secs(4);
const CONNECT_TIME: Duration = Duration::from_millis(1_200);
const ANSWER_BYTES_MAX: usize = 64 * 1024;
const SECRET_BYTES_MIN: usize = 24;

/// Where the requests go, and what they are signed with.
#[derive(Clone)]
pub struct Webhook {
    host: String,
    port: u16,
    authority: String,
    path: String,
    tls: Option<TlsConnector>,
    secret: hmac::Key,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook(..)")
    }
}

/// What is wrong with an address or a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("it must be https://host/path, or http:// on this machine")]
    Address,
    #[error("it may not hold a user or a password: requests are signed")]
    Credentials,
    #[error(
        "the secret must be whsec_ and base64, or hexadecimal digits, and have 24 bytes or more"
    )]
    Secret,
    #[error("encryption cannot be set up")]
    Tls,
}

/// What the control room's system made of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) outcome: Outcome,
    /// A code such as `503` or `timeout`; nothing of what was answered.
    pub(crate) detail: String,
    pub(crate) acknowledged: bool,
}

impl Answer {
    pub(crate) fn of(outcome: Outcome, detail: &str) -> Self {
        Self { outcome, detail: detail.to_owned(), acknowledged: false }
    }
}

impl Webhook {
    pub fn parse(address: &str, secret: &str) -> Result<Self, Unusable> {
        let uri = Uri::from_str(address).map_err(|_| Unusable::Address)?;
        let authority = uri.authority().ok_or(Unusable::Address)?;
        if authority.as_str().contains('@') {
            return Err(Unusable::Credentials);
        }
        let host = authority.host().to_owned();
        let (tls, port) = match uri.scheme_str() {
            Some("https") => (Some(tls()?), 443),
            Some("http") if is_loopback(&host) => (None, 80),
            Some(_) | None => return Err(Unusable::Address),
        };
        if host.is_empty() {
            return Err(Unusable::Address);
        }
        Ok(Self {
            port: uri.port_u16().unwrap_or(port),
            authority: authority.as_str().to_owned(),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            tls,
            secret: hmac::Key::new(hmac::HMAC_SHA256, &bytes(secret).ok_or(Unusable::Secret)?),
            host,
        })
    }

    /// Whether it is on this machine: then nothing leaves it.
    #[must_use]
    pub fn is_local(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Sends once. The id is the same at every attempt; the time and the signature are the attempt's.
    pub(crate) async fn post(&self, id: Uuid, at: Timestamp, body: &str) -> Answer {
        let sent = std::sync::atomic::AtomicBool::new(false);
        match tokio::time::timeout(TIME_MAX, self.exchange(id, at, body, &sent)).await {
            Ok(answer) => answer,
            Err(_) if sent.into_inner() => Answer::of(Outcome::InDoubt, "timeout"),
            Err(_) => Answer::of(Outcome::Failed, "timeout"),
        }
    }

    async fn exchange(
        &self,
        id: Uuid,
        at: Timestamp,
        body: &str,
        sent: &std::sync::atomic::AtomicBool,
    ) -> Answer {
        let Ok(request) = self.request(id, at, body) else {
            return Answer::of(Outcome::Failed, "request");
        };
        let host = self.host.trim_matches(['[', ']']);
        let Some(stream) = connect(host, self.port).await else {
            return Answer::of(Outcome::Failed, "connection");
        };
        let Some(tls) = &self.tls else { return speak(stream, request, sent).await };
        let Ok(name) = ServerName::try_from(host.to_owned()) else {
            return Answer::of(Outcome::Failed, "tls");
        };
        match tls.connect(name, stream).await {
            Ok(stream) => speak(stream, request, sent).await,
            Err(_) => Answer::of(Outcome::Failed, "tls"),
        }
    }

    fn request(
        &self,
        id: Uuid,
        at: Timestamp,
        body: &str,
    ) -> Result<Request<Body>, axum::http::Error> {
        let seconds = at.as_second();
        Request::post(&self.path)
            .header(header::HOST, &self.authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_LENGTH, body.len())
            .header("webhook-id", id.to_string())
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", self.sign(&id.to_string(), seconds, body))
            .body(Body::from(body.to_owned()))
    }

    fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        let signed = hmac::sign(&self.secret, format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(signed))
    }
}

/// The first of the host's addresses that answers. One that does not must not use up the time.
async fn connect(host: &str, port: u16) -> Option<TcpStream> {
    for address in tokio::net::lookup_host((host, port)).await.ok()? {
        let connecting = tokio::time::timeout(CONNECT_TIME, TcpStream::connect(address));
        if let Ok(Ok(stream)) = connecting.await {
            return Some(stream);
        }
    }
    None
}

/// Sends the request on a fresh connection and reads the answer.
async fn speak<S>(stream: S, request: Request<Body>, sent: &std::sync::atomic::AtomicBool) -> Answer
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Ok((mut sender, connection)) = http1::handshake(TokioIo::new(stream)).await else {
        return Answer::of(Outcome::Failed, "connection");
    };
    sent.store(true, std::sync::atomic::Ordering::Relaxed);
    let exchange = async move {
        let Ok(response) = sender.send_request(request).await else {
            return Answer::of(Outcome::InDoubt, "connection");
        };
        let (parts, body) = response.into_parts();
        if !parts.status.is_success() {
            return Answer::of(Outcome::Failed, parts.status.as_str());
        }
        // It has it, whatever becomes of the rest of its answer.
        let rest = to_bytes(Body::new(body), ANSWER_BYTES_MAX);
        let rest = tokio::time::timeout(Duration::from_secs(1), rest).await;
        let said = rest.ok().and_then(Result::ok).unwrap_or_default();
        Answer { acknowledged: acknowledges(&said), ..delivered(parts.status) }
    };
    tokio::pin!(exchange, connection);
    tokio::select! {
        biased;
        answer = &mut exchange => answer,
        _ = &mut connection => exchange.await,
    }
}

fn delivered(status: StatusCode) -> Answer {
    Answer::of(Outcome::Delivered, status.as_str())
}

/// Whether the answer says that somebody has the message.
fn acknowledges(said: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(said)
        .is_ok_and(|said| said.get("acknowledged") == Some(&serde_json::Value::Bool(true)))
}

fn bytes(secret: &str) -> Option<Vec<u8>> {
    let secret = secret.trim();
    let bytes = match secret.strip_prefix("whsec_") {
        Some(encoded) => STANDARD.decode(encoded).ok()?,
        None => hex::decode(secret).ok()?,
    };
    (bytes.len() >= SECRET_BYTES_MIN).then_some(bytes)
}

/// The machine's own list of who may vouch for a server.
fn tls() -> Result<TlsConnector, Unusable> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Unusable::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[track_caller]
    fn check(address: &str, then: Option<Unusable>) {
        assert_eq!(Webhook::parse(address, SECRET).err(), then, "{address}");
    }

    #[test]
    fn an_address_is_encrypted_or_on_this_machine() {
        check("https://control.force.example/reports?from=form", None);
        check("http://127.0.0.1:9000/", None);
        check("http://[::1]:9000/", None);
        check("http://control.force.example/", Some(Unusable::Address));
        check("ftp://control.force.example/", Some(Unusable::Address));
        check("control.force.example", Some(Unusable::Address));
        check("https://user:password@control.force.example/", Some(Unusable::Credentials));
    }

    #[test]
    fn a_secret_is_long_enough_and_never_printed() {
        assert!(bytes(SECRET).is_some() && bytes(&"ab".repeat(24)).is_some());
        assert!(bytes("whsec_MfKQ").is_none() && bytes("hunter2").is_none());
        let webhook = Webhook::parse("http://localhost/", SECRET).unwrap();
        assert_eq!(format!("{webhook:?}"), "Webhook(..)");
    }

    /// The example that the convention's own documents give.
    #[test]
    fn a_signature_is_what_the_convention_says() {
        let webhook = Webhook::parse("http://localhost/", SECRET).unwrap();
        let signed =
            webhook.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn only_a_plain_yes_acknowledges() {
        assert!(acknowledges(br#"{"acknowledged": true, "incident": 7}"#));
        for said in [r#"{"acknowledged": "true"}"#, r#"{"acknowledged": false}"#, "", "true"] {
            assert!(!acknowledges(said.as_bytes()), "{said}");
        }
    }
}
