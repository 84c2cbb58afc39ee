//! The routes of the notifier.

mod staff; // who is asking
mod show_contact; // GET /api/v1/contacts/{reference}
mod acknowledge; // POST /api/v1/control-room/{message id}/acknowledge, and its page

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use backbone::problem::Problem;
use backbone::relay::Relayed;
use backbone::token::Tokens;
use sqlx::PgPool;

use crate::control_room::desk::Desk;
use crate::dispatch::record::Recorder;
use crate::render::Renderer;

/// What handlers work with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    pub pool: PgPool,
    pub tokens: Tokens,
    pub recorder: Recorder,
    pub relayed: Relayed,
    pub desk: Arc<Desk>,
    pub renderer: Arc<Renderer>,
}

/// The table of contents.
pub fn routes(app: App) -> Router {
    Router::new()
        .route("/api/v1/contacts/{reference}", get(show_contact::show_contact))
        .route("/api/v1/control-room/{message_id}/acknowledge", post(acknowledge::by_api))
        .route("/control-room/{message_id}", get(acknowledge::page).post(acknowledge::by_page))
        .with_state(app)
}

/// Storage trouble as people read it; the rest stands in the log.
#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn storage(error: sqlx::Error) -> Problem {
    tracing::warn!(error = %error, "a question could not be answered");
    if backbone::db::is_away(&error) { Problem::unavailable() } else { Problem::internal() }
}
