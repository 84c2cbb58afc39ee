//! `POST /api/v1/receipts/verify`, `GET /api/v1/receipt-keys`: whoever holds a receipt can have it checked
//! here, or check it alone. Nothing is looked up and nothing is written.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use backbone::http::{Json, Path};
use backbone::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Site;
use super::openapi::{Operation, shape};
use crate::forms::Forms;
use crate::receipts::{Issued, PublicKeys};

const PEM: &str = "application/x-pem-file";

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
    let kind = HeaderValue::from_static(PEM);
    Ok(([(header::CONTENT_TYPE, kind)], pem).into_response())
}

pub(super) fn about_verify(_: &Forms) -> Operation {
    let held = json!({ "receipt": "cmVjZWlwdCAxCi4uLg.0123456789abcdef.c2lnbmF0dXJl" });
    Operation::new("receipts", "verifyReceipt", "Whether we gave a receipt")
        .says("Nothing is looked up and nothing is kept. Of what kind the report is, is not said.")
        .takes("Held", true, vec![("one that does not match".to_owned(), held)])
        .gives(200, "What is known of it", &shape("Verified"), Some(json!(Verified::default())))
}

pub(super) fn about_keys(_: &Forms) -> Operation {
    let first = json!({ "operationId": "showReceiptKey", "parameters": { "path.id": "$response.body#/items/0/id" } });
    Operation::new("receipts", "listReceiptKeys", "The public keys that receipts are checked with")
        .gives(200, "The keys", &shape("ReceiptKeys"), None)
        .leads_to(200, "showReceiptKey", first)
}

pub(super) fn about_key(_: &Forms) -> Operation {
    let id =
        json!({ "type": "string", "pattern": "^[0-9a-f]{16}$", "example": "0123456789abcdef" });
    let pem = "-----BEGIN PUBLIC KEY-----\n...\n-----END PUBLIC KEY-----\n";
    Operation::new("receipts", "showReceiptKey", "One of them as PEM")
        .named_by("id", "As a receipt has it between its two full stops", &id)
        .gives_text("The key, as openssl reads it", PEM, pem)
        .refuses(404, "There is no such key (`not_found`)")
}
