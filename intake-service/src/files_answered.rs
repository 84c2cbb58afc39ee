//! Answers of kind `files` name uploads by their tokens: what is kept are the files' ids.
//!
//! A token opens its file. It is worth no more than the moment in which the report takes the file, and stands in
//! no event.

use serde_json::Value;
use uuid::Uuid;

use crate::domain::form::{ErrorCode, FieldError, Kind, Told};
use crate::domain::report::Report;
use crate::evidence::{Evidence, NotTaken, Taken, Why};
use crate::submit::SubmitError;

/// Whether an answer names files.
#[must_use]
pub fn any(report: &Report<'_>) -> bool {
    report.answers.iter().any(|answered| answered.kind == Kind::Files)
}

/// Takes the files that answers of `report` name, and puts their ids in the place of their tokens.
pub async fn take(
    evidence: &Evidence,
    report_id: Uuid,
    report: &mut Report<'_>,
) -> Result<Taken, SubmitError> {
    let answers = report.answers.iter_mut().filter(|answered| answered.kind == Kind::Files);
    take_all(evidence, report_id, answers.map(|told| (told.id, &mut told.value)).collect()).await
}

/// The same for answers that are told afterwards.
pub async fn take_told(
    evidence: &Evidence,
    report_id: Uuid,
    answers: &mut [Told<'_>],
) -> Result<Taken, SubmitError> {
    let answers = answers.iter_mut().filter(|(question, ..)| question.kind == Kind::Files);
    let named = answers.map(|(question, _, answer)| (question.id.as_str(), &mut answer.value));
    take_all(evidence, report_id, named.collect()).await
}

async fn take_all(
    evidence: &Evidence,
    report_id: Uuid,
    answers: Vec<(&str, &mut Value)>,
) -> Result<Taken, SubmitError> {
    let tokens = |value: &Value| -> Vec<String> {
        let named = value.as_array().into_iter().flatten();
        named.filter_map(|token| Some(token.as_str()?.to_owned())).collect()
    };
    let asked: Vec<(String, usize, String)> = answers
        .iter()
        .flat_map(|(id, value)| {
            (0..).zip(tokens(value)).map(|(at, token)| ((*id).to_owned(), at, token))
        })
        .collect();
    if asked.is_empty() {
        return Ok(Taken::default());
    }
    let all: Vec<String> = asked.iter().map(|(.., token)| token.clone()).collect();
    let taken = match evidence.take(report_id, &all).await {
        Ok(taken) => taken,
        Err(NotTaken::Wrong(wrong)) => {
            let about = |(place, why): (usize, Why)| {
                let (id, at, _) = asked.get(place)?;
                let words = why.words().to_owned();
                Some(FieldError::about(id, &format!("/{at}"), ErrorCode::NotAFile, words))
            };
            return Err(SubmitError::Files(wrong.into_iter().filter_map(about).collect()));
        }
        Err(NotTaken::Checking) => return Err(SubmitError::Checking),
        Err(NotTaken::Unavailable) => return Err(SubmitError::Unavailable),
    };
    let mut ids = taken.files.iter().map(|file| Value::String(file.file_id.clone()));
    for (_, value) in answers {
        let count = tokens(value).len();
        *value = ids.by_ref().take(count).collect();
    }
    Ok(taken)
}
