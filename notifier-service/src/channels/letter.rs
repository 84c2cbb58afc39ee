//! An email as bytes: the same for folder and mail server.

use jiff::Timestamp;
use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use uuid::Uuid;

use crate::domain::safe::SafeEmail;
use crate::render::Email;

/// Who the reporter sees as the sender.
#[derive(Debug, Clone)]
pub struct From(Mailbox);

impl From {
    /// `Name <address>` or an address alone.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    pub(super) fn address(&self) -> &Address {
        &self.0.email
    }
}

/// Why no email could be made. The address is at fault, or the words are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unmakeable {
    #[error("address")]
    Address,
    #[error("content")]
    Content,
}

/// A finished email for one reader.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) to: Address,
    pub(super) bytes: Vec<u8>,
}

/// Writes the email. Its Message-ID is made of the message's id: whoever gets it twice can tell.
pub(super) fn write(
    id: Uuid,
    from: &From,
    to: &SafeEmail,
    words: &Email,
    now: Timestamp,
) -> Result<Letter, Unmakeable> {
    let to: Address = to.address().parse().map_err(|_| Unmakeable::Address)?;
    let boundary = format!("part-{}", id.simple());
    let part = |kind, text: &str| {
        SinglePart::builder()
            .header(kind)
            .header(ContentTransferEncoding::QuotedPrintable)
            .body(text.to_owned())
    };
    let body = MultiPart::alternative()
        .boundary(boundary)
        .singlepart(part(ContentType::TEXT_PLAIN, &words.text))
        .singlepart(part(ContentType::TEXT_HTML, &words.html));
    let message = Message::builder()
        .from(from.0.clone())
        .to(Mailbox::new(None, to.clone()))
        .date(now.into())
        .message_id(Some(format!("<{id}@{}>", from.address().domain())))
        .subject(words.subject.clone())
        .raw_header(automatic())
        .multipart(body)
        .map_err(|_| Unmakeable::Content)?;
    Ok(Letter { to, bytes: message.formatted() })
}

/// Tells other machines not to answer (RFC 3834).
fn automatic() -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::Wishes;

    fn letter() -> String {
        let wishes = Wishes { email_is_safe: true, ..Wishes::default() };
        let to = SafeEmail::marked(&wishes, "priya@example.org").unwrap();
        let words = Email {
            subject: "Your report 7K4M-2TQ9".to_owned(),
            text: "Pounds: £5".to_owned(),
            html: "<p>Pounds: £5</p>".to_owned(),
        };
        let from = From::parse("Leicestershire Police <no-reply@police.example>").unwrap();
        let now = "2026-11-24T18:00:00Z".parse().unwrap();
        let letter = write(Uuid::from_u128(1), &from, &to, &words, now).unwrap();
        String::from_utf8(letter.bytes).unwrap()
    }

    #[test]
    fn a_letter_is_whole() {
        let letter = letter();
        for line in [
            "Message-ID: <00000000-0000-0000-0000-000000000001@police.example>",
            "Date: Tue, 24 Nov 2026 18:00:00 +0000",
            "To: priya@example.org",
            "Subject: Your report 7K4M-2TQ9",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Transfer-Encoding: quoted-printable",
            "Pounds: =C2=A35",
        ] {
            assert!(letter.contains(line), "{line} is not in\n{letter}");
        }
        assert!(letter.is_ascii());
    }

    #[test]
    fn the_same_message_has_the_same_bytes() {
        assert_eq!(letter(), letter());
    }
}
