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

/// `GET /not-sure`: what belongs where, for somebody who does not know (P17).
pub(super) async fn not_sure(State(site): State<Site>) -> Result<Response, Problem> {
    let taken = site.pages.force().facts.kinds.iter().filter_map(|kind| site.forms.get(kind));
    let kinds: Vec<&str> = taken.map(|form| form.kind.as_str()).collect();
    // Whatever it is, a crime may be part of it, and its form takes what fits nowhere.
    let general = kinds.iter().find(|kind| **kind == "crime").or(kinds.first()).copied();
    let told = |kind: &&str| {
        let name = public_name(kind);
        context! { kind => *kind, name => name, belongs => belongs(kind) }
    };
    let kinds: Vec<Value> = kinds.iter().map(told).collect();
    let page = Page {
        title: "What would you like to tell us?".to_owned(),
        back: Some("/".to_owned()),
        ..Page::default()
    };
    let more = context! { kinds => kinds, general => general };
    site.pages.draw(StatusCode::OK, "not-sure.html", &page, more)
}

/// What belongs to a kind of report, in a line.
fn belongs(kind: &str) -> &'static str {
    match kind {
        "crime" => {
            "Something was taken, broken into or damaged, or someone was attacked, threatened or harmed"
        }
        "rtc" => "Vehicles hit each other, or a person, an animal or a thing",
        "fraud" => "Somebody tricked you, or tried to, to get money or details from you",
        "vehicle-stolen" => {
            "Somebody took your car, van, motorbike or another vehicle, or its number plates"
        }
        "vehicle-lost" => {
            "You do not know where it is parked, or it may have been towed or borrowed"
        }
        "asb" => {
            "Noise, neighbours, groups, fireworks, off-road bikes and other things that disturb people"
        }
        "missing" => {
            "You do not know where someone is and worry about them. You need not wait before you tell us"
        }
        "property-lost" => {
            "You lost a wallet, a phone, keys or another thing, and do not think it was stolen"
        }
        "property-found" => "You found something that somebody lost, or that may be dangerous",
        "thanks" => "Say thanks to somebody who works here, or suggest what we could do better",
        "dissatisfaction" => {
            "We did something wrong or not at all, or you wait to hear about your report"
        }
        _ => "",
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::{load, sample_words};

    #[test]
    fn whoever_is_not_sure_reads_a_short_line_about_every_kind() {
        for form in load(&sample_words()).unwrap().newest() {
            let line = belongs(&form.kind);
            let words = line.split_whitespace().count();
            assert!((5..=20).contains(&words), "{}: {line}", form.kind);
            assert_ne!(public_name(&form.kind), "Something else");
        }
    }
}
