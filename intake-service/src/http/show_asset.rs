//! `GET /assets/{hash}/{name}` and `GET /favicon.ico`: what the pages are dressed with.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use backbone::http::Path;
use backbone::problem::Problem;

use crate::assets::{self, Coding};

/// The address changes with the content, so that what was fetched once need not be asked for again.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");
/// Browsers ask for the icon at an address that never changes.
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

pub(super) async fn get(
    Path((hash, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // While replicas change from one build to the next, a page of one may ask the other: what that has is
    // better than a page without style, but must not be kept under this address.
    let keep = if hash == assets::hash() { FOR_EVER } else { NOT_KEPT };
    answer(&name, &headers, keep)
}

pub(super) async fn icon(headers: HeaderMap) -> Result<Response, Problem> {
    answer("favicon.ico", &headers, FOR_A_DAY)
}

fn answer(name: &str, asked: &HeaderMap, keep: HeaderValue) -> Result<Response, Problem> {
    let asset =
        assets::find(name, |coding| accepts(asked, coding)).ok_or_else(Problem::not_found)?;
    let mut response = asset.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(header::CACHE_CONTROL, keep);
    if asset.varies {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if asset.coding != Coding::Identity {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(asset.coding.as_str()));
    }
    Ok(response)
}

/// Whether the client named this coding and did not rule it out (`;q=0`).
fn accepts(asked: &HeaderMap, coding: Coding) -> bool {
    let said =
        asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    said.flat_map(|value| value.split(',')).any(|part| {
        let mut part = part.split(';').map(str::trim);
        let is_named = part.next().is_some_and(|name| name.eq_ignore_ascii_case(coding.as_str()));
        let weight = part.find_map(|word| word.strip_prefix("q="));
        is_named && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|q| q > 0.0))
    })
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::Request;
    use axum::routing::get as route;
    use backbone::http::with_limits;
    use tower::ServiceExt as _;

    use super::*;

    /// The status, and the headers that matter.
    async fn asked(path: &str, encodings: &str) -> (u16, [String; 5]) {
        let routes = Router::new()
            .route("/assets/{hash}/{name}", route(get))
            .route("/favicon.ico", route(icon));
        let request = Request::get(path)
            .header(header::ACCEPT_ENCODING, encodings)
            .body(Body::empty())
            .unwrap();
        let response = with_limits(routes).oneshot(request).await.unwrap();
        let names = [
            header::CONTENT_TYPE,
            header::CONTENT_ENCODING,
            header::VARY,
            header::CACHE_CONTROL,
            header::X_CONTENT_TYPE_OPTIONS,
        ];
        let told = names.map(|name| {
            let value = response.headers().get(name);
            value.map(|value| value.to_str().unwrap()).unwrap_or_default().to_owned()
        });
        (response.status().as_u16(), told)
    }

    #[tokio::test]
    async fn a_file_is_kept_for_ever_under_the_hash_of_its_content() {
        let (status, headers) =
            asked(&format!("{}/app.css", assets::prefix()), "gzip, deflate, br").await;
        let keep = "public, max-age=31536000, immutable";
        assert_eq!(status, 200);
        assert_eq!(headers, ["text/css; charset=utf-8", "br", "accept-encoding", keep, "nosniff"]);
    }

    #[tokio::test]
    async fn what_stands_under_another_hash_or_is_not_there_is_not_kept() {
        let prefix = assets::prefix();
        for (path, then) in [
            ("/assets/00000000/app.css", 200),
            (&format!("{prefix}/app.css.br"), 404),
            (&format!("{prefix}/..%2Fapp.css"), 404),
        ] {
            let (status, [.., keep, _]) = asked(path, "br").await;
            assert_eq!((status, keep.as_str()), (then, "no-store"), "{path}");
        }
    }

    #[tokio::test]
    async fn what_is_not_accepted_is_not_sent() {
        let path = format!("{}/app.js", assets::prefix());
        for (said, sent) in [
            ("", ""),
            ("identity", ""),
            ("gzip", "gzip"),
            ("GZIP;q=0.5, br;q=0", "gzip"),
            ("br;q=0.000", ""),
            ("br;q=1, gzip", "br"),
        ] {
            let (_, [_, encoding, vary, ..]) = asked(&path, said).await;
            assert_eq!((encoding.as_str(), vary.as_str()), (sent, "accept-encoding"), "{said}");
        }
    }

    #[tokio::test]
    async fn the_icon_is_where_browsers_look_for_it() {
        let (status, [content_type, encoding, ..]) = asked("/favicon.ico", "br").await;
        assert_eq!((status, content_type.as_str(), encoding.as_str()), (200, "image/x-icon", ""));
    }
}
