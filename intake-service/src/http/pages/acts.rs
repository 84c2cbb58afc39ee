//! The reporter wants us to stop, wants no more messages, or tells us that it has got worse.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::{Form as Fields, Path};
use backbone::problem::Problem;
use minijinja::context;
use serde_json::{Map, Value};

use super::my_report::{act_id, act_on, ask, open, problem};
use super::visit::Visit;
use super::{Site, moving, see_other};
use crate::domain::form::Form;
use crate::domain::report;
use crate::drafts::{Draft, DraftCode, Sent, Session, Written};
use crate::http::tell_again;
use crate::identity;
use crate::pages::errors::Wrong;
use crate::pages::site::Page;
use crate::pages::{said, typed};
use crate::returning::Act;

/// `GET /my-report/withdraw`
pub(super) async fn get_withdraw(
    State(site): State<Site>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    before(&site, &headers, "withdraw.html", "Do you want us to stop?").await
}

/// A page that says what an act means, with the button that does it.
async fn before(
    site: &Site,
    headers: &HeaderMap,
    template: &str,
    title: &str,
) -> Result<Response, Problem> {
    let visit = Visit::of(site, headers).await?;
    if open(site, &visit).await?.is_none() {
        return Ok(see_other("/my-report"));
    }
    let page = Page {
        title: title.to_owned(),
        token: visit.form_token(site),
        exit: true,
        back: Some("/my-report".to_owned()),
        ..Page::default()
    };
    let more = context! { key => identity::new_token() };
    site.pages.draw(StatusCode::OK, template, &page, more)
}

/// `POST /my-report/withdraw`: a wish, not a status.
pub(super) async fn post_withdraw(
    State(site): State<Site>,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    let fields = typed::Fields::new(&sent);
    let Some((_, opened)) = act_on(&site, &headers, &fields).await? else {
        return nothing_done(&site, &fields);
    };
    let act_id = act_id(&site, &opened, &fields);
    site.returning.act(opened.shown.report_id, act_id, Act::Withdraw).await.map_err(problem)?;
    Ok(see_other("/my-report/done/withdrawn"))
}

/// `GET /my-report/stop-contact`
pub(super) async fn get_stop(
    State(site): State<Site>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    before(&site, &headers, "stop-contact.html", "Stop every message?").await
}

/// `POST /my-report/stop-contact`
pub(super) async fn post_stop(
    State(site): State<Site>,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    let fields = typed::Fields::new(&sent);
    let Some((_, opened)) = act_on(&site, &headers, &fields).await? else {
        return nothing_done(&site, &fields);
    };
    let act_id = act_id(&site, &opened, &fields);
    let act = Act::StopContact;
    site.returning.act(opened.shown.report_id, act_id, act).await.map_err(problem)?;
    Ok(see_other("/my-report/done/stopped"))
}

/// The session has ended: nobody may believe that something was done.
pub(super) fn nothing_done(site: &Site, fields: &typed::Fields) -> Result<Response, Problem> {
    let told = "Nothing was done yet. Enter reference and return code, then choose it again";
    ask(site, StatusCode::UNPROCESSABLE_ENTITY, fields, &Wrong::one("reference", told), None)
}

/// The form that is asked instead of `form`, where that is for somebody who comes back: which one, their
/// report says. The page that leads there is the same for every kind of report.
pub(super) async fn form<'s>(
    site: &'s Site,
    visit: &Visit,
    form: &'s Form,
) -> Result<&'s Form, Problem> {
    if form.listed {
        return Ok(form);
    }
    let Some(opened) = open(site, visit).await? else { return Ok(form) };
    let asked = tell_again::form(site, opened.shown.report_id).await;
    asked.map_err(|problem| problem.0)
}

/// What somebody who came back has told, goes to the report that they have open.
pub(super) async fn tell(
    site: &Site,
    visit: &Visit,
    code: &DraftCode,
    written: &Written,
    form: &Form,
    answers: &Map<String, Value>,
) -> Result<Response, Problem> {
    let draft = &written.draft;
    let opened = open(site, visit).await?;
    let Some(opened) = opened.filter(|opened| opened.shown.reference == draft.about) else {
        return Ok(see_other("/my-report"));
    };
    let Ok(told) = report::check(form, answers, site.local_now()) else {
        let first = form.pages().first().map_or("", |page| page.id.as_str());
        return Ok(see_other(&moving::address(&draft.kind, first)));
    };
    let act_id = site.returning.identity.report_of_draft(draft.id);
    let fingerprint = site.returning.identity.fingerprint(act_id, b"draft");
    let act = Act::Again { told: &told, fingerprint };
    let done = site.returning.act(opened.shown.report_id, act_id, act).await.map_err(problem)?;
    let promise = opened.shown.submitted_at.duration_until(opened.shown.contact_by);
    let sent = Sent {
        reference: opened.shown.reference,
        return_code: String::new(),
        receipt: String::new(),
        submitted_at: done.at,
        contact_by: done.at.saturating_add(promise).unwrap_or(done.at),
        short: told.flags.emergency_cannot_call,
        way: String::new(),
        by: String::new(),
        own: false,
        extras: vec![],
        advice: vec![],
        kept: done.kept,
        goes_on: false,
        told: vec![],
    };
    let mark = |draft: &mut Draft| {
        draft.sent = Some(sent.clone());
        draft.answers.clear();
    };
    site.drafts.change(code, written.clone(), mark).await?;
    Ok(see_other("/my-report/told"))
}

/// `GET /my-report/told`
pub(super) async fn told(
    State(site): State<Site>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let visit = Visit::of(&site, &headers).await?;
    let mut last: Option<Sent> = None;
    let unlisted = |kind: &&str| site.forms.find(kind).is_some_and(|form| !form.listed);
    for kind in visit.session.iter().flat_map(Session::kinds).filter(unlisted) {
        let found = visit.draft(&site, kind).await?;
        last = found.and_then(|(_, written)| written.draft.sent).or(last);
    }
    let Some(sent) = last.filter(|_| !visit.rests()) else { return Ok(see_other("/my-report")) };
    let page = Page { title: "We have what you told us".to_owned(), exit: true, ..Page::default() };
    let more = context! {
        short => sent.short,
        kept => sent.kept,
        by => said::promised(sent.submitted_at, sent.contact_by, &site.zone),
    };
    site.pages.draw(StatusCode::OK, "told.html", &page, more)
}

/// `GET /my-report/done/{what}`: what was done is in the log.
pub(super) async fn done(
    State(site): State<Site>,
    Path(what): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (title, told) = match what.as_str() {
        "finished" => (
            "We have all that you told us",
            "If you think of more, add it with your return code. If it cannot wait, call.",
        ),
        "found" => (
            "We have what you told us",
            "We look for ourselves before anything ends, and we tell you what happens next.",
        ),
        "files" => (
            "We have your files",
            "They go to the people who deal with your report. Keep your own as they are, if you can.",
        ),
        "added" => ("We have what you added", "It goes to the people who deal with your report."),
        "withdrawn" => (
            "We have your wish to stop",
            "Someone reads it before anything ends. If it is safe to, we may speak with you first. \
             Nothing was deleted.",
        ),
        "stopped" => (
            "We do not contact you any more",
            "We send nothing more to you. A message that is on its way already cannot be called \
             back. You see what happens next here, with your return code.",
        ),
        _ => return Err(Problem::not_found()),
    };
    let visit = Visit::of(&site, &headers).await?;
    if open(&site, &visit).await?.is_none() {
        return Ok(see_other("/my-report"));
    }
    let page = Page { title: title.to_owned(), exit: true, ..Page::default() };
    site.pages.draw(StatusCode::OK, "done.html", &page, context! { told => told })
}
