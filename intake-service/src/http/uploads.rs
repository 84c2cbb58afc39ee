//! `/api/v1/uploads`: a file comes in pieces, by the tus protocol 1.0 (core, creation, termination), which
//! clients for browsers and telephones speak already.
//!
//! Beginning an upload needs no `Idempotency-Key`: it appends nothing to the log, clients of tus send none, and one
//! that was begun twice is swept.

use axum::Json as Answer;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use backbone::http::{self, Path};
use backbone::problem::{Fault, Problem};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::Site;
use super::client::{Client, Place};
use super::problems::ProblemFrom;
use crate::evidence::{EvidenceError, Refused, State as Progress, Upload};

const VERSION: &str = "1.0.0";
const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
/// Of a body that is refused so much is taken and thrown away: who is still sending does not hear an answer.
const THROWN_AWAY_MAX: usize = 8 * 1024 * 1024;

pub(super) async fn options(State(site): State<Site>) -> Response {
    let largest = HeaderValue::from(site.evidence.settings().largest());
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(TUS_RESUMABLE, HeaderValue::from_static(VERSION));
    headers.insert(TUS_VERSION, HeaderValue::from_static(VERSION));
    let extensions = HeaderValue::from_static("creation,termination");
    headers.insert(HeaderName::from_static("tus-extension"), extensions);
    headers.insert(HeaderName::from_static("tus-max-size"), largest);
    response
}

pub(super) async fn create(
    State(site): State<Site>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, ProblemFrom> {
    require_version(&headers)?;
    let bytes = number(&headers, "Upload-Length")?;
    let name = file_name(&headers)?;
    site.limits.may_begin_upload(client)?;
    let upload = site.evidence.begin(&name, Some(bytes)).await?;
    let address = format!("/api/v1/uploads/{}", upload.token.text());
    let mut body = shown(&upload);
    if let Some(body) = body.as_object_mut() {
        body.insert("token".to_owned(), upload.token.text().into());
    }
    let mut response = tus((StatusCode::CREATED, Answer(body)).into_response());
    let address = HeaderValue::from_str(&address).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, address);
    Ok(response)
}

pub(super) async fn head(
    State(site): State<Site>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ProblemFrom> {
    require_version(&headers)?;
    let upload = site.evidence.find(&token).await?;
    refused(&upload)?;
    let mut response = at(&upload, StatusCode::OK);
    let length = HeaderValue::from(upload.size.unwrap_or(upload.received));
    response.headers_mut().insert(UPLOAD_LENGTH, length);
    Ok(response)
}

pub(super) async fn get(
    State(site): State<Site>,
    Path(token): Path<String>,
) -> Result<Answer<Value>, ProblemFrom> {
    let upload = site.evidence.find(&token).await?;
    if upload.state != Progress::Checking {
        return Ok(Answer(shown(&upload)));
    }
    // Whoever was to read it back may have ended: it is begun again then, and what comes of it is told.
    site.evidence.checked(upload).await.ok();
    Ok(Answer(shown(&site.evidence.find(&token).await?)))
}

/// For clients behind something that lets only GET and POST through.
pub(super) async fn post(
    State(site): State<Site>,
    client: Client,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, ProblemFrom> {
    let meant = http::only(request.headers(), "X-HTTP-Method-Override")?;
    match meant.map(HeaderValue::as_bytes) {
        Some(b"PATCH") => patch(State(site), client, Path(token), request).await,
        Some(b"DELETE") => delete(State(site), Path(token)).await,
        Some(_) | None => Err(backbone::problem::method_not_allowed().await.into()),
    }
}

pub(super) async fn patch(
    State(site): State<Site>,
    client: Client,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, ProblemFrom> {
    let headers = request.headers();
    require_version(headers)?;
    let said = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if said != Some(b"application/offset+octet-stream") {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Send the body as application/offset+octet-stream.",
        )
        .into());
    }
    let offset = number(headers, "Upload-Offset")?;
    let place = site.limits.may_upload(client)?;
    let upload = site.evidence.find(&token).await?;
    refused(&upload)?;
    if upload.received != offset {
        return Err(EvidenceError::Offset.into());
    }
    let upload = if upload.state == Progress::Receiving {
        receive(&site, upload, request.into_body(), place).await?
    } else {
        upload
    };
    match site.evidence.checked(upload.clone()).await {
        Ok(checked) => Ok(at(&checked, StatusCode::NO_CONTENT)),
        // All of it is here; what comes of it is asked for when a report takes it.
        Err(EvidenceError::Checking) => Ok(at(&upload, StatusCode::NO_CONTENT)),
        Err(error) => Err(error.into()),
    }
}

/// Takes the body in a task of its own: what came is kept, though its sender has gone.
async fn receive(
    site: &Site,
    upload: Upload,
    body: Body,
    place: Place,
) -> Result<Upload, EvidenceError> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let evidence = site.evidence.clone();
    site.tasks.spawn(async move {
        let mut body = body.into_data_stream();
        let received = evidence.receive(upload, &mut body).await;
        drop(place);
        if received.is_err() {
            throw_away(&mut body).await;
        }
        tell.send(received).ok();
    });
    told.await.unwrap_or(Err(EvidenceError::Unavailable))
}

async fn throw_away(body: &mut axum::body::BodyDataStream) {
    let mut bytes = 0;
    let patience = std::time::Duration::from_secs(5);
    while let Ok(Some(Ok(piece))) = tokio::time::timeout(patience, body.next()).await {
        bytes += piece.len();
        if bytes > THROWN_AWAY_MAX {
            break;
        }
    }
}

/// Somebody does not want to send it after all.
pub(super) async fn delete(
    State(site): State<Site>,
    Path(token): Path<String>,
) -> Result<Response, ProblemFrom> {
    let upload = site.evidence.find(&token).await?;
    site.evidence.discard(&upload).await?;
    Ok(tus(StatusCode::NO_CONTENT.into_response()))
}

fn tus(mut response: Response) -> Response {
    response.headers_mut().insert(TUS_RESUMABLE, HeaderValue::from_static(VERSION));
    response
}

fn at(upload: &Upload, status: StatusCode) -> Response {
    let mut response = tus(status.into_response());
    response.headers_mut().insert(UPLOAD_OFFSET, HeaderValue::from(upload.received));
    response
}

fn refused(upload: &Upload) -> Result<(), EvidenceError> {
    if upload.state != Progress::Refused {
        return Ok(());
    }
    Err(EvidenceError::Refused(upload.problem.unwrap_or(Refused::Lost)))
}

/// What its sender may know of it.
fn shown(upload: &Upload) -> Value {
    let problem = upload.problem.map(|why| json!({ "code": why.as_str(), "detail": why.words() }));
    json!({
        "file_id": upload.file_id,
        "name": upload.about.name,
        "size": upload.size,
        "received": upload.received,
        "state": upload.state.as_str(),
        "media_type": upload.about.media_type,
        "sha256": upload.about.sha256.map(hex::encode),
        "problem": problem,
    })
}

/// A client may speak another version; one that says nothing is taken at its word.
fn require_version(headers: &HeaderMap) -> Result<(), ProblemFrom> {
    match headers.get(TUS_RESUMABLE) {
        Some(version) if version != VERSION => Err(Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "tus_version",
            "Use version 1.0.0 of the tus protocol.",
        )
        .into()),
        Some(_) | None => Ok(()),
    }
}

fn number(headers: &HeaderMap, name: &'static str) -> Result<u64, Problem> {
    let said = http::only(headers, name)?.and_then(|value| value.to_str().ok());
    let number = said.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    number.and_then(|text| text.parse().ok()).ok_or_else(|| {
        let detail = format!("Send the header {name}: a number of bytes.");
        Problem::new(StatusCode::BAD_REQUEST, "upload_header", detail)
    })
}

/// The name in `Upload-Metadata`: pairs of a word and a value in base 64.
fn file_name(headers: &HeaderMap) -> Result<String, Problem> {
    let said = http::only(headers, "Upload-Metadata")?;
    let said = said.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = said.split(',').find_map(|pair| {
        let (word, value) = pair.trim().split_once(' ')?;
        (word == "filename").then_some(value.trim())
    });
    let Some(named) = named else { return Ok(String::new()) };
    let decoded = BASE64_STANDARD.decode(named).ok().and_then(|name| String::from_utf8(name).ok());
    decoded.ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "upload_header",
            "The filename in Upload-Metadata must be UTF-8 in base 64.",
        )
    })
}

impl From<EvidenceError> for ProblemFrom {
    fn from(error: EvidenceError) -> Self {
        Self(match error {
            EvidenceError::Unknown => Problem::not_found(),
            EvidenceError::Offset => Problem::new(
                StatusCode::CONFLICT,
                "upload_offset",
                "The upload stands elsewhere. Ask where with HEAD, and go on from there.",
            ),
            EvidenceError::Refused(why) => refusal(why),
            EvidenceError::Checking => checking(),
            EvidenceError::Full => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "no_room",
                "We cannot take files at the moment. Send your report first: you can add files later.",
            )
            .retry_after(600),
            EvidenceError::Unavailable => Problem::unavailable(),
        })
    }
}

pub(super) fn checking() -> Problem {
    let detail = "A file is still being checked. Send this again in a moment.";
    Problem::new(StatusCode::CONFLICT, "file_checking", detail).retry_after(3)
}

/// A file that is not taken, in the one error format.
pub(super) fn refusal(why: Refused) -> Problem {
    let status = match why {
        Refused::TooBig => StatusCode::PAYLOAD_TOO_LARGE,
        Refused::Type => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refused::Empty | Refused::Infected | Refused::Lost => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let fault = Fault {
        pointer: "/file".to_owned(),
        code: why.as_str().to_owned(),
        detail: why.words().to_owned(),
    };
    Problem::new(status, why.as_str(), why.words()).errors(vec![fault])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_from_the_metadata() {
        for (said, then) in [
            ("filename SU1HIDEuanBn,filetype aW1hZ2UvanBlZw==", Ok("IMG 1.jpg")),
            ("filetype aW1hZ2UvanBlZw==, filename SU1HIDEuanBn", Ok("IMG 1.jpg")),
            ("", Ok("")),
            ("filename", Ok("")),
            ("filename %%", Err(())),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("upload-metadata", said.parse().unwrap());
            let read = file_name(&headers);
            assert_eq!(read.as_deref().map_err(|_| ()), then, "{said}");
        }
    }
}
