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

use super::openapi::{Operation, next_of};
use super::problems::ProblemFrom;
use super::{Site, idempotency, problems, show_report};
use crate::domain::form::{Form, examples};
use crate::domain::report;
use crate::forms::Forms;
use crate::returning::{Act, DETAILS_ADDED};

/// The form that most kinds ask: an example for the document of the API.
pub(super) const FORM: &str = "again";

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
    let opened = site.returning.open(&reference, show_report::return_code(&headers)?).await?;
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

pub(super) fn about(forms: &Forms) -> Operation {
    let worse = forms.find(FORM).map(|form| json!({ "answers": examples(form) }));
    let examples = worse.into_iter().map(|worse| ("worse".to_owned(), worse)).collect();
    let added = json!({ "reference": "7K4M-2TQ9-2", "added_at": "2026-11-24T18:05:00.123456Z", "reply_owed": true });
    Operation::new("reports", "tellAgain", "It has got worse or happened again")
        .says(
            "The gate is asked again: in an emergency call 999. Staff see it on top of their list.",
        )
        .opens_a_report()
        .takes_a_key()
        .takes("Again", true, examples)
        .refuses(422, "The answers cannot be taken (`answers_wrong`): `errors` says why")
        .confirms("It is added", "AddedAgain", added)
        .leads_to(201, "stopContact", next_of("stopContact", None))
}

/// The form for whoever comes back to this report: its own form says which.
pub(super) async fn form(site: &Site, report_id: Uuid) -> Result<&Form, ProblemFrom> {
    let sent = site.returning.sent(report_id).await?;
    let of = site.forms.version(&sent.kind, sent.form_version);
    let again = of.and_then(|form| site.forms.find(&form.again));
    again.ok_or_else(|| problems::unknown_kind().into())
}
