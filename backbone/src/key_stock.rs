//! Keys that are made and stored ahead, so that sealing a report waits for no commit.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use proto::log::v1::Sealed;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::admin::{Health, Part};
use crate::problem::with_causes;
use crate::sealing::{KeyError, Keys, ReportKey, UnusedKey};
use crate::shutdown::{Tasks, pause};

/// With fewer than these, more are made. What is still here when a process ends is never used: a row
/// each in the key database.
const KEYS_MIN: usize = 128;
const MADE_AT_ONCE: usize = 128;
/// After this long without a key a caller hears that the key database is away.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keys for new reports. Cheap to clone.
#[derive(Debug, Clone)]
pub struct KeyStock(Arc<Shelf>);

#[derive(Debug)]
struct Shelf {
    keys: Mutex<VecDeque<UnusedKey>>,
    /// A permit for each key.
    count: Semaphore,
    low: Notify,
}

/// A key that this caller alone has, for one report.
#[derive(Debug)]
pub struct NewKey {
    key: UnusedKey,
    shelf: Arc<Shelf>,
}

impl KeyStock {
    /// Starts the task that fills it.
    #[must_use]
    pub fn start(keys: Keys, health: &Health, tasks: &Tasks) -> Self {
        let (count, low) = (Semaphore::new(0), Notify::new());
        let shelf = Arc::new(Shelf { keys: Mutex::default(), count, low });
        tasks.spawn(fill(keys, Arc::clone(&shelf), health.part("new keys"), tasks.token()));
        Self(shelf)
    }

    /// A key that has sealed nothing yet.
    pub async fn take(&self) -> Result<NewKey, KeyError> {
        let away = || KeyError::Away(sqlx::Error::PoolTimedOut);
        let counted = tokio::time::timeout(PATIENCE, self.0.count.acquire()).await;
        counted.map_err(|_| away())?.map_err(|_| away())?.forget();
        if self.0.count.available_permits() < KEYS_MIN {
            self.0.low.notify_one();
        }
        let key = self.0.keys().pop_front();
        Ok(NewKey { key: key.ok_or_else(away)?, shelf: Arc::clone(&self.0) })
    }
}

impl NewKey {
    /// The key, to seal a report with.
    #[must_use]
    pub fn of_report(&self, report_id: Uuid) -> ReportKey {
        self.key.of_report(report_id)
    }

    /// Gives it back where nothing that it sealed stands: what stands for its report is `sealed`, and may
    /// have been sealed with it all the same, by a write that came late. No two reports share a key.
    pub fn give_back_unless(self, sealed: Option<&Sealed>) {
        if sealed.is_some_and(|sealed| self.key.has_sealed(sealed)) {
            return;
        }
        self.shelf.keys().push_front(self.key);
        self.shelf.count.add_permits(1);
    }
}

impl Shelf {
    fn keys(&self) -> MutexGuard<'_, VecDeque<UnusedKey>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, made: Vec<UnusedKey>) {
        let count = made.len();
        self.keys().extend(made);
        self.count.add_permits(count);
    }
}

async fn fill(keys: Keys, shelf: Arc<Shelf>, part: Part, token: CancellationToken) {
    loop {
        while shelf.count.available_permits() >= KEYS_MIN {
            tokio::select! {
                () = token.cancelled() => return,
                () = shelf.low.notified() => {}
            }
        }
        match keys.make(MADE_AT_ONCE).await {
            Ok(made) => {
                shelf.add(made);
                part.ready("are made ahead");
            }
            Err(error) => {
                let (why, left) = (with_causes(&error), shelf.count.available_permits());
                tracing::error!(error = why, left, "alarm: no new keys can be made");
                part.not_ready(format!("none can be made, {left} are left: {why}"));
                if !pause(&token, Duration::from_secs(1)).await {
                    return;
                }
            }
        }
    }
}
