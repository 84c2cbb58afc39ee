//! Files that people send: taken in pieces as they come, found out about, checked, and given to one report.
//!
//! An upload is found by one half of its token and opens with both. It takes what arrives and keeps it; when all
//! of it is there it is read back once, which gives its digest and lets the scanner see it. Then a report may
//! take it. One that no report took is swept.

pub mod settings; // what is allowed, and where the scanner is
mod uploads; // what is known of each, in the database
mod receive; // bytes into pieces
mod check; // read back: digest, text, scanner
pub mod clamd; // the scanner's own way of speaking
mod take; // a report takes files
pub mod sweep; // what no report took ends

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use backbone::clock::Clock;
use backbone::evidence::{Store, StoreError};
use backbone::shutdown::Tasks;
use sqlx::PgPool;
use tokio::sync::Semaphore;
use uuid::Uuid;

pub use crate::domain::upload::{Refused, State};
use crate::identity::Identity;
pub use settings::Settings;
pub use take::{NotTaken, Taken, Why};
pub use uploads::Upload;

/// So many files are read back at once.
const CHECKS_AT_ONCE: usize = 2;
/// How long somebody waits for a file to be read back before they are asked to come again.
const CHECK_PATIENCE: Duration = Duration::from_secs(8);

/// What evidence is taken with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Evidence {
    identity: Identity,
    pool: PgPool,
    store: Store,
    clock: Arc<dyn Clock>,
    tasks: Tasks,
    settings: Arc<Settings>,
    checking: Arc<Mutex<HashSet<Uuid>>>,
    checks: Arc<Semaphore>,
}

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// There is no such upload, or it opens with another token.
    #[error("there is no such upload")]
    Unknown,
    #[error("the upload stands elsewhere")]
    Offset,
    #[error("the file is not taken: {0:?}")]
    Refused(Refused),
    #[error("the file is still being checked")]
    Checking,
    #[error("too much waits for a report")]
    Full,
    #[error("database or store is away")]
    Unavailable,
}

impl From<sqlx::Error> for EvidenceError {
    fn from(error: sqlx::Error) -> Self {
        tracing::warn!(error = %error, "an upload cannot be looked up or written");
        Self::Unavailable
    }
}

impl From<StoreError> for EvidenceError {
    fn from(error: StoreError) -> Self {
        tracing::warn!(error = %backbone::problem::with_causes(&error), "the store for evidence");
        Self::Unavailable
    }
}

impl Evidence {
    #[must_use]
    pub fn new(
        identity: Identity,
        ground: &backbone::service::Ground,
        store: Store,
        settings: Settings,
    ) -> Self {
        Self {
            identity,
            pool: ground.pool.clone(),
            store,
            clock: Arc::clone(&ground.clock),
            tasks: ground.tasks.clone(),
            settings: Arc::new(settings),
            checking: Arc::default(),
            checks: Arc::new(Semaphore::new(CHECKS_AT_ONCE)),
        }
    }

    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}
