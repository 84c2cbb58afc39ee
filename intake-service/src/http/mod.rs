//! Routes: the table of contents of the public site.

mod client; // who is asking, and how much they may
mod idempotency; // the key that every sending request carries
mod problems; // refusals in words that say what to do
mod pages; // the public's pages
mod show_asset; // GET /assets/{hash}/{name}, /favicon.ico
mod show_forms; // GET /api/v1/forms, /api/v1/forms/{kind}
mod walk_form; // POST /api/v1/forms/{kind}/journey
mod submit_report; // POST /api/v1/reports
mod show_report; // GET /api/v1/reports/{reference}
mod add_details; // POST /api/v1/reports/{reference}/details
mod add_evidence; // POST /api/v1/reports/{reference}/evidence
mod uploads; // /api/v1/uploads
mod tell_again; // POST /api/v1/reports/{reference}/again
mod stop_contact; // POST /api/v1/reports/{reference}/stop-contact
mod report_found; // POST /api/v1/reports/{reference}/found
mod withdraw_report; // POST /api/v1/reports/{reference}/withdraw
mod receipts; // /api/v1/receipts/verify, /api/v1/receipt-keys
mod openapi; // GET /api/v1/openapi.json
pub mod open311; // partners: /open311

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{MethodFilter, get};
use backbone::clock::Clock;
use backbone::http::with_limits_and;
use backbone::key_stock::KeyStock;
use backbone::service::Ground;
use backbone::shutdown::Tasks;
use backbone::writer::Writer;
use bytes::Bytes;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::assets;
use crate::config::{Config, Open311};
use crate::drafts::{Drafts, Sessions};
use crate::evidence::Evidence;
use crate::forms::Forms;
use crate::identity::Identity;
use crate::pages::site::Pages;
use crate::projections::Beside;
use crate::receipts::Receipts;
use crate::returning::Returning;
use crate::submit::Submitter;
use crate::templates;
use client::Limits;
use openapi::Endpoint;

/// What the pages and the API work with. Cheap to clone, which every layer does with every request.
#[derive(Debug, Clone)]
pub struct Site(Arc<Parts>);

/// The parts of a [`Site`].
#[derive(Debug)]
pub struct Parts {
    forms: Arc<Forms>,
    submitter: Submitter,
    receipts: Receipts,
    /// The document of the API.
    openapi: Bytes,
    returning: Returning,
    evidence: Evidence,
    limits: Limits,
    drafts: Drafts,
    sessions: Sessions,
    pages: Pages,
    clock: Arc<dyn Clock>,
    tasks: Tasks,
    zone: TimeZone,
    open311: Option<Open311>,
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
        evidence: Evidence,
    ) -> Self {
        let identity = Identity::new(&config.secret);
        Self(Arc::new(Parts {
            openapi: openapi::bytes(&api(), &forms),
            forms,
            submitter: Submitter {
                identity: identity.clone(),
                receipts: config.receipts.clone(),
                keys: ground.keys.clone(),
                new_keys: KeyStock::start(ground.keys.clone(), &ground.health, &ground.tasks),
                evidence: evidence.clone(),
                writer: writer.clone(),
                pool: ground.pool.clone(),
                clock: Arc::clone(&ground.clock),
                contact_deadline: config.contact_deadline,
            },
            receipts: config.receipts.clone(),
            limits: Limits::new(&config.rates, config.evidence.at_once),
            evidence: evidence.clone(),
            drafts: Drafts {
                identity: identity.clone(),
                pool: ground.pool.clone(),
                clock: Arc::clone(&ground.clock),
            },
            sessions: Sessions {
                identity: identity.clone(),
                pool: ground.pool.clone(),
                clock: Arc::clone(&ground.clock),
                rests_after: SignedDuration::try_from(config.session_rests_after)
                    .unwrap_or(SignedDuration::MAX),
            },
            pages: Pages::new(
                templates::environment(),
                config.force.clone(),
                assets::prefix().to_owned(),
            ),
            returning: Returning {
                identity,
                keys: ground.keys.clone(),
                evidence,
                writer,
                pool: ground.pool.clone(),
                clock: Arc::clone(&ground.clock),
            },
            open311: config.open311.clone(),
            clock: Arc::clone(&ground.clock),
            tasks: ground.tasks.clone(),
            // Police time is the time on the wall; where its rules are missing, UTC is at most one
            // hour off and refuses nothing that is true.
            zone: TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC),
        }))
    }

    /// After so many minutes a session rests.
    fn rests_after_minutes(&self) -> i64 {
        self.sessions.rests_after.as_mins()
    }

    /// What the clock on the reporter's wall says.
    fn local_now(&self) -> DateTime {
        self.clock.now().to_zoned(self.zone.clone()).datetime()
    }
}

/// The operations of the API that send a report.
fn sending() -> Vec<Endpoint> {
    vec![Endpoint::post("/api/v1/reports", submit_report::post, submit_report::about)]
}

/// All others. What stands here is routed and documented.
fn others() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/v1/forms", show_forms::list, show_forms::about_list),
        Endpoint::get("/api/v1/forms/{kind}", show_forms::one, show_forms::about_one),
        Endpoint::post("/api/v1/forms/{kind}/journey", walk_form::post, walk_form::about),
        Endpoint::get("/api/v1/reports/{reference}", show_report::get, show_report::about),
        Endpoint::post(
            "/api/v1/reports/{reference}/details",
            add_details::post,
            add_details::about,
        ),
        Endpoint::post("/api/v1/reports/{reference}/again", tell_again::post, tell_again::about),
        Endpoint::post(
            "/api/v1/reports/{reference}/stop-contact",
            stop_contact::post,
            stop_contact::about,
        ),
        Endpoint::post(
            "/api/v1/reports/{reference}/found",
            report_found::post,
            report_found::about,
        ),
        Endpoint::post(
            "/api/v1/reports/{reference}/withdraw",
            withdraw_report::post,
            withdraw_report::about,
        ),
        Endpoint::post("/api/v1/receipts/verify", receipts::verify, receipts::about_verify),
        Endpoint::get("/api/v1/receipt-keys", receipts::keys, receipts::about_keys),
        Endpoint::get("/api/v1/receipt-keys/{id}", receipts::key, receipts::about_key),
        Endpoint::get("/api/v1/openapi.json", openapi::show, openapi::about),
    ]
}

/// Those that take files: they may take long.
fn files() -> Vec<Endpoint> {
    let (all, one) = ("/api/v1/uploads", "/api/v1/uploads/{token}");
    let (head, patch, delete, options) = (
        (MethodFilter::HEAD, "head"),
        (MethodFilter::PATCH, "patch"),
        (MethodFilter::DELETE, "delete"),
        (MethodFilter::OPTIONS, "options"),
    );
    vec![
        Endpoint::post(all, uploads::create, uploads::about_create),
        Endpoint::on(options, all, uploads::options, uploads::about_options),
        Endpoint::get(one, uploads::get, uploads::about_get),
        Endpoint::on(head, one, uploads::head, uploads::about_head),
        Endpoint::on(patch, one, uploads::patch, uploads::about_patch),
        Endpoint::post(one, uploads::post, uploads::about_post),
        Endpoint::on(delete, one, uploads::delete, uploads::about_delete),
        Endpoint::post(
            "/api/v1/reports/{reference}/evidence",
            add_evidence::post,
            add_evidence::about,
        ),
    ]
}

/// Every operation of the API.
fn api() -> Vec<Endpoint> {
    [sending(), others(), files()].into_iter().flatten().collect()
}

/// All routes of the public port.
pub fn routes(site: Site) -> Router {
    let sending = openapi::router(sending())
        .layer(middleware::from_fn_with_state(site.clone(), client::limit_submissions));
    let others = openapi::router(others())
        .merge(pages::routes())
        .layer(middleware::from_fn_with_state(site.clone(), client::limit_others));
    // A page asks for these once, however many people share an address: no limit counts them.
    let assets = Router::new()
        .route("/assets/{hash}/{name}", get(show_asset::get))
        .route("/favicon.ico", get(show_asset::icon))
        .merge(pages::way_out());
    let files = openapi::router(files())
        .merge(pages::unhurried())
        .layer(middleware::from_fn_with_state(site.clone(), client::limit_others))
        .with_state(site.clone());
    let mut routes = sending.merge(others).merge(assets);
    if site.open311.is_some() {
        routes = routes.merge(open311::routes(&site));
    }
    let routes = routes.with_state(site.clone());
    with_limits_and(routes, files).layer(middleware::from_fn_with_state(site, pages::dressed))
}
