//! The key that every sending request carries, so that sending twice is sending once.

use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use backbone::http;
use backbone::problem::Problem;

pub(super) const LENGTH: std::ops::RangeInclusive<usize> = 22..=128;

/// The request's `Idempotency-Key`, with or without quotes around it.
pub(super) fn key(headers: &HeaderMap) -> Result<&str, Problem> {
    let Some(value) = http::only(headers, "Idempotency-Key")? else {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "idempotency_key_missing",
            "Send an Idempotency-Key header: 22 to 128 characters that nobody can guess, the same \
             when you send this again.",
        ));
    };
    let text = value.to_str().unwrap_or_default();
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    if LENGTH.contains(&bare.len())
        && bare.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"')
    {
        return Ok(bare);
    }
    Err(Problem::new(
        StatusCode::BAD_REQUEST,
        "idempotency_key_wrong",
        "The Idempotency-Key must have 22 to 128 visible ASCII characters, no quotes among them.",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &[&str], then: Result<&str, &str>) {
        let mut headers = HeaderMap::new();
        for value in said {
            headers.append("idempotency-key", value.parse().unwrap());
        }
        assert_eq!(key(&headers).map_err(|problem| problem.code()), then);
    }

    #[test]
    fn one_key_is_sent_and_no_second_one() {
        let one = "0123456789abcdef-0123456789";
        check(&[one], Ok(one));
        check(&[&format!("\"{one}\"")], Ok(one));
        check(&[], Err("idempotency_key_missing"));
        check(&["0123456789"], Err("idempotency_key_wrong"));
        check(&["0123456789abcdef\"0123456789"], Err("idempotency_key_wrong"));
        check(&[one, "abcdef0123456789-0123456789"], Err("repeated_header"));
        check(&[one, one], Err("repeated_header"));
    }
}
