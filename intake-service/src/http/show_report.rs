//! `GET /api/v1/reports/{reference}`: how it stands, for who has the return code.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use backbone::http::{self, Path};
use backbone::problem::Problem;
use serde::Serialize;
use serde_json::{Value, json};

use super::Site;
use super::openapi::{Operation, next_of, shape};
use super::problems::ProblemFrom;
use crate::form_json;
use crate::forms::Forms;
use crate::projections::status;
use crate::returning::ReturnError;

/// How every timeline begins.
const SENT: &str = "You sent your report";

#[derive(Debug, Serialize)]
pub(super) struct Report {
    reference: String,
    status: String,
    status_text: &'static str,
    submitted_at: String,
    contact_by: String,
    /// We do not contact them any more, as they asked: the page is where they see how it stands.
    contact_stopped: bool,
    asked: Vec<Value>,
    timeline: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Line {
    at: String,
    what: String,
}

pub(super) async fn get(
    State(site): State<Site>,
    Path(reference): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Report>, ProblemFrom> {
    let opened = site.returning.open(&reference, return_code(&headers)?).await?;
    let mut conn = site.returning.pool.acquire().await.map_err(ReturnError::from)?;
    let lines =
        status::timeline(&mut conn, opened.shown.report_id).await.map_err(ReturnError::from)?;
    let received = Line { at: opened.shown.submitted_at.to_string(), what: SENT.to_owned() };
    let rest = lines.into_iter().map(|line| Line { at: line.at.to_string(), what: line.what });
    Ok(Json(Report {
        reference: opened.shown.reference,
        status_text: status_text(&opened.shown.status),
        status: opened.shown.status,
        submitted_at: opened.shown.submitted_at.to_string(),
        contact_by: opened.shown.contact_by.to_string(),
        contact_stopped: opened.shown.contact_stopped,
        asked: opened.asked.iter().map(form_json::as_written).collect(),
        timeline: std::iter::once(received).chain(rest).collect(),
    }))
}

/// The code that opens a report; it is never in an address.
pub(super) fn return_code(headers: &HeaderMap) -> Result<&str, Problem> {
    let code = http::only(headers, "Return-Code")?.ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "return_code_missing",
            "Send the code that came with the reference in the header Return-Code.",
        )
    })?;
    // What cannot be read is a wrong code like any other.
    Ok(code.to_str().unwrap_or_default())
}

/// The status in the words of the status page.
pub(super) fn status_text(status: &str) -> &'static str {
    match status {
        "received" => "We have your report",
        "assessing" => "We are looking at it",
        "needs_reply" => "We need something from you",
        "with_officer" => "An officer or team has it",
        "passed_on" => "We passed it on",
        "no_further_action" => "We are not looking into it further at the moment",
        _ => "Finished",
    }
}

pub(super) fn about(_: &Forms) -> Operation {
    let at = "2026-11-24T17:30:00.123456Z".to_owned();
    let report = Report {
        reference: "7K4M-2TQ9-2".to_owned(),
        status: "received".to_owned(),
        status_text: status_text("received"),
        submitted_at: at.clone(),
        contact_by: "2026-11-25T17:30:00.123456Z".to_owned(),
        contact_stopped: false,
        asked: vec![],
        timeline: vec![Line { at, what: SENT.to_owned() }],
    };
    let more = json!({ "text": "A neighbour saw a red van." });
    Operation::new("reports", "showReport", "How a report stands")
        .opens_a_report()
        .gives(200, "How it stands", &shape("Report"), Some(json!(report)))
        .leads_to(200, "addDetails", next_of("addDetails", Some(more)))
}
