//! `POST /api/v1/reports`: a report is durable before it is acknowledged.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use backbone::http::Json;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::problems::ProblemFrom;
use super::{Site, idempotency, problems};
use crate::domain::report;
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
