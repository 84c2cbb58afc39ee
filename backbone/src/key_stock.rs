//! Keys that are made and stored ahead, so that sealing a report waits for no commit.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::sealing::{KeyError, Keys, ReportKey, UnusedKey};
use crate::shutdown::{Tasks, pause};

/// What is still here when a process ends is never used: a row each in the key database.
const KEYS_MAX: usize = 256;
const MADE_AT_ONCE: usize = 128;
/// After this long without a key a caller hears that the key database is away.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keys for new reports. Cheap to clone.
#[derive(Debug, Clone)]
pub struct KeyStock {
    waiting: Arc<Mutex<mpsc::Receiver<UnusedKey>>>,
    back: mpsc::Sender<UnusedKey>,
}

/// A key that this caller alone has, for one report.
#[derive(Debug)]
pub struct NewKey {
    key: UnusedKey,
    stock: mpsc::Sender<UnusedKey>,
}

impl KeyStock {
    /// Starts the task that fills it.
    #[must_use]
    pub fn start(keys: Keys, tasks: &Tasks) -> Self {
        let (sender, receiver) = mpsc::channel(KEYS_MAX);
        tasks.spawn(fill(keys, sender.clone(), tasks.token()));
        Self { waiting: Arc::new(Mutex::new(receiver)), back: sender }
    }

    /// A key that has sealed nothing yet.
    pub async fn take(&self) -> Result<NewKey, KeyError> {
        let taking = async { self.waiting.lock().await.recv().await };
        match tokio::time::timeout(PATIENCE, taking).await {
            Ok(Some(key)) => Ok(NewKey { key, stock: self.back.clone() }),
            Ok(None) | Err(_) => Err(KeyError::Away(sqlx::Error::PoolTimedOut)),
        }
    }
}

impl NewKey {
    /// The key, to seal a report with.
    #[must_use]
    pub fn of_report(&self, report_id: Uuid) -> ReportKey {
        self.key.of_report(report_id)
    }

    /// Gives it back: nothing that it sealed stands anywhere.
    pub fn give_back(self) {
        // Where there is no room it is one of those that are never used.
        self.stock.try_send(self.key).ok();
    }
}

async fn fill(keys: Keys, stock: mpsc::Sender<UnusedKey>, token: CancellationToken) {
    loop {
        let room = tokio::select! {
            () = token.cancelled() => return,
            room = stock.reserve_many(MADE_AT_ONCE) => room,
        };
        let Ok(room) = room else { return };
        match keys.make(MADE_AT_ONCE).await {
            Ok(made) => room.zip(made).for_each(|(place, key)| place.send(key)),
            Err(error) => {
                tracing::warn!(error = %error, "no keys could be made");
                pause(&token, Duration::from_secs(1)).await;
            }
        }
    }
}
