//! What the intake needs from its environment.

use std::net::IpAddr;
use std::time::Duration;

use backbone::config::{Faults, Reader, Secret, Setting};
use backbone::force;
use backbone::service::{Names, Settings};
use backbone::token::DEMONSTRATION_ISSUER;
use jiff::Timestamp;

use crate::evidence;
use crate::force::{Facts, SAMPLE};
use crate::partners::Partners;
use crate::receipts::{PublicKeys, Receipts};

const NAMES: Names = Names {
    listen: Setting::optional("INTAKE_LISTEN", "127.0.0.1:8080", "address of the public port"),
    admin_listen: Setting::optional(
        "INTAKE_ADMIN_LISTEN",
        "127.0.0.1:9080",
        "address of the admin port: /livez /readyz /metrics /quiesce",
    ),
    database_url: Setting::required("INTAKE_DATABASE_URL", "PostgreSQL URL of intake's own role"),
    owner_database_url: Setting::optional(
        "INTAKE_OWNER_DATABASE_URL",
        "",
        "URL of the owner, for migrate and log recover; INTAKE_DATABASE_URL where not set",
    ),
    keys_database_url: Setting::required("KEYS_DATABASE_URL", "PostgreSQL URL of the key database"),
    nats_url: Setting::required("NATS_URL", "address of the broker, nats://host:port"),
    nats_user: Setting::optional("INTAKE_NATS_USER", "intake", "intake's user of the broker"),
    nats_password_file: Setting::required(
        "INTAKE_NATS_PASSWORD_FILE",
        "file with the password of that user",
    ),
    log_key_file: Setting::required(
        "INTAKE_LOG_KEY_FILE",
        "file with the key of the log's tags, hexadecimal",
    ),
    master_key_file: Setting::required(
        "MASTER_KEY_FILE",
        "file with the key that wraps the report keys, 32 bytes hexadecimal",
    ),
};

const SECRET_FILE: Setting = Setting::required(
    "INTAKE_SECRET_FILE",
    "file with the secret that report ids and return codes are made with, hexadecimal",
);
const RECEIPT_KEY: Setting = Setting::required(
    "RECEIPT_KEY_FILE",
    "file with the key that receipts are signed with (Ed25519), 32 bytes hexadecimal",
);
const RECEIPT_ISSUER: Setting =
    Setting::required("RECEIPT_ISSUER", "who gives receipts, as they name it");
const RECEIPT_KEY_SINCE: Setting = Setting::optional(
    "RECEIPT_KEY_SINCE",
    "",
    "from when on that key signs, as 2026-11-24T09:00:00Z",
);
const RECEIPT_OLD_KEYS: Setting = Setting::optional(
    "RECEIPT_OLD_KEYS_FILE",
    "",
    "file with the public keys of before, as /api/v1/receipt-keys gave them: their receipts are still known",
);
const KEYS_OWNER: Setting = Setting::optional(
    "KEYS_OWNER_DATABASE_URL",
    "",
    "URL of the key database's owner, for migrate; KEYS_DATABASE_URL where not set",
);
const KEYS_READERS: Setting = Setting::optional(
    "KEYS_READER_ROLES",
    "bureau,notifier",
    "database roles that may read report keys; migrate grants it",
);
const CONTACT_DEADLINE: Setting =
    Setting::optional("CONTACT_DEADLINE", "24h", "the reporter hears next steps within this time");
const SUBMISSIONS: Setting =
    Setting::optional("RATE_SUBMISSIONS_PER_HOUR", "60", "reports a client may send in an hour");
const OTHERS: Setting =
    Setting::optional("RATE_OTHERS_PER_HOUR", "6000", "other calls a client may make in an hour");
const LOOPBACK: Setting =
    Setting::optional("RATE_LIMIT_LOOPBACK", "on", "whether the limits hold for this machine too");
const PROXIES: Setting = Setting::optional(
    "TRUSTED_PROXIES",
    "",
    "addresses whose X-Forwarded-For is believed, with commas between",
);
const SERVICE_NAME: Setting = Setting::optional(
    "SERVICE_NAME",
    "Report to Leicestershire Police",
    "what the public service is called",
);

const FORCE_FILE: Setting = Setting::optional(
    "FORCE_FILE",
    "",
    "file with the force's area, numbers and bodies; the sample force where not set",
);
const OPEN311_KEYS: Setting = Setting::optional(
    "OPEN311_KEYS_FILE",
    "",
    "file with the partners who may pass reports on: on each line a name and the SHA-256 of a key; off \
     or not set: there is no Open311 interface",
);
const PUBLIC_URL: Setting = Setting::optional(
    "INTAKE_PUBLIC_URL",
    "",
    "where others reach this service: https address; needed with OPEN311_KEYS_FILE",
);
const SESSION_RESTS: Setting = Setting::optional(
    "SESSION_RESTS_AFTER",
    "2h",
    "a browser that was not used for so long is asked before it shows what was typed",
);

/// Everything that the intake is told.
#[derive(Debug, Clone)]
pub struct Config {
    pub common: Settings,
    pub keys_owner_url: String,
    pub keys_readers: Vec<String>,
    pub secret: Secret,
    pub receipts: Receipts,
    pub contact_deadline: Duration,
    pub rates: Rates,
    pub session_rests_after: Duration,
    pub evidence: evidence::Settings,
    pub force: Force,
    pub open311: Option<Open311>,
}

/// What partners are told and known by, where there are any.
#[derive(Debug, Clone)]
pub struct Open311 {
    pub partners: Partners,
    /// Where others reach this service, without a slash at the end.
    pub public_url: String,
}

/// How much one client may do.
#[derive(Debug, Clone)]
pub struct Rates {
    pub submissions_per_hour: u32,
    pub others_per_hour: u32,
    pub loopback: bool,
    pub proxies: Vec<IpAddr>,
}

/// The force that these pages speak for.
#[derive(Debug, Clone)]
pub struct Force {
    pub name: String,
    pub service_name: String,
    pub live: bool,
    /// When staff read reports, as "from 7am to 11pm".
    pub hours: String,
    pub facts: Facts,
    /// Without one, nobody is told at once of somebody who cannot call 999, and that is not offered.
    pub has_control_room: bool,
}

impl Config {
    /// All settings, for `--help`.
    #[must_use]
    pub fn settings() -> Vec<Setting> {
        let own = [
            SECRET_FILE,
            RECEIPT_KEY,
            RECEIPT_ISSUER,
            RECEIPT_KEY_SINCE,
            RECEIPT_OLD_KEYS,
            KEYS_OWNER,
            KEYS_READERS,
            CONTACT_DEADLINE,
            SUBMISSIONS,
            OTHERS,
            LOOPBACK,
            PROXIES,
            SERVICE_NAME,
            FORCE_FILE,
            SESSION_RESTS,
            OPEN311_KEYS,
            PUBLIC_URL,
        ];
        let all = NAMES.all().into_iter().chain(own);
        all.chain(evidence::Settings::all()).chain(force::SETTINGS).collect()
    }

    /// Reads them, or tells all that is wrong with them.
    pub fn read() -> Result<Self, Faults> {
        let mut reader = Reader::environment();
        let live = force::is_live(&mut reader, &[SERVICE_NAME, FORCE_FILE]);
        let config = Self {
            common: NAMES.read(&mut reader),
            keys_owner_url: reader.text(&KEYS_OWNER),
            keys_readers: words(&reader.text(&KEYS_READERS)),
            secret: reader.secret_file(&SECRET_FILE),
            receipts: receipts(&mut reader, live),
            contact_deadline: reader.duration(&CONTACT_DEADLINE),
            rates: Rates {
                submissions_per_hour: reader.parsed(&SUBMISSIONS),
                others_per_hour: reader.parsed(&OTHERS),
                loopback: reader.yes(&LOOPBACK),
                proxies: proxies(&mut reader),
            },
            session_rests_after: reader.duration(&SESSION_RESTS),
            evidence: evidence::Settings::read(&mut reader),
            force: Force {
                name: reader.text(&force::FORCE_NAME),
                service_name: reader.text(&SERVICE_NAME),
                live,
                has_control_room: force::has_control_room(&mut reader),
                hours: hours(&mut reader),
                facts: facts(&mut reader),
            },
            open311: open311(&mut reader, live),
        };
        if config.contact_deadline < Duration::from_secs(1) {
            reader.fault("CONTACT_DEADLINE must be at least 1s");
        }
        if config.rates.submissions_per_hour == 0 || config.rates.others_per_hour == 0 {
            reader.fault("RATE_SUBMISSIONS_PER_HOUR and RATE_OTHERS_PER_HOUR must be above 0");
        }
        reader.finish(config)
    }
}

fn hours(reader: &mut Reader) -> String {
    let said = reader.text(&force::BUREAU_HOURS);
    if said.is_empty() { "from 7am to 11pm".to_owned() } else { said }
}

/// The force's own facts; those of the sample where there is no file, or where it cannot be read.
fn facts(reader: &mut Reader) -> Facts {
    let file = reader.text(&FORCE_FILE);
    let read = if file.is_empty() {
        Facts::read(SAMPLE)
    } else {
        let text = std::fs::read_to_string(&file).map_err(|error| error.to_string());
        text.and_then(|text| Facts::read(&text))
    };
    read.unwrap_or_else(|why| {
        reader.fault(format!("FORCE_FILE: {why}"));
        Facts::default()
    })
}

/// What signs receipts. With a key that anybody can make for a demonstration nothing real is signed.
fn receipts(reader: &mut Reader, live: bool) -> Receipts {
    let seed = reader.secret_file(&RECEIPT_KEY);
    let issuer = reader.text(&RECEIPT_ISSUER);
    if live && issuer == DEMONSTRATION_ISSUER {
        reader.fault("RECEIPT_ISSUER is that of demonstrations: with FORCE_LIVE=yes name your own");
    }
    let since = reader.text(&RECEIPT_KEY_SINCE);
    let since = (!since.is_empty()).then(|| reader.parsed::<Timestamp>(&RECEIPT_KEY_SINCE));
    let file = reader.text(&RECEIPT_OLD_KEYS);
    let before = if file.is_empty() { Ok(PublicKeys::default()) } else { old_keys(&file) };
    let before = before.unwrap_or_else(|why| {
        reader.fault(format!("RECEIPT_OLD_KEYS_FILE: {why}"));
        PublicKeys::default()
    });
    // What is not set was told already.
    if seed.bytes().is_empty() || issuer.is_empty() {
        return Receipts::none();
    }
    Receipts::new(&seed, issuer, since, before).unwrap_or_else(|why| {
        reader.fault(format!("RECEIPT_KEY_FILE, RECEIPT_ISSUER, RECEIPT_OLD_KEYS_FILE: {why}"));
        Receipts::none()
    })
}

/// A key that anybody can find in a demonstration opens nothing real.
fn open311(reader: &mut Reader, live: bool) -> Option<Open311> {
    let (file, url) = (reader.text(&OPEN311_KEYS), reader.text(&PUBLIC_URL));
    if file.is_empty() || file == "off" {
        return None;
    }
    let text = std::fs::read_to_string(&file).map_err(|error| error.to_string());
    let partners = text.and_then(|text| Partners::read(&text)).unwrap_or_else(|why| {
        reader.fault(format!("OPEN311_KEYS_FILE: {why}"));
        Partners::default()
    });
    if live && partners.has(DEMONSTRATION_ISSUER) {
        let partner = DEMONSTRATION_ISSUER;
        reader.fault(format!("OPEN311_KEYS_FILE has {partner}, which FORCE_LIVE=yes refuses"));
    }
    if !url.starts_with("https://") && (live || !url.starts_with("http://")) {
        reader.fault("INTAKE_PUBLIC_URL must be an https address: OPEN311_KEYS_FILE is set");
    }
    Some(Open311 { partners, public_url: url.trim_end_matches('/').to_owned() })
}

fn old_keys(file: &str) -> Result<PublicKeys, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

fn words(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn proxies(reader: &mut Reader) -> Vec<IpAddr> {
    let mut proxies = vec![];
    for word in words(&reader.text(&PROXIES)) {
        match word.parse() {
            Ok(address) => proxies.push(address),
            Err(_) => reader.fault("TRUSTED_PROXIES has something that is no IP address"),
        }
    }
    proxies
}
