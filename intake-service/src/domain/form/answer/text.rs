//! Lines and long text. What a person wrote is kept as they wrote it, less what nobody can see.

use std::borrow::Cow;

use serde_json::Value;

use super::{Answer, Asking, Problem, wrong_type};
use crate::domain::form::ErrorCode;
use crate::domain::form::error::grouped;
use crate::domain::form::model::Limits;

const NOT_TEXT: &str = "Write this answer as words";

/// What becomes of line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaks {
    /// Kept, in one spelling.
    Keep,
    /// Spaces: the answer is one line.
    Join,
}

pub(super) fn line(asking: &Asking<'_>, value: &Value) -> Result<Answer, Problem> {
    read(asking.limits(), value, Breaks::Join).map(Answer::text)
}

pub(super) fn long(asking: &Asking<'_>, value: &Value) -> Result<Answer, Problem> {
    read(asking.limits(), value, Breaks::Keep).map(Answer::text)
}

fn read(limits: &Limits, value: &Value, breaks: Breaks) -> Result<String, Problem> {
    let raw = value.as_str().ok_or_else(|| wrong_type(NOT_TEXT))?;
    let text = clean(raw, breaks).into_owned();
    check_length(limits, &text)?;
    Ok(text)
}

/// The part of an object called `field`, cleaned; nothing if it is blank.
pub(super) fn part(
    value: Option<&Value>,
    most: usize,
    breaks: Breaks,
) -> Result<Option<Cow<'_, str>>, Problem> {
    let Some(value) = value.filter(|value| !super::is_blank(value)) else { return Ok(None) };
    let raw = value.as_str().ok_or_else(|| wrong_type(NOT_TEXT))?;
    let text = clean(raw, breaks);
    check_length(&Limits { max_length: Some(most), ..Limits::default() }, &text)?;
    Ok(Some(text))
}

pub(super) fn check_length(limits: &Limits, text: &str) -> Result<(), Problem> {
    let used = text.chars().count();
    if let Some(most) = limits.max_length.filter(|most| used > *most) {
        let detail = format!(
            "Use {} characters or fewer. You have used {}",
            grouped(most as u128),
            grouped(used as u128)
        );
        return Err(Problem::new(ErrorCode::TooLong, detail));
    }
    if let Some(least) = limits.min_length.filter(|least| used < *least) {
        let detail = format!("Write {} characters or more", grouped(least as u128));
        return Err(Problem::new(ErrorCode::TooShort, detail));
    }
    Ok(())
}

/// Words that answer no question, kept as a long answer is.
pub(crate) fn free_words(raw: &str) -> String {
    clean(raw, Breaks::Keep).into_owned()
}

/// Trims, drops what cannot be seen, and spells line breaks in one way.
///
/// Most answers need nothing of it and are not copied.
pub(super) fn clean(raw: &str, breaks: Breaks) -> Cow<'_, str> {
    let trimmed = raw.trim_matches(is_edge);
    let plain = |character: char| {
        !is_unseen(character)
            && !(character.is_control() && (character != '\n' || breaks == Breaks::Join))
    };
    if trimmed.chars().all(plain) {
        return Cow::Borrowed(trimmed);
    }
    let mut text = String::with_capacity(trimmed.len());
    let mut characters = trimmed.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                text.push(if breaks == Breaks::Keep { '\n' } else { ' ' });
            }
            '\n' => text.push(if breaks == Breaks::Keep { '\n' } else { ' ' }),
            '\t' => text.push(' '),
            other if other.is_control() || is_unseen(other) => {}
            other => text.push(other),
        }
    }
    Cow::Owned(text)
}

pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(is_edge)
}

/// Only what is seen, for codes and numbers: no spaces either.
pub(super) fn without_spaces(raw: &str) -> String {
    raw.chars().filter(|character| !is_edge(*character)).collect()
}

/// Stripped from the ends of a text.
fn is_edge(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || is_unseen(character)
        || is_joiner(character)
}

/// Joiners shape letters in Persian, Hindi and others, and join emoji: kept inside a text.
fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200C}' | '\u{200D}')
}

/// Characters without a look of their own that can hide or turn round what stands beside them.
fn is_unseen(character: char) -> bool {
    character > '\u{7F}'
        && matches!(character,
        '\u{00AD}' // soft hyphen
        | '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' // marks and empty space
        | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' // direction, overridden
        | '\u{2060}'..='\u{2064}' | '\u{206A}'..='\u{206F}' // word joiner, unseen operators
        | '\u{180E}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}
