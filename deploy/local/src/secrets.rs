//! Keys and passwords: made on the first start, kept until the data are deleted.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use aws_lc_rs::{digest, rand};

use crate::layout::{Layout, write_private};
use crate::tokens;

/// Everything that is secret here: tag keys of the logs, the key that wraps the reports' keys,
/// what ids and return codes are made with, what signs receipts, staff tokens and webhooks, and the broker's
/// passwords, a partner's key.
const NAMES: [&str; 14] = [
    "intake-log.key",
    "bureau-log.key",
    "notifier-log.key",
    "master.key",
    "intake.secret",
    "receipt.key",
    "staff.key",
    "nats-intake.password",
    "nats-bureau.password",
    "nats-notifier.password",
    "nats-observer.password",
    "nats-operator.password",
    CONTROL_ROOM_WEBHOOK,
    OPEN311,
];

/// What requests to a control room's webhook are signed with, where one is set.
pub(crate) const CONTROL_ROOM_WEBHOOK: &str = "control-room-webhook.secret";

/// The key of the demonstration's partner.
pub(crate) const OPEN311: &str = "open311.key";

/// Makes those that are missing: 32 random bytes each, as hexadecimal digits.
pub(crate) fn make_missing(layout: &Layout) -> Result<()> {
    for name in NAMES {
        let path = layout.secret(name);
        if !path.exists() {
            let mut bytes = [0; 32];
            rand::fill(&mut bytes).ok().context("the system has no random numbers")?;
            write_private(&path, &hex::encode(bytes))?;
        }
    }
    let hash = digest::digest(&digest::SHA256, read(layout, OPEN311)?.as_bytes());
    let partner = format!("{} {}\n", tokens::ISSUER, hex::encode(hash));
    write_private(&layout.partners(), &partner)
}

/// The secret as it stands in its file.
pub(crate) fn read(layout: &Layout, name: &str) -> Result<String> {
    let path = layout.secret(name);
    let text = std::fs::read_to_string(&path);
    Ok(text.with_context(|| format!("reading {}", path.display()))?.trim().to_owned())
}

/// Where the password of one of the broker's users stands.
pub(crate) fn nats_password_file(layout: &Layout, user: &str) -> PathBuf {
    layout.secret(&format!("nats-{user}.password"))
}

pub(crate) fn nats_password(layout: &Layout, user: &str) -> Result<String> {
    read(layout, &format!("nats-{user}.password"))
}
