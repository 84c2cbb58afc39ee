//! Whose request it is. A key is compared and kept nowhere; no log line, span or metric has it, since none has
//! an address or a body.

use axum::http::{HeaderMap, StatusCode, header};

use super::super::Site;
use super::answer::Answer;
use super::arguments::Arguments;

/// The partner whose key came along: as `api_key`, or as `Authorization: Bearer`.
pub(super) fn partner<'s>(
    site: &'s Site,
    headers: &HeaderMap,
    arguments: &Arguments,
) -> Result<&'s str, Answer> {
    let bearer = headers.get_all(header::AUTHORIZATION).iter().map(|value| {
        let bearer = value.to_str().unwrap_or_default().split_once(' ');
        bearer
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map_or("", |(_, key)| key)
    });
    let mut given: Vec<&str> = arguments.values("api_key").chain(bearer).collect();
    given.dedup();
    let refused = |line| Answer::refused(StatusCode::FORBIDDEN, [line]);
    match given.as_slice() {
        [] => Err(refused("api_key: Send your key as api_key, or as Authorization: Bearer")),
        [key] => site
            .open311
            .as_ref()
            .and_then(|open311| open311.partners.by_key(key.trim()))
            .ok_or_else(|| refused("api_key: We do not know this key")),
        _ => Err(refused("api_key: Send one key")),
    }
}
