//! `POST /api/v1/reports/{reference}/stop-contact`: it is no longer safe. Nothing goes by any way.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::{Nothing, Path};
use serde_json::json;

use super::openapi::{Operation, next_of};
use super::problems::ProblemFrom;
use super::{Site, idempotency, show_report};
use crate::forms::Forms;
use crate::returning::Act;

/// True also while a message is with its provider, from where nobody can take it back.
const DETAIL: &str = "We will not contact you about this report. A message that was already on its \
                      way may still reach you. Use your return code here to see how it stands.";

pub(super) async fn post(
    State(site): State<Site>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    _: Nothing,
) -> Result<Response, ProblemFrom> {
    let key = idempotency::key(&headers)?;
    let opened = site.returning.open(&reference, show_report::return_code(&headers)?).await?;
    let act_id = site.returning.identity.id_of(key);
    let done = site.returning.act(opened.shown.report_id, act_id, Act::StopContact).await?;
    let answer = json!({
        "reference": opened.shown.reference, "stopped_at": done.at.to_string(), "detail": DETAIL,
    });
    Ok(idempotency::marked(done.replayed, (StatusCode::CREATED, Answer(answer))))
}

pub(super) fn about(_: &Forms) -> Operation {
    let stopped = json!({
        "reference": "7K4M-2TQ9-2", "stopped_at": "2026-11-24T18:05:00.123456Z", "detail": DETAIL,
    });
    Operation::new("reports", "stopContact", "It is no longer safe to contact the reporter")
        .says("Nothing goes by any way from then on. Nobody can undo it here.")
        .opens_a_report()
        .takes_a_key()
        .takes("Nothing", false, vec![("nothing".to_owned(), json!({}))])
        .confirms("Nothing is sent", "ContactStopped", stopped)
        .leads_to(201, "withdrawReport", next_of("withdrawReport", None))
}
