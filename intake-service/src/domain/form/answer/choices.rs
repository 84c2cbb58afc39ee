//! Answers out of a list, and the declaration.

use serde_json::Value;

use super::{Answer, Asking, Problem, check_count, missing, wrong_type};
use crate::domain::form::ErrorCode;

const NOT_A_CHOICE: &str = "Choose one of the answers";

pub(super) fn one(asking: &Asking<'_>, value: &Value) -> Result<Answer, Problem> {
    let chosen = value.as_str().ok_or_else(|| wrong_type(NOT_A_CHOICE))?;
    let label = asking
        .question
        .choice_label(chosen)
        .ok_or_else(|| Problem::new(ErrorCode::NotAChoice, NOT_A_CHOICE))?;
    Ok(Answer::shown(chosen, label))
}

pub(super) fn many(asking: &Asking<'_>, value: &Value) -> Result<Answer, Problem> {
    let list = value.as_array().ok_or_else(|| wrong_type("Give a list of answers"))?;
    check_count(asking.limits(), list.len())?;
    // In the order of the form: it reads the same whatever was ticked first.
    let choices = &asking.question.choices;
    let mut ticked = vec![false; choices.len()];
    for (place, value) in list.iter().enumerate() {
        let chosen = value.as_str().ok_or_else(|| wrong_type(NOT_A_CHOICE).within(place))?;
        let tick = choices
            .iter()
            .zip(&mut ticked)
            .find(|(choice, _)| choice.value == chosen)
            .map(|(_, tick)| tick)
            .ok_or_else(|| Problem::new(ErrorCode::NotAChoice, NOT_A_CHOICE).within(place))?;
        *tick = true;
    }
    let chosen =
        || choices.iter().zip(&ticked).filter(|(_, tick)| **tick).map(|(choice, _)| choice);
    if let Some(alone) = chosen().find(|choice| choice.alone)
        && chosen().count() > 1
    {
        let detail = format!("Choose \"{}\" alone, or choose the others", alone.label);
        return Err(Problem::new(ErrorCode::NotTogether, detail));
    }
    let values: Vec<Value> = chosen().map(|choice| Value::from(choice.value.as_str())).collect();
    let mut shown = String::new();
    for choice in chosen() {
        // A label may have commas of its own.
        shown.push_str(if shown.is_empty() { "" } else { "; " });
        shown.push_str(&choice.label);
    }
    Ok(Answer::shown(values, shown))
}

pub(super) fn declaration(asking: &Asking<'_>, value: &Value) -> Result<Answer, Problem> {
    match value.as_bool() {
        Some(true) => Ok(Answer::shown(true, "Yes")),
        Some(false) => Err(Problem::new(ErrorCode::Missing, missing(asking.question))),
        None => Err(wrong_type("Answer true if you agree")),
    }
}
