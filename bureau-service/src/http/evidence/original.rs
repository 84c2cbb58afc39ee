use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use backbone::http::Path;
use backbone::problem::Problem;
use futures_util::TryStreamExt as _;

use super::super::Bureau;
use super::super::staff::Reader;
use super::{find, guard, name, on_record, sandboxed, told, unread};
use crate::originals;

const UNKNOWN_TYPE: &str = "application/octet-stream";

/// A file as it was sent, byte for byte. What turns out on the way to be another file ends short.
pub(in super::super) async fn get(
    State(bureau): State<Bureau>,
    Reader(staff): Reader,
    Path((reference, file_id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let case = bureau.case(&reference).await?;
    let evidence = find(&bureau, &case, &file_id).await?;
    guard(&staff, &evidence)?;
    let file = evidence.file;
    on_record(&bureau, &staff, &case, &format!("evidence {}", file.id)).await?;
    let id = file.id;
    let read = originals::begin(&bureau.store, &file).await.map_err(|error| unread(&error, id))?;
    let body = Body::from_stream(read.inspect_err(move |error| told(error, id)));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.size));
    headers.insert(header::CONTENT_TYPE, media_type(&file.media_type));
    Ok(sandboxed(response, name::attachment(&file.name)))
}

fn media_type(found: &str) -> HeaderValue {
    let found = Some(found).filter(|found| !found.is_empty());
    let found = found.and_then(|found| HeaderValue::from_str(found).ok());
    found.unwrap_or(HeaderValue::from_static(UNKNOWN_TYPE))
}
