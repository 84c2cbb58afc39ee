//! `/api/v1/uploads`: a file comes in pieces, by the tus protocol 1.0 (core, creation, termination), which
//! clients for browsers and telephones speak already.
//!
//! Beginning an upload needs no `Idempotency-Key`: it appends nothing to the log, clients of tus send none, and one
//! that was begun twice is swept.

use std::time::Duration;

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
use super::openapi::{Operation, shape};
use super::problems::ProblemFrom;
use crate::evidence::{EvidenceError, Refused, State as Progress, Upload};
use crate::forms::Forms;

const VERSION: &str = "1.0.0";
const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
/// Of a body that is refused so much is taken and thrown away: who is still sending does not hear an answer.
const THROWN_AWAY_MAX: usize = 8 * 1024 * 1024;
const THROWN_AWAY_WITHIN: Duration = Duration::from_secs(10);

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
        Some(b"DELETE") => delete(State(site), Path(token), request.headers().clone()).await,
        Some(_) | None => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "upload_header",
            "Say in X-HTTP-Method-Override what this stands for: PATCH or DELETE.",
        )
        .into()),
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
        if received.is_err() {
            throw_away(&mut body).await;
        }
        // What is thrown away takes a place as well.
        drop(place);
        tell.send(received).ok();
    });
    told.await.unwrap_or(Err(EvidenceError::Unavailable))
}

async fn throw_away(body: &mut axum::body::BodyDataStream) {
    let mut bytes = 0;
    let enough = async {
        while let Some(Ok(piece)) = body.next().await {
            bytes += piece.len();
            if bytes > THROWN_AWAY_MAX {
                break;
            }
        }
    };
    // Whoever trickles is not waited for.
    tokio::time::timeout(THROWN_AWAY_WITHIN, enough).await.ok();
}

/// Somebody does not want to send it after all.
pub(super) async fn delete(
    State(site): State<Site>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ProblemFrom> {
    require_version(&headers)?;
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

/// No number of bytes is larger in the document: programs that keep numbers as JavaScript does can write this one.
const BYTES_MAX: u64 = (1 << 53) - 1;

/// What every operation of the protocol says.
fn operation(id: &str, summary: &str) -> Operation {
    let version = json!({ "type": "string", "const": VERSION });
    let words = "The version of the protocol. One that says nothing is taken at its word";
    Operation::new("files", id, summary)
        .may_heed("Tus-Resumable", words, &version)
        .refuses(412, "Another version of the protocol (`tus_version`)")
}

fn version_told() -> Value {
    json!({ "description": "The version of the protocol", "schema": { "type": "string", "const": VERSION } })
}

fn bytes_told(words: &str) -> Value {
    json!({ "description": words, "required": true, "schema": { "type": "integer", "minimum": 0 } })
}

fn with_a_token(operation: Operation) -> Operation {
    let token = json!({ "type": "string", "minLength": 1, "maxLength": 200 });
    operation.named_by("token", "The token that came when the upload began", &token).refuses(
        404,
        "The token opens no upload (`not_found`): there was none, or no report took it in time",
    )
}

const FILE_REFUSED: &str = "The file is not taken (`file_empty`, `file_infected`, `file_lost`)";

fn file_refused(operation: Operation) -> Operation {
    operation
        .refuses(413, "The file is too big (`file_too_big`)")
        .refuses(415, "Files of this kind are not taken (`file_type`)")
        .refuses(422, FILE_REFUSED)
}

/// How the upload that has begun goes on.
fn leads_on(operation: Operation) -> Operation {
    let of = |operation: &str, more: Value| {
        let mut link = json!({
            "operationId": operation,
            "parameters": { "path.token": "$response.body#/token" },
        });
        if let (Some(link), Value::Object(more)) = (link.as_object_mut(), more) {
            link.extend(more);
        }
        link
    };
    ["showUpload", "uploadOffset", "discardUpload"]
        .into_iter()
        .fold(operation, |all, next| all.leads_to(201, next, of(next, json!({}))))
}

pub(super) fn about_create(_: &Forms) -> Operation {
    let bytes =
        json!({ "type": "integer", "minimum": 1, "maximum": BYTES_MAX, "example": 204_800 });
    let named = json!({ "type": "string", "example": "filename SU1HIDEuanBn" });
    let begun = json!({
        "file_id": "6f1d2a52-0f5c-4c5b-8a3e-0d5f5e7b9a10",
        "name": "IMG 1.jpg",
        "size": 204_800,
        "received": 0,
        "state": "receiving",
        "media_type": null,
        "sha256": null,
        "problem": null,
        "token": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    });
    let location = json!({
        "description": "Where its pieces go", "required": true,
        "schema": { "type": "string", "format": "uri-reference" },
    });
    let operation = operation("beginUpload", "Begin to send a file in pieces")
        .heeds("Upload-Length", "How many bytes the file has", &bytes)
        .may_heed(
            "Upload-Metadata",
            "Pairs of a word and a value in base 64, with a comma between; `filename` is heeded",
            &named,
        )
        .refuses(400, "A header is missing, sent twice, or cannot be read (`upload_header`, `repeated_header`)")
        .refuses(413, "The file is too big (`file_too_big`)")
        .refuses(422, "The file is empty (`file_empty`)")
        .refuses(503, "More files wait for a report than there is room for (`no_room`)")
        .gives(201, "It may come", &shape("UploadBegun"), Some(begun))
        .tells(201, "Location", location)
        .tells(201, "Tus-Resumable", version_told());
    leads_on(operation)
}

pub(super) fn about_options(_: &Forms) -> Operation {
    let text = |words: &str| json!({ "description": words, "required": true, "schema": { "type": "string" } });
    Operation::new("files", "uploadProtocol", "What of the protocol is spoken here")
        .gives_nothing(204, "The headers say it")
        .tells(204, "Tus-Resumable", version_told())
        .tells(204, "Tus-Version", text("The versions that are spoken"))
        .tells(204, "Tus-Extension", text("What is spoken beside the core"))
        .tells(204, "Tus-Max-Size", bytes_told("So many bytes the largest file may have"))
}

pub(super) fn about_get(_: &Forms) -> Operation {
    let upload = json!({
        "file_id": "6f1d2a52-0f5c-4c5b-8a3e-0d5f5e7b9a10",
        "name": "IMG 1.jpg",
        "size": 204_800,
        "received": 102_400,
        "state": "receiving",
        "media_type": "image/jpeg",
        "sha256": null,
        "problem": null,
    });
    with_a_token(Operation::new("files", "showUpload", "What is known of an upload")).gives(
        200,
        "How far it is",
        &shape("Upload"),
        Some(upload),
    )
}

pub(super) fn about_head(_: &Forms) -> Operation {
    let operation = with_a_token(operation("uploadOffset", "How far an upload has come"));
    file_refused(operation)
        .gives_nothing(200, "The headers say it")
        .tells(200, "Tus-Resumable", version_told())
        .tells(200, "Upload-Offset", bytes_told("So many bytes are kept: go on from there"))
        .tells(200, "Upload-Length", bytes_told("So many bytes the file has"))
}

/// A piece, however it is sent.
fn takes_a_piece(operation: Operation) -> Operation {
    let bytes = json!({ "type": "string", "format": "binary" });
    let operation = with_a_token(operation)
        .takes_as("application/offset+octet-stream", true, &bytes)
        .refuses(400, "A header is missing, sent twice, or no number of bytes (`upload_header`, `repeated_header`)")
        .refuses(409, "The upload stands elsewhere (`upload_offset`): ask where with HEAD");
    file_refused(operation)
        .refuses(503, "Too many files come at the same time (`too_many_uploads`)")
        .gives_nothing(204, "So far it has come")
        .tells(204, "Tus-Resumable", version_told())
}

pub(super) fn about_patch(_: &Forms) -> Operation {
    let offset = json!({ "type": "integer", "minimum": 0, "maximum": BYTES_MAX, "example": 0 });
    let operation = operation("sendPiece", "Send the next piece of a file").heeds(
        "Upload-Offset",
        "Where the piece begins: as many bytes as are kept",
        &offset,
    );
    takes_a_piece(operation).tells(204, "Upload-Offset", bytes_told("So many bytes are kept now"))
}

pub(super) fn about_post(_: &Forms) -> Operation {
    let meant = json!({ "type": "string", "enum": ["PATCH", "DELETE"] });
    let offset = json!({ "type": "integer", "minimum": 0, "maximum": BYTES_MAX, "example": 0 });
    let operation = operation("sendPieceByPost", "The same where only GET and POST come through")
        .heeds("X-HTTP-Method-Override", "What it stands for", &meant)
        .may_heed("Upload-Offset", "Of PATCH: where the piece begins", &offset);
    takes_a_piece(operation)
}

pub(super) fn about_delete(_: &Forms) -> Operation {
    with_a_token(operation("discardUpload", "Do not send it after all"))
        .gives_nothing(204, "It is gone")
        .tells(204, "Tus-Resumable", version_told())
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
