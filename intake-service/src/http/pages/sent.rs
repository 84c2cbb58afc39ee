//! The confirmation: reference, by when and how, what happens next, the return code.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::{Form as Fields, Path};
use backbone::problem::Problem;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use minijinja::context;

use super::visit::{self, TOKEN, Visit};
use super::{Site, moving, question, see_other};
use crate::domain::form::{Form, Regime, journey};
use crate::drafts::{Draft, Sent, Typed};
use crate::identity;
use crate::pages::site::Page;
use crate::pages::{check, said, typed};

/// `GET /report/{kind}/sent`: answers usefully whenever it is opened again.
pub(super) async fn get(
    State(site): State<Site>,
    Path(kind): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = super::form(&site, &kind)?;
    if !form.listed {
        return Ok(see_other("/my-report/told"));
    }
    let visit = Visit::of(&site, &headers).await?;
    let found = visit.draft(&site, &kind).await?;
    let Some(sent) = found.as_ref().and_then(|(_, written)| written.draft.sent.as_ref()) else {
        return Ok(see_other("/my-report"));
    };
    if visit.rests() || !visit.has_sent(&site, sent) {
        return Ok(see_other("/my-report"));
    }
    let draft = found.as_ref().map(|(_, written)| &written.draft);
    let has_copy = draft.is_some_and(|draft| !draft.answers.is_empty());
    let page = Page {
        title: "We have your report".to_owned(),
        token: visit.form_token(&site),
        exit: draft.is_some_and(|draft| draft.told_leaving),
        ..Page::default()
    };
    let extras = if visit.session.as_ref().is_some_and(|session| session.report().is_some()) {
        draft.map_or_else(Vec::new, |draft| offered(&site, draft, sent))
    } else {
        vec![]
    };
    let more = context! {
        has_copy => has_copy,
        kind => kind,
        extras => extras,
        keeps => form.regime == Regime::LawEnforcement,
        ..facts(&site, sent)
    };
    site.pages.draw(StatusCode::OK, "sent.html", &page, more)
}

/// What may be told now that it is sent.
fn offered(site: &Site, draft: &Draft, sent: &Sent) -> Vec<minijinja::Value> {
    let Some(form) = site.forms.version(&draft.kind, draft.version) else { return vec![] };
    let offered = form.extras().iter().filter(|extra| sent.extras.contains(&extra.id));
    let named =
        offered.map(|extra| context! { id => extra.id.as_str(), title => extra.title.as_str() });
    named.collect()
}

/// What nobody types: the values of choices.
fn choices<'s>(site: &'s Site, draft: &Draft) -> Vec<&'s str> {
    let form = site.forms.version(&draft.kind, draft.version);
    let questions = form.into_iter().flat_map(Form::pages).flat_map(|page| &page.questions);
    let choices = questions.flat_map(|question| &question.choices);
    choices
        .map(|choice| choice.value.as_str())
        .chain(["exact", "between", "period", "about"])
        .collect()
}

fn facts(site: &Site, sent: &Sent) -> minijinja::Value {
    context! {
        reference => sent.reference.as_str(),
        return_code => sent.return_code.as_str(),
        receipt => sent.receipt.as_str(),
        by => said::promised(sent.submitted_at, sent.contact_by, &site.zone),
        at => said::at(sent.submitted_at, &site.zone),
        short => sent.short,
        way => sent.way.as_str(),
        own => sent.own,
        advice => &sent.advice,
    }
}

/// `POST /report/{kind}/copy`: what was sent, shown once.
pub(super) async fn copy(
    State(site): State<Site>,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Fields(fields): Fields,
) -> Result<Response, Problem> {
    visit::require_own(&headers)?;
    let newest = super::form(&site, &kind)?;
    let visit = Visit::of(&site, &headers).await?;
    let is_own = visit.sent(&site, typed::Fields::new(&fields).get(TOKEN)) && !visit.rests();
    let Some((code, written)) = visit.draft(&site, &kind).await?.filter(|_| is_own) else {
        return Ok(see_other("/my-report"));
    };
    let Some(sent) = written.draft.sent.clone() else {
        return Ok(see_other(&format!("/report/{kind}")));
    };
    if written.draft.answers.is_empty() || !visit.has_sent(&site, &sent) {
        return Ok(see_other(&moving::address(&kind, "sent")));
    }
    let form = question::version(&site, newest, &written.draft);
    let journey = journey(form, &written.draft.answers, site.local_now());
    let page = Page {
        title: "A copy of what you sent".to_owned(),
        exit: written.draft.told_leaving,
        back: Some(moving::address(&kind, "sent")),
        ..Page::default()
    };
    let more = context! { rows => check::rows(&journey, &kind), ..facts(&site, &sent) };
    let file = site.pages.file("parts/copy-file.html", more.clone())?;
    let more = context! { file => BASE64.encode(file), ..more };
    let shown = site.pages.draw(StatusCode::OK, "copy.html", &page, more)?;
    let forgotten = |draft: &mut Draft| draft.answers.clear();
    site.drafts.change(&code, written.clone(), forgotten).await?;
    Ok(shown)
}

/// A page came after the report was sent, from another tab or by the back button: what was typed on it
/// can be added.
pub(super) async fn already(
    site: &Site,
    visit: Visit,
    draft: &Draft,
    typed: &Typed,
) -> Result<Response, Problem> {
    let Some(sent) = &draft.sent else { return Err(Problem::not_found()) };
    let mut visit = visit;
    let is_here = visit.has_sent(site, sent);
    if let Some(session) = visit.session.as_mut().filter(|_| is_here)
        && session.report().is_none()
    {
        let open = crate::drafts::OpenReport {
            reference: sent.reference.clone(),
            return_code: sent.return_code.clone(),
        };
        site.sessions.set_report(session, Some(open)).await?;
    }
    let choices = choices(site, draft);
    let typed = typed.iter().map(|(_, value)| value.trim());
    let words = typed.filter(|value| !value.is_empty() && !choices.contains(value));
    let page = Page {
        title: "Your report was already sent".to_owned(),
        token: visit.form_token(site),
        exit: draft.told_leaving,
        ..Page::default()
    };
    let more = context! {
        words => words.collect::<Vec<_>>().join("\n"),
        key => identity::new_token(),
        kind => draft.kind.as_str(),
        is_here => is_here,
        ..facts(site, sent)
    };
    site.pages.draw(StatusCode::OK, "already.html", &page, more)
}
