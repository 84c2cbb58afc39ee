use axum::extract::State;
use axum::response::Response;
use backbone::http::{Json, Path};
use backbone::problem::Problem;
use serde::{Deserialize, Serialize};

use super::super::command::{self, Order};
use super::super::guard::Guard;
use super::super::staff::Worker;
use super::super::{Bureau, problems};
use super::find;
use crate::domain::case::Act;
use crate::domain::wrong::Checks;

const REASON_CHARS_MAX: usize = 1_000;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Body {
    #[serde(default)]
    reason: String,
}

/// From here on the file is handed to nobody but an examiner. Its bytes stay as they are.
pub(in super::super) async fn post(
    State(bureau): State<Bureau>,
    Worker(staff): Worker,
    Path((reference, file_id)): Path<(String, String)>,
    guard: Guard,
    Json(body): Json<Body>,
) -> Result<Response, Problem> {
    let mut checks = Checks::default();
    let reason = checks.optional_text("/reason", &body.reason, REASON_CHARS_MAX);
    let reason = checks.finish(Some(reason)).map_err(problems::wrong)?;
    let case = bureau.case(&reference).await?;
    let file = find(&bureau, &case, &file_id).await?.file.id;
    let order = Order { staff, reference: &reference, guard, name: "quarantine" };
    command::execute(&bureau, order, &(file, &body), Act::Quarantine { file, reason }).await
}
