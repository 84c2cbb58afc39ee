//! `POST /open311/v2/requests`: a report that somebody told a partner. It goes the way of all reports.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::Form as Fields;
use serde::Serialize;

use super::super::problems::ProblemFrom;
use super::super::submit_report::{By, send};
use super::super::{Site, idempotency, pages};
use super::answer::Answer;
use super::arguments::Arguments;
use super::attributes::CALL_999;
use super::{attributes, given, keys, services};
use crate::domain::form::{FieldError, Form, Journey, journey};
use crate::identity;
use crate::pages::said;
use crate::submit::Accepted;

#[derive(Debug, Serialize)]
struct Created {
    service_request_id: String,
    service_notice: String,
}

pub(super) async fn post(
    State(site): State<Site>,
    headers: HeaderMap,
    Fields(fields): Fields,
) -> Result<Response, Answer> {
    let arguments = Arguments::new(fields);
    let partner = keys::partner(&site, &headers, &arguments)?;
    let code = arguments.one("service_code")?;
    let code = code.ok_or_else(|| Answer::bad("service_code: Say which service this is for"))?;
    let form = services::offered(&site, code)?;
    let bad = |lines: Vec<String>| Answer::refused(StatusCode::BAD_REQUEST, lines);
    let answers = given::answers(form, &arguments, &site.zone, site.local_now()).map_err(bad)?;
    // Without a key of its own a request that is sent again is another report.
    let chance = identity::new_token();
    let sent_key = headers.contains_key("idempotency-key").then(|| idempotency::key(&headers));
    let key = sent_key.transpose().map_err(Answer::from)?.unwrap_or(&chance);
    let by = By { key, partner: Some(partner) };
    let sent = send(&site, by, &form.kind, Some(form), &answers).await;
    let walked = journey(form, &answers, site.local_now());
    match sent.map_err(|error| Answer::from(ProblemFrom::from(error).0))? {
        Ok(accepted) => {
            let replayed = accepted.replayed;
            let created = [created(&site, accepted, &walked)];
            let answer = Answer::new(StatusCode::CREATED, "service_requests", &created);
            Ok(idempotency::marked(replayed, answer))
        }
        Err(errors) => Err(bad(refused(form, &walked, &errors))),
    }
}

/// What the confirmation page says: by when, and in which way.
fn created(site: &Site, accepted: Accepted, walked: &Journey<'_, '_>) -> Created {
    let by = said::promised(accepted.submitted_at, accepted.contact_by, &site.zone);
    let next = match pages::way_told(walked) {
        "email" => format!("We will email you by {by} with what happens next."),
        "text" => format!("We will text you by {by} with what happens next."),
        "telephone" => format!("We will call you by {by} with what happens next."),
        "post" => format!(
            "We will write to you. A letter takes longer: by {by} the status shows what happens next."
        ),
        _ => format!("We will not contact you. By {by} the status shows what happens next."),
    };
    let hours = &site.pages.force().hours;
    Created {
        service_request_id: accepted.reference,
        service_notice: format!(
            "We have your report. {next} Our staff read reports {hours}. In an emergency call 999."
        ),
    }
}

/// Who has to do something else first is told that and nothing besides.
fn refused(form: &Form, walked: &Journey<'_, '_>, errors: &[FieldError]) -> Vec<String> {
    // At any other sign-post an attribute is missing, and that is said.
    let stop =
        walked.stop.filter(|stop| stop.code == CALL_999 || walked.ended || !stop.may_continue);
    let Some(stop) = stop else { return given::refused(form, errors) };
    let body = if stop.code == CALL_999 {
        stop.body.lines().next().unwrap_or_default().to_owned()
    } else {
        attributes::in_one_line(&stop.body)
    };
    vec![format!("{}. Nothing was sent. {body}", stop.title)]
}
