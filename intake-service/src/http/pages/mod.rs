//! The public's pages: complete without scripts, one question at a time.

mod visit; // who is visiting
mod dress; // refusals as pages, which keep what was typed
mod start; // GET /, and the pages about the site
mod begin; // GET /report/{kind}
mod other; // /report/{kind}/other
mod question; // /report/{kind}/{page}
mod answer; // the same, sent
mod moving; // where a finished page leads
mod send; // the last page: a draft becomes a report
mod sent; // the confirmation
mod saved; // save, and come back by code
mod link; // the page with the code may be told by email or text
mod my_report; // the status page, and what a reporter adds
mod more; // what may be told once a report was sent
mod acts; // the reporter wants us to stop, or to know that it has got worse
mod files; // pictures, video and other files for a report that was sent
mod found; // what the report looks for has been found
mod leave; // leave quickly
mod verify; // whether a receipt is one of ours

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use backbone::problem::Problem;

use super::Site;
use crate::domain::form::Form;

pub(super) use dress::{again, dressed};
pub(super) use send::way_told;
pub(super) use visit::require_own;

/// The way out, which no limit counts.
pub(super) fn way_out() -> Router<Site> {
    Router::new().route("/leave", get(leave::get))
}

/// The page whose form may take long to come.
pub(super) fn unhurried() -> Router<Site> {
    Router::new().route("/my-report/files", get(files::get).post(files::post))
}

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/", get(start::get))
        .route("/not-sure", get(start::not_sure))
        .route("/accessibility", get(start::accessibility))
        .route("/privacy", get(start::privacy))
        .route("/cookies", get(start::cookies))
        .route("/report/{kind}", get(begin::get))
        .route("/report/{kind}/new", post(begin::post_new))
        .route("/report/{kind}/back", get(begin::get_back).post(begin::post_back))
        .route("/report/{kind}/save", get(saved::show).post(link::post))
        .route("/report/{kind}/leaving", get(leave::explain).post(leave::understood))
        .route("/report/{kind}/send-now", get(send::get_now).post(send::post_now))
        .route("/report/{kind}/elsewhere", get(begin::elsewhere))
        .route("/report/{kind}/other", get(other::get).post(other::post))
        .route("/report/{kind}/sent", get(sent::get))
        .route("/report/{kind}/copy", post(sent::copy))
        .route("/report/{kind}/{page}", get(question::get).post(answer::post))
        .route("/saved", get(saved::get).post(saved::post))
        .route("/my-report", get(my_report::get).post(my_report::post_open))
        .route("/my-report/close", post(my_report::post_close))
        .route("/my-report/add", post(my_report::post_add))
        .route("/my-report/more/{extra}", get(more::get).post(more::post))
        .route("/my-report/finished", post(more::post_finished))
        .route("/my-report/found", get(found::get).post(found::post))
        .route("/verify", get(verify::get).post(verify::post))
        .route("/my-report/told", get(acts::told))
        .route("/my-report/done/{what}", get(acts::done))
        .route("/my-report/stop-contact", get(acts::get_stop).post(acts::post_stop))
        .route("/my-report/withdraw", get(acts::get_withdraw).post(acts::post_withdraw))
}

/// The newest form of a kind that this force takes, or of one that is asked of somebody who comes back.
fn form<'s>(site: &'s Site, kind: &str) -> Result<&'s Form, Problem> {
    let taken = site.pages.force().facts.kinds.iter().any(|taken| taken == kind);
    site.forms.find(kind).filter(|form| taken || !form.listed).ok_or_else(Problem::not_found)
}

/// Sends the browser on, so that a reload sends nothing again.
fn see_other(to: &str) -> Response {
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}
