//! Refusals of the public API, in words that say what to do.

use axum::http::StatusCode;
use backbone::problem::{Fault, Problem};

use crate::domain::form::FieldError;
use crate::returning::ReturnError;
use crate::submit::SubmitError;

pub(super) fn unknown_kind() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "unknown_kind",
        "There is no form of this kind. GET /api/v1/forms lists those that there are.",
    )
    .errors(vec![Fault {
        pointer: "/kind".to_owned(),
        code: "unknown_kind".to_owned(),
        detail: "Choose one of the kinds in the list of forms".to_owned(),
    }])
}

pub(super) fn answers(errors: Vec<FieldError>) -> Problem {
    let faults = errors.into_iter().map(|error| Fault {
        pointer: error.pointer,
        code: error.code.as_str().to_owned(),
        detail: error.detail,
    });
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "answers_wrong",
        "Some answers are missing or cannot be taken as they are. Nothing was sent.",
    )
    .errors(faults.collect())
}

impl From<SubmitError> for ProblemFrom {
    fn from(error: SubmitError) -> Self {
        Self(match error {
            SubmitError::KeyReused => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_reused",
                "This Idempotency-Key was used for something else. Use a new key for a new request.",
            ),
            SubmitError::TooLarge => Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "This is too much in one go. Shorten it, and add the rest afterwards.",
            ),
            SubmitError::Files(wrong) => answers(wrong),
            SubmitError::Checking => super::uploads::checking(),
            SubmitError::Unavailable => Problem::unavailable(),
            SubmitError::Unreadable(error) => {
                tracing::error!(error = %error, "alarm: a report in the log cannot be read");
                Problem::internal()
            }
        })
    }
}

impl From<ReturnError> for ProblemFrom {
    fn from(error: ReturnError) -> Self {
        match error {
            ReturnError::NotOpened => Self(Problem::new(
                StatusCode::NOT_FOUND,
                "not_opened",
                "That reference and code do not open a report. Check them and try again. If you \
                 have lost the code, call 101.",
            )),
            ReturnError::Wait(seconds) => Self(
                Problem::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "wait",
                    format!(
                        "That was a wrong code several times. Try again in {seconds} seconds. If \
                         you have lost the code, call 101."
                    ),
                )
                .retry_after(seconds),
            ),
            ReturnError::Files(wrong) => Self(super::add_evidence::files_wrong(&wrong)),
            ReturnError::Submit(error) => error.into(),
        }
    }
}

/// A problem made of an error of this service, so that handlers can use `?`.
#[derive(Debug)]
pub(super) struct ProblemFrom(pub(super) Problem);

impl From<Problem> for ProblemFrom {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl axum::response::IntoResponse for ProblemFrom {
    fn into_response(self) -> axum::response::Response {
        self.0.into_response()
    }
}
