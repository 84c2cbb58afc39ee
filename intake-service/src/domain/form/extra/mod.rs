//! What may be told once a report was sent.

use jiff::civil::DateTime;
use serde_json::{Map, Value};

use super::answer::Answer;
use super::condition::holds;
use super::model::{Extra, Form, Question};
use super::walk::{Walk, told, walk_extra};
use super::{ErrorCode, FieldError};

/// A question in the words that it was asked with, and its answer.
pub type Told<'form> = (&'form Question, &'form str, Answer);

/// The extras that are offered after a report with the answers `core`.
#[must_use]
pub fn extras_offered<'form>(form: &'form Form, core: &Map<String, Value>) -> Vec<&'form Extra> {
    let given = told(form, core);
    form.extras().iter().filter(|extra| holds(extra.when.as_ref(), &given)).collect()
}

/// Whether the answers `core` are the first part of a report, and the rest follows.
#[must_use]
pub fn continues(form: &Form, core: &Map<String, Value>) -> bool {
    form.goes_on_after(&told(form, core))
}

/// What helps somebody who sent the answers `core`, in a few sentences.
#[must_use]
pub fn advice<'form>(form: &'form Form, core: &Map<String, Value>) -> Vec<&'form str> {
    let given = told(form, core);
    let fits = form.advice.iter().filter(|advice| advice.when.holds(&given));
    fits.map(|advice| advice.text.as_str()).collect()
}

/// The answers to `extra`, in the order of asking, or all that is wrong with them.
///
/// `core` is what was sent. What `extra` does not ask, or not after these answers, is refused.
pub fn read_extra<'form>(
    form: &'form Form,
    extra: &'form Extra,
    core: &Map<String, Value>,
    answers: &Map<String, Value>,
    now: DateTime,
) -> Result<Vec<Told<'form>>, Vec<FieldError>> {
    let Walk { entries, mut wrong, open, .. } = walk_extra(form, extra, core, answers, now);
    if open.is_some() && wrong.is_empty() {
        // The loader keeps extras from asking for what cannot be left out.
        wrong.push(FieldError::about_all(ErrorCode::Missing, "Something is missing here"));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let given = entries.into_iter().filter_map(|entry| {
        let answer = entry.answer?;
        Some((entry.question, entry.label, answer))
    });
    Ok(given.collect())
}

#[cfg(test)]
mod tests;
