//! Routes: the table of contents of the staff's API.

mod staff; // who is asking, and what they may
mod guard; // If-Match and Idempotency-Key
mod reference; // as it is stored, however it was typed
mod problems; // refusals in words that say what to do
mod item; // a case, as the list shows it
mod command; // what all acts on a case have in common
mod front_page; // GET /
mod list_cases; // GET /api/v1/cases
mod show_case; // GET /api/v1/cases/{reference}
mod show_history; // GET .../history
mod claim_case; // POST .../claim
mod release_case; // POST .../release
mod add_note; // POST .../notes
mod assess_case; // POST .../assessments
mod decide_case; // POST .../decisions
mod record_contact; // POST .../contacts
mod evidence; // GET, POST .../evidence/{file_id}
mod hold_contact; // POST .../hold, .../release-hold
mod list_tasks; // GET /api/v1/tasks
mod list_parked; // GET /api/v1/parked
mod list_officers; // GET /api/v1/officers
mod show_stats; // GET /api/v1/stats

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};
use backbone::cli::NeedsAction;
use backbone::clock::Clock;
use backbone::evidence::Store;
use backbone::problem::{Problem, with_causes};
use backbone::relay::Relayed;
use backbone::service::Ground;
use backbone::token::Tokens;

use crate::config::{Config, Force};
use crate::execute::Execute;
use crate::officers::Officers;
use crate::projections::triage_queue;
use crate::viewing::Viewing;

/// What the API works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bureau {
    execute: Execute,
    relayed: Relayed,
    clock: Arc<dyn Clock>,
    officers: Arc<Officers>,
    tokens: Tokens,
    store: Store,
    viewing: Viewing,
    force: Arc<Force>,
}

impl Bureau {
    pub fn new(config: &Config, ground: &Ground, relayed: Relayed) -> Result<Self, NeedsAction> {
        let officers = Officers::sample();
        let officers = officers.map_err(|error| NeedsAction(format!("officers.toml: {error}")))?;
        let store = Store::open(&config.evidence);
        let store = store.map_err(|error| NeedsAction(with_causes(&error)))?;
        let viewing = Viewing::beside_this_program();
        let viewing = viewing.map_err(|error| NeedsAction(error.to_string()))?;
        // Reports are read all the same.
        if !viewing.is_installed() {
            tracing::error!("alarm: viewing-copy does not stand beside this program");
        }
        Ok(Self {
            execute: Execute {
                log: ground.log.clone(),
                pool: ground.pool.clone(),
                keys: ground.keys.clone(),
            },
            relayed,
            clock: Arc::clone(&ground.clock),
            officers: Arc::new(officers),
            tokens: config.tokens.clone(),
            store,
            viewing,
            force: Arc::new(config.force.clone()),
        })
    }

    /// A connection for reading.
    async fn conn(&self) -> Result<sqlx::pool::PoolConnection<sqlx::Postgres>, Problem> {
        self.execute.pool.acquire().await.map_err(|error| problems::database(&error))
    }

    /// The case that a path names.
    async fn case(&self, reference: &str) -> Result<triage_queue::Case, Problem> {
        let reference = reference::stored(reference);
        if reference.is_empty() {
            return Err(problems::no_case());
        }
        let mut conn = self.conn().await?;
        let found = triage_queue::by_reference(&mut conn, &reference).await;
        found.map_err(|error| problems::database(&error))?.ok_or_else(problems::no_case)
    }
}

/// All routes of the staff port, and behind them those that may take long.
pub fn routes(bureau: Bureau) -> (Router, Router) {
    let case = Router::new()
        .route("/", get(show_case::get))
        .route("/history", get(show_history::get))
        .route("/claim", post(claim_case::post))
        .route("/release", post(release_case::post))
        .route("/notes", post(add_note::post))
        .route("/assessments", post(assess_case::post))
        .route("/decisions", post(decide_case::post))
        .route("/contacts", post(record_contact::post))
        .route("/hold", post(hold_contact::post))
        .route("/release-hold", post(hold_contact::post_release))
        .route("/evidence/{file_id}/quarantine", post(evidence::quarantine::post));
    let files = Router::new()
        .route("/", get(evidence::original::get))
        .route("/view", get(evidence::view::get));
    let unhurried = Router::new()
        .nest("/api/v1/cases/{reference}/evidence/{file_id}", files)
        .layer(middleware::map_response(with_headers))
        .with_state(bureau.clone());
    let routes = Router::new()
        .route("/", get(front_page::get))
        .route("/api/v1/cases", get(list_cases::get))
        .nest("/api/v1/cases/{reference}", case)
        .route("/api/v1/tasks", get(list_tasks::get))
        .route("/api/v1/parked", get(list_parked::get))
        .route("/api/v1/officers", get(list_officers::get))
        .route("/api/v1/stats", get(show_stats::get))
        .layer(middleware::map_response(with_headers))
        .with_state(bureau);
    (routes, unhurried)
}

/// Nothing that staff see is kept by a browser or found by a search engine; a route may have its own policy.
async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let fixed = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
