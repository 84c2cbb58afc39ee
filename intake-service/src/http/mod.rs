//! Routes: the table of contents of the public site.

mod client; // who is asking, and how much they may
mod idempotency; // the key that every sending request carries
mod problems; // refusals in words that say what to do
mod start_page; // GET /
mod show_forms; // GET /api/v1/forms, /api/v1/forms/{kind}
mod walk_form; // POST /api/v1/forms/{kind}/journey
mod submit_report; // POST /api/v1/reports
mod show_report; // GET /api/v1/reports/{reference}
mod add_details; // POST /api/v1/reports/{reference}/details
mod tell_again; // POST /api/v1/reports/{reference}/again
mod stop_contact; // POST /api/v1/reports/{reference}/stop-contact
mod withdraw_report; // POST /api/v1/reports/{reference}/withdraw

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};
use backbone::clock::Clock;
use backbone::key_stock::KeyStock;
use backbone::service::Ground;
use backbone::writer::Writer;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::config::{Config, Force};
use crate::forms::Forms;
use crate::identity::Identity;
use crate::projections::Beside;
use crate::returning::Returning;
use crate::submit::Submitter;
use client::Limits;

/// What the pages and the API work with. Cheap to clone, which every layer does with every request.
#[derive(Debug, Clone)]
pub struct Site(Arc<Parts>);

/// The parts of a [`Site`].
#[derive(Debug)]
pub struct Parts {
    forms: Arc<Forms>,
    submitter: Submitter,
    returning: Returning,
    limits: Limits,
    force: Force,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
}

impl Deref for Site {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Site {
    #[must_use]
    pub fn new(
        config: &Config,
        ground: &Ground,
        writer: Writer<Beside>,
        forms: Arc<Forms>,
    ) -> Self {
        let identity = Identity::new(&config.secret);
        Self(Arc::new(Parts {
            forms,
            submitter: Submitter {
                identity: identity.clone(),
                keys: ground.keys.clone(),
                new_keys: KeyStock::start(ground.keys.clone(), &ground.health, &ground.tasks),
                writer: writer.clone(),
                pool: ground.pool.clone(),
                clock: Arc::clone(&ground.clock),
                contact_deadline: config.contact_deadline,
            },
            returning: Returning {
                identity,
                keys: ground.keys.clone(),
                writer,
                pool: ground.pool.clone(),
                clock: Arc::clone(&ground.clock),
            },
            limits: Limits::new(&config.rates),
            force: config.force.clone(),
            clock: Arc::clone(&ground.clock),
            // Police time is the time on the wall; where its rules are missing, UTC is at most one
            // hour off and refuses nothing that is true.
            zone: TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC),
        }))
    }

    /// What the clock on the reporter's wall says.
    fn local_now(&self) -> DateTime {
        self.clock.now().to_zoned(self.zone.clone()).datetime()
    }
}

/// All routes of the public port.
pub fn routes(site: Site) -> Router {
    let sending = Router::new()
        .route("/api/v1/reports", post(submit_report::post))
        .layer(middleware::from_fn_with_state(site.clone(), client::limit_submissions));
    let others = Router::new()
        .route("/", get(start_page::get))
        .route("/api/v1/forms", get(show_forms::list))
        .route("/api/v1/forms/{kind}", get(show_forms::one))
        .route("/api/v1/forms/{kind}/journey", post(walk_form::post))
        .route("/api/v1/reports/{reference}", get(show_report::get))
        .route("/api/v1/reports/{reference}/details", post(add_details::post))
        .route("/api/v1/reports/{reference}/again", post(tell_again::post))
        .route("/api/v1/reports/{reference}/stop-contact", post(stop_contact::post))
        .route("/api/v1/reports/{reference}/withdraw", post(withdraw_report::post))
        .layer(middleware::from_fn_with_state(site.clone(), client::limit_others));
    sending.merge(others).with_state(site)
}
