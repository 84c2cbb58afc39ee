//! `/my-report`: how a report stands, for who has its code, and what a reporter can do with it. It never
//! shows what kind of report it is or what was written in it.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::Form as Fields;
use backbone::problem::Problem;
use minijinja::context;
use serde_json::Map;
use uuid::Uuid;

use super::visit::{self, TOKEN, Visit};
use super::{Site, dress, see_other};
use crate::domain::form::{Question, QuestionView};
use crate::drafts::{OpenReport, Session};
use crate::http::add_details::{self, Details};
use crate::http::problems::ProblemFrom;
use crate::http::show_report::status_text;
use crate::identity;
use crate::pages::errors::Wrong;
use crate::pages::site::Page;
use crate::pages::{question as asking, said, typed};
use crate::projections::{evidence, status};
use crate::returning::{Opened, ReturnError};
use crate::submit::SubmitError;

pub(super) fn problem(error: impl Into<ReturnError>) -> Problem {
    ProblemFrom::from(error.into()).0
}

/// The same page was sent before, with something else on it.
pub(super) const ONE_MORE: &str = "We have what you sent from this page a moment ago. Choose the button again to send this as well";

/// The report that is open in the visitor's session.
pub(super) async fn open(site: &Site, visit: &Visit) -> Result<Option<Opened>, Problem> {
    let Some(report) =
        visit.session.as_ref().filter(|session| !session.rested).and_then(Session::report)
    else {
        return Ok(None);
    };
    match site.returning.open(&report.reference, &report.return_code).await {
        Ok(opened) => Ok(Some(opened)),
        Err(ReturnError::NotOpened | ReturnError::Wait(_)) => Ok(None),
        Err(error) => Err(problem(error)),
    }
}

pub(super) async fn get(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Problem> {
    let visit = Visit::of(&site, &headers).await?;
    match open(&site, &visit).await? {
        Some(opened) => {
            show(
                &site,
                &visit,
                &opened,
                StatusCode::OK,
                &typed::Fields::default(),
                &Wrong::default(),
            )
            .await
        }
        None => ask(&site, StatusCode::OK, &typed::Fields::default(), &Wrong::default(), None),
    }
}

pub(super) fn ask(
    site: &Site,
    status: StatusCode,
    fields: &typed::Fields,
    wrong: &Wrong,
    wait: Option<u64>,
) -> Result<Response, Problem> {
    let page = Page {
        title: "Your report".to_owned(),
        in_error: !wrong.is_empty(),
        back: Some("/".to_owned()),
        ..Page::default()
    };
    let more = context! {
        reference => fields.get("reference"),
        code => fields.get("code"),
        errors => wrong.list(),
        kept => kept(fields),
        reference_error => wrong.at("reference"),
        code_error => wrong.at("code"),
    };
    let mut response = site.pages.draw(status, "my-report.html", &page, more)?;
    if let Some(seconds) = wait {
        response.headers_mut().insert("retry-after", seconds.into());
    }
    Ok(response)
}

/// What was typed on the page that could not be taken, for whoever wants to copy it.
fn kept(fields: &typed::Fields) -> Vec<String> {
    let own = ["token", "key", "reference", "code"];
    let typed = fields.iter().filter(|(name, _)| !own.contains(name));
    typed.map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty()).collect()
}

/// The id of what a page does to a report, once for each time that the page was drawn.
pub(super) fn act_id(site: &Site, opened: &Opened, fields: &typed::Fields) -> Uuid {
    let key = format!("page {} {}", opened.shown.report_id, fields.get("key"));
    site.returning.identity.id_of(&key)
}

/// `POST /my-report`: reference and code open it in this browser.
pub(super) async fn post_open(
    State(site): State<Site>,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    visit::require_own(&headers)?;
    let fields = typed::Fields::new(&sent);
    let (reference, code) = (fields.get("reference").trim(), fields.get("code").trim());
    for (field, value, told) in [
        ("reference", reference, "Enter the reference of your report, like 7K4M-2TQ9-X"),
        ("code", code, "Enter your return code"),
    ] {
        if value.is_empty() {
            let wrong = Wrong::one(field, told);
            return ask(&site, StatusCode::UNPROCESSABLE_ENTITY, &fields, &wrong, None);
        }
    }
    let talk = &site.pages.force().facts.talk;
    match site.returning.open(reference, code).await {
        Ok(opened) => {
            let visit = Visit::of(&site, &headers).await?;
            let session = visit.session.unwrap_or_else(|| site.sessions.begin());
            // Who rests here and knows a report's code may see that report, and no draft.
            let open =
                OpenReport { reference: opened.shown.reference, return_code: code.to_owned() };
            let session = if session.rested { site.sessions.begin() } else { session };
            let mut session = site.sessions.renew(session).await?;
            site.sessions.set_report(&mut session, Some(open)).await?;
            Ok(visit::with_cookie(&site, &session, see_other("/my-report")))
        }
        Err(ReturnError::NotOpened) => {
            let told = format!(
                "That code does not open a report. Check reference and code and try again. If you \
                 have lost it, call {talk}"
            );
            ask(&site, StatusCode::NOT_FOUND, &fields, &Wrong::one("code", told), None)
        }
        Err(ReturnError::Wait(seconds)) => {
            let wait = said::wait(seconds);
            let told = format!(
                "That code does not open a report. Check it and try again in {wait}. If you have \
                 lost it, call {talk}"
            );
            let wrong = Wrong::one("code", told);
            ask(&site, StatusCode::TOO_MANY_REQUESTS, &fields, &wrong, Some(seconds))
        }
        Err(error) => Err(problem(error)),
    }
}

/// What staff ask, as questions of a page.
fn views(asked: &[Question]) -> Vec<QuestionView<'_>> {
    let view =
        |question| QuestionView { question, label: &question.label, hint: None, required: false };
    asked.iter().map(view).collect()
}

async fn show(
    site: &Site,
    visit: &Visit,
    opened: &Opened,
    status: StatusCode,
    fields: &typed::Fields,
    wrong: &Wrong,
) -> Result<Response, Problem> {
    let mut conn = site.returning.pool.acquire().await.map_err(problem)?;
    let lines = status::timeline(&mut conn, opened.shown.report_id).await.map_err(problem)?;
    drop(conn);
    let has = evidence::of_report(&site.returning.pool, opened.shown.report_id).await;
    let has = has.map_err(problem)?;
    let begun = context! {
        at => said::at(opened.shown.submitted_at, &site.zone),
        what => "You sent your report",
    };
    let lines = lines
        .iter()
        .map(|line| context! { at => said::at(line.at, &site.zone), what => line.what.as_str() });
    let questions =
        asking::draw(site.pages.templates(), &views(&opened.asked), fields, wrong, false, false)
            .map_err(|error| dress::not_drawn(&error))?;
    let page = Page {
        title: "Your report".to_owned(),
        in_error: !wrong.is_empty(),
        token: visit.form_token(site),
        // Whoever reads this may have to leave it, whatever the report is about.
        exit: true,
        ..Page::default()
    };
    let owed = matches!(opened.shown.status.as_str(), "received" | "assessing");
    let is_late = owed && site.clock.now() > opened.shown.contact_by;
    let more = context! {
        reference => opened.shown.reference.as_str(),
        status_text => status_text(&opened.shown.status),
        by => owed.then(|| said::promised(opened.shown.submitted_at, opened.shown.contact_by, &site.zone)),
        is_late => is_late,
        files => has.files,
        lines => std::iter::once(begun).chain(lines).collect::<Vec<_>>(),
        questions => questions,
        text => fields.get("text"),
        errors => wrong.list(),
        text_error => wrong.at("text"),
        key => identity::new_token(),
    };
    site.pages.draw(status, "status.html", &page, more)
}

/// The open report and the key of what is done to it, where the form came from this session's page.
pub(super) async fn act_on(
    site: &Site,
    headers: &HeaderMap,
    fields: &typed::Fields,
) -> Result<Option<(Visit, Opened)>, Problem> {
    visit::require_own(headers)?;
    let visit = Visit::of(site, headers).await?;
    if !visit.sent(site, fields.get(TOKEN)) {
        return Ok(None);
    }
    Ok(open(site, &visit).await?.map(|opened| (visit, opened)))
}

/// `POST /my-report/add`
pub(super) async fn post_add(
    State(site): State<Site>,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    dress::in_time(add(&site, &headers, &sent))
        .await
        .or_else(|problem| dress::again(&site, &problem, "/my-report/add", &sent))
}

async fn add(
    site: &Site,
    headers: &HeaderMap,
    sent: &[(String, String)],
) -> Result<Response, Problem> {
    let fields = typed::Fields::new(sent);
    let Some((visit, opened)) = act_on(site, headers, &fields).await? else {
        let wrong =
            Wrong::one("code", "Enter your reference and code again. What you typed is below");
        return ask(site, StatusCode::UNPROCESSABLE_ENTITY, &fields, &wrong, None);
    };
    let views = views(&opened.asked);
    let now = site.local_now();
    let given = asking::answers(&asking::asked(&views), &fields, now);
    let answers: Map<_, _> =
        given.into_iter().filter_map(|(id, answer)| Some((id, answer?))).collect();
    let details = Details { text: fields.get("text").to_owned(), answers, finished: false };
    let act_id = act_id(site, &opened, &fields);
    let fingerprint = details.fingerprint(&site.returning.identity, act_id);
    let act = match add_details::read(&details, &opened.asked, None, now, fingerprint) {
        Ok(act) => act,
        Err(errors) => {
            let mut wrong = Wrong::new(&errors, &opened.asked, &fields, false);
            if let Some(error) = errors.iter().find(|error| error.pointer == "/text") {
                wrong.push("text", error.detail.as_str());
            }
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show(site, &visit, &opened, status, &fields, &wrong).await;
        }
    };
    match site.returning.act(opened.shown.report_id, act_id, act).await {
        Ok(_) => {}
        Err(ReturnError::Submit(SubmitError::KeyReused)) => {
            let wrong = Wrong::one("text", ONE_MORE);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show(site, &visit, &opened, status, &fields, &wrong).await;
        }
        Err(error) => return Err(problem(error)),
    }
    Ok(see_other("/my-report/done/added"))
}

/// `POST /my-report/close`: this browser opens it no more.
pub(super) async fn post_close(
    State(site): State<Site>,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    visit::require_own(&headers)?;
    let visit = Visit::of(&site, &headers).await?;
    let is_own = visit.sent(&site, typed::Fields::new(&sent).get(TOKEN));
    if let Some(session) = visit.session.filter(|_| is_own) {
        site.sessions.end(session.token()).await?;
    }
    Ok(visit::without_cookie(&site, see_other("/")))
}
