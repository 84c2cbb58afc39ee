//! `POST /api/v1/reports/{reference}/found`: whom or what the report looks for has come back or been
//! found. Police go on until they have seen it themselves; where it is, goes to staff alone.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::{Maybe, Path};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::openapi::{Operation, next_of};
use super::problems::ProblemFrom;
use super::{Site, idempotency, problems, show_report};
use crate::codec;
use crate::domain::form::{ErrorCode, FieldError, free_words};
use crate::forms::Forms;
use crate::identity::Identity;
use crate::returning::Act;

pub(super) const WHERE_MAX: usize = 500;

const DETAIL: &str = "We have what you told us. We look for ourselves before anything ends, and we tell \
                      you what happens next.";

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Found {
    /// In words; may be left out.
    #[serde(default, rename = "where")]
    pub(super) found_where: String,
}

pub(super) async fn post(
    State(site): State<Site>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    Maybe(found): Maybe<Found>,
) -> Result<Response, ProblemFrom> {
    let key = idempotency::key(&headers)?;
    let opened = site.returning.open(&reference, show_report::return_code(&headers)?).await?;
    let act_id = site.returning.identity.id_of(key);
    let found = found.read(&site.returning.identity, act_id);
    let found = found.map_err(|error| problems::answers(vec![error]))?;
    let report_id = opened.shown.report_id;
    let done = site.returning.act(report_id, act_id, Act::Found(found)).await?;
    let answer = json!({
        "reference": opened.shown.reference, "told_at": done.at.to_string(), "detail": DETAIL,
    });
    Ok(idempotency::marked(done.replayed, (StatusCode::CREATED, Answer(answer))))
}

pub(super) fn about(_: &Forms) -> Operation {
    let told = json!({
        "reference": "7K4M-2TQ9-2", "told_at": "2026-11-24T18:05:00.123456Z", "detail": DETAIL,
    });
    let examples = vec![
        ("with where".to_owned(), json!({ "where": "At home, with her aunt" })),
        ("nothing".to_owned(), json!({})),
    ];
    Operation::new("reports", "reportFound", "Whom or what the report looks for is found")
        .says("Police look for themselves before anything ends. Where it is goes to staff alone.")
        .opens_a_report()
        .takes_a_key()
        .takes("Found", false, examples)
        .refuses(422, "What is told cannot be taken (`answers_wrong`): `errors` says why")
        .confirms("It is told", "FoundReported", told)
        .leads_to(201, "showReport", next_of("showReport", None))
}

impl Found {
    /// What is sealed of it.
    pub(super) fn read(
        &self,
        identity: &Identity,
        act_id: Uuid,
    ) -> Result<codec::Found, FieldError> {
        let found_where = free_words(&self.found_where);
        if found_where.chars().count() > WHERE_MAX {
            let detail = format!("Use {WHERE_MAX} characters or fewer");
            return Err(FieldError {
                pointer: "/where".to_owned(),
                code: ErrorCode::TooLong,
                detail,
            });
        }
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        Ok(codec::Found { found_where, fingerprint: identity.fingerprint(act_id, &bytes) })
    }
}
