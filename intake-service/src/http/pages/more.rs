//! `/my-report/more/{extra}`: what may be told once a report was sent. All of it may be left out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::{Form as Fields, Path};
use backbone::problem::Problem;
use minijinja::context;
use serde_json::Map;

use super::my_report::{ONE_MORE, act_id, act_on, ask, open, problem};
use super::visit::Visit;
use super::{Site, dress, moving, see_other};
use crate::domain::form::{Extra, Form, Journey, continues, extra_journey, extras_offered};
use crate::drafts;
use crate::http::add_details::{self, Details};
use crate::identity;
use crate::pages::errors::Wrong;
use crate::pages::site::Page;
use crate::pages::{question as asking, typed};
use crate::returning::{Act, Opened, ReturnError};
use crate::submit::{Sent, SubmitError};

/// An extra was told. Where the rest of a report follows, the way leads back to what is left of it.
async fn told(
    site: &Site,
    visit: &Visit,
    kind: &str,
    (reference, extra): (&str, &str),
) -> Result<Response, Problem> {
    let mark = |sent: &mut drafts::Sent| sent.told.push(extra.to_owned());
    let sent = mark_sent(site, visit, kind, reference, mark).await?;
    if sent.is_some_and(|sent| sent.goes_on) {
        return Ok(see_other(&moving::address(kind, "sent")));
    }
    Ok(see_other("/my-report/done/added"))
}

/// Notes something on the confirmation page of the report that was sent from this browser, if it was.
async fn mark_sent(
    site: &Site,
    visit: &Visit,
    kind: &str,
    reference: &str,
    mark: impl Fn(&mut drafts::Sent),
) -> Result<Option<drafts::Sent>, Problem> {
    let found = visit.draft(site, kind).await?;
    let own = |sent: &drafts::Sent| sent.reference == reference && visit.has_sent(site, sent);
    let Some((code, written)) =
        found.filter(|(_, written)| written.draft.sent.as_ref().is_some_and(own))
    else {
        return Ok(None);
    };
    let marked = |draft: &mut drafts::Draft| draft.sent.iter_mut().for_each(&mark);
    Ok(site.drafts.change(&code, written, marked).await?.draft.sent)
}

/// `POST /my-report/finished`: they have told all.
pub(super) async fn post_finished(
    State(site): State<Site>,
    headers: HeaderMap,
    Fields(typed): Fields,
) -> Result<Response, Problem> {
    let fields = typed::Fields::new(&typed);
    let Some((visit, opened)) = act_on(&site, &headers, &fields).await? else {
        return Ok(see_other("/my-report"));
    };
    let sent = site.returning.sent(opened.shown.report_id).await.map_err(problem)?;
    let form = form(&site, &sent)?;
    if !continues(form, &sent.answers) {
        return Ok(see_other("/my-report"));
    }
    let act_id = act_id(&site, &opened, &fields);
    site.returning.act(opened.shown.report_id, act_id, Act::Finish).await.map_err(problem)?;
    let mark = |sent: &mut drafts::Sent| sent.goes_on = false;
    mark_sent(&site, &visit, &form.kind, &opened.shown.reference, mark).await?;
    Ok(see_other("/my-report/done/finished"))
}

/// The form of a report, as it was when it was sent.
fn form<'s>(site: &'s Site, sent: &Sent) -> Result<&'s Form, Problem> {
    site.forms.version(&sent.kind, sent.form_version).ok_or_else(Problem::not_found)
}

fn find<'f>(form: &'f Form, sent: &Sent, id: &str) -> Result<&'f Extra, Problem> {
    let offered = extras_offered(form, &sent.answers);
    offered.into_iter().find(|extra| extra.id == id).ok_or_else(Problem::not_found)
}

pub(super) async fn get(
    State(site): State<Site>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let visit = Visit::of(&site, &headers).await?;
    let Some(opened) = open(&site, &visit).await? else { return Ok(see_other("/my-report")) };
    let sent = site.returning.sent(opened.shown.report_id).await.map_err(problem)?;
    let form = form(&site, &sent)?;
    let extra = find(form, &sent, &id)?;
    let none = Map::new();
    let journey = extra_journey(form, extra, &sent.answers, &none, site.local_now());
    let asking = Asking { site: &site, visit: &visit, extra, journey: &journey };
    asking.draw(&typed::Fields::default(), &Wrong::default())
}

/// An extra as it is asked now.
struct Asking<'a> {
    site: &'a Site,
    visit: &'a Visit,
    extra: &'a Extra,
    journey: &'a Journey<'a, 'a>,
}

impl Asking<'_> {
    fn draw(&self, fields: &typed::Fields, wrong: &Wrong) -> Result<Response, Problem> {
        let pages = &self.site.pages;
        let mut questions = vec![];
        for page in &self.journey.path {
            let view = self.journey.page_in_full(&page.id).ok_or_else(Problem::internal)?;
            let drawn =
                asking::draw(pages.templates(), &view.questions, fields, wrong, false, false);
            questions.extend(drawn.map_err(|error| dress::not_drawn(&error))?);
        }
        let page = Page {
            title: self.extra.title.clone(),
            in_error: !wrong.is_empty(),
            exit: true,
            back: Some("/my-report".to_owned()),
            token: self.visit.form_token(self.site),
            ..Page::default()
        };
        let more = context! {
            action => format!("/my-report/more/{}", self.extra.id),
            questions => questions,
            errors => wrong.list(),
            key => identity::new_token(),
        };
        let status =
            if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        pages.draw(status, "more.html", &page, more)
    }
}

pub(super) async fn post(
    State(site): State<Site>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    let to = format!("/my-report/more/{id}");
    let took = dress::in_time(take(&site, &id, &headers, &sent)).await;
    took.or_else(|problem| dress::again(&site, &problem, &to, &sent))
}

async fn take(
    site: &Site,
    id: &str,
    headers: &HeaderMap,
    typed: &[(String, String)],
) -> Result<Response, Problem> {
    let fields = typed::Fields::new(typed);
    let Some((visit, opened)) = act_on(site, headers, &fields).await? else {
        let wrong =
            Wrong::one("reference", "Enter your reference and code again. What you typed is below");
        return ask(site, StatusCode::UNPROCESSABLE_ENTITY, &fields, &wrong, None);
    };
    let act_id = act_id(site, &opened, &fields);
    let Opened { shown, asked } = opened;
    let sent = site.returning.sent(shown.report_id).await.map_err(problem)?;
    let form = form(site, &sent)?;
    let extra = find(form, &sent, id)?;
    let now = site.local_now();
    let mut answers = Map::new();
    // An answer may open a page behind it: each is read on top of those before it.
    for page in extra.pages() {
        let journey = extra_journey(form, extra, &sent.answers, &answers, now);
        let view = journey.page_in_full(&page.id);
        let given = view.map(|view| asking::answers(&asking::asked(&view.questions), &fields, now));
        let given = given.into_iter().flatten();
        answers.extend(given.filter_map(|(id, answer)| Some((id, answer?))));
    }
    let journey = extra_journey(form, extra, &sent.answers, &answers, now);
    let asking = Asking { site, visit: &visit, extra, journey: &journey };
    if let Some((_, changed)) = asking::changed_items(&fields, typed) {
        return asking.draw(&typed::Fields::new(&changed), &Wrong::default());
    }
    let details = Details { answers: answers.clone(), ..Details::default() };
    let fingerprint = details.fingerprint(&site.returning.identity, act_id);
    let core = Some((form, &sent.answers));
    match add_details::read(&details, &asked, core, now, fingerprint) {
        Ok(act) => match site.returning.act(shown.report_id, act_id, act).await {
            Ok(_) => told(site, &visit, &form.kind, (&shown.reference, id)).await,
            Err(ReturnError::Submit(SubmitError::KeyReused)) => {
                asking.draw(&fields, &Wrong::one("questions", ONE_MORE))
            }
            Err(error) => Err(problem(error)),
        },
        Err(errors) => {
            let questions = extra.pages().iter().flat_map(|page| &page.questions);
            let wrong = Wrong::new(&errors, questions, &fields, false);
            let nothing = Wrong::one("questions", "Answer at least one question, or go back");
            asking.draw(&fields, if wrong.is_empty() { &nothing } else { &wrong })
        }
    }
}
