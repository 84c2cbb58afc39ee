//! `POST /api/v1/reports/{reference}/again`: it has got worse or happened again. The gate is asked
//! again, then what happened.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::{Json, Path};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::problems::ProblemFrom;
use super::{Site, idempotency, problems, show_report};
use crate::domain::form::Form;
use crate::domain::report;
use crate::returning::{Act, DETAILS_ADDED};

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Again {
    answers: Map<String, Value>,
}

pub(super) async fn post(
    State(site): State<Site>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    Json(again): Json<Again>,
) -> Result<Response, ProblemFrom> {
    let key = idempotency::key(&headers)?;
    let opened = site.returning.open(&reference, show_report::return_code(&headers)).await?;
    let act_id = site.returning.identity.id_of(key);
    let bytes = serde_json::to_vec(&again).unwrap_or_default();
    let fingerprint = site.returning.identity.fingerprint(act_id, &bytes);
    let report_id = opened.shown.report_id;
    // What was taken once stays taken, whatever the form says by now.
    let before = site.returning.done_before(report_id, act_id, DETAILS_ADDED, Some(fingerprint));
    let done = if let Some(done) = before.await? {
        done
    } else {
        let form = form(&site, report_id).await?;
        let told = report::check(form, &again.answers, site.local_now());
        let told = &told.map_err(problems::answers)?;
        site.returning.act(report_id, act_id, Act::Again { told, fingerprint }).await?
    };
    let answer = json!({
        "reference": opened.shown.reference,
        "added_at": done.at.to_string(),
        "reply_owed": !done.kept,
    });
    Ok(idempotency::marked(done.replayed, (StatusCode::CREATED, Answer(answer))))
}

/// The form for whoever comes back to this report: its own form says which.
pub(super) async fn form(site: &Site, report_id: Uuid) -> Result<&Form, ProblemFrom> {
    let sent = site.returning.sent(report_id).await?;
    let of = site.forms.version(&sent.kind, sent.form_version);
    let again = of.and_then(|form| site.forms.find(&form.again));
    again.ok_or_else(|| problems::unknown_kind().into())
}
