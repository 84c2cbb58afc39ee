//! `/verify`: whether a receipt is one of ours. It opens nothing and changes nothing, so its form needs no
//! session and no token; it is posted so that no address ever holds a receipt.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::Form as Fields;
use backbone::problem::Problem;
use minijinja::context;

use super::{Site, visit};
use crate::pages::errors::Wrong;
use crate::pages::site::Page;
use crate::pages::{said, typed};
use crate::receipts::{CHARS_MAX, Issued};

const FIELD: &str = "receipt";
const NO_MATCH: &str = "This receipt does not match. We did not give it, or something in it was changed. Check that \
                        you have copied all of it, from the first letter to the last";

pub(super) async fn get(State(site): State<Site>) -> Result<Response, Problem> {
    ask(&site, StatusCode::OK, "", &Wrong::default())
}

pub(super) async fn post(
    State(site): State<Site>,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    visit::require_own(&headers)?;
    let fields = typed::Fields::new(&sent);
    let typed = fields.get(FIELD);
    let told = if typed.trim().is_empty() {
        "Enter the receipt that you want to check"
    } else {
        match site.receipts.verify(typed) {
            Some(issued) => return tell(&site, &issued),
            None => NO_MATCH,
        }
    };
    let shown = typed.get(..CHARS_MAX).unwrap_or(typed);
    ask(&site, StatusCode::UNPROCESSABLE_ENTITY, shown, &Wrong::one(FIELD, told))
}

fn ask(site: &Site, status: StatusCode, typed: &str, wrong: &Wrong) -> Result<Response, Problem> {
    let page = Page {
        title: "Check a receipt".to_owned(),
        in_error: !wrong.is_empty(),
        back: Some("/".to_owned()),
        ..Page::default()
    };
    let more = context! {
        typed => typed,
        errors => wrong.list(),
        error => wrong.at(FIELD),
    };
    site.pages.draw(status, "verify.html", &page, more)
}

/// Says what was signed, and not what the report is about (P6).
fn tell(site: &Site, issued: &Issued) -> Result<Response, Problem> {
    let page = Page {
        title: "We gave this receipt".to_owned(),
        back: Some("/verify".to_owned()),
        ..Page::default()
    };
    let more = context! {
        reference => issued.reference.as_str(),
        at => said::at_in_its_year(issued.submitted_at, &site.zone),
    };
    site.pages.draw(StatusCode::OK, "verified.html", &page, more)
}
