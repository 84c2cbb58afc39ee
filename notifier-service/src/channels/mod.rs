//! Where messages go. A channel answers in one of four ways, and never takes longer than its time.

mod letter; // an email as bytes
pub mod folder; // files in a folder: the local default
pub(crate) mod smtp; // a mail server

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::plan::Means;
use crate::domain::safe::{SafeEmail, SafePhone};
use crate::render::Email;

pub use folder::Folder;
pub use letter::From;
pub use smtp::Smtp;

/// A finished message and where it goes.
#[derive(Debug, Clone)]
pub enum Parcel {
    Email { to: SafeEmail, words: Email },
    Text { to: SafePhone, text: String },
}

/// What the provider made of a message. Codes are words such as `451` or `timeout`, never an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Sent {
        provider_reference: String,
    },
    /// For good: this address, or this message.
    Refused {
        code: String,
    },
    /// Not now. It was certainly not sent.
    Unavailable {
        code: String,
    },
    /// It may have been sent.
    InDoubt {
        code: String,
    },
}

/// A provider as it is configured.
#[derive(Debug)]
pub enum Channel {
    Folder(Folder),
    Smtp(Smtp),
    /// Takes everything and keeps nothing: for measuring.
    Blackhole,
}

impl Channel {
    /// The provider's name in events.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Folder(_) => "folder",
            Self::Smtp(_) => "smtp",
            Self::Blackhole => "blackhole",
        }
    }

    #[must_use]
    pub fn means(&self) -> Means {
        match self {
            Self::Folder(_) | Self::Blackhole => Means { email: true, text: true },
            Self::Smtp(_) => Means { email: true, text: false },
        }
    }

    /// Whether the provider can say if it has a message.
    #[must_use]
    pub fn can_be_asked(&self) -> bool {
        match self {
            Self::Folder(_) => true,
            Self::Smtp(_) | Self::Blackhole => false,
        }
    }

    /// How long a call may take. A provider's time does not scale with the promise.
    #[must_use]
    pub fn time_max(&self) -> Duration {
        match self {
            Self::Smtp(_) => Duration::from_secs(30),
            Self::Folder(_) | Self::Blackhole => Duration::from_secs(10),
        }
    }

    /// How many calls may run at once. Mail servers take few connections from one client.
    #[must_use]
    pub fn calls_max(&self) -> usize {
        match self {
            Self::Smtp(_) => 16,
            Self::Folder(_) | Self::Blackhole => 128,
        }
    }

    /// Sends once. The message's id is its name with the provider, whichever attempt this is.
    pub async fn send(&self, id: Uuid, parcel: &Parcel, now: Timestamp) -> Answer {
        match self {
            Self::Folder(folder) => folder.send(id, parcel, now, self.time_max()).await,
            Self::Smtp(smtp) => smtp.send(id, parcel, now, self.time_max()).await,
            Self::Blackhole => Answer::Sent { provider_reference: String::new() },
        }
    }

    /// Whether the provider has the message; None where it cannot say now.
    pub async fn look_up(&self, id: Uuid) -> Option<bool> {
        match self {
            Self::Folder(folder) => folder.has(id, self.time_max()).await,
            Self::Smtp(_) | Self::Blackhole => None,
        }
    }
}
