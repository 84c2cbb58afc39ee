//! Where the control room is, as it is set.

use jiff::SignedDuration;
use uuid::Uuid;

use super::code::Codes;
use super::webhook::Webhook;
use crate::domain::emergency::Room;
use crate::domain::safe::SafeEmail;

/// The ways to the control room and to the people on call.
#[derive(Debug)]
pub struct Desk {
    pub webhook: Option<Webhook>,
    pub email: Option<SafeEmail>,
    pub on_call: Vec<SafeEmail>,
    /// How long an acknowledgement may take.
    pub patience: SignedDuration,
    /// Where this service is reached from the control room: `https://host`, without a slash at its end.
    pub address: String,
    pub codes: Codes,
}

impl Desk {
    /// What decisions rest on.
    #[must_use]
    pub fn room(&self) -> Room {
        Room {
            webhook: self.webhook.is_some(),
            email: self.email.is_some(),
            on_call: u32::try_from(self.on_call.len()).unwrap_or(u32::MAX),
            patience: self.patience,
        }
    }

    /// The person on call, counted from 1.
    #[must_use]
    pub fn person(&self, number: u32) -> Option<&SafeEmail> {
        self.on_call.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The page where a person acknowledges the message. No code stands in it.
    #[must_use]
    pub fn page(&self, message_id: Uuid) -> String {
        format!("{}/control-room/{message_id}", self.address)
    }

    /// Where a program does.
    #[must_use]
    pub fn api(&self, message_id: Uuid) -> String {
        format!("{}/api/v1/control-room/{message_id}/acknowledge", self.address)
    }

    /// For readiness.
    pub(super) fn says(&self) -> &'static str {
        match (self.webhook.is_some(), self.email.is_some()) {
            (true, true) => "told by webhook and email",
            (true, false) => "told by webhook",
            (false, true) => "told by email",
            (false, false) => "no control room is set",
        }
    }
}
