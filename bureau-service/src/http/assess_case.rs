//! `POST .../assessments`

use axum::extract::State;
use axum::response::Response;
use backbone::http::{Json, Path};
use backbone::problem::Problem;
use serde::{Deserialize, Serialize};

use super::command::{self, Order};
use super::guard::Guard;
use super::staff::Worker;
use super::{Bureau, problems};
use crate::domain::assessment::{self, Sent, SentPart};
use crate::domain::case::Act;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    threat: Part,
    harm: Part,
    risk: Part,
    investigation: Part,
    vulnerability: Part,
    engagement: Part,
    #[serde(default)]
    rationale: String,
    grade: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    level: String,
    #[serde(default)]
    rationale: String,
}

impl Part {
    fn sent(&self) -> SentPart<'_> {
        SentPart { level: &self.level, rationale: &self.rationale }
    }
}

impl Body {
    fn sent(&self) -> Sent<'_> {
        Sent {
            threat: self.threat.sent(),
            harm: self.harm.sent(),
            risk: self.risk.sent(),
            investigation: self.investigation.sent(),
            vulnerability: self.vulnerability.sent(),
            engagement: self.engagement.sent(),
            rationale: &self.rationale,
            grade: &self.grade,
        }
    }
}

/// Records a THRIVE assessment and the grade that follows from it.
pub(super) async fn post(
    State(bureau): State<Bureau>,
    Worker(staff): Worker,
    Path(reference): Path<String>,
    guard: Guard,
    Json(body): Json<Body>,
) -> Result<Response, Problem> {
    let (assessment, grade) = assessment::read(&body.sent()).map_err(problems::wrong)?;
    let order = Order { staff, reference: &reference, guard, name: "assessments" };
    command::execute(&bureau, order, &body, Act::Assess { assessment, grade }).await
}
