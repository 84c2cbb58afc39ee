//! The key that every sending request carries, so that sending twice is sending once.

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use backbone::problem::Problem;

const LENGTH: std::ops::RangeInclusive<usize> = 22..=128;

/// The request's `Idempotency-Key`, with or without quotes around it.
pub(super) fn key(headers: &HeaderMap) -> Result<&str, Problem> {
    let Some(value) = headers.get("idempotency-key") else {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "idempotency_key_missing",
            "Send an Idempotency-Key header: 22 to 128 characters that nobody can guess, the same \
             when you send this again.",
        ));
    };
    let text = value.to_str().unwrap_or_default();
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if LENGTH.contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(bare);
    }
    Err(Problem::new(
        StatusCode::BAD_REQUEST,
        "idempotency_key_wrong",
        "The Idempotency-Key must have 22 to 128 visible ASCII characters.",
    ))
}

/// The answer, and whether it is one that was given before.
pub(super) fn marked(replayed: bool, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    if replayed {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}
