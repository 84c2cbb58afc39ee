//! `GET /api/v1/tasks`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use backbone::problem::Problem;
use serde_json::{Value, json};

use super::staff::Reader;
use super::{Bureau, problems};
use crate::projections::task::{self, Task};

/// What a person has to do, the first due first.
pub(super) async fn get(State(bureau): State<Bureau>, _: Reader) -> Result<Response, Problem> {
    let mut conn = bureau.conn().await?;
    let open = task::open_by_due(&mut conn).await.map_err(|error| problems::database(&error))?;
    let items: Vec<Value> = open.iter().map(view).collect();
    Ok(Json(json!({"items": items})).into_response())
}

fn view(task: &Task) -> Value {
    json!({
        "task_id": task.task_id, "why": task.why, "for": task.role(), "due_at": task.due_at,
        "opened_at": task.opened_at, "reference": task.reference, "report_id": task.report_id,
        "kind": task.kind, "status": task.status, "grade": task.grade, "channel": task.channel,
        "contact_stopped_at": task.contact_stopped_at,
        "claimed_by": task.claimed_by, "version": task.version,
    })
}
