//! What all acts on a case have in common: find it, guard it, do it, answer with the case.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use backbone::problem::Problem;
use backbone::telemetry;
use serde::Serialize;

use super::guard::Guard;
use super::staff::Staff;
use super::{Bureau, item, problems};
use crate::answered::Repeat;
use crate::domain::case::Act;
use crate::execute::Asked;

/// Who asks, of which case, under which guard.
#[derive(Debug)]
pub(super) struct Order<'a> {
    pub(super) staff: Staff,
    pub(super) reference: &'a str,
    pub(super) guard: Guard,
    /// The act's name in the path.
    pub(super) name: &'static str,
}

/// Does `act`. `body` is what came, to tell a repeated request from another one.
pub(super) async fn execute(
    bureau: &Bureau,
    order: Order<'_>,
    body: &impl Serialize,
    act: Act,
) -> Result<Response, Problem> {
    let Order { staff, reference, guard, name } = order;
    let case = bureau.case(reference).await?;
    let repeat = guard.key.map(|key| {
        let body = serde_json::to_vec(body).unwrap_or_default();
        let parts = [name.as_bytes(), case.open.reference.as_bytes(), &body];
        Repeat::new(&bureau.execute.log.key, &staff.id, &key, &parts)
    });
    let asked = Asked {
        report_id: case.report_id,
        // No case has a version 0: what cannot be read is stale.
        expected: guard.expected.unwrap_or(0),
        actor: staff.actor(),
        at: bureau.clock.now(),
        act,
        repeat,
        traceparent: telemetry::traceparent(),
    };
    let done = bureau.execute.act(asked, item::json).await;
    let answer = done.map_err(|error| problems::executing(&error))?;
    let mut response = answer.body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(etag) = HeaderValue::from_str(&item::etag(answer.version)) {
        headers.insert(header::ETAG, etag);
    }
    if answer.replayed {
        let replayed = HeaderName::from_static("idempotent-replayed");
        headers.insert(replayed, HeaderValue::from_static("true"));
    }
    Ok(response)
}
