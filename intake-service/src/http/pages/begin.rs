//! Where a report begins, and where it goes on after a while.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use backbone::http::{Form as Fields, Path};
use backbone::problem::Problem;
use minijinja::context;

use super::visit::{self, TOKEN, Visit};
use super::{Site, acts, moving, question, see_other};
use crate::domain::form::{Form, Regime, journey};
use crate::drafts::{Draft, DraftCode, Session, Typed, Written};
use crate::http::client::Client;
use crate::pages::site::Page;
use crate::pages::{check, linked, typed};

/// `GET /report/{kind}`: a lasting address, whatever else changes.
pub(super) async fn get(
    State(site): State<Site>,
    Path(kind): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = super::form(&site, &kind)?;
    if !form.listed {
        return Ok(see_other("/my-report"));
    }
    let visit = Visit::of(&site, &headers).await?;
    let draft = visit.draft(&site, &kind).await?.filter(|_| !visit.rests());
    let unsent = draft.as_ref().filter(|(_, written)| written.draft.sent.is_none());
    let first =
        form.pages().first().map_or_else(String::new, |page| moving::address(&kind, &page.id));
    let go_on = unsent.map(|(_, written)| go_on(&site, form, &written.draft));
    let title = form.title.clone();
    let page = Page {
        title,
        back: Some("/".to_owned()),
        token: visit.form_token(&site),
        ..Page::default()
    };
    let more = context! {
        kind => kind,
        first => first,
        is_general => form.regime == Regime::General,
        continues => form.continues.is_some(),
        opening => linked::lines(form.opening.as_deref().unwrap_or_default()),
        sent => draft.as_ref().is_some_and(|(_, written)| written.draft.sent.is_some()),
        is_here => draft.and_then(|(_, written)| written.draft.sent).is_some_and(|sent| visit.has_sent(&site, &sent)),
        go_on => go_on,
    };
    site.pages.draw(StatusCode::OK, "begin.html", &page, more)
}

fn go_on(site: &Site, newest: &Form, draft: &Draft) -> String {
    let form = question::version(site, newest, draft);
    let journey = journey(form, &draft.answers, site.local_now());
    moving::resume(&journey, &draft.kind, &draft.at)
}

/// A new draft in the visitor's session, which begins where there is none.
pub(super) async fn draft(
    site: &Site,
    visit: Visit,
    form: &Form,
    client: Client,
) -> Result<(Visit, DraftCode, Written), Problem> {
    site.limits.may_begin(client)?;
    let mut draft = Draft::new(&form.kind, form.version);
    let report = visit.session.as_ref().and_then(Session::report);
    if let Some(report) = report.filter(|_| !form.listed) {
        draft.about.clone_from(&report.reference);
    }
    let code = site.drafts.create(&draft).await?;
    // What rests here may be somebody else's.
    let session = visit.session.filter(|session| !session.rested);
    let had_cookie = session.is_some();
    let mut session = session.unwrap_or_else(|| site.sessions.begin());
    site.sessions.set_draft(&mut session, &form.kind, Some(&code)).await?;
    let written = site.drafts.read(&code).await?;
    Ok((Visit { session: Some(session), had_cookie }, code, written))
}

/// A page was sent that cannot be taken where the visitor stands: what was typed is kept, and shown when
/// its page comes.
pub(super) async fn keep(
    site: &Site,
    visit: Visit,
    form: &Form,
    (page, typed): (&str, Typed),
    found: Option<(DraftCode, Written)>,
    client: Client,
) -> Result<Response, Problem> {
    let is_lost = found.is_none();
    let (visit, code, written) = match found {
        Some((code, written)) => (visit, code, written),
        None => draft(site, visit, form, client).await?,
    };
    if written.draft.sent.is_some() {
        return super::sent::already(site, visit, &written.draft, &typed).await;
    }
    let left = |draft: &mut Draft| {
        draft.leave(page, typed.clone());
    };
    let written = site.drafts.change(&code, written, left).await?;
    let to = if is_lost {
        moving::address(&form.kind, "back?lost=1")
    } else if visit.rests() {
        moving::address(&form.kind, "back")
    } else {
        let form = question::version(site, form, &written.draft);
        let journey = journey(form, &written.draft.answers, site.local_now());
        moving::resume(&journey, &written.draft.kind, page)
    };
    let response = see_other(&to);
    Ok(match &visit.session {
        Some(session) if is_lost => visit::with_cookie(site, session, response),
        Some(_) | None => response,
    })
}

/// `POST /report/{kind}/new`: the draft is thrown away, and another one begins.
pub(super) async fn post_new(
    State(site): State<Site>,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    visit::require_own(&headers)?;
    let mut visit = Visit::of(&site, &headers).await?;
    let form = acts::form(&site, &visit, super::form(&site, &kind)?).await?;
    let kind = form.kind.as_str();
    let fields = typed::Fields::new(&sent);
    if visit.sent(&site, fields.get(TOKEN)) && !visit.rests() {
        if let Some((code, written)) = visit.draft(&site, kind).await?
            && written.draft.sent.is_none()
        {
            let report = visit.session.as_ref().and_then(Session::report);
            if !form.listed && report.is_some_and(|report| report.reference == written.draft.about)
            {
                // It is not thrown away by whoever only wants to go on with it.
                return Ok(see_other(&go_on(&site, form, &written.draft)));
            }
            site.drafts.delete(&code).await?;
        }
        if let Some(session) = &mut visit.session {
            site.sessions.set_draft(session, kind, None).await?;
        }
    }
    let first = form.pages().first().map_or("", |page| page.id.as_str());
    Ok(see_other(&moving::address(kind, first)))
}

/// `GET /report/{kind}/back`: somebody comes back after a while, perhaps somebody else.
pub(super) async fn get_back(
    State(site): State<Site>,
    Path(kind): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    super::form(&site, &kind)?;
    let visit = Visit::of(&site, &headers).await?;
    if visit.draft(&site, &kind).await?.is_none() {
        return Ok(see_other(&format!("/report/{kind}")));
    }
    let is_lost = uri.query() == Some("lost=1");
    let page = Page {
        title: if is_lost { "What you typed is kept" } else { "You have been away" }.to_owned(),
        token: visit.form_token(&site),
        ..Page::default()
    };
    let more = context! {
        kind => kind,
        is_lost => is_lost,
    };
    site.pages.draw(StatusCode::OK, "back.html", &page, more)
}

/// `POST /report/{kind}/back`: it is the same person.
pub(super) async fn post_back(
    State(site): State<Site>,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    visit::require_own(&headers)?;
    let newest = super::form(&site, &kind)?;
    let mut visit = Visit::of(&site, &headers).await?;
    let found = visit.draft(&site, &kind).await?;
    let is_own = visit.sent(&site, typed::Fields::new(&sent).get(TOKEN));
    let (Some((_, written)), Some(session)) = (found, &mut visit.session) else {
        return Ok(see_other(&format!("/report/{kind}")));
    };
    let form = question::version(&site, newest, &written.draft);
    let journey = journey(form, &written.draft.answers, site.local_now());
    if !is_own {
        return Ok(see_other(&moving::address(&kind, "back")));
    }
    site.sessions.wake(session).await?;
    Ok(see_other(&moving::come_back(&site, &journey, form, &written)))
}

/// `GET /report/{kind}/elsewhere`: somebody goes to whom it belongs, and nothing was sent.
pub(super) async fn elsewhere(
    State(site): State<Site>,
    Path(kind): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let newest = super::form(&site, &kind)?;
    let visit = Visit::of(&site, &headers).await?;
    let found = visit.draft(&site, &kind).await?.filter(|_| !visit.rests());
    let Some((_, written)) = found else {
        return Ok(see_other(&format!("/report/{kind}")));
    };
    let form = question::version(&site, newest, &written.draft);
    let journey = journey(form, &written.draft.answers, site.local_now());
    let stop = journey.path.iter().rev().find(|page| page.stop.is_some());
    let Some(stop) = stop.filter(|_| journey.ended) else {
        return Ok(see_other(&moving::resume(&journey, &kind, &written.draft.at)));
    };
    let page = Page {
        title: "Nothing was sent to us".to_owned(),
        token: visit.form_token(&site),
        back: Some(moving::address(&kind, &stop.id)),
        ..Page::default()
    };
    let body = stop.stop.as_ref().map_or("", |stop| stop.body.as_str());
    let more = context! {
        lines => linked::lines(body),
        change => moving::address(&kind, &stop.id),
        rows => check::to_take_along(&journey, &kind),
    };
    site.pages.draw(StatusCode::OK, "elsewhere.html", &page, more)
}
