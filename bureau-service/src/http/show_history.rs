//! `GET /api/v1/cases/{reference}/history`

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use backbone::http::Path;
use backbone::problem::Problem;
use backbone::read_audit;
use serde_json::{Value, json};

use super::staff::Reader;
use super::{Bureau, problems};
use crate::case_file::{self, Entry};
use crate::codec::Happened;
use crate::domain::case::Event;
use crate::domain::promise::Fact;

/// Who did what, and when; without anybody's words.
pub(super) async fn get(
    State(bureau): State<Bureau>,
    Reader(staff): Reader,
    Path(reference): Path<String>,
) -> Result<Response, Problem> {
    let case = bureau.case(&reference).await?;
    read_audit::record(&bureau.execute.pool, &staff.id, "history", &case.open.reference)
        .await
        .map_err(|error| problems::database(&error))?;
    let mut conn = bureau.conn().await?;
    let entries = case_file::history(&mut conn, case.report_id)
        .await
        .map_err(|error| problems::showing(&error))?;
    let items: Vec<Value> = entries.iter().map(view).collect();
    Ok(Json(json!({"items": items})).into_response())
}

fn view(entry: &Entry) -> Value {
    let about = match &entry.happened {
        Happened::Case(event) => of_case(event),
        Happened::Contact(fact) => of_contact(fact),
        Happened::Parking => json!({}),
    };
    json!({
        "position": entry.position, "version": entry.version, "kind": entry.kind,
        "at": entry.at, "by": entry.actor, "about": about,
    })
}

fn of_case(event: &Event) -> Value {
    match event {
        Event::Assessed(assessed) => {
            json!({"number": assessed.number, "grade": assessed.grade.as_str()})
        }
        Event::Decided(decided) => json!({
            "number": decided.number, "decision": decided.decision.kind.as_str(),
            "reason": decided.decision.reason, "team": decided.decision.team,
            "officer": decided.decision.officer,
        }),
        Event::ContactRecorded(contact) => {
            json!({"how": contact.how.as_str(), "outcome": contact.outcome.as_str()})
        }
        Event::ReplyReceived { flags, finished, .. } => json!({
            "flags": flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>(),
            "finished": finished,
        }),
        Event::EvidenceReceived { files, .. } => json!({"files": files}),
        Event::EvidenceQuarantined(quarantined) => json!({"file_id": quarantined.file}),
        Event::Opened(_)
        | Event::Claimed { .. }
        | Event::Released { .. }
        | Event::NoteAdded { .. }
        | Event::EntryKept { .. }
        | Event::WithdrawalReceived { .. }
        | Event::StopReceived { .. }
        | Event::WritingFinished { .. }
        | Event::FoundReported { .. }
        | Event::Held { .. }
        | Event::HoldReleased { .. } => json!({}),
    }
}

fn of_contact(fact: &Fact) -> Value {
    match fact {
        Fact::Message { message, at } => json!({
            "message_id": message.id, "what": message.what.as_str(),
            "state": message.state.as_str(), "again_by": message.again_by, "at": at,
        }),
        Fact::AtRisk { due } => json!({"due_at": due}),
        Fact::TaskOpened { task, why, due } => {
            json!({"task_id": task, "why": why.as_str(), "due_at": due})
        }
        Fact::TaskDone { task, how } => json!({"task_id": task, "how": how.as_str()}),
    }
}
