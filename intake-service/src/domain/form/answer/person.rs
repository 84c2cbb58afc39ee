//! Somebody else, as far as they are known.

use serde_json::{Map, Value};

use super::text::{self, Breaks};
use super::{Answer, Problem, wrong_type};
use crate::domain::form::ErrorCode;
use crate::domain::form::error::{escaped, push_listed};

/// What may be said of a person, with the longest; all optional but one.
const PARTS: [(&str, usize); 8] = [
    ("name", 120),
    ("known_as", 120),
    ("age", 40),
    ("relationship", 80),
    ("address", 500),
    ("phone", 30),
    ("email", 254),
    ("description", 1000),
];

pub(super) fn read(value: &Value) -> Result<Answer, Vec<Problem>> {
    let Some(fields) = value.as_object() else {
        return Err(vec![wrong_type("Give the person's name, or what you know of them")]);
    };
    let mut person = Map::new();
    let mut shown = String::new();
    let mut problems = vec![];
    for (name, most) in PARTS {
        match text::part(fields.get(name), most, Breaks::Join) {
            Ok(Some(part)) => {
                push_listed(&mut shown, &part);
                person.insert(name.to_owned(), Value::from(part.into_owned()));
            }
            Ok(None) => {}
            Err(problem) => problems.push(problem.within(name)),
        }
    }
    for name in fields.keys().filter(|name| !PARTS.iter().any(|(part, _)| part == name)) {
        let problem = Problem::new(ErrorCode::UnknownField, "A person has no such part");
        problems.push(problem.within(escaped(name)));
    }
    if problems.is_empty() { Ok(Answer::shown(person, shown)) } else { Err(problems) }
}
