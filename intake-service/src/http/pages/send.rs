//! A draft becomes a report: once, however often it is sent.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::{Form as Fields, Path};
use backbone::problem::Problem;
use minijinja::context;
use serde_json::{Map, Value};

use super::visit::{self, TOKEN, Visit};
use super::{Site, answer, begin, dress, moving, question, see_other};
use crate::domain::form::{
    ErrorCode, Flag, Form, Journey, Kind, Page as FormPage, QuestionView, advice, extras_offered,
    journey,
};
use crate::domain::report::{self, Channel};
use crate::domain::worrying;
use crate::drafts::{Draft, DraftCode, OpenReport, Sent, Written};
use crate::http::client::Client;
use crate::http::problems::ProblemFrom;
use crate::pages::errors::Wrong;
use crate::pages::site::Page;
use crate::pages::{question as asking, typed};
use crate::receipts;

/// Who pressed, and what they had been asked before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pressed {
    pub(super) client: Client,
    /// Whether anybody needs help right now, because of words in the report.
    pub(super) was_asked: bool,
}

/// Sends the draft, or leads to what is missing.
pub(super) async fn send(
    site: &Site,
    mut visit: Visit,
    code: &DraftCode,
    written: &Written,
    form: &Form,
    by: Pressed,
) -> Result<Response, Problem> {
    let draft = &written.draft;
    let journey = journey(form, &draft.answers, site.local_now());
    if !by.was_asked && asks_once_more(&journey) {
        return once_more(site, &visit, draft, &journey);
    }
    // Off the path nothing is sent.
    let answered = journey.entries.iter().filter(|entry| entry.answer.is_some());
    let answers: Map<String, Value> = answered
        .filter_map(|entry| {
            let id = &entry.question.id;
            Some((id.clone(), draft.answers.get(id)?.clone()))
        })
        .collect();
    if !form.listed {
        return super::acts::tell(site, &visit, code, written, form, &answers).await;
    }
    let Ok(report) = report::check(form, &answers, site.local_now()) else {
        return Ok(see_other(&moving::resume(&journey, &draft.kind, "")));
    };
    // Somebody in danger is held up by no limit but the queue's.
    if !journey.short {
        site.limits.may_submit(by.client)?;
    }
    let id = site.submitter.identity.report_of_draft(draft.id);
    // The draft's first sending is its only one: a second one is answered like it, whatever it says.
    let fingerprint = site.submitter.identity.fingerprint(id, b"draft");
    let submission = receipts::canonical(&draft.kind, &answers);
    let accepted = site
        .submitter
        .submit(site.submitter.sending(id, fingerprint, &submission), &report)
        .await
        .map_err(|error| ProblemFrom::from(error).0)?;
    let sent = Sent {
        reference: accepted.reference.clone(),
        return_code: accepted.return_code.clone(),
        receipt: accepted.receipt,
        submitted_at: accepted.submitted_at,
        contact_by: accepted.contact_by,
        short: journey.short,
        way: way_told(&journey).to_owned(),
        by: visit.session.as_ref().map(|session| site.sessions.mark(session)).unwrap_or_default(),
        own: answers.get("role").is_some_and(|role| role == "me"),
        extras: extras_offered(form, &answers).into_iter().map(|extra| extra.id.clone()).collect(),
        advice: advice(form, &answers).into_iter().map(str::to_owned).collect(),
        kept: false,
        goes_on: report.continues,
        told: vec![],
    };
    let mark = |draft: &mut Draft| {
        // Of two who send at once the first keeps its page.
        draft.sent.get_or_insert_with(|| sent.clone());
    };
    site.drafts.change(code, written.clone(), mark).await?;
    if let Some(session) = visit.session.as_mut().filter(|session| !session.rested) {
        let open = OpenReport { reference: accepted.reference, return_code: accepted.return_code };
        site.sessions.set_report(session, Some(open)).await?;
    }
    Ok(see_other(&moving::address(&draft.kind, "sent")))
}

/// How we will be in touch, as these answers have it: said before they are sent, and after.
pub(in crate::http) fn way_told(journey: &Journey<'_, '_>) -> &'static str {
    let said = |id: &str| {
        let answered = journey.entries.iter().find(|entry| entry.question.id == id)?;
        answered.answer.as_ref()?.value.as_str()
    };
    let is_safe = |id: &str| said(id) == Some("yes");
    match said("channel").and_then(Channel::parse) {
        Some(Channel::Email) if is_safe("safe_email") => "email",
        Some(Channel::Text) if is_safe("safe_phone") => "text",
        Some(Channel::Telephone) if is_safe("safe_phone") => "telephone",
        Some(Channel::Post) if is_safe("safe_post") => "post",
        Some(_) | None => "page",
    }
}

/// Whether words in the report make us ask, once, if anybody needs help right now. Whoever has met the
/// interruption already was asked.
fn asks_once_more(journey: &Journey<'_, '_>) -> bool {
    let free = |kind| matches!(kind, Kind::LongText | Kind::Text);
    let mut texts = journey.entries.iter().filter(|entry| free(entry.question.kind));
    journey.path.last().is_some_and(|page| moving::is_check(page))
        && !journey.raises(Flag::EmergencyDeclared)
        && texts.any(|entry| {
            entry.answer.as_ref().is_some_and(|text| worrying::worries(text.display()))
        })
}

fn once_more(
    site: &Site,
    visit: &Visit,
    draft: &Draft,
    journey: &Journey<'_, '_>,
) -> Result<Response, Problem> {
    let check = journey.path.last().map_or("", |page| page.id.as_str());
    let truth = journey.path.last().and_then(|page| page.questions.first());
    let page = Page {
        title: "Does anyone need help right now?".to_owned(),
        token: visit.form_token(site),
        exit: draft.told_leaving && moving::guarded(journey),
        back: Some(moving::address(&draft.kind, check)),
        ..Page::default()
    };
    let more = context! {
        action => moving::address(&draft.kind, check),
        gate => moving::address(&draft.kind, "now"),
        truth => truth.map(|question| question.id.as_str()),
        crisis => site.pages.force().facts.words.get("crisis.how"),
    };
    site.pages.draw(StatusCode::OK, "danger.html", &page, more)
}

/// What the short form of somebody who cannot call still asks, all on one page.
fn short_views<'f>(journey: &Journey<'f, '_>) -> Vec<(&'f FormPage, Vec<QuestionView<'f>>)> {
    let pages = journey.path.iter().chain(&journey.ahead);
    let all: Vec<&FormPage> = pages.copied().collect();
    let from = all.iter().rposition(|page| page.stop.is_some()).map_or(0, |at| at + 1);
    let rest = all.into_iter().skip(from);
    rest.map(|page| (page, journey.questions(page)))
        .filter(|(_, asked)| !asked.is_empty())
        .collect()
}

/// `GET /report/{kind}/send-now`
pub(super) async fn get_now(
    State(site): State<Site>,
    Path(kind): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let newest = super::form(&site, &kind)?;
    let visit = Visit::of(&site, &headers).await?;
    let Some((_, written)) = visit.draft(&site, &kind).await? else {
        return Ok(see_other(&format!("/report/{kind}")));
    };
    if visit.rests() {
        return Ok(see_other(&moving::address(&kind, "back")));
    }
    let draft = written.draft;
    if draft.sent.is_some() {
        return Ok(see_other(&moving::address(&kind, "sent")));
    }
    let form = question::version(&site, newest, &draft);
    let journey = journey(form, &draft.answers, site.local_now());
    if !journey.short {
        return Ok(see_other(&moving::resume(&journey, &kind, &draft.at)));
    }
    let mut fields = typed::Fields::default();
    if let Some(left) = draft.typed.get("send-now") {
        fields = typed::Fields::new(left);
    } else {
        for (_, asked) in short_views(&journey) {
            for view in asked {
                if let Some(answer) = draft.answers.get(&view.question.id) {
                    fields.extend(typed::fields(view.question, answer, site.local_now()));
                }
            }
        }
    }
    draw_now(&site, &visit, &draft, &journey, &fields, &Wrong::default())
}

fn draw_now(
    site: &Site,
    visit: &Visit,
    draft: &Draft,
    journey: &Journey<'_, '_>,
    fields: &typed::Fields,
    wrong: &Wrong,
) -> Result<Response, Problem> {
    let kind = draft.kind.as_str();
    let views: Vec<QuestionView<'_>> =
        short_views(journey).into_iter().flat_map(|(_, asked)| asked).collect();
    let questions = asking::draw(site.pages.templates(), &views, fields, wrong, false, true)
        .map_err(|error| dress::not_drawn(&error))?;
    let stop = journey.path.iter().rev().find(|page| page.stop.is_some());
    let page = Page {
        title: "Tell us where you are and what is happening".to_owned(),
        in_error: !wrong.is_empty(),
        back: stop.map(|page| moving::address(kind, &page.id)),
        token: visit.form_token(site),
        exit: true,
        timeout_minutes: Some(site.rests_after_minutes()),
        guarded: true,
    };
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let more = context! {
        action => moving::address(kind, "send-now"),
        questions => questions,
        errors => wrong.list(),
    };
    site.pages.draw(status, "send-now.html", &page, more)
}

/// `POST /report/{kind}/send-now`: one press sends it.
pub(super) async fn post_now(
    State(site): State<Site>,
    Path(kind): Path<String>,
    client: Client,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    visit::require_own(&headers)?;
    let to = moving::address(&kind, "send-now");
    let took = Box::pin(dress::in_time(take_now(&site, &kind, client, &headers, &sent))).await;
    took.or_else(|problem| dress::again(&site, &problem, &to, &sent))
}

async fn take_now(
    site: &Site,
    kind: &str,
    client: Client,
    headers: &HeaderMap,
    sent: &[(String, String)],
) -> Result<Response, Problem> {
    let newest = super::form(site, kind)?;
    let visit = Visit::of(site, headers).await?;
    let fields = typed::Fields::new(sent);
    let found = visit.draft(site, kind).await?;
    let form = found
        .as_ref()
        .map_or(newest, |(_, written)| question::version(site, newest, &written.draft));
    let questions = form.pages().iter().flat_map(|page| &page.questions);
    let typed = answer::own_fields(questions, sent, site.local_now())?;
    let is_own = visit.sent(site, fields.get(TOKEN)) && !visit.rests();
    let (code, written) = match found {
        Some((code, written)) if is_own => (code, written),
        // The session has ended. What was typed is kept, and the gate is asked again.
        found => return begin::keep(site, visit, newest, ("send-now", typed), found, client).await,
    };
    if written.draft.sent.is_some() {
        return super::sent::already(site, visit, &written.draft, &typed).await;
    }
    let now = site.local_now();
    let before = journey(form, &written.draft.answers, now);
    let pages = short_views(&before);
    let mut given = vec![];
    for (page, asked) in &pages {
        given.push((page.id.as_str(), asking::answers(&asking::asked(asked), &fields, now)));
    }
    let taken = |draft: &mut Draft| {
        draft.leave("send-now", typed.clone());
        for (page, answers) in &given {
            draft.answer(page, answers.clone());
        }
    };
    let written = site.drafts.change(&code, written, taken).await?;
    let after = journey(form, &written.draft.answers, now);
    let mut errors = after.errors.clone();
    for view in pages.iter().flat_map(|(_, asked)| asked) {
        let empty = !written.draft.answers.contains_key(&view.question.id);
        if view.required && empty {
            errors.push(view.question.missing());
        }
    }
    errors.retain(|error| error.code != ErrorCode::NotOnPath);
    let asked = pages.iter().flat_map(|(_, asked)| asked).map(|view| view.question);
    let wrong = Wrong::new(&errors, asked, &fields, true);
    if wrong.is_empty() {
        send(site, visit, &code, &written, form, Pressed { client, was_asked: false }).await
    } else {
        draw_now(site, &visit, &written.draft, &after, &fields, &wrong)
    }
}
