//! What the bureau needs from its environment.

use backbone::config::{Faults, Reader, Secret, Setting};
use backbone::service::{Names, Settings};

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

const TOKEN_KEY_FILE: Setting = Setting::required(
    "STAFF_TOKEN_KEY_FILE",
    "file with the key that staff tokens are signed with (HS256), hexadecimal",
);
const TOKEN_ISSUER: Setting =
    Setting::required("STAFF_TOKEN_ISSUER", "who issues staff tokens, as they name it");
const FORCE_NAME: Setting =
    Setting::optional("FORCE_NAME", "Leicestershire Police", "the force, as pages name it");
const BUREAU_NAME: Setting =
    Setting::optional("BUREAU_NAME", "Crime Bureau", "what the bureau is called");
const FORCE_LIVE: Setting = Setting::optional(
    "FORCE_LIVE",
    "no",
    "yes: reports are read; else every page says that nobody does",
);

/// Signs the tokens of demonstrations, and of nothing else.
const DEMONSTRATION_ISSUER: &str = "local-demo";

/// Everything that the bureau is told.
#[derive(Debug, Clone)]
pub struct Config {
    pub common: Settings,
    pub tokens: Tokens,
    pub force: Force,
}

/// How staff tokens are known.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub key: Secret,
    pub issuer: String,
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
        let own = [TOKEN_KEY_FILE, TOKEN_ISSUER, FORCE_NAME, BUREAU_NAME, FORCE_LIVE];
        NAMES.all().into_iter().chain(own).collect()
    }

    /// Reads the environment; all that is wrong with it is told at once.
    pub fn read() -> Result<Self, Faults> {
        let mut reader = Reader::default();
        let config = Self {
            common: NAMES.read(&mut reader),
            tokens: Tokens {
                key: reader.secret_file(&TOKEN_KEY_FILE),
                issuer: reader.text(&TOKEN_ISSUER),
            },
            force: Force {
                name: reader.text(&FORCE_NAME),
                bureau: reader.text(&BUREAU_NAME),
                live: reader.yes(&FORCE_LIVE),
            },
        };
        if let Some(fault) = config.contradiction() {
            reader.fault(fault);
        }
        reader.finish(config)
    }

    /// A token that anybody can make for a demonstration opens no real case.
    fn contradiction(&self) -> Option<&'static str> {
        (self.force.live && self.tokens.issuer == DEMONSTRATION_ISSUER).then_some(
            "STAFF_TOKEN_ISSUER is that of demonstrations: with FORCE_LIVE=yes name your own",
        )
    }
}
