//! What guards an act on a case: the version that its author has seen, and a key against doing it
//! twice.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use backbone::http;
use backbone::problem::Problem;

/// `If-Match`, which has to be there, and `Idempotency-Key`, which may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guard {
    /// None: a version was named that no case can have.
    pub(super) expected: Option<u32>,
    pub(super) key: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Guard {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read(&parts.headers)
    }
}

fn read(headers: &HeaderMap) -> Result<Guard, Problem> {
    let said = http::only(headers, "If-Match")?.and_then(|value| value.to_str().ok());
    let said = said.map(str::trim).filter(|said| !said.is_empty() && *said != "*");
    let Some(said) = said else {
        return Err(Problem::new(
            StatusCode::PRECONDITION_REQUIRED,
            "if_match_missing",
            "Say which version of the case you have seen: send its ETag as If-Match.",
        ));
    };
    Ok(Guard { expected: version(said), key: key(headers)? })
}

/// `"v3"`, spelt as it is shown. Anything else is the version of no case.
fn version(etag: &str) -> Option<u32> {
    let digits = etag.strip_prefix("\"v")?.strip_suffix('"')?;
    let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = http::only(headers, "Idempotency-Key")? else { return Ok(None) };
    let key = value.to_str().unwrap_or_default();
    if (22..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Some(key.to_owned()));
    }
    Err(Problem::new(
        StatusCode::BAD_REQUEST,
        "idempotency_key",
        "An Idempotency-Key has 22 to 128 visible characters, new ones for every act.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &[(&'static str, &str)], then: Result<(Option<u32>, Option<&str>), u16>) {
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            headers.append(*name, value.parse().unwrap());
        }
        let read = read(&headers).map_err(|problem| problem.status().as_u16());
        let read = read.as_ref().map(|guard| (guard.expected, guard.key.as_deref()));
        assert_eq!(read.map_err(|status| *status), then);
    }

    #[test]
    fn the_version_seen_has_to_be_named() {
        check(&[("if-match", "\"v3\"")], Ok((Some(3), None)));
        check(&[], Err(428));
        check(&[("if-match", "*")], Err(428));
        for odd in
            ["v3", "W/\"v3\"", "\"v\"", "\"v+3\"", "\"v03\"", "\"v0\"", "\"v99999999999\"", "\"x\""]
        {
            check(&[("if-match", odd)], Ok((None, None)));
        }
    }

    #[test]
    fn what_is_said_twice_could_be_read_either_way() {
        let (one, other) = ("\"v1\"", "\"v2\"");
        let (key, another) = ("0123456789abcdef-0123456789", "abcdef0123456789-0123456789");
        check(&[("if-match", one), ("if-match", other)], Err(400));
        check(&[("if-match", one), ("if-match", one)], Err(400));
        let keys = [("if-match", one), ("idempotency-key", key), ("idempotency-key", another)];
        check(&keys, Err(400));
    }

    #[test]
    fn a_key_is_long_enough_not_to_meet_another() {
        let (key, short) = ("0123456789abcdef-0123456789", "0123456789");
        check(&[("if-match", "\"v1\""), ("idempotency-key", key)], Ok((Some(1), Some(key))));
        check(&[("if-match", "\"v1\""), ("idempotency-key", short)], Err(400));
        check(&[("if-match", "\"v1\""), ("idempotency-key", &"x".repeat(129))], Err(400));
    }
}
