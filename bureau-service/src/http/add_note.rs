//! `POST .../notes`

use axum::extract::State;
use axum::response::Response;
use backbone::http::{Json, Path};
use backbone::problem::Problem;
use serde::{Deserialize, Serialize};

use super::command::{self, Order};
use super::guard::Guard;
use super::staff::Worker;
use super::{Bureau, problems};
use crate::domain::case::Act;
use crate::domain::wrong::Checks;

const NOTE_CHARS_MAX: usize = 10_000;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    text: String,
}

/// Adds a note to a case, for the staff alone.
pub(super) async fn post(
    State(bureau): State<Bureau>,
    Worker(staff): Worker,
    Path(reference): Path<String>,
    guard: Guard,
    Json(body): Json<Body>,
) -> Result<Response, Problem> {
    let mut checks = Checks::default();
    let text = checks.text("/text", &body.text, NOTE_CHARS_MAX);
    let text = checks.finish(Some(text)).map_err(problems::wrong)?;
    let order = Order { staff, reference: &reference, guard, name: "notes" };
    command::execute(&bureau, order, &body, Act::Note { text }).await
}
