//! `POST /api/v1/reports/{reference}/details`: the reporter answers or adds something.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::{Json, Path};
use backbone::problem::{Fault, Problem};
use proto::bureau::v1::AskedQuestion;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::problems::ProblemFrom;
use super::{Site, idempotency, show_report};
use crate::codec::Added;
use crate::returning::Act;

const TEXT_MAX: usize = 5_000;

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Details {
    #[serde(default)]
    text: String,
    #[serde(default)]
    answers: Map<String, Value>,
}

pub(super) async fn post(
    State(site): State<Site>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    Json(details): Json<Details>,
) -> Result<Response, ProblemFrom> {
    let key = idempotency::key(&headers)?;
    let opened = site.returning.open(&reference, show_report::return_code(&headers)).await?;
    let act_id = site.returning.identity.id_of(key);
    let bytes = serde_json::to_vec(&details).unwrap_or_default();
    let fingerprint = site.returning.identity.fingerprint(act_id, &bytes);
    let report_id = opened.shown.report_id;
    // What was taken once stays taken, though staff may ask something else by now.
    let done = site.returning.done_before(report_id, act_id, Some(fingerprint)).await?;
    let done = if let Some(done) = done {
        done
    } else {
        let added = read(details, &opened.asked, fingerprint)?;
        site.returning.act(report_id, act_id, Act::Details(added)).await?
    };
    let answer = json!({ "reference": opened.shown.reference, "added_at": done.at.to_string() });
    Ok(idempotency::marked(done.replayed, (StatusCode::CREATED, Answer(answer))))
}

/// Takes the questions that staff asked as `q1`, `q2` ..., and free words; at least one of them.
fn read(
    details: Details,
    asked: &[AskedQuestion],
    fingerprint: [u8; 32],
) -> Result<Added, Problem> {
    let mut faults = vec![];
    let mut answers = vec![];
    let text = details.text.trim().to_owned();
    if text.chars().count() > TEXT_MAX {
        faults.push(fault("/text", "too_long", format!("Use {TEXT_MAX} characters or fewer")));
    }
    for (id, value) in details.answers {
        let question = id
            .strip_prefix('q')
            .and_then(|number| number.parse::<usize>().ok())
            .and_then(|number| asked.get(number.checked_sub(1)?));
        let pointer = format!("/answers/{}", id.chars().take(40).collect::<String>());
        match question {
            None => faults.push(fault(&pointer, "unknown_question", "This is not asked".into())),
            Some(_) if !is_answer(&value) => faults.push(fault(
                &pointer,
                "wrong_type",
                format!("Answer in words, {TEXT_MAX} characters or fewer"),
            )),
            Some(question) => {
                answers.push((question.label.clone(), question.kind.clone(), value));
            }
        }
    }
    if faults.is_empty() && text.is_empty() && answers.is_empty() {
        faults.push(fault("/text", "missing", "Tell us what you want to add".into()));
    }
    if faults.is_empty() {
        return Ok(Added { text, answers, fingerprint });
    }
    Err(Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "answers_wrong",
        "Some answers are missing or cannot be taken as they are. Nothing was sent.",
    )
    .errors(faults))
}

fn is_answer(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.trim().is_empty() && text.chars().count() <= TEXT_MAX,
        Value::Bool(_) | Value::Number(_) => true,
        Value::Array(items) => {
            items.len() <= 50
                && items.iter().all(|item| item.as_str().is_some_and(|text| text.len() <= TEXT_MAX))
        }
        Value::Null | Value::Object(_) => false,
    }
}

fn fault(pointer: &str, code: &str, detail: String) -> Fault {
    Fault { pointer: pointer.to_owned(), code: code.to_owned(), detail }
}
