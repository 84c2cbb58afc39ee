//! What an operator asks: alive? ready, and if not, why? how many? is everything through?

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::future::BoxFuture;
use serde::Serialize;

use crate::problem::{self, Problem};
use crate::shutdown::Tasks;
use crate::telemetry::Telemetry;

/// What each part of the service says of itself. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<Mutex<BTreeMap<String, Check>>>);

/// One part's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "says", rename_all = "snake_case")]
pub enum Check {
    Ready(String),
    NotReady(String),
}

impl Health {
    /// The part works; `says` is for the person who reads it.
    pub fn ready(&self, part: &str, says: impl Into<String>) {
        self.set(part, Check::Ready(says.into()));
    }

    /// The part does not work, and why. Logged once for each change.
    pub fn not_ready(&self, part: &str, why: impl Into<String>) {
        self.set(part, Check::NotReady(why.into()));
    }

    fn set(&self, part: &str, check: Check) {
        let before = {
            let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            parts.insert(part.to_owned(), check.clone())
        };
        if before.as_ref() != Some(&check) {
            match (check, before) {
                (Check::NotReady(why), _) => tracing::warn!(part, why, "not ready"),
                (Check::Ready(_), Some(Check::NotReady(_))) => tracing::info!(part, "ready again"),
                (Check::Ready(_), _) => {}
            }
        }
    }

    /// The word of a part that works for a time only, such as while it leads.
    #[must_use]
    pub fn part(&self, name: impl Into<String>) -> Part {
        Part { health: self.clone(), name: name.into() }
    }

    #[must_use]
    pub fn parts(&self) -> BTreeMap<String, Check> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The word of a part for as long as it is there. What it said last goes with it: another replica does its
/// work now. A part that panicked is not coming back, and that is said.
#[derive(Debug)]
pub struct Part {
    health: Health,
    name: String,
}

impl Part {
    pub fn ready(&self, says: impl Into<String>) {
        self.health.ready(&self.name, says);
    }

    pub fn not_ready(&self, why: impl Into<String>) {
        self.health.not_ready(&self.name, why);
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.not_ready("it has failed: restart the service");
        } else {
            let mut parts = self.health.0.lock().unwrap_or_else(PoisonError::into_inner);
            parts.remove(&self.name);
        }
    }
}

/// How far everything is: `{head, relayed, followed, due_now}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Quiesce {
    pub head: u64,
    pub relayed: u64,
    pub followed: BTreeMap<String, u64>,
    pub due_now: u64,
}

/// Asks the service how far it is: the numbers, or a sentence that says what is away.
pub type AskQuiesce = Arc<dyn Fn() -> BoxFuture<'static, Result<Quiesce, String>> + Send + Sync>;

#[derive(Clone)]
struct Admin {
    health: Health,
    telemetry: Telemetry,
    quiesce: AskQuiesce,
    tasks: Tasks,
}

/// The routes of the admin port.
pub fn routes(health: Health, telemetry: Telemetry, quiesce: AskQuiesce, tasks: Tasks) -> Router {
    Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/quiesce", get(ask_quiesce))
        .fallback(problem::fallback)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .with_state(Admin { health, telemetry, quiesce, tasks })
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    parts: BTreeMap<String, Check>,
}

async fn readyz(State(admin): State<Admin>) -> Response {
    let parts = admin.health.parts();
    let ready = !admin.tasks.ending()
        && !parts.is_empty()
        && parts.values().all(|check| matches!(check, Check::Ready(_)));
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Ready { ready, parts })).into_response()
}

async fn metrics(State(admin): State<Admin>) -> Response {
    let text = admin.telemetry.render_metrics();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

async fn ask_quiesce(State(admin): State<Admin>) -> Response {
    match (admin.quiesce)().await {
        Ok(quiesce) => Json(quiesce).into_response(),
        Err(says) => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "away", says).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_part_said_goes_with_it_unless_it_failed() {
        let health = Health::default();
        let part = health.part("follow");
        part.not_ready("a fork");
        assert_eq!(health.parts()["follow"], Check::NotReady("a fork".to_owned()));
        drop(part);
        assert_eq!(health.parts(), BTreeMap::new());

        let part = health.part("follow");
        part.ready("follows");
        let failed = std::thread::spawn(move || {
            part.ready("follows");
            panic!("a fault of the program");
        });
        assert!(failed.join().is_err());
        assert!(matches!(health.parts()["follow"], Check::NotReady(_)));
    }
}
