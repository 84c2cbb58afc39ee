//! Refusals in words that say what to do. Causes go to the log, once, here.

use axum::http::StatusCode;
use backbone::db;
use backbone::problem::{Fault, Problem};
use backbone::sealing::{KeyError, Unreadable};

use crate::case_file::CaseFileError;
use crate::domain::case::Rejection;
use crate::domain::wrong::Wrong;
use crate::execute::ExecuteError;

pub(super) fn no_case() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no_case", "There is no case with this reference.")
}

/// Fields that do not say what is asked for.
pub(super) fn wrong(wrong: Vec<Wrong>) -> Problem {
    let fault = |wrong: Wrong| Fault {
        pointer: wrong.pointer,
        code: wrong.code.to_owned(),
        detail: wrong.detail,
    };
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "wrong_fields",
        "Some fields need another look: see `errors`.",
    )
    .errors(wrong.into_iter().map(fault).collect())
}

pub(super) fn stale(current: u32) -> Problem {
    Problem::new(
        StatusCode::PRECONDITION_FAILED,
        "stale",
        "The case has changed since you read it. Read it again, then decide again.",
    )
    .current_version(current)
}

/// The database's fault, or ours.
pub(super) fn database(error: &sqlx::Error) -> Problem {
    if db::is_away(error) {
        tracing::warn!(error = %error, "the database is away");
        return Problem::unavailable();
    }
    bug(error)
}

fn bug(error: &dyn std::error::Error) -> Problem {
    let mut told = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    tracing::error!(error = told, "alarm: a request met a fault of our own");
    Problem::internal()
}

fn rejected(rejection: &Rejection) -> Problem {
    match rejection {
        Rejection::NoCase => no_case(),
        Rejection::ClaimedByOther { .. }
        | Rejection::AssessmentMissing
        | Rejection::RoundsUsedUp
        | Rejection::AlreadyFiled
        | Rejection::Finished => {
            Problem::new(StatusCode::CONFLICT, rejection.code(), rejection.to_string())
        }
    }
}

fn key(error: &KeyError) -> Problem {
    match error {
        KeyError::Away(_) => {
            tracing::warn!(error = %error, "a report's key cannot be had");
            Problem::unavailable()
        }
        KeyError::Unreadable(Unreadable::NoKey) => Problem::new(
            StatusCode::CONFLICT,
            "erased",
            "What belongs to this report was erased: nothing can be written to it any more.",
        ),
        KeyError::Unreadable(Unreadable::NotOpened) => bug(error),
    }
}

pub(super) fn executing(error: &ExecuteError) -> Problem {
    match error {
        ExecuteError::Rejected(rejection) => rejected(rejection),
        ExecuteError::Stale { current } => stale(*current),
        ExecuteError::KeyReused => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "key_reused",
            "This Idempotency-Key came with another request before. Use a new one for a new act.",
        ),
        ExecuteError::TooLarge => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            "This is more than one act can hold. Write less, or in two parts.",
        ),
        ExecuteError::Key(error) => key(error),
        ExecuteError::Database(error) => database(error),
        ExecuteError::Unreadable(_) | ExecuteError::NotEncoded => bug(error),
    }
}

pub(super) fn showing(error: &CaseFileError) -> Problem {
    match error {
        CaseFileError::Key(error) => key(error),
        CaseFileError::Database(error) => database(error),
        CaseFileError::Unreadable(_) => bug(error),
    }
}
