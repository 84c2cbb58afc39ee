//! `GET /api/v1/stats`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use backbone::problem::Problem;
use serde_json::{Map, Value, json};

use super::staff::Reader;
use super::{Bureau, problems};
use crate::domain::words::Status;
use crate::projections::triage_queue;

/// How many cases stand where, how many are at risk, and of how many something is overdue.
pub(super) async fn get(State(bureau): State<Bureau>, _: Reader) -> Result<Response, Problem> {
    let mut conn = bureau.conn().await?;
    let counts = triage_queue::counts(&mut conn, bureau.clock.now())
        .await
        .map_err(|error| problems::database(&error))?;
    let mut by_status: Map<String, Value> =
        Status::ALL.iter().map(|status| (status.as_str().to_owned(), json!(0))).collect();
    by_status.extend(counts.iter().map(|count| (count.status.clone(), json!(count.cases))));
    let at_risk: u64 = counts.iter().map(|count| count.at_risk).sum();
    let overdue: u64 = counts.iter().map(|count| count.overdue).sum();
    let stats = json!({"by_status": by_status, "at_risk": at_risk, "overdue": overdue});
    Ok(Json(stats).into_response())
}
