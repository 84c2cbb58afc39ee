//! `POST .../decisions`

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
use crate::domain::decision::{self, Sent};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    decision: String,
    reason: String,
    #[serde(default)]
    rationale: String,
    #[serde(default)]
    message: String,
    questions: Option<Vec<Question>>,
    team: Option<String>,
    officer: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    label: String,
    kind: String,
}

/// Records what is done with a case, why, and what the reporter is told.
pub(super) async fn post(
    State(bureau): State<Bureau>,
    Worker(staff): Worker,
    Path(reference): Path<String>,
    guard: Guard,
    Json(body): Json<Body>,
) -> Result<Response, Problem> {
    let questions: Option<Vec<(&str, &str)>> = body.questions.as_ref().map(|questions| {
        questions.iter().map(|asked| (asked.label.as_str(), asked.kind.as_str())).collect()
    });
    let sent = Sent {
        decision: &body.decision,
        reason: &body.reason,
        rationale: &body.rationale,
        message: &body.message,
        questions: questions.as_deref(),
        team: body.team.as_deref(),
        officer: body.officer.as_deref(),
    };
    let read = bureau.officers.known(|known| decision::read(&sent, known));
    let (decision, words) = read.map_err(problems::wrong)?;
    let order = Order { staff, reference: &reference, guard, name: "decisions" };
    command::execute(&bureau, order, &body, Act::Decide { decision, words }).await
}
