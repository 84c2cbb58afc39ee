//! One signal, one token, all tasks waited for.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a service may take to finish what it has begun.
const GRACE: Duration = Duration::from_secs(10);

/// The tasks of a service and the token that asks them to end.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    token: CancellationToken,
    tracker: TaskTracker,
}

impl Tasks {
    /// Starts a task that shutdown waits for.
    pub fn spawn<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tracker.spawn(task);
    }

    /// Starts a task on a thread of its own, so that no crowd of other tasks stands before it each time
    /// that it has waited. Shutdown waits for it too.
    pub fn spawn_apart<F>(&self, name: &str, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let tracked = self.tracker.track_future(task);
        let run = || match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(tracked),
            Err(error) => tracing::error!(error = %error, "alarm: a thread has no runtime"),
        };
        if let Err(error) = std::thread::Builder::new().name(name.to_owned()).spawn(run) {
            tracing::error!(error = %error, "alarm: a thread could not be started");
        }
    }

    /// Cancelled when the service is asked to end.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// Whether the service was asked to end.
    #[must_use]
    pub fn ending(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Waits for SIGTERM or SIGINT, or for a task that asked for the end, then for all tasks.
    pub async fn until_ended(self) {
        tokio::select! {
            () = signalled() => tracing::info!("asked to end"),
            () = self.token.cancelled() => {}
        }
        self.token.cancel();
        self.tracker.close();
        if tokio::time::timeout(GRACE, self.tracker.wait()).await.is_err() {
            tracing::warn!(tasks = self.tracker.len(), "tasks did not end in time");
        }
    }
}

async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("signals cannot be received");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}

/// Waits, but not beyond the end of the service. False: the service ends.
pub async fn pause(token: &CancellationToken, time: Duration) -> bool {
    tokio::select! {
        () = token.cancelled() => false,
        () = tokio::time::sleep(time) => true,
    }
}
