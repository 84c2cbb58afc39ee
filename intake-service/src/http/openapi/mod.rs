//! `GET /api/v1/openapi.json`: the whole public API, described by what answers it.
//!
//! A route of the API is an [`Endpoint`]: the router and the document are made of the same list, so that
//! neither has what the other has not. What an operation takes and answers stands beside its handler.

mod operation; // what one operation takes and answers
mod schemas; // the shapes that several share

use axum::Router;
use axum::handler::Handler;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use backbone::http::{BODY_BYTES_MAX, DEPTH_MAX};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::Site;
use crate::forms::Forms;

pub(super) use operation::{Operation, next_of, reported, shape};

/// One operation of the API: where, who answers, and what the document says of it.
pub(super) struct Endpoint {
    method: &'static str,
    path: &'static str,
    answers: MethodRouter<Site>,
    about: fn(&Forms) -> Operation,
}

impl Endpoint {
    pub(super) fn get<H: Handler<T, Site>, T: 'static>(
        path: &'static str,
        handler: H,
        about: fn(&Forms) -> Operation,
    ) -> Self {
        Self::on((MethodFilter::GET, "get"), path, handler, about)
    }

    pub(super) fn post<H: Handler<T, Site>, T: 'static>(
        path: &'static str,
        handler: H,
        about: fn(&Forms) -> Operation,
    ) -> Self {
        Self::on((MethodFilter::POST, "post"), path, handler, about)
    }

    /// Answers a method that is spelt as the document spells it.
    pub(super) fn on<H: Handler<T, Site>, T: 'static>(
        (filter, method): (MethodFilter, &'static str),
        path: &'static str,
        handler: H,
        about: fn(&Forms) -> Operation,
    ) -> Self {
        Self { method, path, answers: on(filter, handler), about }
    }
}

/// The routes of `endpoints`.
pub(super) fn router(endpoints: Vec<Endpoint>) -> Router<Site> {
    let route =
        |router: Router<Site>, endpoint: Endpoint| router.route(endpoint.path, endpoint.answers);
    endpoints.into_iter().fold(Router::new(), route)
}

const ABOUT: &str = "\
What the public pages do, for other programs: a kiosk, a call-taker's screen, a test.\n\n\
Forms are data. `GET /api/v1/forms` lists them; `POST /api/v1/forms/{kind}/journey` says what to ask next after \
the answers so far, and stores nothing. `answers` is always one object: the name of each member is a question's `id`, its \
value is the answer, and what it may be is said by the question's `kind` and `limits`. Each question carries one valid \
answer as its `example`.\n\n\
Every refusal is a problem (RFC 9457, `application/problem+json`) that says what to do. `code` and the `code` of each of \
`errors` are words for programs; new ones may be added. A refusal has changed nothing.\n\n\
A body is JSON of at most {KIB} KiB (files are sent otherwise: see below), nested at most {LEVELS} levels deep, neither compressed nor with members that are not named \
here. Query parameters and headers that are not named here are ignored; `Accept` is one of them. A body that says that it is something else than \
`application/json` is refused with 415. Times are in UTC (RFC 3339).\n\n\
A client may send a limited number of reports and of other requests in an hour; over it, and while the service is busy, \
429 or 503 say in `Retry-After` how many seconds to wait. Repeat a POST with the same `Idempotency-Key`: it is done once.\n\n\
Files belong to a report that was sent. Small ones stand in the form of `POST /api/v1/reports/{reference}/evidence`. Others come in \
pieces before, by the tus protocol 1.0 at `/api/v1/uploads`, and the form names them by their tokens. A line that is cut \
loses nothing: ask with HEAD how far the file has come, and go on from there.";

/// The document.
pub(super) fn document(endpoints: &[Endpoint], forms: &Forms) -> Value {
    let about_all = ABOUT
        .replace("{KIB}", &(BODY_BYTES_MAX / 1024).to_string())
        .replace("{LEVELS}", &DEPTH_MAX.to_string());
    let mut paths = Map::new();
    for endpoint in endpoints {
        let of = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        if let Some(operations) = of.as_object_mut() {
            let written = (endpoint.about)(forms).written(endpoint.method);
            operations.insert(endpoint.method.to_owned(), written);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Online reports to the police",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "In an emergency call 999. Nothing that is sent here is watched like 999.",
            "description": about_all,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The host that this document came from" }],
        "security": [],
        "tags": [
            { "name": "forms", "description": "What is asked" },
            { "name": "reports", "description": "Sending a report, and coming back to it" },
            { "name": "files", "description": "Sending files in pieces (tus 1.0)" },
            { "name": "receipts", "description": "Proving that a report was sent" },
            { "name": "about", "description": "This document" },
        ],
        "paths": paths,
        "components": { "schemas": schemas::all(forms) },
    })
}

/// The document as it is sent.
pub(super) fn bytes(endpoints: &[Endpoint], forms: &Forms) -> Bytes {
    serde_json::to_vec(&document(endpoints, forms)).unwrap_or_default().into()
}

pub(super) async fn show(axum::extract::State(site): axum::extract::State<Site>) -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], site.openapi.clone()).into_response()
}

pub(super) fn about(_: &Forms) -> Operation {
    Operation::new("about", "showDocument", "This document")
        .says("Made of the code that answers. It changes only with the service's version and its forms.")
        .gives(200, "The document", &json!({ "type": "object" }), None)
}

#[cfg(test)]
mod tests;
