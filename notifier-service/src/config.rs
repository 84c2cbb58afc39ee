//! What the notifier needs from its environment.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use backbone::config::{Faults, Reader, Setting};
use backbone::service::{Names, Settings};
use backbone::token::Tokens;
use backbone::{force, token};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::channels::{Channel, Folder, From, Smtp};
use crate::control_room::code::Codes;
use crate::control_room::desk::Desk;
use crate::control_room::webhook::Webhook;
use crate::domain::safe::SafeEmail;
use crate::domain::saved_link::{Hours, Terms};
use crate::execute::SavedLinks;
use crate::render::Sender;

const NAMES: Names = Names {
    listen: Setting::optional("NOTIFIER_LISTEN", "127.0.0.1:8082", "address of the public port"),
    admin_listen: Setting::optional(
        "NOTIFIER_ADMIN_LISTEN",
        "127.0.0.1:9082",
        "address of the admin port",
    ),
    database_url: Setting::required("NOTIFIER_DATABASE_URL", "the notifier's PostgreSQL database"),
    owner_database_url: Setting::optional(
        "NOTIFIER_OWNER_DATABASE_URL",
        "",
        "the same as its owner, for `migrate` and `log recover`",
    ),
    keys_database_url: Setting::required("KEYS_DATABASE_URL", "the database of the report keys"),
    nats_url: Setting::required("NATS_URL", "the broker, such as nats://127.0.0.1:4222"),
    nats_user: Setting::optional("NOTIFIER_NATS_USER", "notifier", "the broker's user"),
    nats_password_file: Setting::required(
        "NOTIFIER_NATS_PASSWORD_FILE",
        "file with the broker's password",
    ),
    log_key_file: Setting::required(
        "NOTIFIER_LOG_KEY_FILE",
        "file with the key of the log's tags, as hexadecimal digits",
    ),
    master_key_file: Setting::required(
        "MASTER_KEY_FILE",
        "file with the key that wraps report keys, as hexadecimal digits",
    ),
};

const CHANNEL: Setting =
    Setting::required("NOTIFIER_CHANNEL", "where messages go: folder, smtp or blackhole");
const OUTBOX_DIR: Setting =
    Setting::optional("OUTBOX_DIR", "", "the folder, where the channel is one");
const SMTP_URL: Setting = Setting::optional(
    "SMTP_URL",
    "",
    "the mail server, where the channel is one: smtp://host:port or smtps://host:port",
);
const SMTP_FROM: Setting = Setting::optional(
    "SMTP_FROM",
    "no-reply@police.invalid",
    "who emails are from: an address, or `Name <address>`",
);
const SERVICE_NAME: Setting = Setting::optional(
    "SERVICE_NAME",
    "Report to Leicestershire Police",
    "the service's name in messages",
);
const WEBHOOK_SECRET_FILE: Setting = Setting::optional(
    "CONTROL_ROOM_WEBHOOK_SECRET_FILE",
    "",
    "file with what requests to CONTROL_ROOM_WEBHOOK are signed with: whsec_ and base64, or \
     hexadecimal; needed with it",
);
const ON_CALL: Setting = Setting::optional(
    "CONTROL_ROOM_ONCALL",
    "",
    "email addresses that are told when the control room does not acknowledge, with commas between",
);
const PATIENCE: Setting = Setting::optional(
    "CONTROL_ROOM_PATIENCE",
    "5m",
    "how long the control room may take to acknowledge before the alarm is raised, and raised again",
);
const PUBLIC_URL: Setting = Setting::optional(
    "NOTIFIER_PUBLIC_URL",
    "",
    "where the control room reaches this service to acknowledge, such as https://notifier.force.example; \
     http://NOTIFIER_LISTEN where not set",
);
const REPORT_ADDRESS: Setting = Setting::optional(
    "REPORT_ADDRESS",
    "leics.police.uk/my-report",
    "where reporters go with their return code",
);

const SAVED_ADDRESS: Setting = Setting::optional(
    "SAVED_ADDRESS",
    "leics.police.uk/saved",
    "where people go on with a form that they saved, with its code",
);
const SAVED_LINK_WITHIN: Setting = Setting::optional(
    "SAVED_LINK_WITHIN",
    "1h",
    "how long it is tried to tell somebody where a form is that they saved",
);
const TEXT_HOURS: Setting = Setting::optional(
    "TEXT_HOURS",
    "08:00-21:00",
    "when a text may tell it, by the clocks of Europe/London; all day is 00:00-24:00",
);

/// Everything that the notifier is told.
#[derive(Debug)]
pub struct Config {
    pub settings: Settings,
    pub tokens: Tokens,
    pub channel: Channel,
    pub sender: Sender,
    pub desk: Arc<Desk>,
    pub saved_links: SavedLinks,
}

/// All settings, as `--help` lists them.
#[must_use]
pub fn help() -> String {
    let mut settings = NAMES.all();
    settings.extend([
        token::KEY_FILE,
        token::ISSUER,
        CHANNEL,
        OUTBOX_DIR,
        SMTP_URL,
        SMTP_FROM,
        SERVICE_NAME,
        REPORT_ADDRESS,
        SAVED_ADDRESS,
        SAVED_LINK_WITHIN,
        TEXT_HOURS,
        WEBHOOK_SECRET_FILE,
        ON_CALL,
        PATIENCE,
        PUBLIC_URL,
    ]);
    settings.extend(force::SETTINGS);
    backbone::config::help(&settings)
}

/// Reads all settings, and says everything that is wrong with them at once.
pub fn read() -> Result<Config, Faults> {
    let mut reader = Reader::environment();
    let settings = NAMES.read(&mut reader);
    let is_live =
        force::is_live(&mut reader, &[SERVICE_NAME, REPORT_ADDRESS, SAVED_ADDRESS, SMTP_FROM]);
    let channel = channel(&mut reader, is_live);
    let tokens = Tokens::read(&mut reader, is_live);
    let sender = Sender {
        force_name: reader.text(&force::FORCE_NAME),
        service_name: reader.text(&SERVICE_NAME),
        report_address: reader.text(&REPORT_ADDRESS),
        saved_address: reader.text(&SAVED_ADDRESS),
        is_live,
    };
    let desk = Arc::new(desk(&mut reader, &settings, is_live));
    let saved_links = saved_links(&mut reader);
    let (Some(channel), Some(saved_links)) = (channel, saved_links) else {
        return Err(reader.finish(()).err().unwrap_or(Faults(vec![])));
    };
    reader.finish(Config { settings, tokens, channel, sender, desk, saved_links })
}

fn saved_links(reader: &mut Reader) -> Option<SavedLinks> {
    let text_hours = Hours::parse(&reader.text(&TEXT_HOURS));
    if text_hours.is_none() {
        reader.fault("TEXT_HOURS are no hours such as 08:00-21:00");
    }
    let within = SignedDuration::try_from(reader.duration(&SAVED_LINK_WITHIN)).ok()?;
    // Without its rules the clocks are an hour off at most.
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    Some(SavedLinks { terms: Terms { text_hours: text_hours?, within }, zone })
}

fn channel(reader: &mut Reader, is_live: bool) -> Option<Channel> {
    let from = From::parse(&reader.text(&SMTP_FROM));
    if from.is_none() {
        reader.fault("SMTP_FROM is no email address");
    }
    match reader.text(&CHANNEL).as_str() {
        "folder" | "blackhole" if is_live => {
            reader.fault("NOTIFIER_CHANNEL reaches nobody: with FORCE_LIVE=yes use smtp");
            None
        }
        "folder" => {
            let path = reader.text(&OUTBOX_DIR);
            if path.is_empty() {
                reader.fault("OUTBOX_DIR is not set: the channel is a folder");
            }
            Some(Channel::Folder(Folder { path: PathBuf::from(path), from: from? }))
        }
        "smtp" => smtp(reader, from?, is_live).map(Channel::Smtp),
        "blackhole" => Some(Channel::Blackhole),
        "" => None,
        _ => {
            reader.fault("NOTIFIER_CHANNEL must be folder, smtp or blackhole");
            None
        }
    }
}

fn smtp(reader: &mut Reader, from: From, is_live: bool) -> Option<Smtp> {
    let url = reader.text(&SMTP_URL);
    if url.is_empty() {
        reader.fault("SMTP_URL is not set: the channel is a mail server");
        return None;
    }
    match Smtp::parse(&url, from) {
        Ok(smtp) if is_live || smtp.is_local() => Some(smtp),
        Ok(_) => {
            reader.fault(
                "SMTP_URL is not on this machine: a demonstration sends nothing to real addresses \
                 (FORCE_LIVE=yes when a force uses this)",
            );
            None
        }
        Err(error) => {
            reader.fault(format!("SMTP_URL cannot be read: {error}"));
            None
        }
    }
}

/// Where the control room is, and who is on call.
fn desk(reader: &mut Reader, settings: &Settings, is_live: bool) -> Desk {
    let webhook = webhook(reader, is_live);
    let email = force::control_room(reader, &force::CONTROL_ROOM_EMAIL)
        .and_then(|address| email_of(reader, &force::CONTROL_ROOM_EMAIL, &address));
    let mut on_call = vec![];
    for address in reader.text(&ON_CALL).split(',').map(str::trim).filter(|text| !text.is_empty()) {
        on_call.extend(email_of(reader, &ON_CALL, address));
    }
    let patience = reader.duration(&PATIENCE);
    if patience < Duration::from_secs(1) {
        reader.fault("CONTROL_ROOM_PATIENCE must be at least 1s");
    }
    Desk {
        webhook,
        email,
        on_call,
        patience: SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX),
        address: public_url(reader, &settings.listen, is_live),
        codes: Codes::new(settings.log_key.bytes()),
    }
}

fn webhook(reader: &mut Reader, is_live: bool) -> Option<Webhook> {
    let address = force::control_room(reader, &force::CONTROL_ROOM_WEBHOOK)?;
    if !reader.is_set(&WEBHOOK_SECRET_FILE) {
        reader.fault("CONTROL_ROOM_WEBHOOK_SECRET_FILE is not set: CONTROL_ROOM_WEBHOOK needs it");
        return None;
    }
    let secret = reader.text_file(&WEBHOOK_SECRET_FILE);
    match Webhook::parse(&address, &secret.text()) {
        Ok(webhook) if is_live || webhook.is_local() => Some(webhook),
        Ok(_) => {
            reader.fault(
                "CONTROL_ROOM_WEBHOOK is not on this machine: a demonstration sends nothing to real \
                 addresses (FORCE_LIVE=yes when a force uses this)",
            );
            None
        }
        Err(why) => {
            reader.fault(format!("CONTROL_ROOM_WEBHOOK cannot be used: {why}"));
            None
        }
    }
}

/// An address of the force. What is wrong with it is told without it.
fn email_of(reader: &mut Reader, setting: &Setting, address: &str) -> Option<SafeEmail> {
    let read = From::parse(address).and_then(|_| SafeEmail::of_the_force(address));
    if read.is_none() || address.contains('<') {
        reader.fault(format!("{} has something that is no email address", setting.name));
    }
    read
}

fn public_url(reader: &mut Reader, listen: &str, is_live: bool) -> String {
    let said = reader.text(&PUBLIC_URL).trim_end_matches('/').to_owned();
    let is_private = said.starts_with("https://") || (said.starts_with("http://") && !is_live);
    if said.is_empty() {
        if is_live {
            reader.fault("NOTIFIER_PUBLIC_URL is not set: the control room acknowledges there");
        }
        return format!("http://{listen}");
    }
    if !is_private {
        reader.fault("NOTIFIER_PUBLIC_URL must be https://host, without a code or a query");
    }
    said
}
