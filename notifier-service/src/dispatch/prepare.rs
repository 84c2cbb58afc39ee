//! A due message -> a parcel. Here alone the address and the decision's words are opened.

use backbone::sealing::{FoundKey, ReportKey};
use proto::bureau::v1::DecisionWords;
use proto::intake::v1::ContactDetails;
use proto::log::v1::Sealed;

use crate::channels::Parcel;
use crate::codec;
use crate::domain::plan::Wishes;
use crate::domain::safe::{SafeEmail, SafePhone};
use crate::projections::due::DueMessage;
use crate::render::{Facts, Renderer, Told};

/// Why a message cannot be made. A person has to take over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unmakeable {
    /// The report's key is gone.
    #[error("erased")]
    Erased,
    /// The report's key, or what it sealed, does not open.
    #[error("unreadable")]
    Unreadable,
    /// None that the reporter has marked safe.
    #[error("no_address")]
    NoAddress,
}

/// What names the key that a message needs.
pub(super) fn sealed(due: &DueMessage) -> Option<Sealed> {
    codec::unsealed(due.contact.as_ref()?).ok()
}

impl Unmakeable {
    /// Counts it, and tells operators what only they can mend.
    pub(super) fn tell(self, due: &DueMessage) {
        let counter =
            opentelemetry::global::meter("notifier").u64_counter("notifier_unmade").build();
        counter.add(1, &[opentelemetry::KeyValue::new("why", self.to_string())]);
        if self == Self::Unreadable {
            let (report, message) = (due.report_id, due.message_id);
            tracing::error!(report.id = %report, message.id = %message, "alarm: a message cannot be made");
        }
    }
}

/// Opens what is sealed and fills the templates.
pub(super) fn parcel(
    due: &DueMessage,
    key: Option<&FoundKey>,
    renderer: &Renderer,
) -> Result<Parcel, Unmakeable> {
    let sealed = due.contact.as_ref().ok_or(Unmakeable::NoAddress)?;
    let key = key.ok_or(Unmakeable::Erased)?.as_ref().map_err(|_| Unmakeable::Unreadable)?;
    let sealed_as = if due.what == codec::SAVED_LINK { "link.contact" } else { "report.contact" };
    let details: ContactDetails = open(key, sealed_as, sealed)?;
    let words: DecisionWords = match &due.words {
        Some(sealed) => open(key, "case.decision", sealed)?,
        None => DecisionWords::default(),
    };
    let facts = Facts {
        reference: due.reference.clone(),
        by: due.due_at,
        again_by: due.again_by.unwrap_or(due.due_at),
        message: words.message,
        questions: words.questions.into_iter().map(|question| question.label).collect(),
    };
    let wishes = Wishes {
        email_is_safe: due.email_is_safe,
        phone_is_safe: due.phone_is_safe,
        anonymous: due.anonymous,
        ..Wishes::default()
    };
    let told = Told::of(&due.what, &due.decision);
    let unfilled = |error: crate::render::Error| {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        tracing::error!(message.id = %due.message_id, source, "alarm: a template failed");
        Unmakeable::Unreadable
    };
    if due.channel == "text" {
        let to = SafePhone::marked(&wishes, &details.phone).ok_or(Unmakeable::NoAddress)?;
        Ok(Parcel::Text { to, text: renderer.text(told, &facts).map_err(unfilled)? })
    } else {
        let to = SafeEmail::marked(&wishes, &details.email).ok_or(Unmakeable::NoAddress)?;
        Ok(Parcel::Email { to, words: renderer.email(told, &facts).map_err(unfilled)? })
    }
}

fn open<M: prost::Message + Default>(
    key: &ReportKey,
    kind: &str,
    sealed: &[u8],
) -> Result<M, Unmakeable> {
    let sealed = codec::unsealed(sealed).map_err(|_| Unmakeable::Unreadable)?;
    let plain = key.open(kind, &sealed).map_err(|_| Unmakeable::Unreadable)?;
    M::decode(plain.as_slice()).map_err(|_| Unmakeable::Unreadable)
}
