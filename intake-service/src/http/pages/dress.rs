//! Refusals as pages: what happened, what to do, and what was typed is still there.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use backbone::problem::{Problem, with_causes};
use minijinja::context;

use super::Site;
use super::visit::TOKEN;
use crate::pages::said;
use crate::pages::site::Page;

/// Shows a problem as a page where a person looks at it. Programs get it as it is.
pub(crate) async fn dressed(State(site): State<Site>, request: Request, next: Next) -> Response {
    let wants_page = !request.uri().path().starts_with("/api/") && accepts_html(request.headers());
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>().filter(|_| wants_page).cloned()
    else {
        return response;
    };
    let Ok(mut page) = draw(&site, &problem, None) else { return response };
    // Nothing that guards every answer is lost with the problem's own body.
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            page.headers_mut().entry(name).or_insert(value.clone());
        }
    }
    page
}

fn accepts_html(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepts.into_iter().any(|accepts| accepts.contains("text/html"))
}

/// A page waits so long, and then says so with what was typed in it.
const PAGE_TIME: Duration = Duration::from_secs(12);

/// The answer of a page, or a problem where it takes too long.
pub(super) async fn in_time(
    answer: impl Future<Output = Result<Response, Problem>>,
) -> Result<Response, Problem> {
    tokio::time::timeout(PAGE_TIME, answer).await.unwrap_or_else(|_| Err(Problem::unavailable()))
}

/// The page of a problem that a form met: its fields stand in the page, and one press sends them again.
pub(crate) fn again(
    site: &Site,
    problem: &Problem,
    to: &str,
    typed: &[(String, String)],
) -> Result<Response, Problem> {
    let can_repeat = matches!(problem.status().as_u16(), 408 | 413 | 429 | 500 | 503);
    if !can_repeat {
        return Err(problem.clone());
    }
    let mut page = draw(site, problem, Some((to, typed)))?;
    if let Some(seconds) = problem.wait() {
        page.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(page)
}

fn draw(
    site: &Site,
    problem: &Problem,
    again: Option<(&str, &[(String, String)])>,
) -> Result<Response, Problem> {
    let status = problem.status();
    let title = match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => "We cannot find that page",
        StatusCode::TOO_MANY_REQUESTS => "Please wait a moment",
        StatusCode::PAYLOAD_TOO_LARGE => "This is too much in one go",
        StatusCode::FORBIDDEN => "Open this from our own page",
        StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
        | StatusCode::BAD_REQUEST => "We could not read this page",
        StatusCode::SERVICE_UNAVAILABLE => "We cannot take this at the moment",
        _ => "Something went wrong on our side",
    };
    let page = Page { title: title.to_owned(), ..Page::default() };
    let typed: Vec<_> = again
        .map_or(&[][..], |(_, typed)| typed)
        .iter()
        .map(|(name, value)| context! { name => name, value => value, is_token => name == TOKEN })
        .collect();
    let more = context! {
        status => status.as_u16(),
        wait => problem.wait().map(said::wait),
        to => again.map(|(to, _)| to),
        typed => typed,
    };
    site.pages.draw(status, "problem.html", &page, more)
}

/// A page of ours that a template cannot draw.
pub(super) fn not_drawn(error: &minijinja::Error) -> Problem {
    tracing::error!(error = with_causes(error), "alarm: a page cannot be drawn");
    Problem::internal()
}
