//! The one error format: RFC 9457 `application/problem+json`.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// One thing that is wrong with a request, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// A JSON pointer into the body: `/answers/what`.
    pub pointer: String,
    /// A word that a program can act on.
    pub code: String,
    /// A sentence that tells a person what to do.
    pub detail: String,
}

/// A refusal or failure, as it is answered.
#[derive(Debug, Clone)]
pub struct Problem(Box<Body>);

#[derive(Debug, Clone, Serialize)]
struct Body {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_version: Option<u32>,
    #[serde(skip)]
    retry_after: Option<u64>,
    #[serde(skip)]
    authenticate: bool,
}

impl Problem {
    /// A problem of this `status`. `code` is its word, `detail` says what to do.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Body {
            kind: format!("/problems/{code}"),
            title: title(status),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            errors: vec![],
            current_version: None,
            retry_after: None,
            authenticate: false,
        }))
    }

    #[must_use]
    pub fn errors(mut self, errors: Vec<Fault>) -> Self {
        self.0.errors = errors;
        self
    }

    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds.max(1));
        self
    }

    #[must_use]
    pub fn current_version(mut self, version: u32) -> Self {
        self.0.current_version = Some(version);
        self
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// How many seconds to wait before it is tried again.
    #[must_use]
    pub fn wait(&self) -> Option<u64> {
        self.0.retry_after
    }

    /// What to do about it.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The word that a program can act on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The answer while storage or broker is away.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "We cannot do this at the moment. Nothing was lost: try again with the same key.",
        )
        .retry_after(2)
    }

    /// The answer to a fault of our own. What it was stands in the log and not here.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side. Try again.",
        )
    }

    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address.")
    }

    #[must_use]
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail);
        problem.0.authenticate = true;
        problem
    }
}

fn title(status: StatusCode) -> &'static str {
    match status.as_u16() {
        409 => "Not possible now",
        412 => "Somebody else was faster",
        422 => "Please check what you sent",
        428 => "A condition is missing",
        429 => "Too many requests",
        _ => status.canonical_reason().unwrap_or("Problem"),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json; charset=utf-8"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.0.authenticate {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(version) = self.0.current_version
            && let Ok(etag) = HeaderValue::from_str(&format!("\"v{version}\""))
        {
            headers.insert(HeaderName::from_static("etag"), etag);
        }
        // For whoever answers people rather than programs, and shows it as a page.
        response.extensions_mut().insert(self);
        response
    }
}

/// The answer to a path or method that there is not, in the one format.
pub async fn fallback() -> Problem {
    Problem::not_found()
}

/// The answer to a method that the path does not take.
pub async fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This address does not take that method.",
    )
}
/// An error with all that it came of, for an operator.
#[must_use]
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    told
}
