//! A mail server. What fails before the message itself is written was certainly not sent; from its
//! first byte until the server's answer it may have been.

use std::str::FromStr;
use std::time::Duration;

use axum::http::Uri;
use jiff::Timestamp;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use tokio::time::Instant;
use uuid::Uuid;

use super::letter::{self, From, Letter};
use super::{Answer, Parcel};

const CONNECT_TIME: Duration = Duration::from_secs(10);
const QUIT_TIME: Duration = Duration::from_secs(1);

/// How the connection is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Privacy {
    /// Only towards this machine itself.
    None,
    Opportunistic,
    Required,
    /// From the first byte on.
    Implicit,
}

/// A mail server, and who its emails are from.
#[derive(Debug, Clone)]
pub struct Smtp {
    host: String,
    port: u16,
    privacy: Privacy,
    credentials: Option<Credentials>,
    from: From,
}

/// What is wrong with a mail server's URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    #[error("it must be smtp://host:port or smtps://host:port")]
    Shape,
    #[error("tls must be required or opportunistic")]
    Tls,
}

/// An error before the message was written, and at which step.
enum Before {
    /// The server or the way to it.
    Provider(smtp::Error),
    /// What it says of this address, or of this message.
    Address(smtp::Error),
}

impl Smtp {
    /// `smtp://[user:password@]host[:port][?tls=required|opportunistic]` or `smtps://…`. Without
    /// `tls`, encryption is used where the server offers it, and on this machine not at all.
    pub fn parse(url: &str, from: From) -> Result<Self, UrlError> {
        let uri = Uri::from_str(url).map_err(|_| UrlError::Shape)?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(UrlError::Shape)?.to_owned();
        let tls = uri.query().and_then(|query| query.strip_prefix("tls="));
        let (mut privacy, port) = match (uri.scheme_str(), tls) {
            (Some("smtp"), None) if is_loopback(&host) => (Privacy::None, 25),
            (Some("smtp"), None | Some("opportunistic")) => (Privacy::Opportunistic, 25),
            (Some("smtp"), Some("required")) => (Privacy::Required, 587),
            (Some("smtps"), _) => (Privacy::Implicit, 465),
            (Some("smtp"), Some(_)) => return Err(UrlError::Tls),
            (Some(_) | None, _) => return Err(UrlError::Shape),
        };
        let authority = uri.authority().ok_or(UrlError::Shape)?.as_str();
        let credentials = authority
            .rsplit_once('@')
            .and_then(|(user, _)| user.split_once(':'))
            .map(|(user, password)| Credentials::new(decoded(user), decoded(password)));
        if credentials.is_some() && privacy == Privacy::Opportunistic {
            privacy = Privacy::Required;
        }
        let port = uri.port_u16().unwrap_or(port);
        Ok(Self { host, port, privacy, credentials, from })
    }

    /// Whether the server is on this machine: then nothing leaves it.
    #[must_use]
    pub fn is_local(&self) -> bool {
        is_loopback(&self.host)
    }

    pub(super) async fn send(
        &self,
        id: Uuid,
        parcel: &Parcel,
        now: Timestamp,
        time_max: Duration,
    ) -> Answer {
        let Parcel::Email { to, words } = parcel else {
            return Answer::Refused { code: "no_text".to_owned() };
        };
        let letter = match letter::write(id, &self.from, to, words, now) {
            Ok(letter) => letter,
            Err(why) => return Answer::Refused { code: why.to_string() },
        };
        let until = Instant::now() + time_max;
        let mut connection = match tokio::time::timeout_at(until, self.prepare(&letter)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(Before::Address(error))) if error.is_permanent() => {
                return Answer::Refused { code: code(&error, "refused") };
            }
            Ok(Err(Before::Address(error) | Before::Provider(error))) => {
                return Answer::Unavailable { code: code(&error, "connection") };
            }
            Err(_) => return Answer::Unavailable { code: "timeout".to_owned() },
        };
        let answer = match tokio::time::timeout_at(until, connection.message(&letter.bytes)).await {
            Ok(Ok(response)) => Answer::Sent { provider_reference: response.code().to_string() },
            Ok(Err(error)) if error.is_permanent() => {
                Answer::Refused { code: code(&error, "refused") }
            }
            Ok(Err(error)) if error.is_transient() => {
                Answer::Unavailable { code: code(&error, "later") }
            }
            Ok(Err(error)) => Answer::InDoubt { code: code(&error, "connection") },
            Err(_) => Answer::InDoubt { code: "timeout".to_owned() },
        };
        tokio::time::timeout(QUIT_TIME, connection.quit()).await.ok();
        answer
    }

    /// Everything up to the server's word that it is ready for the message.
    async fn prepare(&self, letter: &Letter) -> Result<AsyncSmtpConnection, Before> {
        let hello = ClientId::default();
        let tls = || TlsParameters::new(self.host.clone()).map_err(Before::Provider);
        let implicit = if self.privacy == Privacy::Implicit { Some(tls()?) } else { None };
        let host = self.host.trim_matches(['[', ']']);
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            (host, self.port),
            Some(CONNECT_TIME),
            &hello,
            implicit,
            None,
        )
        .await
        .map_err(Before::Provider)?;
        let encrypt = match self.privacy {
            Privacy::None | Privacy::Implicit => false,
            Privacy::Opportunistic => connection.can_starttls(),
            Privacy::Required => true,
        };
        if encrypt {
            connection.starttls(tls()?, &hello).await.map_err(Before::Provider)?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await.map_err(Before::Provider)?;
        }
        let from = Some(self.from.address().clone());
        connection.command(Mail::new(from, vec![])).await.map_err(Before::Provider)?;
        let to = Rcpt::new(letter.to.clone(), vec![]);
        connection.command(to).await.map_err(Before::Address)?;
        connection.command(Data).await.map_err(Before::Address)?;
        Ok(connection)
    }
}

/// The server's code, or a word for what happened. What the server said may hold the address.
fn code(error: &smtp::Error, otherwise: &str) -> String {
    match error.status() {
        Some(code) => code.to_string(),
        None if error.is_timeout() => "timeout".to_owned(),
        None if error.is_tls() => "tls".to_owned(),
        None => otherwise.to_owned(),
    }
}

pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Undoes `%40` and the like.
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.split_at_checked(2).map(|(digits, rest)| (u8::from_str_radix(digits, 16), rest))
        {
            Some((Ok(byte), rest)) => {
                bytes.push(byte);
                bytes.extend_from_slice(rest.as_bytes());
            }
            Some((Err(_), _)) | None => {
                bytes.push(b'%');
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Smtp, UrlError> {
        Smtp::parse(url, From::parse("no-reply@police.example").unwrap())
    }

    #[test]
    fn a_url_says_host_port_and_privacy() {
        let local = parse("smtp://127.0.0.1:2525").unwrap();
        assert!(local.is_local() && local.port == 2525 && local.privacy == Privacy::None);
        let far = parse("smtps://mail.example").unwrap();
        assert!(!far.is_local() && far.port == 465 && far.privacy == Privacy::Implicit);
        assert_eq!(parse("smtp://mail.example").unwrap().privacy, Privacy::Opportunistic);
        assert!(parse("smtp://[::1]:25").unwrap().is_local());
        assert_eq!(parse("http://mail.example").err(), Some(UrlError::Shape));
        assert_eq!(parse("smtp://mail.example?tls=no").err(), Some(UrlError::Tls));
    }

    #[test]
    fn a_password_is_never_sent_in_the_clear() {
        let far = parse("smtp://user:p%40ss@mail.example").unwrap();
        assert_eq!(far.privacy, Privacy::Required);
        assert!(far.credentials.is_some());
    }

    #[test]
    fn percent_signs_are_undone() {
        assert_eq!(decoded("p%40ss%"), "p@ss%");
        assert_eq!(decoded("100%zz"), "100%zz");
    }
}
