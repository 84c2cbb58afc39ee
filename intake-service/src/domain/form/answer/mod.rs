//! One answer: is it one, and how is it kept and shown?
//!
//! Each kind of question has a reader that takes the raw JSON and gives the answer in its normal
//! form, or says what is wrong. Readers know their question and the time, nothing of the path.

mod text; // lines and long text
mod choices; // yes_no, yes_no_unsure, one, many, declaration
mod numbers; // number, money
mod dates; // date, time
mod approximate; // approximate_date
mod contact; // phone, email
mod place; // place and its postcode
mod person;
mod checked; // texts that are looked at for more than their length
mod vehicle; // vehicle_registration
mod files;
mod group;

use std::borrow::Cow;

use jiff::civil::DateTime;
use serde_json::Value;

pub(crate) use contact::is_mobile;
pub(crate) use dates::iso_date;
pub(crate) use text::free_words;

use super::ErrorCode;
use super::error::grouped;
use super::model::{Kind, Limits, Question};

/// A valid answer in its normal form.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What is kept: trimmed, without invisible characters, numbers and codes in one spelling.
    pub value: Value,
    /// What a person reads, where it is not the value itself.
    shown: Option<String>,
}

impl Answer {
    /// What a person reads.
    #[must_use]
    pub fn display(&self) -> &str {
        self.shown.as_deref().or_else(|| self.value.as_str()).unwrap_or_default()
    }

    /// What is kept, and what is shown where that differs.
    pub(crate) fn into_parts(self) -> (Value, Option<String>) {
        (self.value, self.shown)
    }

    fn text(text: String) -> Self {
        Self { value: Value::String(text), shown: None }
    }

    fn shown(value: impl Into<Value>, shown: impl Into<String>) -> Self {
        Self { value: value.into(), shown: Some(shown.into()) }
    }
}

/// What a reader may know beside the answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) question: &'a Question,
    pub(super) now: DateTime,
    /// A telephone number must be able to take texts.
    pub(super) mobile: bool,
}

impl<'a> Asking<'a> {
    fn limits(&self) -> &'a Limits {
        &self.question.limits
    }
}

/// Something wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// Pointer within the answer, empty for the whole.
    pub(super) within: String,
    pub(super) code: ErrorCode,
    pub(super) detail: Cow<'static, str>,
}

impl Problem {
    fn new(code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { within: String::new(), code, detail: detail.into() }
    }

    /// The same, of the part called `step`.
    fn within(mut self, step: impl std::fmt::Display) -> Self {
        self.within = format!("/{step}{}", self.within);
        self
    }
}

/// Reads `value` as the answer to the question asked.
pub(super) fn read(asking: &Asking<'_>, value: &Value) -> Result<Answer, Vec<Problem>> {
    let one = |answer: Result<Answer, Problem>| answer.map_err(|problem| vec![problem]);
    let read = match asking.question.kind {
        Kind::YesNo | Kind::YesNoUnsure | Kind::One => one(choices::one(asking, value)),
        Kind::Many => one(choices::many(asking, value)),
        Kind::Declaration => one(choices::declaration(asking, value)),
        Kind::Text => one(text::line(asking, value).and_then(|line| checked::read(asking, line))),
        Kind::LongText => {
            one(text::long(asking, value).and_then(|text| checked::read(asking, text)))
        }
        Kind::Number => one(numbers::number(asking, value)),
        Kind::Money => one(numbers::money(asking, value)),
        Kind::Date => one(dates::date(asking, value)),
        Kind::Time => one(dates::time(value)),
        Kind::ApproximateDate => approximate::read(asking, value),
        Kind::Place => place::read(value),
        Kind::Person => person::read(value),
        Kind::Phone => one(contact::phone(asking, value)),
        Kind::Email => one(contact::email(asking, value)),
        Kind::VehicleRegistration => one(vehicle::registration(value)),
        Kind::Files => one(files::read(asking, value)),
        Kind::Group => group::read(asking, value),
    };
    read.map_err(|problems| in_own_words(asking.question, problems))
}

/// The form's words for what is wrong, where it has any. Items of a group have used their own.
fn in_own_words(question: &Question, mut problems: Vec<Problem>) -> Vec<Problem> {
    for problem in &mut problems {
        if question.kind == Kind::Group && !problem.within.is_empty() {
            continue;
        }
        if let Some(text) = question.error_text(problem.code) {
            problem.detail = Cow::Owned(text.to_owned());
        }
    }
    problems
}

/// What to say when the question is not answered.
pub(super) fn missing(question: &Question) -> String {
    question.error_text(ErrorCode::Missing).unwrap_or("Answer this question").to_owned()
}

/// Nothing a person would call an answer: an empty field, an empty list, spaces.
pub(super) fn is_blank(value: &Value) -> bool {
    value.is_null()
        || value.as_str().is_some_and(text::is_blank)
        || value.as_array().is_some_and(|list| list.iter().all(is_blank))
        || value.as_object().is_some_and(|map| map.values().all(is_blank))
}

fn wrong_type(detail: &'static str) -> Problem {
    Problem::new(ErrorCode::WrongType, detail)
}

fn too_many_items(most: usize) -> Problem {
    Problem::new(ErrorCode::TooMany, format!("Give {} or fewer", grouped(most as u128)))
}

/// Checks the length of a list before anything in it is looked at.
fn check_count(limits: &Limits, count: usize) -> Result<(), Problem> {
    if let Some(most) = limits.items_max.filter(|most| count > *most) {
        return Err(too_many_items(most));
    }
    if let Some(least) = limits.items_min.filter(|least| count < *least) {
        let detail = format!("Give {} or more", grouped(least as u128));
        return Err(Problem::new(ErrorCode::TooFew, detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
