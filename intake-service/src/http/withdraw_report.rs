//! `POST /api/v1/reports/{reference}/withdraw`: a wish, not a status. Nothing is deleted by it.

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

pub(super) async fn post(
    State(site): State<Site>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    _: Nothing,
) -> Result<Response, ProblemFrom> {
    let key = idempotency::key(&headers)?;
    let opened = site.returning.open(&reference, show_report::return_code(&headers)?).await?;
    let act_id = site.returning.identity.id_of(key);
    let done = site.returning.act(opened.shown.report_id, act_id, Act::Withdraw).await?;
    let answer = json!({ "reference": opened.shown.reference, "asked_at": done.at.to_string() });
    Ok(idempotency::marked(done.replayed, (StatusCode::CREATED, Answer(answer))))
}

pub(super) fn about(_: &Forms) -> Operation {
    let asked = json!({ "reference": "7K4M-2TQ9-2", "asked_at": "2026-11-24T18:05:00.123456Z" });
    Operation::new("reports", "withdrawReport", "The reporter wishes it to end")
        .says("A wish, not a status: staff decide what happens, and may speak with the reporter first.")
        .opens_a_report()
        .takes_a_key()
        .takes("Nothing", false, vec![("nothing".to_owned(), json!({}))])
        .confirms("The wish is passed on", "WithdrawalAsked", asked)
        .leads_to(201, "showReport", next_of("showReport", None))
}
