//! `POST /api/v1/reports/{reference}/details`: the reporter answers or adds something.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::{Json, Path};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::openapi::{Operation, next_of};
use super::problems::ProblemFrom;
use super::{Site, idempotency, problems, show_report, tell_again};
use crate::codec::Added;
use crate::domain::form::{
    ErrorCode, FieldError, Form, Question, Told, answers_to, extras_offered, free_words, read_extra,
};
use crate::forms::Forms;
use crate::returning::{Act, DETAILS_ADDED};

pub(super) const TEXT_MAX: usize = 5_000;

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Details {
    #[serde(default)]
    pub(super) text: String,
    #[serde(default)]
    pub(super) answers: Map<String, Value>,
}

pub(super) async fn post(
    State(site): State<Site>,
    Path(reference): Path<String>,
    headers: HeaderMap,
    Json(details): Json<Details>,
) -> Result<Response, ProblemFrom> {
    let key = idempotency::key(&headers)?;
    let opened = site.returning.open(&reference, show_report::return_code(&headers)?).await?;
    let act_id = site.returning.identity.id_of(key);
    let bytes = serde_json::to_vec(&details).unwrap_or_default();
    let fingerprint = site.returning.identity.fingerprint(act_id, &bytes);
    let report_id = opened.shown.report_id;
    // What was taken once stays taken, though staff may ask something else by now.
    let done =
        site.returning.done_before(report_id, act_id, DETAILS_ADDED, Some(fingerprint)).await?;
    let done = if let Some(done) = done {
        done
    } else {
        let staffs = |id: &String| opened.asked.iter().any(|question| question.id == *id);
        // Whoever answers staff alone does not need their report to be opened.
        let sent = if details.answers.keys().all(staffs) {
            None
        } else {
            Some(site.returning.sent(report_id).await?)
        };
        let sent = sent.as_ref().and_then(|sent| {
            Some((site.forms.version(&sent.kind, sent.form_version)?, &sent.answers))
        });
        let added = read(&details, &opened.asked, sent, site.local_now(), fingerprint)
            .map_err(problems::answers)?;
        site.returning.act(report_id, act_id, Act::Details(added)).await?
    };
    let answer = json!({ "reference": opened.shown.reference, "added_at": done.at.to_string() });
    Ok(idempotency::marked(done.replayed, (StatusCode::CREATED, Answer(answer))))
}

/// Takes answers to what staff ask and to the extras that the report's own form offers after what was
/// `sent`, free words, or all of it.
pub(super) fn read<'asked>(
    details: &Details,
    asked: &'asked [Question],
    sent: Option<(&'asked Form, &Map<String, Value>)>,
    now: DateTime,
    fingerprint: [u8; 32],
) -> Result<Added<'asked>, Vec<FieldError>> {
    let text = free_words(&details.text);
    let about_text = |code, detail: &str| FieldError {
        pointer: "/text".to_owned(),
        code,
        detail: detail.to_owned(),
    };
    let mut wrong = vec![];
    if text.chars().count() > TEXT_MAX {
        wrong.push(about_text(ErrorCode::TooLong, "Use 5,000 characters or fewer"));
    }
    let mut answers = vec![];
    for read in read_each(&details.answers, asked, sent, now) {
        match read {
            Ok(told) => answers.extend(told),
            Err(errors) => wrong.extend(errors),
        }
    }
    if wrong.is_empty() && text.is_empty() && answers.is_empty() {
        wrong.push(about_text(ErrorCode::Missing, "Tell us what you want to add"));
    }
    if wrong.is_empty() {
        return Ok(Added { text, answers, fingerprint });
    }
    Err(wrong)
}

/// The answers as far as they belong to staff's questions, then to each extra.
fn read_each<'asked>(
    answers: &Map<String, Value>,
    asked: &'asked [Question],
    sent: Option<(&'asked Form, &Map<String, Value>)>,
    now: DateTime,
) -> Vec<Result<Vec<Told<'asked>>, Vec<FieldError>>> {
    let mut rest = answers.clone();
    let mut read = vec![];
    if let Some((form, core)) = sent {
        for extra in extras_offered(form, core) {
            let (own, others) = rest.into_iter().partition(|(id, _)| extra.asks(id));
            rest = others;
            let own: Map<String, Value> = own;
            if !own.is_empty() {
                read.push(read_extra(form, extra, core, &own, now));
            }
        }
    }
    read.insert(0, answers_to(asked, &rest, now));
    read
}

pub(super) fn about(forms: &Forms) -> Operation {
    let words = json!({ "text": "A neighbour saw a red van at about 9pm." });
    let asked = json!({ "answers": { "q1": "At about 7pm" } });
    let examples = vec![("words".to_owned(), words), ("an answer to staff".to_owned(), asked)];
    let added = json!({ "reference": "7K4M-2TQ9-2", "added_at": "2026-11-24T18:05:00.123456Z" });
    let worse = forms
        .find(tell_again::FORM)
        .map(|form| json!({ "answers": crate::domain::form::examples(form) }));
    Operation::new("reports", "addDetails", "Answer what staff ask, or add something")
        .opens_a_report()
        .takes_a_key()
        .takes("Details", true, examples)
        .refuses(422, "What is added cannot be taken (`answers_wrong`): `errors` says why")
        .confirms("It is added", "Added", added)
        .leads_to(201, "tellAgain", next_of("tellAgain", worse))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, then: Option<&str>) {
        let details = Details { text: text.to_owned(), answers: Map::new() };
        let now = jiff::civil::date(2026, 5, 4).at(9, 0, 0, 0);
        let read = read(&details, &[], None, now, [0; 32]);
        assert_eq!(read.ok().map(|added| added.text).as_deref(), then, "{text:?}");
    }

    #[test]
    fn what_nobody_can_see_adds_nothing() {
        for blank in ["", " \n", "\u{200b}", "\u{200d} \u{feff}", "\0"] {
            check(blank, None);
        }
        check(" It was\u{200b} red.\r\nNot blue. ", Some("It was red.\nNot blue."));
        let long = "x".repeat(TEXT_MAX);
        check(&format!("{long}\u{200b}"), Some(&long));
        check(&format!("{long}x"), None);
    }
}
