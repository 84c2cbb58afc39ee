//! The routes of the notifier.

mod staff; // who is asking
mod show_contact; // GET /api/v1/contacts/{reference}

use axum::Router;
use axum::routing::get;
use backbone::problem::Problem;
use backbone::token::Tokens;
use sqlx::PgPool;

/// What handlers work with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    pub pool: PgPool,
    pub tokens: Tokens,
}

/// The table of contents.
pub fn routes(app: App) -> Router {
    Router::new()
        .route("/api/v1/contacts/{reference}", get(show_contact::show_contact))
        .with_state(app)
}

/// Storage trouble as people read it; the rest stands in the log.
#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn storage(error: sqlx::Error) -> Problem {
    tracing::warn!(error = %error, "a question could not be answered");
    if backbone::db::is_away(&error) { Problem::unavailable() } else { Problem::internal() }
}
