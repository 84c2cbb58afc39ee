//! `POST /api/v1/reports/{reference}/withdraw`: a wish, not a status. Nothing is deleted by it.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::{Nothing, Path};
use serde_json::json;

use super::problems::ProblemFrom;
use super::{Site, idempotency, show_report};
use crate::returning::Act;

pub(super) async fn post(
    State(site): State<Site>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    _: Nothing,
) -> Result<Response, ProblemFrom> {
    let key = idempotency::key(&headers)?;
    let opened = site.returning.open(&reference, show_report::return_code(&headers)).await?;
    let act_id = site.returning.identity.id_of(key);
    let done = site.returning.act(opened.shown.report_id, act_id, Act::Withdraw).await?;
    let answer = json!({ "reference": opened.shown.reference, "asked_at": done.at.to_string() });
    Ok(idempotency::marked(done.replayed, (StatusCode::CREATED, Answer(answer))))
}
