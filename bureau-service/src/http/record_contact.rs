//! `POST .../contacts`

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
use crate::domain::words::{ContactHow, ContactOutcome};
use crate::domain::wrong::Checks;

const NOTE_CHARS_MAX: usize = 4_000;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    how: String,
    outcome: String,
    #[serde(default)]
    note: String,
}

/// Records that a person reached the reporter, or tried to. Told by telephone or visit, the promise
/// is kept.
pub(super) async fn post(
    State(bureau): State<Bureau>,
    Worker(staff): Worker,
    Path(reference): Path<String>,
    guard: Guard,
    Json(body): Json<Body>,
) -> Result<Response, Problem> {
    let mut checks = Checks::default();
    let how = checks.word("/how", ContactHow::parse(&body.how), &["telephone", "visit", "post"]);
    let outcome = checks.word(
        "/outcome",
        ContactOutcome::parse(&body.outcome),
        &["told", "message_left", "no_answer"],
    );
    let note = checks.optional_text("/note", &body.note, NOTE_CHARS_MAX);
    let read = how.zip(outcome).map(|(how, outcome)| Act::RecordContact { how, outcome, note });
    let act = checks.finish(read).map_err(problems::wrong)?;
    let order = Order { staff, reference: &reference, guard, name: "contacts" };
    command::execute(&bureau, order, &body, act).await
}
