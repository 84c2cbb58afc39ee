//! The same few questions about each of several things.

use serde_json::{Map, Value};

use super::{
    Answer, Asking, Problem, check_count, is_blank, missing, read as read_one, wrong_type,
};
use crate::domain::form::ErrorCode;
use crate::domain::form::error::escaped;

pub(super) fn read(asking: &Asking<'_>, value: &Value) -> Result<Answer, Vec<Problem>> {
    let Some(list) = value.as_array() else {
        return Err(vec![wrong_type("Give a list of items")]);
    };
    // The bound comes first: nothing behind it is looked at.
    check_count(asking.limits(), list.len()).map_err(|problem| vec![problem])?;
    let mut items = Vec::with_capacity(list.len());
    let mut shown = String::new();
    let mut problems = vec![];
    for (place, value) in list.iter().enumerate() {
        if is_blank(value) {
            continue; // An item that was added and left empty.
        }
        match item(asking, value) {
            Ok((item, line)) => {
                if !shown.is_empty() {
                    shown.push('\n');
                }
                shown.push_str(&line);
                items.push(Value::Object(item));
            }
            Err(found) => problems.extend(found.into_iter().map(|problem| problem.within(place))),
        }
    }
    if problems.is_empty() { Ok(Answer::shown(items, shown)) } else { Err(problems) }
}

/// One item and how it is shown: "Item: Bicycle; Value: £250.00".
fn item(asking: &Asking<'_>, value: &Value) -> Result<(Map<String, Value>, String), Vec<Problem>> {
    let Some(fields) = value.as_object() else {
        return Err(vec![wrong_type("Give each item as a set of answers")]);
    };
    let mut item = Map::new();
    let mut shown = String::new();
    let mut problems = vec![];
    for question in &asking.question.questions {
        let Some(value) = fields.get(&question.id).filter(|value| !is_blank(value)) else {
            if question.required {
                let problem = Problem::new(ErrorCode::Missing, missing(question));
                problems.push(problem.within(&question.id));
            }
            continue;
        };
        match read_one(&Asking { question, ..*asking }, value) {
            Ok(answer) => {
                if !shown.is_empty() {
                    shown.push_str("; ");
                }
                shown.push_str(&question.label);
                shown.push_str(": ");
                shown.push_str(answer.display());
                item.insert(question.id.clone(), answer.value);
            }
            Err(found) => {
                problems.extend(found.into_iter().map(|problem| problem.within(&question.id)));
            }
        }
    }
    let known = |name: &str| asking.question.questions.iter().any(|question| question.id == name);
    for name in fields.keys().filter(|name| !known(name)) {
        let problem = Problem::new(ErrorCode::UnknownQuestion, "This is not asked about an item");
        problems.push(problem.within(escaped(name)));
    }
    if problems.is_empty() { Ok((item, shown)) } else { Err(problems) }
}
