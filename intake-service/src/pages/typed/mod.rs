//! From the fields of a page to answers: what people type is read generously, and what cannot be read
//! is handed on as it is, so that the form says what is wrong with it.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};
use serde_json::{Map, Value};

use crate::domain::form::{Kind, Question};

/// The fields of a page by name, each with all its values.
#[derive(Debug, Clone, Default)]
pub struct Fields(BTreeMap<String, Vec<String>>);

impl Fields {
    pub fn new<'a>(typed: impl IntoIterator<Item = &'a (String, String)>) -> Self {
        let mut fields = Self::default();
        for (name, value) in typed {
            fields.push(name, value);
        }
        fields
    }

    pub fn push(&mut self, name: &str, value: &str) {
        self.0.entry(name.to_owned()).or_default().push(value.to_owned());
    }

    /// The last value of a field; empty where it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.last()).map_or("", String::as_str)
    }

    /// All fields with each of their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.iter();
        all.flat_map(|(name, values)| values.iter().map(|value| (name.as_str(), value.as_str())))
    }

    #[must_use]
    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    pub fn extend(&mut self, more: Self) {
        for (name, values) in more.0 {
            self.0.entry(name).or_default().extend(values);
        }
    }

    /// How many items the group called `group` has here.
    #[must_use]
    pub fn items(&self, group: &str) -> usize {
        let prefix = format!("{group}-");
        let number = |name: &String| name.strip_prefix(&prefix)?.split('-').next()?.parse().ok();
        let numbers = self.0.keys().filter_map(number).filter(|number: &usize| *number < ITEMS_MAX);
        numbers.map(|last| last + 1).max().unwrap_or_default()
    }
}

/// More items than any group takes are not read.
const ITEMS_MAX: usize = 100;

/// The fields of `questions` among those that were sent. A day that was called today is written down as the
/// day that it was: it may be read on another one.
#[must_use]
pub fn of_questions<'q>(
    questions: impl IntoIterator<Item = &'q Question>,
    sent: &[(String, String)],
    now: DateTime,
) -> Vec<(String, String)> {
    let questions: Vec<&Question> = questions.into_iter().collect();
    let is_of = |name: &str, question: &Question| {
        let rest = name.strip_prefix(question.id.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let own = sent.iter().filter(|(name, _)| questions.iter().any(|of| is_of(name, of)));
    let mut own: Vec<(String, String)> = own.cloned().collect();
    for question in questions.iter().filter(|of| of.kind == Kind::ApproximateDate) {
        let known = format!("{}-known", question.id);
        let called = |day: &str| own.iter().any(|(name, value)| *name == known && value == day);
        let (word, back) = match (called("today"), called("yesterday")) {
            (true, _) => ("today", 0),
            (false, true) => ("yesterday", 1),
            (false, false) => continue,
        };
        let day = now.date().saturating_sub(back.days());
        let time = format!("{}-{word}-time", question.id);
        let time = own.iter().find(|(name, _)| *name == time).map(|(_, time)| time.clone());
        let exact = |part: &str| format!("{}-exact-{part}", question.id);
        own.retain(|(name, _)| *name != known && !name.starts_with(&exact("")));
        own.push((known, "exact".to_owned()));
        own.push((exact("date-day"), day.day().to_string()));
        own.push((exact("date-month"), day.month().to_string()));
        own.push((exact("date-year"), day.year().to_string()));
        own.extend(time.map(|time| (exact("time"), time)));
    }
    own
}

/// The answer to `question` in these fields; None where nothing was typed.
#[must_use]
pub fn answer(question: &Question, fields: &Fields, now: DateTime) -> Option<Value> {
    named(question, &question.id, fields, now)
}

/// The same where the fields are called `name`: of an item in a group.
fn named(question: &Question, name: &str, fields: &Fields, now: DateTime) -> Option<Value> {
    match question.kind {
        Kind::YesNo
        | Kind::YesNoUnsure
        | Kind::One
        | Kind::Text
        | Kind::LongText
        | Kind::Email
        | Kind::Phone
        | Kind::VehicleRegistration => text(fields.get(name)),
        Kind::Number => text(fields.get(name)).map(number),
        Kind::Money => text(&money(fields.get(name))),
        Kind::Time => text(&time(fields.get(name))),
        Kind::Date => date(name, fields).map(Value::from),
        Kind::Many | Kind::Files => {
            let values = fields.all(name).iter().filter(|value| !value.is_empty());
            let values: Vec<Value> = values.map(|value| Value::from(value.as_str())).collect();
            (!values.is_empty()).then_some(Value::Array(values))
        }
        Kind::Declaration => (fields.get(name) == "yes").then_some(Value::Bool(true)),
        Kind::ApproximateDate => approximate(name, fields, now),
        Kind::Place => place(name, fields),
        Kind::Person => parts(name, &PERSON, fields),
        Kind::Group => group(question, name, fields, now),
    }
}

/// What may be said of a person on a page.
pub const PERSON: [&str; 8] =
    ["name", "known_as", "age", "relationship", "address", "phone", "email", "description"];
/// What is asked of a place on a page.
pub const PLACE: [&str; 4] = ["line1", "town", "postcode", "how_to_find"];
const PIN: [&str; 2] = ["latitude", "longitude"];

fn text(typed: &str) -> Option<Value> {
    (!typed.trim().is_empty()).then(|| Value::from(typed))
}

/// "500" of "about £500?", or what was typed.
fn money(typed: &str) -> String {
    let plain: String = typed.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.trim_start_matches("about").trim_start_matches(['~', '£']);
    let plain = plain.trim_end_matches(['?', '+']).trim_end_matches("pounds").replace(',', "");
    let is_number = !plain.is_empty() && plain.chars().all(|c| c.is_ascii_digit() || c == '.');
    if is_number { plain } else { typed.to_owned() }
}

/// Whether a time was typed that can be read, or none.
#[must_use]
pub fn is_time(typed: &str) -> bool {
    let read = time(typed);
    read.is_empty() || (read.len() == 5 && read.as_bytes().get(2) == Some(&b':'))
}

fn number(typed: Value) -> Value {
    let digits = typed.as_str().map(|text| text.replace([' ', ','], ""));
    digits.and_then(|digits| digits.parse::<i64>().ok()).map_or(typed, Value::from)
}

fn parts(name: &str, names: &[&str], fields: &Fields) -> Option<Value> {
    let given = names.iter().filter_map(|part| {
        Some(((*part).to_owned(), text(fields.get(&format!("{name}-{part}")))?))
    });
    let given: Map<String, Value> = given.collect();
    (!given.is_empty()).then_some(Value::Object(given))
}

fn place(name: &str, fields: &Fields) -> Option<Value> {
    let mut place = parts(name, &PLACE, fields);
    let pin = PIN.map(|part| fields.get(&format!("{name}-{part}")).trim().parse::<f64>().ok());
    if let [Some(latitude), Some(longitude)] = pin
        && let Some(pinned) = place.get_or_insert_with(|| Value::Object(Map::new())).as_object_mut()
    {
        pinned.insert("latitude".to_owned(), Value::from(latitude));
        pinned.insert("longitude".to_owned(), Value::from(longitude));
    }
    place
}

fn group(question: &Question, name: &str, fields: &Fields, now: DateTime) -> Option<Value> {
    let items = (0..fields.items(name).min(ITEMS_MAX)).filter_map(|at| {
        let asked = question.questions.iter();
        let given = asked.filter_map(|inner| {
            let answer = named(inner, &format!("{name}-{at}-{}", inner.id), fields, now)?;
            Some((inner.id.clone(), answer))
        });
        let item: Map<String, Value> = given.collect();
        (!item.is_empty()).then_some(Value::Object(item))
    });
    let items: Vec<Value> = items.collect();
    (!items.is_empty()).then_some(Value::Array(items))
}

/// Which fields say more about each choice of an approximate date stands in their names, so that what
/// was typed under another choice is kept and does not count.
fn approximate(name: &str, fields: &Fields, now: DateTime) -> Option<Value> {
    let known = fields.get(&format!("{name}-known"));
    if known.is_empty() {
        return None;
    }
    let mut answer = Map::new();
    let mut put = |part: &str, value: Option<Value>| {
        if let Some(value) = value {
            answer.insert(part.to_owned(), value);
        }
    };
    let under = |part: &str| format!("{name}-{known}-{part}");
    let moment = |part: &str| {
        let date = date(&under(part), fields)?;
        let time = time(fields.get(&under(&format!("{part}-time"))));
        Some(Value::from(if time.is_empty() { date } else { format!("{date}T{time}") }))
    };
    match known {
        "today" | "yesterday" => {
            let back = i32::from(known == "yesterday");
            let day = now.date().saturating_sub(back.days());
            put("date", Some(Value::from(day.to_string())));
            put("time", text(&time(fields.get(&under("time")))));
        }
        "exact" => {
            put("date", date(&under("date"), fields).map(Value::from));
            put("time", text(&time(fields.get(&under("time")))));
        }
        "between" | "period" => {
            put("from", moment("from"));
            put("to", moment("to"));
        }
        "about" => put("words", text(fields.get(&under("words")))),
        _ => {}
    }
    let known = if matches!(known, "today" | "yesterday") { "exact" } else { known };
    answer.insert("known".to_owned(), Value::from(known));
    Some(Value::Object(answer))
}

/// "2026-03-27" of three fields, or what was typed where they are no date.
fn date(name: &str, fields: &Fields) -> Option<String> {
    let [day, month, year] =
        ["day", "month", "year"].map(|part| fields.get(&format!("{name}-{part}")).trim());
    if day.is_empty() && month.is_empty() && year.is_empty() {
        return None;
    }
    let read = || {
        let year = match year.parse().ok()? {
            short @ 0..=99 => 2000 + short,
            year => year,
        };
        Date::new(year, month_number(month)?, day.parse().ok()?).ok()
    };
    Some(read().map_or_else(|| format!("{day} {month} {year}"), |date: Date| date.to_string()))
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A number, or the name of a month.
fn month_number(typed: &str) -> Option<i8> {
    if let Ok(number) = typed.parse() {
        return Some(number);
    }
    let name = typed.to_lowercase();
    let at = MONTHS.iter().position(|month| name.starts_with(month))?;
    i8::try_from(at + 1).ok()
}

/// "18:30" of what people write for it, or what was typed.
fn time(typed: &str) -> String {
    let plain: String =
        typed.to_lowercase().chars().filter(|character| !character.is_whitespace()).collect();
    let read = || {
        let (clock, half) = match plain.as_str() {
            "noon" | "midday" => return Some((12, 0)),
            "midnight" => return Some((0, 0)),
            other => ["am", "pm"]
                .into_iter()
                .find_map(|half| Some((other.strip_suffix(half)?, Some(half))))
                .unwrap_or((other, None)),
        };
        let (hour, minute) = clock.split_once([':', '.']).unwrap_or((clock, "0"));
        let (hour, minute): (u8, u8) = (hour.parse().ok()?, minute.parse().ok()?);
        let hour = match half {
            Some(_) if !(1..=12).contains(&hour) => return None,
            Some("am") => hour % 12,
            Some(_) => hour % 12 + 12,
            None => hour,
        };
        (hour < 24 && minute < 60).then_some((hour, minute))
    };
    if plain.is_empty() {
        return String::new();
    }
    read().map_or_else(|| typed.to_owned(), |(hour, minute)| format!("{hour:02}:{minute:02}"))
}

/// The fields that an answer was typed into, to show it again.
#[must_use]
pub fn fields(question: &Question, answer: &Value, now: DateTime) -> Fields {
    let mut fields = Fields::default();
    fill(question, &question.id, answer, now.date(), &mut fields);
    fields
}

fn fill(question: &Question, name: &str, answer: &Value, today: Date, fields: &mut Fields) {
    match question.kind {
        Kind::Declaration => {}
        Kind::Date => fill_date(name, plain(answer).as_str(), fields),
        Kind::ApproximateDate => fill_approximate(name, answer, today, fields),
        Kind::Group => {
            for (at, item) in answer.as_array().into_iter().flatten().enumerate() {
                for inner in &question.questions {
                    if let Some(answer) = item.get(&inner.id) {
                        fill(inner, &format!("{name}-{at}-{}", inner.id), answer, today, fields);
                    }
                }
            }
        }
        Kind::Place | Kind::Person => {
            for (part, value) in answer.as_object().into_iter().flatten() {
                fields.push(&format!("{name}-{part}"), &plain(value));
            }
        }
        Kind::YesNo
        | Kind::YesNoUnsure
        | Kind::One
        | Kind::Many
        | Kind::Text
        | Kind::LongText
        | Kind::Number
        | Kind::Money
        | Kind::Time
        | Kind::Phone
        | Kind::Email
        | Kind::VehicleRegistration
        | Kind::Files => match answer.as_array() {
            Some(values) => values.iter().for_each(|value| fields.push(name, &plain(value))),
            None => fields.push(name, &plain(answer)),
        },
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn fill_date(name: &str, date: &str, fields: &mut Fields) {
    let mut numbers = date.split('-').map(|number| number.trim_start_matches('0'));
    let (year, month, day) = (numbers.next(), numbers.next(), numbers.next());
    for (part, number) in [("day", day), ("month", month), ("year", year)] {
        fields.push(&format!("{name}-{part}"), number.unwrap_or_default());
    }
}

fn fill_approximate(name: &str, answer: &Value, today: Date, fields: &mut Fields) {
    let part = |part: &str| answer.get(part).and_then(Value::as_str);
    let known = part("known").unwrap_or_default();
    let is = |back: i32| part("date") == Some(&*today.saturating_sub(back.days()).to_string());
    let known = match known {
        "exact" if is(0) => "today",
        "exact" if is(1) => "yesterday",
        known => known,
    };
    fields.push(&format!("{name}-known"), known);
    let under = |part: &str| format!("{name}-{known}-{part}");
    if let Some(date) = part("date") {
        fill_date(&under("date"), date, fields);
    }
    for (of, to) in [("time", "time"), ("words", "words")] {
        if let Some(value) = part(of) {
            fields.push(&under(to), value);
        }
    }
    for end in ["from", "to"] {
        if let Some(moment) = part(end) {
            let (date, time) = moment.split_once('T').unwrap_or((moment, ""));
            fill_date(&under(end), date, fields);
            fields.push(&under(&format!("{end}-time")), time);
        }
    }
}

#[cfg(test)]
mod tests;
