//! `POST /api/v1/reports/{reference}/evidence`: files for a report that was sent, small ones in the form itself
//! (`file`), others by the tokens of their uploads (`upload`).

use std::fmt::Write as _;

use axum::Json as Answer;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::Path;
use backbone::multipart::{Multipart, Part};
use backbone::problem::{Fault, Problem};
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::Client;
use super::openapi::{Operation, next_of, shape};
use super::problems::ProblemFrom;
use super::{Site, idempotency, show_report};
use crate::domain::form::free_words;
use crate::evidence::settings::FILES_MAX;
use crate::evidence::{EvidenceError, Upload, Why};
use crate::forms::Forms;
use crate::returning::{Act, AddedFiles, Done, EVIDENCE_ADDED, ReturnError};

pub(super) const ABOUT_CHARS_MAX: usize = 5_000;
pub(super) const TOKEN_BYTES_MAX: usize = 200;

/// What a form brought.
#[derive(Debug, Default)]
pub(super) struct Brought {
    /// In the order in which they stood in the form.
    pub(super) tokens: Vec<String>,
    pub(super) about: String,
    /// Of the files in the form: nobody knows their tokens.
    own: Vec<Upload>,
    /// What tells the same files from other ones.
    told: String,
}

/// Why a file that stands in the form itself was not kept.
#[derive(Debug)]
pub(super) enum NotKept {
    Why(Why),
    Problem(Problem),
}

impl From<Problem> for NotKept {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<EvidenceError> for NotKept {
    fn from(error: EvidenceError) -> Self {
        match error {
            EvidenceError::Refused(why) => Self::Why(Why::Refused(why)),
            EvidenceError::Unknown
            | EvidenceError::Offset
            | EvidenceError::Checking
            | EvidenceError::Full
            | EvidenceError::Unavailable => Self::Problem(ProblemFrom::from(error).0),
        }
    }
}

impl Brought {
    /// Whether the report can have one more.
    pub(super) fn has_room(&self) -> bool {
        self.tokens.len() < FILES_MAX
    }

    /// Names a file that came before.
    pub(super) fn name(&mut self, token: String) {
        writeln!(self.told, "upload {token}").ok();
        self.tokens.push(token);
    }

    /// Keeps a file that stands in the form itself.
    pub(super) async fn keep(&mut self, site: &Site, part: Part) -> Result<(), NotKept> {
        let upload = site.evidence.begin(part.file_name().unwrap_or_default(), None).await?;
        self.own.push(upload.clone());
        let bytes = futures_util::stream::try_unfold(part, |mut part| async move {
            Ok::<_, Problem>(part.chunk().await?.map(|bytes| (bytes, part)))
        });
        let received = site.evidence.receive(upload, std::pin::pin!(bytes)).await?;
        if received.size.is_none() {
            let detail = "The body did not arrive whole.";
            return Err(Problem::new(StatusCode::BAD_REQUEST, "body_cut", detail).into());
        }
        let checked = site.evidence.checked(received).await?;
        let digest = checked.about.sha256.map(hex::encode).unwrap_or_default();
        writeln!(self.told, "file {digest} {}", checked.about.name).ok();
        self.tokens.push(checked.token.text());
        Ok(())
    }

    /// Adds all of it to the report, once for each `act_id`.
    pub(super) async fn add(
        &self,
        site: &Site,
        report_id: Uuid,
        act_id: Uuid,
    ) -> Result<Done, ReturnError> {
        let told = format!("{}about {}\n", self.told, self.about);
        let fingerprint = site.returning.identity.fingerprint(act_id, told.as_bytes());
        let before =
            site.returning.done_before(report_id, act_id, EVIDENCE_ADDED, Some(fingerprint));
        if let Some(done) = before.await? {
            return Ok(done);
        }
        let added =
            AddedFiles { tokens: self.tokens.clone(), about: self.about.clone(), fingerprint };
        site.returning.act(report_id, act_id, Act::Evidence(added)).await
    }

    /// Forgets the files that stood in the form: they were added before, or are not to be.
    pub(super) async fn discard(&self, site: &Site) {
        for upload in &self.own {
            site.evidence.discard(upload).await.ok();
        }
    }
}

pub(super) async fn post(
    State(site): State<Site>,
    client: Client,
    Path(reference): Path<String>,
    headers: HeaderMap,
    form: Multipart,
) -> Result<Response, ProblemFrom> {
    let key = idempotency::key(&headers)?;
    let opened = site.returning.open(&reference, show_report::return_code(&headers)?).await?;
    let act_id = site.returning.identity.id_of(key);
    let place = site.limits.may_upload(client)?;
    // In a task of its own: what a form brings does not lie about because its sender has gone.
    let (tell, told) = tokio::sync::oneshot::channel();
    let (within, report_id) = (site.clone(), opened.shown.report_id);
    site.tasks.spawn(async move {
        let mut brought = Brought::default();
        let added = match read(&within, form, &mut brought).await {
            Ok(()) => brought.add(&within, report_id, act_id).await.map_err(ProblemFrom::from),
            Err(problem) => Err(problem.into()),
        };
        // What was told before has its files; these are the same once more, or were refused.
        if !matches!(&added, Ok(done) if !done.replayed) {
            brought.discard(&within).await;
        }
        drop(place);
        tell.send(added).ok();
    });
    let done = told.await.unwrap_or_else(|_| Err(Problem::unavailable().into()))?;
    let answer = json!({
        "reference": opened.shown.reference,
        "added_at": done.at.to_string(),
        "files": done.files.iter().map(shown).collect::<Vec<_>>(),
    });
    Ok(idempotency::marked(done.replayed, (StatusCode::CREATED, Answer(answer))))
}

fn shown(file: &proto::intake::v1::File) -> Value {
    json!({
        "file_id": file.file_id,
        "name": file.name,
        "size": file.size,
        "media_type": file.media_type,
        "sha256": hex::encode(&file.sha256),
        "scan": file.scan,
    })
}

/// Reads the form part after part; files go where files rest.
async fn read(site: &Site, mut form: Multipart, brought: &mut Brought) -> Result<(), Problem> {
    while let Some(part) = form.next().await? {
        let at = brought.tokens.len();
        match part.name() {
            "file" if brought.has_room() => {
                brought.keep(site, part).await.map_err(|not_kept| match not_kept {
                    NotKept::Why(why) => wrong(at, why),
                    NotKept::Problem(problem) => problem,
                })?;
            }
            "upload" if brought.has_room() => brought.name(part.text(TOKEN_BYTES_MAX).await?),
            "file" | "upload" => return Err(wrong(at, Why::TooMany)),
            "about" => {
                brought.about = free_words(&part.text(4 * ABOUT_CHARS_MAX).await?);
                if brought.about.chars().count() > ABOUT_CHARS_MAX {
                    return Err(about_too_long());
                }
            }
            _ => return Err(unknown_part()),
        }
    }
    if brought.tokens.is_empty() {
        return Err(nothing());
    }
    Ok(())
}

fn fault(pointer: String, code: &str, detail: &str) -> Fault {
    Fault { pointer, code: code.to_owned(), detail: detail.to_owned() }
}

/// A file that the report cannot have, by its place in the form.
pub(super) fn wrong(at: usize, why: Why) -> Problem {
    files_wrong(&[(at, why)])
}

pub(super) fn files_wrong(wrong: &[(usize, Why)]) -> Problem {
    let faults =
        wrong.iter().map(|(at, why)| fault(format!("/files/{at}"), why.code(), why.words()));
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "files_wrong",
        "Some files cannot be taken as they are. Nothing was sent.",
    )
    .errors(faults.collect())
}

fn nothing() -> Problem {
    let detail = "Choose a file to send";
    let missing = fault("/files".to_owned(), "missing", detail);
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "files_wrong", detail).errors(vec![missing])
}

fn about_too_long() -> Problem {
    let detail = "Use 5,000 characters or fewer";
    let long = fault("/about".to_owned(), "too_long", detail);
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "files_wrong", detail).errors(vec![long])
}

fn unknown_part() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "wrong_fields",
        "The form may have parts called file, upload and about.",
    )
}

pub(super) fn about(_: &Forms) -> Operation {
    let added = json!({
        "reference": "7K4M-2TQ9-2",
        "added_at": "2026-11-24T18:05:00.123456Z",
        "files": [{
            "file_id": "6f1d2a52-0f5c-4c5b-8a3e-0d5f5e7b9a10",
            "name": "IMG 1.jpg",
            "size": 204_800,
            "media_type": "image/jpeg",
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "scan": "not_scanned",
        }],
    });
    Operation::new("reports", "addFiles", "Add pictures, video or other files")
        .says(
            "Parts called `file` hold small files; parts called `upload` hold the tokens of files that have come in pieces. All \
             are added, or none. What a file is, is found by its first bytes.",
        )
        .opens_a_report()
        .takes_a_key()
        .takes_as("multipart/form-data", true, &shape("Files"))
        .refuses(400, "The body is no form that can be read, or did not arrive whole (`malformed_form`, `body_cut`)")
        .refuses(408, "A part of the form came too slowly (`body_cut`)")
        .refuses(409, "A file is still being checked: send it again in a moment (`file_checking`)")
        .refuses(413, "A field is too long (`body_too_large`)")
        .refuses(422, "Some files cannot be taken (`files_wrong`): `errors` says why, for each by its place. Or a part has another name \
                       (`wrong_fields`), or there are too many parts (`too_many_fields`)")
        .refuses(503, "Too many files come at the same time, or wait for a report (`too_many_uploads`, `no_room`)")
        .confirms("They are added", "FilesAdded", added)
        .leads_to(201, "showReport", next_of("showReport", None))
}
