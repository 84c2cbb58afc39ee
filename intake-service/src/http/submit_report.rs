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
use crate::domain::form::{FieldError, Form, examples};
use crate::domain::report;
use crate::forms::Forms;
use crate::receipts;
use crate::submit::{Accepted, Sending, SubmitError};

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
    let Submission { kind, answers } = submission;
    let form = site.forms.get(&kind);
    let by = By { key, partner: None };
    match send(&site, by, &kind, form, &answers).await? {
        Ok(accepted) => Ok(answer(accepted)),
        Err(_) if form.is_none() => Err(problems::unknown_kind().into()),
        Err(errors) => Err(problems::answers(errors).into()),
    }
}

/// Whose request it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct By<'a> {
    /// Its `Idempotency-Key`.
    pub(super) key: &'a str,
    /// Who passes it on, where the reporter does not send it themselves.
    pub(super) partner: Option<&'a str>,
}

/// Puts a report into the log, or says what is wrong with its answers. What was accepted once stays
/// accepted, whatever the form says by now.
pub(super) async fn send(
    site: &Site,
    by: By<'_>,
    kind: &str,
    form: Option<&Form>,
    answers: &Map<String, Value>,
) -> Result<Result<Accepted, Vec<FieldError>>, SubmitError> {
    let submitter = &site.submitter;
    // A partner's keys are its own: nobody else's can meet them.
    let id = match by.partner {
        None => submitter.identity.id_of(by.key),
        Some(partner) => submitter.identity.id_of(&format!("{partner} {}", by.key)),
    };
    // The same JSON has the same bytes here however it was written.
    let bytes = receipts::canonical(kind, answers);
    let fingerprint = submitter.identity.fingerprint(id, &bytes);
    let sending = Sending { partner: by.partner, ..submitter.sending(id, fingerprint, &bytes) };
    let checked = form.ok_or_else(Vec::new);
    let checked = checked.and_then(|form| report::check(form, answers, site.local_now()));
    match checked {
        Ok(report) => submitter.submit(sending, &report).await.map(Ok),
        Err(errors) => Ok(submitter.answered(sending).await?.ok_or(errors)),
    }
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
