//! `POST /api/v1/reports`: a report is durable before it is acknowledged.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use backbone::http::Json;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::openapi::{Operation, reported};
use super::problems::ProblemFrom;
use super::{Site, idempotency, problems};
use crate::domain::form::examples;
use crate::domain::report;
use crate::forms::Forms;
use crate::receipts;
use crate::submit::Accepted;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Submission {
    kind: String,
    answers: Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct Sent {
    reference: String,
    report_id: String,
    submitted_at: String,
    contact_by: String,
    return_code: String,
    receipt: String,
}

pub(super) async fn post(
    State(site): State<Site>,
    headers: HeaderMap,
    Json(submission): Json<Submission>,
) -> Result<Response, ProblemFrom> {
    let key = idempotency::key(&headers)?;
    let id = site.submitter.identity.id_of(key);
    // The same JSON has the same bytes here however it was written.
    let bytes = receipts::canonical(&submission.kind, &submission.answers);
    let fingerprint = site.submitter.identity.fingerprint(id, &bytes);
    let sending = site.submitter.sending(id, fingerprint, &bytes);
    let checked = match site.forms.get(&submission.kind) {
        None => Err(problems::unknown_kind()),
        Some(form) => {
            report::check(form, &submission.answers, site.local_now()).map_err(problems::answers)
        }
    };
    let accepted = match checked {
        Ok(report) => site.submitter.submit(sending, &report).await?,
        // What was accepted once stays accepted, whatever the form says by now.
        Err(problem) => match site.submitter.answered(sending).await? {
            Some(accepted) => accepted,
            None => return Err(problem.into()),
        },
    };
    Ok(answer(accepted))
}

fn answer(accepted: Accepted) -> Response {
    let location = format!("/api/v1/reports/{}", accepted.reference);
    let sent = Sent {
        reference: accepted.reference,
        report_id: accepted.report_id.to_string(),
        submitted_at: accepted.submitted_at.to_string(),
        contact_by: accepted.contact_by.to_string(),
        return_code: accepted.return_code,
        receipt: accepted.receipt,
    };
    let mut response = (StatusCode::CREATED, Answer(sent)).into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    idempotency::marked(accepted.replayed, response)
}

pub(super) fn about(forms: &Forms) -> Operation {
    let examples = forms.newest().map(|form| {
        let answers = examples(form);
        (form.kind.clone(), json!({ "kind": form.kind, "answers": answers }))
    });
    let sent = Sent {
        reference: "7K4M-2TQ9-2".to_owned(),
        report_id: "6f1d2a52-0f5c-2c5b-8a3e-0d5f5e7b9a10".to_owned(),
        submitted_at: "2026-11-24T17:30:00.123456Z".to_owned(),
        contact_by: "2026-11-25T17:30:00.123456Z".to_owned(),
        return_code: "4TQX-93WM-K7HD-2VRC".to_owned(),
        receipt: "cmVjZWlwdCAxCi4uLg.0123456789abcdef.c2lnbmF0dXJl".to_owned(),
    };
    let location = json!({
        "description": "The report's own address", "required": true,
        "schema": { "type": "string", "format": "uri-reference" },
    });
    let held = json!({ "receipt": "$response.body#/receipt" });
    let more = json!({ "text": "A neighbour saw a red van." });
    Operation::new("reports", "submitReport", "Send a report")
        .says(
            "The answer comes once the report is durable. If none comes, send the same again with the same key. All of the \
             journey's answers are sent at once, and only what it asked for.",
        )
        .takes_a_key()
        .takes("Submission", true, examples.collect())
        .refuses(422, "The answers cannot be taken (`answers_wrong`, `unknown_kind`): `errors` says why, for each of them")
        .confirms("It is taken", "Sent", json!(sent))
        .tells(201, "Location", location)
        .leads_to(201, "showReport", reported("showReport", None))
        .leads_to(201, "addDetails", reported("addDetails", Some(more)))
        .leads_to(201, "stopContact", reported("stopContact", None))
        .leads_to(201, "withdrawReport", reported("withdrawReport", None))
        .leads_to(201, "verifyReceipt", json!({ "operationId": "verifyReceipt", "requestBody": held }))
}
