//! Save, and come back by code: without an address, on any device, by whoever has the code.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::{Form as Fields, Path};
use backbone::problem::Problem;
use minijinja::context;

use super::link::Offer;
use super::visit::{self, Visit};
use super::{Site, moving, question, see_other};
use crate::domain::form::journey;
use crate::drafts::{Draft, DraftCode, KEPT, OpenError, Written};
use crate::pages::errors::Wrong;
use crate::pages::site::Page;
use crate::pages::{said, typed};

/// `GET /report/{kind}/save`: the code, to be written down.
pub(super) async fn show(
    State(site): State<Site>,
    Path(kind): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    match open(&site, &kind, &headers).await? {
        Ok(saved) => saved.draw(&site, StatusCode::OK, &Offer::default()),
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// A draft whose code may be shown.
pub(super) struct Saved {
    pub(super) visit: Visit,
    pub(super) code: DraftCode,
    pub(super) written: Written,
}

/// The saved draft of a kind, or where its writer has to go instead.
pub(super) async fn open(
    site: &Site,
    kind: &str,
    headers: &HeaderMap,
) -> Result<Result<Saved, Response>, Problem> {
    super::form(site, kind)?;
    let visit = Visit::of(site, headers).await?;
    let Some((code, written)) = visit.draft(site, kind).await? else {
        return Ok(Err(see_other("/saved")));
    };
    if visit.rests() {
        return Ok(Err(see_other(&moving::address(kind, "back"))));
    }
    if written.draft.sent.is_some() {
        return Ok(Err(see_other(&moving::address(kind, "sent"))));
    }
    Ok(Ok(Saved { visit, code, written }))
}

impl Saved {
    /// The page with the code, and with what it offers besides.
    pub(super) fn draw(
        &self,
        site: &Site,
        status: StatusCode,
        offer: &Offer,
    ) -> Result<Response, Problem> {
        let draft = &self.written.draft;
        let kind = draft.kind.as_str();
        let form = question::version(site, super::form(site, kind)?, draft);
        let journey = journey(form, &draft.answers, site.local_now());
        let until = self.written.saved_at.saturating_add(KEPT).unwrap_or_default();
        let page = Page {
            title: "What you typed is saved".to_owned(),
            in_error: !offer.wrong.is_empty(),
            exit: draft.told_leaving && moving::guarded(&journey),
            token: self.visit.form_token(site),
            ..Page::default()
        };
        let more = context! {
            code => self.code.shown(),
            until => said::day(until, &site.zone),
            go_on => moving::resume(&journey, kind, &draft.at),
            errors => offer.wrong.list(),
            link => offer.link(site, draft)?,
        };
        site.pages.draw(status, "save.html", &page, more)
    }
}

/// `GET /saved`
pub(super) async fn get(State(site): State<Site>) -> Result<Response, Problem> {
    ask(&site, StatusCode::OK, "", &Wrong::default(), None)
}

fn ask(
    site: &Site,
    status: StatusCode,
    typed: &str,
    wrong: &Wrong,
    wait: Option<u64>,
) -> Result<Response, Problem> {
    let page = Page {
        title: "Open a saved form".to_owned(),
        in_error: !wrong.is_empty(),
        back: Some("/".to_owned()),
        ..Page::default()
    };
    let more = context! {
        typed => typed,
        errors => wrong.list(),
        error => wrong.at("code"),
    };
    let mut response = site.pages.draw(status, "saved.html", &page, more)?;
    if let Some(seconds) = wait {
        response.headers_mut().insert("retry-after", seconds.into());
    }
    Ok(response)
}

/// `POST /saved`: opens the draft in this browser.
pub(super) async fn post(
    State(site): State<Site>,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    visit::require_own(&headers)?;
    let fields = typed::Fields::new(&sent);
    let typed = fields.get("code");
    if typed.trim().is_empty() {
        let wrong = Wrong::one("code", "Enter the code of your saved form");
        return ask(&site, StatusCode::UNPROCESSABLE_ENTITY, "", &wrong, None);
    }
    let (code, written) = match site.drafts.open(typed).await {
        Ok(opened) => opened,
        Err(OpenError::NotOpened) => {
            let wrong = Wrong::one(
                "code",
                "That code does not open a saved form. Check it and try again. We keep a saved form \
                 for 7 days",
            );
            return ask(&site, StatusCode::NOT_FOUND, typed, &wrong, None);
        }
        Err(OpenError::Wait(seconds)) => {
            let wait = said::wait(seconds);
            let told =
                format!("That code does not open a saved form. Check it and try again in {wait}");
            let wrong = Wrong::one("code", told);
            return ask(&site, StatusCode::TOO_MANY_REQUESTS, typed, &wrong, Some(seconds));
        }
        Err(error) => return Err(error.into()),
    };
    open_here(&site, &headers, code, written).await
}

/// Opens the draft in the visitor's session.
async fn open_here(
    site: &Site,
    headers: &HeaderMap,
    code: DraftCode,
    written: Written,
) -> Result<Response, Problem> {
    let kind = written.draft.kind.clone();
    let newest = super::form(site, &kind)?;
    let visit = Visit::of(site, headers).await?;
    // What was typed here while the rest was out of reach comes along.
    let here = visit.draft(site, &kind).await?;
    let here = here.filter(|(other, written)| {
        *other != code && !visit.rests() && written.draft.sent.is_none()
    });
    let other = here.clone().filter(|(_, written)| !written.draft.answers.is_empty());
    let written = match here.filter(|(_, written)| written.draft.answers.is_empty()) {
        Some((other, here)) => {
            let moved = |draft: &mut Draft| {
                for (page, typed) in &here.draft.typed {
                    draft.typed.entry(page.clone()).or_insert_with(|| typed.clone());
                }
            };
            let written = site.drafts.change(&code, written, moved).await?;
            site.drafts.delete(&other).await?;
            written
        }
        None => written,
    };
    // What rests here may be somebody else's.
    let session = visit.session.filter(|session| !session.rested);
    let session = session.unwrap_or_else(|| site.sessions.begin());
    let mut session = site.sessions.renew(session).await?;
    site.sessions.set_draft(&mut session, &kind, Some(&code)).await?;
    let to = if written.draft.sent.is_some() {
        moving::address(&kind, "sent")
    } else {
        let form = question::version(site, newest, &written.draft);
        let journey = journey(form, &written.draft.answers, site.local_now());
        if moving::guarded(&journey) {
            site.sessions.guard(&mut session).await?;
        }
        moving::come_back(site, &journey, form, &written)
    };
    let response = match other {
        // Nothing else knows its code.
        Some((other, _)) => {
            let title = "There is another form in this browser".to_owned();
            let page = Page { title, ..Page::default() };
            let more = context! { code => other.shown(), go_on => to };
            site.pages.draw(StatusCode::OK, "another.html", &page, more)?
        }
        None => see_other(&to),
    };
    Ok(visit::with_cookie(site, &session, response))
}
