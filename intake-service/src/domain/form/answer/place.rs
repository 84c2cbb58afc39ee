//! Where something happened: an address, a pin, or words.

use serde_json::{Map, Value};

use super::text::{self, Breaks};
use super::{Answer, Problem, wrong_type};
use crate::domain::form::ErrorCode;
use crate::domain::form::error::{escaped, push_listed};

/// Text parts in the order in which an address is read, with their longest.
const PARTS: [(&str, usize); 5] =
    [("line1", 200), ("line2", 200), ("town", 100), ("postcode", 20), ("how_to_find", 500)];
/// The islands, with the sea around them.
const LATITUDE: (f64, f64) = (49.8, 60.9);
const LONGITUDE: (f64, f64) = (-8.7, 1.8);
const NOT_A_POSTCODE: &str = "Enter a full postcode, like LE1 1AA, or leave it out";

pub(super) fn read(value: &Value) -> Result<Answer, Vec<Problem>> {
    let Some(fields) = value.as_object() else {
        return Err(vec![wrong_type("Give the place as an address, a pin or words")]);
    };
    let mut place = Map::new();
    let mut shown = String::new();
    let mut problems = vec![];
    for (name, most) in PARTS {
        let part = text::part(fields.get(name), most, Breaks::Join).and_then(|part| match part {
            Some(part) if name == "postcode" => postcode(&part).map(Some),
            Some(part) => Ok(Some(part.into_owned())),
            None => Ok(None),
        });
        match part {
            Ok(Some(part)) => {
                push_listed(&mut shown, &part);
                place.insert(name.to_owned(), Value::String(part));
            }
            Ok(None) => {}
            Err(problem) => problems.push(problem.within(name)),
        }
    }
    pin(fields, &mut place, &mut shown, &mut problems);
    let known = |name: &str| {
        PARTS.iter().any(|(part, _)| *part == name) || matches!(name, "latitude" | "longitude")
    };
    for name in fields.keys().filter(|name| !known(name)) {
        let problem = Problem::new(ErrorCode::UnknownField, "A place has no such part");
        problems.push(problem.within(escaped(name)));
    }
    if problems.is_empty() { Ok(Answer::shown(place, shown)) } else { Err(problems) }
}

/// A pin needs both of its numbers.
fn pin(
    fields: &Map<String, Value>,
    place: &mut Map<String, Value>,
    shown: &mut String,
    problems: &mut Vec<Problem>,
) {
    let given = |name: &str| fields.get(name).filter(|value| !super::is_blank(value));
    let (latitude, longitude) = (given("latitude"), given("longitude"));
    if latitude.is_none() && longitude.is_none() {
        return;
    }
    let mut pinned = vec![];
    for (name, value, (least, most)) in
        [("latitude", latitude, LATITUDE), ("longitude", longitude, LONGITUDE)]
    {
        let Some(value) = value else {
            let detail = "Give both latitude and longitude, or neither";
            problems.push(Problem::new(ErrorCode::Missing, detail).within(name));
            continue;
        };
        let Some(number) = value.as_f64() else {
            problems.push(wrong_type("Give this as a number").within(name));
            continue;
        };
        if number < least {
            let detail = format!("Give {least} or more: the place is outside the country");
            problems.push(Problem::new(ErrorCode::TooSmall, detail).within(name));
        } else if number > most {
            let detail = format!("Give {most} or less: the place is outside the country");
            problems.push(Problem::new(ErrorCode::TooBig, detail).within(name));
        }
        place.insert(name.to_owned(), value.clone());
        pinned.push(number);
    }
    if let [latitude, longitude] = pinned.as_slice() {
        push_listed(shown, format_args!("pin at {latitude:.5} {longitude:.5}"));
    }
}

/// In one spelling: "LE1 1AA". The first half alone is taken too: it is often all that is known.
fn postcode(raw: &str) -> Result<String, Problem> {
    let bare = text::without_spaces(raw).to_ascii_uppercase();
    let full = bare
        .len()
        .checked_sub(3)
        .and_then(|at| bare.split_at_checked(at))
        .filter(|(outward, inward)| is_outward(outward) && is_inward(inward));
    match full {
        Some((outward, inward)) => Ok(format!("{outward} {inward}")),
        None if is_outward(&bare) => Ok(bare),
        None => Err(Problem::new(ErrorCode::NotAPostcode, NOT_A_POSTCODE)),
    }
}

/// One or two letters, a digit, perhaps one more letter or digit: "M1", "LE1", "EC1A".
fn is_outward(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = text.as_bytes().get(letters..).unwrap_or_default();
    (1..=2).contains(&letters)
        && match rest {
            [digit] => digit.is_ascii_digit(),
            [digit, last] => digit.is_ascii_digit() && last.is_ascii_alphanumeric(),
            _ => false,
        }
}

fn is_inward(text: &str) -> bool {
    matches!(text.as_bytes(), [digit, one, two]
        if digit.is_ascii_digit() && one.is_ascii_uppercase() && two.is_ascii_uppercase())
}
