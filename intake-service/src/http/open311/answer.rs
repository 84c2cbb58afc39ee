//! What is answered, and how it is written: JSON as bare lists, XML under the standard's roots.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use backbone::problem::Problem;
use serde::Serialize;
use serde_json::{Value, json};

use super::xml;

/// An answer that is not written yet.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    status: StatusCode,
    /// What XML has it under.
    root: &'static str,
    body: Value,
}

impl Answer {
    pub(super) fn new(status: StatusCode, root: &'static str, body: &impl Serialize) -> Self {
        Self { status, root, body: serde_json::to_value(body).unwrap_or_default() }
    }

    /// A refusal: each line says what to do.
    pub(super) fn refused<T: AsRef<str>>(
        status: StatusCode,
        lines: impl IntoIterator<Item = T>,
    ) -> Self {
        let error = |line: T| json!({ "code": status.as_str(), "description": line.as_ref() });
        let errors: Vec<Value> = lines.into_iter().map(error).collect();
        Self::new(status, "errors", &errors)
    }

    /// Refused for what was sent.
    pub(super) fn bad(line: impl AsRef<str>) -> Self {
        Self::refused(StatusCode::BAD_REQUEST, [line])
    }

    pub(super) fn not_found(line: &str) -> Self {
        Self::refused(StatusCode::NOT_FOUND, [line])
    }
}

/// Problems of what all routes share, in the standard's form: 404 for what there is not, 403 for who may not,
/// 400 for everything else that is the client's. To slow down and to wait stay what they are.
impl From<Problem> for Answer {
    fn from(problem: Problem) -> Self {
        let status = match problem.status().as_u16() {
            401 | 403 => StatusCode::FORBIDDEN,
            404 => StatusCode::NOT_FOUND,
            429 => StatusCode::TOO_MANY_REQUESTS,
            400..500 => StatusCode::BAD_REQUEST,
            _ => problem.status(),
        };
        Self::refused(status, [problem.detail()])
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes every answer in the format that its address ends with; XML is the one that the standard asks for.
pub(super) async fn written(request: Request, next: Next) -> Response {
    let is_json = request.uri().path().rsplit('.').next() == Some("json");
    let (mut parts, body) = next.run(request).await.into_parts();
    let problem = parts.extensions.remove::<Problem>();
    let answer = parts.extensions.remove::<Answer>().or(problem.map(Answer::from));
    let Some(answer) = answer else { return Response::from_parts(parts, body) };
    let (kind, text) = if is_json {
        ("application/json; charset=utf-8", answer.body.to_string().into_bytes())
    } else {
        ("text/xml; charset=utf-8", xml::write(answer.root, &answer.body))
    };
    parts.status = answer.status;
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(text))
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    async fn asked(path: &str) -> (u16, String, String) {
        let refused = async || {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "Send less <now>.")
        };
        let away = async || Problem::unavailable();
        let routes = Router::new()
            .route("/large.xml", get(refused))
            .route("/large.json", get(refused))
            .route("/away.json", get(away))
            .route("/bad.json", get(async || Answer::refused(StatusCode::BAD_REQUEST, ["a", "b"])))
            .layer(axum::middleware::from_fn(written));
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = routes.oneshot(request).await.unwrap();
        let retry = response.headers().get(header::RETRY_AFTER).is_some();
        let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        assert_eq!(retry, status == 503);
        (status, kind, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn every_refusal_has_the_form_of_the_standard() {
        let xml = r#"<?xml version="1.0" encoding="utf-8"?><errors><error><code>400</code><description>Send less &lt;now&gt;.</description></error></errors>"#;
        assert_eq!(
            asked("/large.xml").await,
            (400, "text/xml; charset=utf-8".to_owned(), xml.to_owned())
        );
        let json = r#"[{"code":"400","description":"Send less <now>."}]"#;
        assert_eq!(
            asked("/large.json").await,
            (400, "application/json; charset=utf-8".to_owned(), json.to_owned())
        );
        let two = r#"[{"code":"400","description":"a"},{"code":"400","description":"b"}]"#;
        assert_eq!(asked("/bad.json").await.2, two);
        assert_eq!(asked("/away.json").await.0, 503);
    }
}
