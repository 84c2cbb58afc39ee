//! What the bureau needs from its environment.

use backbone::config::{Faults, Reader, Setting};
use backbone::evidence::settings as evidence;
use backbone::service::{Names, Settings};
use backbone::token::Tokens;
use backbone::{force, token};

const NAMES: Names = Names {
    listen: Setting::optional("BUREAU_LISTEN", "127.0.0.1:8081", "address of the staff port"),
    admin_listen: Setting::optional(
        "BUREAU_ADMIN_LISTEN",
        "127.0.0.1:9081",
        "address of the admin port: /livez /readyz /metrics /quiesce",
    ),
    database_url: Setting::required(
        "BUREAU_DATABASE_URL",
        "PostgreSQL URL of the bureau's own role",
    ),
    owner_database_url: Setting::optional(
        "BUREAU_OWNER_DATABASE_URL",
        "",
        "URL of the owner, for migrate, log recover and projections rebuild; BUREAU_DATABASE_URL \
         where not set",
    ),
    keys_database_url: Setting::required("KEYS_DATABASE_URL", "PostgreSQL URL of the key database"),
    nats_url: Setting::required("NATS_URL", "address of the broker, nats://host:port"),
    nats_user: Setting::optional("BUREAU_NATS_USER", "bureau", "the bureau's user of the broker"),
    nats_password_file: Setting::required(
        "BUREAU_NATS_PASSWORD_FILE",
        "file with the password of that user",
    ),
    log_key_file: Setting::required(
        "BUREAU_LOG_KEY_FILE",
        "file with the key of the log's tags, hexadecimal",
    ),
    master_key_file: Setting::required(
        "MASTER_KEY_FILE",
        "file with the key that wraps the report keys, 32 bytes hexadecimal",
    ),
};

const BUREAU_NAME: Setting =
    Setting::optional("BUREAU_NAME", "Crime Bureau", "what the bureau is called");

/// Everything that the bureau is told.
#[derive(Debug, Clone)]
pub struct Config {
    pub common: Settings,
    pub tokens: Tokens,
    pub evidence: evidence::Settings,
    pub force: Force,
}

/// How the force and its bureau are called, and whether anybody reads what is sent.
#[derive(Debug, Clone)]
pub struct Force {
    pub name: String,
    pub bureau: String,
    pub live: bool,
}

impl Config {
    /// The settings in the order in which `--help` lists them.
    #[must_use]
    pub fn settings() -> Vec<Setting> {
        let own = [token::KEY_FILE, token::ISSUER, BUREAU_NAME];
        let all = NAMES.all().into_iter().chain(own);
        all.chain(evidence::SETTINGS).chain(force::SETTINGS).collect()
    }

    /// Reads the environment; all that is wrong with it is told at once.
    pub fn read() -> Result<Self, Faults> {
        let mut reader = Reader::environment();
        let live = force::is_live(&mut reader, &[BUREAU_NAME]);
        let config = Self {
            common: NAMES.read(&mut reader),
            tokens: Tokens::read(&mut reader, live),
            evidence: evidence::Settings::read(&mut reader),
            force: Force {
                name: reader.text(&force::FORCE_NAME),
                bureau: reader.text(&BUREAU_NAME),
                live,
            },
        };
        reader.finish(config)
    }
}
