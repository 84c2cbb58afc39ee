//! What every public port needs: what comes in is read with limits, every refusal is a problem, headers
//! are safe.

use std::panic::AssertUnwindSafe;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use futures_util::{FutureExt as _, StreamExt as _};
use opentelemetry::KeyValue;
use opentelemetry::metrics::Histogram;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tracing::Instrument as _;

use crate::problem::{self, Fault, Problem};
use crate::telemetry;

/// A request body may not be larger.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// Of a body that is too large so much is read before the client is hung up on.
const THROWN_AWAY_MAX: usize = 8 * 1024 * 1024;
/// Nothing that people send is nested deeper.
pub const DEPTH_MAX: usize = 16;
const REQUEST_TIME: Duration = Duration::from_secs(20);
const UNHURRIED_TIME: Duration = Duration::from_mins(15);

/// What a route's path names. A path that cannot be read leads nowhere.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(named)| Self(named)).map_err(|_| Problem::not_found())
    }
}

/// A JSON body. What is wrong with it is answered as a problem that says what to do.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        require_plain(request.headers())?;
        require(&request, JSON)?;
        parse(&read(request.into_body()).await?).map(Json)
    }
}

/// A page's form, field by field in the order in which the browser sent them.
#[derive(Debug)]
pub struct Form(pub Vec<(String, String)>);

/// No page has so many fields.
const FIELDS_MAX: usize = 1_000;

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        require_plain(request.headers())?;
        require(&request, "application/x-www-form-urlencoded")?;
        let body = read(request.into_body()).await?;
        let fields: Vec<(String, String)> =
            form_urlencoded::parse(&body).into_owned().take(FIELDS_MAX + 1).collect();
        if fields.len() > FIELDS_MAX {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "too_many_fields",
                format!("The form may have at most {FIELDS_MAX} fields."),
            ));
        }
        Ok(Self(fields))
    }
}

/// A JSON body that may be left out.
#[derive(Debug)]
pub struct Maybe<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for Maybe<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        require_plain(request.headers())?;
        let is_json = require(&request, JSON);
        let body = read(request.into_body()).await?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        is_json?;
        parse(&body).map(Self)
    }
}

/// The body of an act that needs none: nothing, or `{}`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl<S: Send + Sync> FromRequest<S> for Nothing {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Maybe::from_request(request, state).await.map(|Maybe(nothing)| nothing)
    }
}

/// Reads a body up to its limit. What is over it is taken and thrown away, within reason: a client that
/// is still sending does not hear an answer.
async fn read(body: Body) -> Result<Vec<u8>, Problem> {
    let (mut kept, mut bytes) = (vec![], 0);
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| {
            Problem::new(StatusCode::BAD_REQUEST, "body_cut", "The body did not arrive whole.")
        })?;
        bytes += piece.len();
        if bytes <= BODY_BYTES_MAX {
            kept.extend_from_slice(&piece);
        } else if bytes > THROWN_AWAY_MAX {
            break;
        }
    }
    if bytes <= BODY_BYTES_MAX {
        return Ok(kept);
    }
    Err(Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        format!("The body may have at most {} KiB.", BODY_BYTES_MAX / 1024),
    ))
}

/// Reads JSON of bounded depth.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if depth(body) > DEPTH_MAX {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "nested_too_deep",
            format!("The body may be nested at most {DEPTH_MAX} levels deep."),
        ));
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "wrong_fields",
            "The body has not the fields that are asked for here.",
        )
        .errors(vec![Fault {
            pointer: String::new(),
            code: "wrong_fields".to_owned(),
            detail: without_values(&error),
        }]),
        serde_json::error::Category::Io
        | serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof => Problem::new(
            StatusCode::BAD_REQUEST,
            "malformed_json",
            format!("The body is no JSON: see line {}, column {}.", error.line(), error.column()),
        ),
    })
}

/// What serde says, without the value that it found: that may be personal.
fn without_values(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let known = ["unknown field", "missing field", "duplicate field"];
    if known.iter().any(|start| said.starts_with(start)) {
        let place = said.find(" at line").unwrap_or(said.len());
        return said.get(..place).unwrap_or_default().chars().take(200).collect();
    }
    format!("a field has the wrong type: see line {}, column {}", error.line(), error.column())
}

const JSON: &str = "application/json";

/// Refuses a body that says it is something else than `kind`.
fn require(request: &Request, kind: &str) -> Result<(), Problem> {
    let said = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = said.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(kind) {
        Ok(())
    } else {
        Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            format!("Send the body as {kind}."),
        ))
    }
}

/// Nothing that is compressed is unpacked here.
pub(crate) fn require_plain(headers: &HeaderMap) -> Result<(), Problem> {
    let mut said = headers.get_all(header::CONTENT_ENCODING).iter();
    let is_plain = |value: &HeaderValue| {
        let mut codings = value.to_str().unwrap_or("unreadable").split(',').map(str::trim);
        codings.all(|coding| coding.is_empty() || coding.eq_ignore_ascii_case("identity"))
    };
    if said.all(is_plain) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_content_encoding",
        "Send the body as it is: not compressed, and without a Content-Encoding.",
    ))
}

/// The one header of this name, if it was sent. Two could be read either way.
pub fn only<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h HeaderValue>, Problem> {
    let mut all = headers.get_all(name).iter();
    let first = all.next();
    if all.next().is_none() {
        return Ok(first);
    }
    Err(Problem::new(
        StatusCode::BAD_REQUEST,
        "repeated_header",
        format!("Send the header {name} once."),
    ))
}

/// How deep brackets go, found without building anything.
fn depth(body: &[u8]) -> usize {
    let (mut deepest, mut now, mut in_text, mut escaped) = (0usize, 0usize, false, false);
    for byte in body {
        match (in_text, escaped, byte) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (_, false, b'"') => in_text = !in_text,
            (false, _, b'{' | b'[') => {
                now += 1;
                deepest = deepest.max(now);
            }
            (false, _, b'}' | b']') => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Adds what every public route gets: limits, problems instead of bare failures, safe headers.
pub fn with_limits(routes: Router) -> Router {
    with_limits_and(routes, Router::new())
}

/// The same, with routes that may take long: those that read large bodies, with limits of their own.
pub fn with_limits_and(routes: Router, unhurried: Router) -> Router {
    let limited = |routes: Router, time: Duration| {
        routes
            .method_not_allowed_fallback(problem::method_not_allowed)
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .layer(middleware::from_fn_with_state(time, observe))
    };
    limited(routes.fallback(problem::fallback), REQUEST_TIME)
        .merge(limited(unhurried, UNHURRIED_TIME))
}

/// How long requests take, by route and never by address: addresses hold references.
static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    opentelemetry::global::meter("http")
        .f64_histogram("http.server.request.duration")
        .with_unit("s")
        .with_description("Duration of HTTP requests")
        .with_boundaries(vec![0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
        .build()
});

/// One span and one measurement a request.
async fn observe(State(time): State<Duration>, request: Request, next: Next) -> Response {
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
    );
    let parent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    telemetry::continue_trace(&span, parent.unwrap_or_default());
    let since = Instant::now();
    let mut response = answer(time, request, next).instrument(span.clone()).await;
    secure(response.headers_mut());
    let status = response.status().as_u16();
    span.record("http.response.status_code", status);
    let labels = [
        KeyValue::new("http.request.method", method),
        KeyValue::new("http.route", route),
        KeyValue::new("http.response.status_code", i64::from(status)),
    ];
    DURATION.record(since.elapsed().as_secs_f64(), &labels);
    response
}

/// A method by its name. Any word may be sent as one, and a stranger's words are no label.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

/// The route's answer, or a problem where it takes too long or meets a bug.
async fn answer(time: Duration, request: Request, next: Next) -> Response {
    let answering = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(time, answering).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("alarm: a request met a bug");
            Problem::internal().into_response()
        }
        Err(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "took_too_long",
            "This took too long. Send it again.",
        )
        .retry_after(5)
        .into_response(),
    }
}

/// Headers that keep a browser from doing what nobody asked for, unless the route has its own.
fn secure(headers: &mut HeaderMap) {
    let all = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in all {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};
    use tower::ServiceExt as _;

    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[expect(dead_code, reason = "only its type matters here")]
        text: String,
    }

    /// Sends a request to routes as a service has them: the status, and the problem's code if it is one.
    async fn asked(method: Method, path: &str, content_type: &str, body: &str) -> (u16, String) {
        async fn one(Path(number): Path<u32>) -> String {
            number.to_string()
        }
        async fn act(_: Path<String>, _: Nothing) {}
        async fn told(_: Json<Body>) {}
        let inner = Router::new().route("/act", post(act)).route("/told", post(told));
        let routes = Router::new().route("/number/{number}", get(one)).nest("/of/{id}", inner);
        let mut request = Request::builder().method(method).uri(path);
        if !content_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        answered(routes, request.body(axum::body::Body::from(body.to_owned())).unwrap()).await
    }

    /// The answer to a request to routes as a service has them.
    async fn answered(routes: Router, request: Request) -> (u16, String) {
        let response = with_limits(routes).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let kind = response.headers().get(header::CONTENT_TYPE).cloned();
        let said = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let is_problem = kind.is_some_and(|kind| kind.as_bytes().starts_with(PROBLEM));
        let problem: serde_json::Value = serde_json::from_slice(&said).unwrap_or_default();
        let code = problem.get("code").and_then(serde_json::Value::as_str).unwrap_or_default();
        (status, if is_problem { code.to_owned() } else { String::new() })
    }

    const PROBLEM: &[u8] = b"application/problem+json";
    #[tokio::test]
    async fn every_refusal_is_a_problem() {
        let refused = [
            (Method::GET, "/number/%FF", "", "", 404, "not_found"),
            (Method::GET, "/number/one", "", "", 404, "not_found"),
            (Method::GET, "/nowhere", "", "", 404, "not_found"),
            (Method::POST, "/of/%FF/act", "", "", 404, "not_found"),
            (Method::GET, "/of/a/nowhere", "", "", 404, "not_found"),
            (Method::PUT, "/number/1", "", "", 405, "method_not_allowed"),
            (Method::GET, "/of/a/act", "", "", 405, "method_not_allowed"),
            (Method::POST, "/of/a/told", "", "{}", 415, "unsupported_media_type"),
            (Method::POST, "/of/a/told", JSON, "", 400, "malformed_json"),
            (Method::POST, "/of/a/told", JSON, "{}", 422, "wrong_fields"),
        ];
        for (method, path, content_type, body, status, code) in refused {
            let told = asked(method, path, content_type, body).await;
            assert_eq!(told, (status, code.to_owned()), "{path} {body}");
        }
        assert_eq!(asked(Method::GET, "/number/1", "", "").await.0, 200);
    }

    #[tokio::test]
    async fn an_act_that_needs_no_body_takes_none_or_an_empty_one() {
        for (content_type, body) in [("", ""), (JSON, ""), (JSON, "{}"), ("text/plain", "")] {
            let told = asked(Method::POST, "/of/a/act", content_type, body).await;
            assert_eq!(told, (200, String::new()), "{content_type} {body}");
        }
        let large = " ".repeat(BODY_BYTES_MAX + 1);
        let refused = [
            (JSON, r#"{"x": 1}"#, 422, "wrong_fields"),
            (JSON, "{", 400, "malformed_json"),
            ("", "{}", 415, "unsupported_media_type"),
            ("", &large, 413, "body_too_large"),
        ];
        for (content_type, body, status, code) in refused {
            let told = asked(Method::POST, "/of/a/act", content_type, body).await;
            assert_eq!(told, (status, code.to_owned()));
        }
    }

    #[tokio::test]
    async fn a_body_that_is_encoded_is_refused() {
        async fn told(_: Json<serde_json::Value>) {}
        async fn act(_: Nothing) {}
        let all = [
            (vec![], 200),
            (vec![""], 200),
            (vec!["identity"], 200),
            (vec!["Identity , identity", "identity"], 200),
            (vec!["gzip"], 415),
            (vec!["identity, br"], 415),
            (vec!["identity", "zstd"], 415),
            (vec!["identity;q=1"], 415),
        ];
        for (encodings, then) in all {
            for path in ["/told", "/act"] {
                let mut request = Request::post(path).header(header::CONTENT_TYPE, JSON);
                for encoding in &encodings {
                    request = request.header(header::CONTENT_ENCODING, *encoding);
                }
                let routes = Router::new().route("/told", post(told)).route("/act", post(act));
                let request = request.body(axum::body::Body::from("{}")).unwrap();
                let (status, code) = answered(routes, request).await;
                let refused = if then == 415 { "unsupported_content_encoding" } else { "" };
                assert_eq!((status, code.as_str()), (then, refused), "{path} {encodings:?}");
            }
        }
    }

    fn code(body: &str) -> String {
        let problem = parse::<Body>(body.as_bytes()).unwrap_err();
        problem.code().to_owned()
    }

    #[test]
    fn a_body_is_refused_for_what_is_wrong_with_it() {
        assert_eq!(code("{"), "malformed_json");
        assert_eq!(code(r#"{"text": 1}"#), "wrong_fields");
        assert_eq!(code(r#"{"text": "a", "more": 1}"#), "wrong_fields");
        assert_eq!(code(&format!("{}{}", "[".repeat(17), "]".repeat(17))), "nested_too_deep");
        assert!(parse::<Body>(br#"{"text": "[[[[[[[[[[[[[[[[[[[[[\"[["}"#).is_ok());
    }

    #[test]
    fn a_strangers_word_is_no_label() {
        assert_eq!(known(&Method::POST), "POST");
        assert_eq!(known(&Method::from_bytes(b"JANE-SMITH").unwrap()), "_OTHER");
    }

    #[test]
    fn a_refusal_does_not_repeat_what_was_sent() {
        let problem = parse::<Body>(br#"{"text": {"name": "Priya"}}"#).unwrap_err();
        assert!(!format!("{problem:?}").contains("Priya"));
    }
}
