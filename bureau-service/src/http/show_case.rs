//! `GET /api/v1/cases/{reference}`

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use backbone::http::Path;
use backbone::problem::Problem;
use backbone::read_audit;
use serde_json::{Value, json};

use super::item::{self, Item};
use super::staff::Reader;
use super::{Bureau, problems};
use crate::case_file::{self, CaseFile, Evidence, Note};
use crate::codec::content::{Answer, Content};
use crate::domain::assessment::Part;
use crate::domain::case::{Assessed, Contact, Decided, Kept};
use crate::domain::words::Channel;
use crate::projections::message::Told;
use crate::projections::triage_queue::Case;

/// All of a case, opened. That it was read is recorded before it is shown.
pub(super) async fn get(
    State(bureau): State<Bureau>,
    Reader(staff): Reader,
    Path(reference): Path<String>,
) -> Result<Response, Problem> {
    let case = bureau.case(&reference).await?;
    read_audit::record(&bureau.execute.pool, &staff.id, "case", &case.open.reference)
        .await
        .map_err(|error| problems::database(&error))?;
    let mut conn = bureau.conn().await?;
    let file = case_file::open(&mut conn, &bureau.execute.keys, case.report_id)
        .await
        .map_err(|error| problems::showing(&error))?;
    let mut response = Json(view(&case, &file)).into_response();
    if let Ok(etag) = HeaderValue::from_str(&item::etag(case.version)) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}

fn view(case: &Case, file: &CaseFile) -> Value {
    let mut view = json!(Item::new(case));
    let plan = case.open.plan;
    let more = json!({
        "status_text": case.open.status.public_words(),
        "plan": {
            "channel": plan.channel.map(Channel::as_str),
            "second_channel": plan.second_channel.map(Channel::as_str),
            "email_is_safe": plan.email_is_safe,
            "phone_is_safe": plan.phone_is_safe,
            "post_is_safe": plan.post_is_safe,
            "anonymous": plan.anonymous,
            "no_longer_safe_since": case.open.contact_stopped,
        },
        "erased": file.content.is_none(),
        "answers": file.content.as_ref().map(|content| answers(&content.answers)),
        "contact": file.content.as_ref().map(contact),
        "partner": file.content.as_ref().map(|content| &content.partner).filter(|name| !name.is_empty()),
        "replies": file.replies.iter().map(|(at, flags, reply)| json!({
            "at": at, "flags": flags.iter().map(|flag| flag.as_str()).collect::<Vec<_>>(),
            "text": reply.text, "answers": answers(&reply.answers),
        })).collect::<Vec<_>>(),
        "evidence": file.evidence.iter().map(evidence).collect::<Vec<_>>(),
        "withdrawals": file.withdrawals.iter().map(|at| json!({"at": at})).collect::<Vec<_>>(),
        "found_reports": file.found.iter().map(|(at, found_where)| json!({
            "at": at, "where": given(found_where),
        })).collect::<Vec<_>>(),
        "notes": file.notes.iter().map(note).collect::<Vec<_>>(),
        "assessments": file.assessments.iter().map(assessed).collect::<Vec<_>>(),
        "decisions": file.decisions.iter().map(decided).collect::<Vec<_>>(),
        "contacts": file.contacts.iter().map(contacted).collect::<Vec<_>>(),
        "messages": file.messages.iter().map(message).collect::<Vec<_>>(),
        "tasks": file.tasks.iter().map(|task| json!({
            "task_id": task.task_id, "why": task.why, "for": task.role(), "due_at": task.due_at,
            "opened_at": task.opened_at, "done_at": task.done_at, "done_how": task.done_how,
        })).collect::<Vec<_>>(),
    });
    if let (Value::Object(view), Value::Object(more)) = (&mut view, more) {
        view.extend(more);
    }
    view
}

fn answers(answers: &[Answer]) -> Vec<Value> {
    let answer = |answer: &Answer| {
        let value: Value = serde_json::from_str(&answer.value_json).unwrap_or_default();
        json!({
            "question": answer.question, "label": answer.label, "kind": answer.kind,
            "value": value, "display": answer.display,
        })
    };
    answers.iter().map(answer).collect()
}

fn evidence(evidence: &Evidence) -> Value {
    let Evidence { file, added_at, quarantined } = evidence;
    let quarantined = quarantined.as_ref();
    json!({
        "file_id": file.id, "name": file.name, "size": file.size, "media_type": file.media_type,
        "sha256": hex::encode(file.sha256), "scan": file.scan,
        "why_not_scanned": given(&file.why_not_scanned), "added_at": added_at,
        "about": given(&file.about), "label": file.label,
        "quarantined_at": quarantined.map(|quarantined| quarantined.at),
        "quarantined_by": quarantined.map(|quarantined| &quarantined.by),
        "quarantine_reason":
            quarantined.and_then(|quarantined| open(&quarantined.reason)).and_then(|why| given(why)),
    })
}

/// What was not given is null.
fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Who sent it and how to reach them; what was not given is null.
fn contact(content: &Content) -> Value {
    json!({
        "name": given(&content.name), "email": given(&content.email),
        "phone": given(&content.phone),
    })
}

fn open<T>(kept: &Kept<T>) -> Option<&T> {
    match kept {
        Kept::Open(words) => Some(words),
        Kept::Sealed => None,
    }
}

fn note(note: &Note) -> Value {
    json!({"by": note.by, "at": note.at, "text": open(&note.note)})
}

fn assessed(assessed: &Assessed) -> Value {
    let words = open(&assessed.assessment);
    let part = |part: &Part| json!({"level": part.level.as_str(), "rationale": part.rationale});
    json!({
        "number": assessed.number, "by": assessed.by, "at": assessed.at,
        "grade": assessed.grade.as_str(),
        "threat": words.map(|words| part(&words.threat)),
        "harm": words.map(|words| part(&words.harm)),
        "risk": words.map(|words| part(&words.risk)),
        "investigation": words.map(|words| part(&words.investigation)),
        "vulnerability": words.map(|words| part(&words.vulnerability)),
        "engagement": words.map(|words| part(&words.engagement)),
        "rationale": words.map(|words| &words.rationale),
    })
}

fn decided(decided: &Decided) -> Value {
    let words = open(&decided.words);
    let questions = words.map(|words| {
        let asked = words.questions.iter();
        asked.map(|asked| json!({"label": asked.label, "kind": asked.kind})).collect::<Vec<_>>()
    });
    json!({
        "number": decided.number, "by": decided.by, "at": decided.at,
        "decision": decided.decision.kind.as_str(), "reason": decided.decision.reason,
        "assessment": Some(decided.assessment).filter(|number| *number > 0),
        "team": given(&decided.decision.team), "officer": given(&decided.decision.officer),
        "rationale": words.map(|words| &words.rationale),
        "message": words.map(|words| &words.message),
        "questions": questions,
    })
}

fn contacted(contact: &Contact) -> Value {
    json!({
        "by": contact.by, "at": contact.at, "how": contact.how.as_str(),
        "outcome": contact.outcome.as_str(), "note": open(&contact.note),
    })
}

fn message(told: &Told) -> Value {
    json!({
        "message_id": told.message.id, "what": told.message.what.as_str(),
        "decision_number": Some(told.message.decision).filter(|number| *number > 0),
        "state": told.message.state.as_str(), "at": told.changed_at,
    })
}
