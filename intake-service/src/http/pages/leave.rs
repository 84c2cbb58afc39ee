//! Leave quickly: the session ends, a neutral page opens.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::{Form as Fields, Path};
use backbone::problem::Problem;
use minijinja::context;

use super::visit::{self, TOKEN, Visit};
use super::{Site, moving, question, see_other};
use crate::domain::form::journey;
use crate::drafts::Draft;
use crate::pages::site::Page;
use crate::pages::typed;

/// `GET /leave`: works without scripts, from wherever it is pressed, and waits for nothing. Another site
/// that leads here, or a browser that looks ahead, ends no session.
pub(super) async fn get(State(site): State<Site>, headers: HeaderMap) -> Response {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_pressed = matches!(said("sec-fetch-site"), None | Some("same-origin" | "none"))
        && said("sec-purpose").is_none();
    if !is_pressed {
        return see_other(&site.pages.force().facts.leave_to);
    }
    if let Some(token) = visit::token(&site, &headers) {
        let (token, sessions) = (token.to_owned(), site.sessions.clone());
        site.tasks.spawn(async move {
            if let Err(error) = sessions.end(&token).await {
                tracing::warn!(error = %error, "a session could not be ended");
            }
        });
    }
    visit::without_cookie(&site, see_other(&site.pages.force().facts.leave_to))
}

/// `GET /report/{kind}/leaving`: said once, before the button is first there.
pub(super) async fn explain(
    State(site): State<Site>,
    Path(kind): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    super::form(&site, &kind)?;
    let visit = Visit::of(&site, &headers).await?;
    let page = Page {
        title: "You can leave this site quickly".to_owned(),
        exit: true,
        token: visit.form_token(&site),
        ..Page::default()
    };
    let more = context! { action => moving::address(&kind, "leaving") };
    site.pages.draw(StatusCode::OK, "leaving.html", &page, more)
}

/// `POST /report/{kind}/leaving`: goes on with the report.
pub(super) async fn understood(
    State(site): State<Site>,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    visit::require_own(&headers)?;
    let newest = super::form(&site, &kind)?;
    let visit = Visit::of(&site, &headers).await?;
    let Some((code, written)) = visit.draft(&site, &kind).await? else {
        return Ok(see_other(&format!("/report/{kind}")));
    };
    if !visit.sent(&site, typed::Fields::new(&sent).get(TOKEN)) {
        return Ok(see_other(&moving::address(&kind, "leaving")));
    }
    let told = |draft: &mut Draft| draft.told_leaving = true;
    let draft = site.drafts.change(&code, written, told).await?.draft;
    let form = question::version(&site, newest, &draft);
    let journey = journey(form, &draft.answers, site.local_now());
    Ok(see_other(&moving::resume(&journey, &kind, &draft.at)))
}
