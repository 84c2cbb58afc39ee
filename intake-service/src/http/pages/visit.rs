//! Who is visiting: the session that a cookie opens, and whether a form came from a page of ours.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use backbone::problem::Problem;

use super::Site;
use crate::drafts::{DraftCode, OpenError, Sent, Session, Written};

/// The field that shows that a form came from a page of this session.
pub(super) const TOKEN: &str = "token";
const COOKIE: &str = "session";
/// Only over TLS, only from this host, for all of it: a browser keeps it to that by its name.
const SECURE_COOKIE: &str = "__Host-session";

impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::NotOpened => Self::not_found(),
            OpenError::Wait(seconds) => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "wait", "Try again later.")
                    .retry_after(seconds)
            }
            OpenError::TooLarge => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "This is too much in one go. Shorten it, and add the rest after you have sent it.",
            ),
            OpenError::Unavailable => Self::unavailable(),
        }
    }
}

/// The visitor's session, as far as there is one.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) session: Option<Session>,
    /// A cookie came that opens nothing any more.
    pub(super) had_cookie: bool,
}

impl Visit {
    pub(super) async fn of(site: &Site, headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(token) = token(site, headers) else {
            return Ok(Self { session: None, had_cookie: false });
        };
        let session = site.sessions.find(token).await?;
        Ok(Self { session, had_cookie: true })
    }

    /// What the forms of this visitor's pages carry.
    pub(super) fn form_token(&self, site: &Site) -> String {
        let token =
            self.session.as_ref().map(|session| site.sessions.identity.form_token(session.token()));
        token.unwrap_or_default()
    }

    /// Whether a form with this token came from a page of this session.
    pub(super) fn sent(&self, site: &Site, given: &str) -> bool {
        self.session
            .as_ref()
            .is_some_and(|session| site.sessions.identity.is_form_token(session.token(), given))
    }

    /// The open draft of a kind.
    pub(super) async fn draft(
        &self,
        site: &Site,
        kind: &str,
    ) -> Result<Option<(DraftCode, Written)>, Problem> {
        let Some(code) = self.session.as_ref().and_then(|session| session.draft(kind)) else {
            return Ok(None);
        };
        match site.drafts.read(&code).await {
            Ok(written) => Ok(Some((code, written))),
            Err(OpenError::NotOpened) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether this session sent the report, and may show its codes.
    pub(super) fn has_sent(&self, site: &Site, sent: &Sent) -> bool {
        let mark = self.session.as_ref().map(|session| site.sessions.mark(session));
        mark.is_some_and(|mark| mark == sent.by)
    }

    /// Whether what is open may not be shown before somebody says who they are.
    pub(super) fn rests(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.rested)
    }
}

fn name(site: &Site) -> &'static str {
    if site.pages.force().live { SECURE_COOKIE } else { COOKIE }
}

pub(super) fn token<'h>(site: &Site, headers: &'h HeaderMap) -> Option<&'h str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, token) = pairs.find(|(of, _)| *of == name(site))?;
    (token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(token)
}

/// Gives the browser the session's cookie; it ends with the browser.
pub(super) fn with_cookie(site: &Site, session: &Session, mut response: Response) -> Response {
    let secure = if site.pages.force().live { "; Secure" } else { "" };
    let cookie =
        format!("{}={}; Path=/; HttpOnly; SameSite=Lax{secure}", name(site), session.token());
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Takes the cookie away.
pub(super) fn without_cookie(site: &Site, mut response: Response) -> Response {
    let secure = if site.pages.force().live { "; Secure" } else { "" };
    let cookie = format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}", name(site));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Refuses a form that another site sent, as far as the browser says where it came from.
pub(crate) fn require_own(headers: &HeaderMap) -> Result<(), Problem> {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_own = match (said("sec-fetch-site"), said("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map_or("", |(_, host)| host);
            // A proxy may have asked under a name of its own; no form of another site can say this header.
            let own = ["host", "x-forwarded-host"].into_iter().filter_map(said);
            own.into_iter().any(|own| own.eq_ignore_ascii_case(host))
        }
        (None, None) => true,
    };
    if is_own {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "not_from_here",
        "This form was not sent from one of our pages. Go back to our page and send it from there.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &[(&'static str, &'static str)], then: bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        assert_eq!(require_own(&headers).is_ok(), then, "{said:?}");
    }

    #[test]
    fn a_form_of_another_site_is_refused() {
        check(&[], true);
        check(&[("sec-fetch-site", "same-origin")], true);
        check(&[("sec-fetch-site", "cross-site"), ("origin", "null")], false);
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("origin", "https://report.example"), ("host", "report.example")], true);
        check(&[("origin", "https://elsewhere.example"), ("host", "report.example")], false);
        check(&[("origin", "null"), ("host", "report.example")], false);
        let own = ("origin", "https://report.example");
        check(&[own, ("host", "intake"), ("x-forwarded-host", "report.example")], true);
    }
}
