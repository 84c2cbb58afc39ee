//! `GET /api/v1/parked`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use backbone::parked::{self, Parked};
use backbone::problem::Problem;
use serde_json::{Value, json};

use super::staff::Reader;
use super::{Bureau, problems};

/// Messages that could not be handled, in the order in which they have to be released.
pub(super) async fn get(State(bureau): State<Bureau>, _: Reader) -> Result<Response, Problem> {
    let mut conn = bureau.conn().await?;
    let parked = parked::list(&mut conn).await.map_err(|error| problems::database(&error))?;
    let items: Vec<Value> = parked.iter().map(view).collect();
    Ok(Json(json!({"items": items})).into_response())
}

fn view(parked: &Parked) -> Value {
    json!({
        "stream": parked.stream, "position": parked.position, "report_id": parked.report_id,
        "reason": parked.reason, "parked_at": parked.parked_at,
    })
}
