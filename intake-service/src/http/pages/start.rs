//! `GET /`: where the public begins; and the pages about the site itself.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::problem::Problem;
use minijinja::{Value, context};

use super::Site;
use super::visit::Visit;
use crate::drafts::Session;
use crate::pages::site::Page;

pub(super) async fn get(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Problem> {
    let visit = Visit::of(&site, &headers).await?;
    let taken = site.pages.force().facts.kinds.iter();
    let kinds: Vec<Value> = taken
        .filter_map(|kind| site.forms.get(kind))
        .map(|form| context! { kind => form.kind.as_str(), name => public_name(&form.kind) })
        .collect();
    let open: Vec<Value> = visit
        .session
        .iter()
        .filter(|session| !session.rested)
        .flat_map(Session::kinds)
        .filter(|kind| site.forms.is_listed(kind))
        .map(|kind| context! { kind => kind })
        .collect();
    let more =
        context! { kinds => kinds, open => open, area => site.pages.force().facts.area.as_str() };
    site.pages.draw(StatusCode::OK, "start.html", &Page::default(), more)
}

/// A kind of report in people's words (P21).
pub(super) fn public_name(kind: &str) -> &'static str {
    match kind {
        "crime" => "A crime",
        "rtc" => "A road collision",
        "fraud" => "Fraud or a scam",
        "vehicle-stolen" => "A stolen vehicle",
        "vehicle-lost" => "A vehicle you cannot find",
        "asb" => "Antisocial behaviour",
        "missing" => "Someone who is missing",
        "property-lost" => "Something you lost",
        "property-found" => "Something you found",
        "thanks" => "Thank someone",
        "dissatisfaction" => "Unhappy with us, or a complaint",
        _ => "Something else",
    }
}

pub(super) async fn accessibility(State(site): State<Site>) -> Result<Response, Problem> {
    about(&site, "accessibility.html", "Accessibility statement")
}

pub(super) async fn privacy(State(site): State<Site>) -> Result<Response, Problem> {
    about(&site, "privacy.html", "Privacy notice")
}

pub(super) async fn cookies(State(site): State<Site>) -> Result<Response, Problem> {
    about(&site, "cookies.html", "Cookies")
}

fn about(site: &Site, template: &str, title: &str) -> Result<Response, Problem> {
    let page = Page { title: title.to_owned(), back: Some("/".to_owned()), ..Page::default() };
    let facts = &site.pages.force().facts;
    let more = context! { contacts => &facts.contacts, website => facts.website.as_str() };
    site.pages.draw(StatusCode::OK, template, &page, more)
}
