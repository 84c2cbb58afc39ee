//! `GET /api/v1/officers`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::Bureau;
use super::staff::Reader;

/// Who a case can be allocated to.
pub(super) async fn get(State(bureau): State<Bureau>, _: Reader) -> Response {
    let officers = &bureau.officers;
    Json(json!({"items": officers.officers, "teams": officers.teams})).into_response()
}
