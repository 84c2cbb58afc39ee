//! `POST /api/v1/receipts/verify`, `GET /api/v1/receipt-keys`: whoever holds a receipt can have it checked
//! here, or check it alone. Nothing is looked up and nothing is written.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use backbone::http::{Json, Path};
use backbone::problem::Problem;
use serde::{Deserialize, Serialize};

use super::Site;
use crate::receipts::{Issued, PublicKeys};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Held {
    receipt: String,
}

/// What is known of a receipt: of one that is not ours, nothing.
#[derive(Debug, Default, Serialize)]
pub(super) struct Verified {
    valid: bool,
    reference: Option<String>,
    report_id: Option<String>,
    submitted_at: Option<String>,
    issuer: Option<String>,
    key_id: Option<String>,
}

pub(super) async fn verify(State(site): State<Site>, Json(held): Json<Held>) -> Answer<Verified> {
    Answer(site.receipts.verify(&held.receipt).map_or_else(Verified::default, Verified::from))
}

impl From<Issued> for Verified {
    fn from(issued: Issued) -> Self {
        Self {
            valid: true,
            reference: Some(issued.reference),
            report_id: Some(issued.report_id),
            submitted_at: Some(issued.submitted_at.to_string()),
            issuer: Some(issued.issuer),
            key_id: Some(issued.key_id),
        }
    }
}

pub(super) async fn keys(State(site): State<Site>) -> Answer<PublicKeys> {
    Answer(site.receipts.keys())
}

/// One key alone, for a file.
pub(super) async fn key(
    State(site): State<Site>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let key = site.receipts.keys().items.into_iter().find(|key| key.id == id);
    let pem = key.ok_or_else(Problem::not_found)?.pem;
    let kind = HeaderValue::from_static("application/x-pem-file");
    Ok(([(header::CONTENT_TYPE, kind)], pem).into_response())
}
