//! `POST /api/v1/reports/{reference}/withdraw`: a wish, not a status. Nothing is deleted by it.

use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use backbone::http::Json;
use serde::Deserialize;
use serde_json::{Value, json};

use super::problems::ProblemFrom;
use super::{Site, idempotency, show_report};
use crate::returning::Act;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Withdrawal {}

pub(super) async fn post(
    State(site): State<Site>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    Json(Withdrawal {}): Json<Withdrawal>,
) -> Result<(StatusCode, Answer<Value>), ProblemFrom> {
    let key = idempotency::key(&headers)?;
    let opened = site.returning.open(&reference, show_report::return_code(&headers)).await?;
    let act_id = site.returning.identity.id_of(key);
    let at = site.returning.act(opened.shown.report_id, act_id, Act::Withdraw).await?;
    let answer = json!({ "reference": opened.shown.reference, "asked_at": at.to_string() });
    Ok((StatusCode::CREATED, Answer(answer)))
}
