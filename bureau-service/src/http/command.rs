//! What all acts on a case have in common: find it, guard it, do it, answer with the case.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use backbone::http::Json;
use backbone::problem::Problem;
use backbone::telemetry;
use serde::{Deserialize, Serialize};

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
        let parts = [name.as_bytes(), reference.as_bytes(), &body];
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

/// The body of an act that needs none: nothing, or `{}`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

impl<S: Send + Sync> FromRequest<S> for Nothing {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let has_type = request.headers().contains_key(header::CONTENT_TYPE);
        let (parts, body) = request.into_parts();
        let read = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
        let bytes = read.map_err(|_| problems::body_too_large())?;
        if bytes.is_empty() && !has_type {
            return Ok(Self {});
        }
        let again = Request::from_parts(parts, bytes.into());
        Json::<Self>::from_request(again, state).await.map(|Json(nothing)| nothing)
    }
}
