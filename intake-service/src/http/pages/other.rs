//! `/report/{kind}/other`: somebody goes on with another kind of report, and types nothing twice.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::{Form as Fields, Path};
use backbone::problem::Problem;
use minijinja::{Value, context};

use super::start::public_name;
use super::visit::{self, TOKEN, Visit};
use super::{Site, moving, question, see_other};
use crate::domain::form::{Form, carried_over, journey};
use crate::drafts::{Draft, Written};
use crate::pages::errors::Wrong;
use crate::pages::site::Page;
use crate::pages::typed;

/// The field with the kind to go on with.
const TO: &str = "to";

pub(super) async fn get(
    State(site): State<Site>,
    Path(kind): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let visit = Visit::of(&site, &headers).await?;
    match unsent(&site, &visit, &kind).await? {
        Some(_) => draw(&site, &visit, &kind, &Wrong::default()),
        None => Ok(see_other(&format!("/report/{kind}"))),
    }
}

pub(super) async fn post(
    State(site): State<Site>,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    visit::require_own(&headers)?;
    let mut visit = Visit::of(&site, &headers).await?;
    let fields = typed::Fields::new(&sent);
    let is_own = visit.sent(&site, fields.get(TOKEN));
    let Some((form, written)) = unsent(&site, &visit, &kind).await?.filter(|_| is_own) else {
        return Ok(see_other(&format!("/report/{kind}")));
    };
    let to = fields.get(TO);
    let Some(to) = site.forms.get(to).filter(|to| to.kind != kind) else {
        let wrong = Wrong::one(TO, "Choose what it is about, or go back");
        return draw(&site, &visit, &kind, &wrong);
    };
    go_on(&site, &mut visit, (form, &written), to).await
}

/// What somebody writes of this kind, with the form that it began with.
async fn unsent<'s>(
    site: &'s Site,
    visit: &Visit,
    kind: &str,
) -> Result<Option<(&'s Form, Written)>, Problem> {
    let newest = super::form(site, kind)?;
    let found = visit.draft(site, kind).await?.filter(|_| !visit.rests() && newest.listed);
    let unsent = found.filter(|(_, written)| written.draft.sent.is_none());
    Ok(unsent.map(|(_, written)| (question::version(site, newest, &written.draft), written)))
}

fn draw(site: &Site, visit: &Visit, kind: &str, wrong: &Wrong) -> Result<Response, Problem> {
    let others = site.pages.force().facts.kinds.iter().filter(|other| *other != kind);
    let others: Vec<Value> = others
        .filter_map(|other| site.forms.get(other))
        .map(|form| context! { value => form.kind.as_str(), text => public_name(&form.kind) })
        .collect();
    let page = Page {
        title: "What is it about?".to_owned(),
        token: visit.form_token(site),
        back: Some(format!("/report/{kind}")),
        in_error: !wrong.is_empty(),
        ..Page::default()
    };
    let more = context! {
        kind => kind,
        others => others,
        errors => wrong.list(),
        wrong => wrong.at(TO),
    };
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    site.pages.draw(status, "other.html", &page, more)
}

/// Goes on with `to`. What was told in `written` stands there already as far as it is asked there, too;
/// what stands there of that kind already stays, and so does `written`, for who comes back.
pub(super) async fn go_on(
    site: &Site,
    visit: &mut Visit,
    (from, written): (&Form, &Written),
    to: &Form,
) -> Result<Response, Problem> {
    let now = site.local_now();
    let carried = carried_over(from, to, &written.draft.answers, now);
    let take = |draft: &mut Draft| {
        for (question, answer) in &carried {
            draft.answers.entry(question.clone()).or_insert_with(|| answer.clone());
        }
        draft.told_leaving |= written.draft.told_leaving;
    };
    let open = visit.draft(site, &to.kind).await?;
    let draft = if let Some((code, open)) = open.filter(|(_, open)| open.draft.sent.is_none()) {
        site.drafts.change(&code, open, take).await?.draft
    } else {
        let mut draft = Draft::new(&to.kind, to.version);
        take(&mut draft);
        let code = site.drafts.create(&draft).await?;
        let Some(session) = visit.session.as_mut() else { return Err(Problem::not_found()) };
        site.sessions.set_draft(session, &to.kind, Some(&code)).await?;
        draft
    };
    if to.opening.is_some() {
        // What is good to know before it is read before it.
        return Ok(see_other(&format!("/report/{}", to.kind)));
    }
    let to = question::version(site, to, &draft);
    Ok(see_other(&moving::resume(&journey(to, &draft.answers, now), &draft.kind, &draft.at)))
}
