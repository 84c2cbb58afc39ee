//! Files of a case: as they were sent, to look at, and out of everybody's sight.

mod name; // a file's name in a header
pub(super) mod original; // GET .../evidence/{file_id}
pub(super) mod view; // GET .../evidence/{file_id}/view
pub(super) mod quarantine; // POST .../evidence/{file_id}/quarantine

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use backbone::evidence::ReadError;
use backbone::problem::{Problem, with_causes};
use backbone::read_audit;
use uuid::Uuid;

use super::staff::{Permission, Staff};
use super::{Bureau, problems};
use crate::case_file::{self, Evidence};
use crate::projections::triage_queue::Case;

/// The file of a case that a path names.
async fn find(bureau: &Bureau, case: &Case, file_id: &str) -> Result<Evidence, Problem> {
    let id = Uuid::try_parse(file_id).map_err(|_| no_file())?;
    let mut conn = bureau.conn().await?;
    let found = case_file::evidence(&mut conn, &bureau.execute.keys, case.report_id, id).await;
    found.map_err(|error| problems::showing(&error))?.ok_or_else(no_file)
}

fn no_file() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no_file", "There is no such file with this case.")
}

/// Whether `staff` may be handed this file.
fn guard(staff: &Staff, evidence: &Evidence) -> Result<(), Problem> {
    if evidence.quarantined.is_none() || staff.may(Permission::OpenQuarantined) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::CONFLICT,
        "quarantined",
        "This file is in quarantine. Only an examiner can open it.",
    ))
}

/// Puts on record that the file was read, before any of it is sent.
async fn on_record(bureau: &Bureau, staff: &Staff, case: &Case, what: &str) -> Result<(), Problem> {
    let recorded =
        read_audit::record(&bureau.execute.pool, &staff.id, what, &case.open.reference).await;
    recorded.map_err(|error| problems::database(&error))
}

/// A stranger's file does nothing in a browser, whatever it is.
fn sandboxed(mut response: Response, disposition: HeaderValue) -> Response {
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static("sandbox; default-src 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    response
}

/// A file that cannot be read as it was sent.
fn unread(error: &ReadError, file_id: Uuid) -> Problem {
    told(error, file_id);
    match error {
        ReadError::Away(_) => Problem::unavailable(),
        ReadError::NotWhole | ReadError::NotOpened | ReadError::NotTheOriginal => Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "evidence_damaged",
            "This file is not what was sent any more, so none of it is shown. Tell whoever runs \
             this service.",
        ),
    }
}

/// Says it to who runs the service.
fn told(error: &ReadError, file_id: Uuid) {
    let error = &with_causes(error);
    tracing::error!(error, file.id = %file_id, "alarm: a file of evidence cannot be read");
}
