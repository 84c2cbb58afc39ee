//! What a partner sent as answers of a form. Nothing that was told is dropped in silence: what a service does
//! not take is refused with words.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::arguments::Arguments;
use super::attributes::{self, AGREED, Asked, argument};
use crate::domain::form::{FieldError, Form, Kind, is_mobile, iso_date, journey};

/// More is refused, and not cut.
const DESCRIPTION_CHARS_MAX: usize = 4_000;

/// Read elsewhere, or taken and not kept: we know no accounts, and have no use for the name of a device.
const NOT_ANSWERS: [&str; 5] =
    ["api_key", "service_code", "jurisdiction_id", "account_id", "device_id"];

const STANDARD: [&str; 8] =
    ["description", "lat", "long", "address_string", "email", "phone", "first_name", "last_name"];

const NOT_TAKEN: [(&str, &str); 2] = [
    (
        "media_url",
        "We fetch nothing from other places. Leave it out, and say in description what there is",
    ),
    ("address_id", "We know no such numbers. Send address_string, or lat and long"),
];

/// The answers, or everything that stands in the way of them.
pub(super) fn answers(
    form: &Form,
    arguments: &Arguments,
    zone: &TimeZone,
    now: DateTime,
) -> Result<Map<String, Value>, Vec<String>> {
    let asked = attributes::asked(form).map_err(|why| vec![why])?;
    let mut reading =
        Reading { asked: &asked, zone, answers: Map::new(), made: vec![], wrong: vec![] };
    let (standard, attributes) = reading.sort(arguments);
    for (code, values) in attributes {
        reading.attribute(code, &values);
    }
    let given = |name: &str| standard.get(name).copied();
    if let Some(text) = given("description") {
        if text.chars().count() > DESCRIPTION_CHARS_MAX {
            reading.wrong.push("description: Use 4,000 characters or fewer".to_owned());
        }
        reading.put("what", "description", Value::from(text));
    }
    reading.place(given("lat"), given("long"), given("address_string"));
    reading.reporter(&standard);
    reading.drop_made(form, now);
    if reading.wrong.is_empty() { Ok(reading.answers) } else { Err(reading.wrong) }
}

/// What is wrong with answers, each under the name of what was sent.
pub(super) fn refused(form: &Form, errors: &[FieldError]) -> Vec<String> {
    let asked = attributes::asked(form).unwrap_or_default();
    let line = |error: &FieldError| {
        let id = error.pointer.split('/').nth(2).unwrap_or_default();
        match argument(&asked, id) {
            Some(argument) => format!("{argument}: {}", error.detail),
            None if id.is_empty() => error.detail.clone(),
            None => format!("attribute[{id}]: {}", error.detail),
        }
    };
    errors.iter().map(line).collect()
}

type Standard<'a> = BTreeMap<&'a str, &'a str>;
type Attributes<'a> = BTreeMap<&'a str, Vec<&'a str>>;

struct Reading<'a> {
    asked: &'a [Asked<'a>],
    zone: &'a TimeZone,
    answers: Map<String, Value>,
    /// Those answers that nobody sent.
    made: Vec<&'static str>,
    wrong: Vec<String>,
}

impl Reading<'_> {
    fn refuse(&mut self, name: &str, why: &str) {
        // Names may be anybody's.
        let name: String = name.chars().take(80).collect();
        self.wrong.push(format!("{name}: {why}"));
    }

    fn asks(&self, id: &str) -> bool {
        self.asked.iter().any(|asked| asked.question.id == id)
    }

    /// What was sent, by what it is.
    fn sort<'a>(&mut self, arguments: &'a Arguments) -> (Standard<'a>, Attributes<'a>) {
        let (mut standard, mut attributes) = (Standard::new(), Attributes::new());
        for (name, value) in arguments.all() {
            let not_taken = NOT_TAKEN.iter().find(|(other, _)| *other == name);
            if let Some(code) = code(name) {
                attributes.entry(code).or_default().push(value);
            } else if STANDARD.contains(&name) {
                if standard.insert(name, value).is_some() {
                    self.refuse(name, "Send this once");
                }
            } else if let Some((_, why)) = not_taken {
                self.refuse(name, why);
            } else if !NOT_ANSWERS.contains(&name) {
                self.refuse(name, "A request has no such argument. Leave it out");
            }
        }
        (standard, attributes)
    }

    fn attribute(&mut self, code: &str, values: &[&str]) {
        let asked = self.asked.iter().find(|asked| asked.question.id == code);
        let name = format!("attribute[{code}]");
        let Some(asked) = asked else {
            self.refuse(&name, "This service has no such attribute. Leave it out");
            return;
        };
        match answer(asked.question.kind, values, self.zone) {
            Ok(answer) => {
                self.answers.insert(code.to_owned(), answer);
            }
            Err(why) => self.refuse(&name, why),
        }
    }

    /// The answer to `id`, from the standard's argument `name`.
    fn put(&mut self, id: &str, name: &str, value: Value) {
        if !self.asks(id) {
            self.refuse(name, "This service does not ask for it. Leave it out");
        } else if self.answers.contains_key(id) {
            self.refuse(name, &format!("attribute[{id}] says it too. Send one of them"));
        } else {
            self.answers.insert(id.to_owned(), value);
        }
    }

    fn place(&mut self, lat: Option<&str>, long: Option<&str>, address: Option<&str>) {
        let mut place = Map::new();
        for (part, given) in [("latitude", lat), ("longitude", long)] {
            if let Some(text) = given {
                let number = text.trim().parse::<f64>().map_or_else(|_| text.into(), Value::from);
                place.insert(part.to_owned(), number);
            }
        }
        if let Some(address) = address {
            place.insert("line1".to_owned(), address.into());
        }
        if place.is_empty() {
            return;
        }
        let first = self.asked.iter().find(|asked| asked.question.kind == Kind::Place);
        let id = first.map_or("where", |asked| asked.question.id.as_str());
        self.put(id, "lat, long, address_string", place.into());
    }

    /// Who tells it, and how they are reached: by what was given, unless an attribute says otherwise.
    fn reporter(&mut self, standard: &Standard<'_>) {
        let given = |name: &str| standard.get(name).copied();
        let parts = [given("first_name"), given("last_name")];
        let name = parts.into_iter().flatten().map(str::trim).collect::<Vec<_>>().join(" ");
        let (email, phone) = (given("email"), given("phone"));
        if !name.is_empty() {
            self.put("name", "first_name, last_name", name.as_str().into());
        }
        for (id, given) in [("email", email), ("phone", phone)] {
            if let Some(given) = given {
                self.put(id, id, given.into());
            }
        }
        let named = !name.is_empty() || email.is_some() || phone.is_some();
        self.unless_said("identity", if named { "details" } else { "anonymous" });
        let details = |identity: &Value| identity == "details";
        if self.answers.get("identity").map_or(named, details) {
            self.ways(email.is_some(), phone);
        }
    }

    fn ways(&mut self, email: bool, phone: Option<&str>) {
        let by_phone = phone.map(|phone| if is_mobile(phone) { "text" } else { "telephone" });
        let by_email = email.then_some("email");
        self.unless_said("channel", by_email.or(by_phone).unwrap_or("none"));
        let first = self.answers.get("channel").and_then(Value::as_str).unwrap_or_default();
        let second = match first {
            "email" => by_phone,
            "text" | "telephone" => by_email,
            "post" => by_email.or(by_phone),
            _ => None,
        };
        if let Some(second) = second {
            self.unless_said("second_channel", second);
        }
    }

    fn unless_said(&mut self, id: &'static str, value: &str) {
        if self.asks(id) && !self.answers.contains_key(id) {
            self.answers.insert(id.to_owned(), value.into());
            self.made.push(id);
        }
    }

    /// Nobody is refused for what they did not send: what was made of the rest and is not asked goes.
    fn drop_made(&mut self, form: &Form, now: DateTime) {
        let walked = journey(form, &self.answers, now);
        let asked = |id: &str| walked.entries.iter().any(|entry| entry.question.id == id);
        let off: Vec<&str> = self.made.iter().copied().filter(|id| !asked(id)).collect();
        for id in off {
            self.answers.remove(id);
        }
    }
}

/// `attribute[CODE]` or `attribute[CODE][]`.
fn code(name: &str) -> Option<&str> {
    let code = name.strip_prefix("attribute[")?;
    code.strip_suffix("[]").unwrap_or(code).strip_suffix(']')
}

/// What was sent, as the form reads it. What cannot be read here goes on as it is: the form says what is wrong.
fn answer(kind: Kind, values: &[&str], zone: &TimeZone) -> Result<Value, &'static str> {
    if kind == Kind::Many {
        return Ok(values.iter().copied().map(Value::from).collect());
    }
    let [value] = values else { return Err("Send this once") };
    Ok(match kind {
        Kind::Declaration if *value == AGREED => Value::Bool(true),
        Kind::Number => value.trim().parse::<i64>().map_or_else(|_| (*value).into(), Value::from),
        Kind::Place => json!({ "line1": value }),
        Kind::Person => json!({ "description": value }),
        Kind::ApproximateDate => when(value.trim(), zone)?,
        Kind::Date => match value.trim().parse::<Timestamp>() {
            Ok(at) => at.to_zoned(zone.clone()).date().to_string().into(),
            Err(_) => (*value).into(),
        },
        Kind::YesNo
        | Kind::YesNoUnsure
        | Kind::One
        | Kind::Many
        | Kind::Text
        | Kind::LongText
        | Kind::Money
        | Kind::Time
        | Kind::Phone
        | Kind::Email
        | Kind::VehicleRegistration
        | Kind::Declaration
        | Kind::Files
        | Kind::Group => (*value).into(),
    })
}

/// A moment is told as the clock on the wall had it.
fn when(value: &str, zone: &TimeZone) -> Result<Value, &'static str> {
    if value == "unsure" {
        return Ok(json!({ "known": "unsure" }));
    }
    if iso_date(value).is_some() {
        return Ok(json!({ "known": "exact", "date": value }));
    }
    let at: Timestamp = value.parse().map_err(|_| {
        "Send a date like 2026-03-27, a date and time with its zone like 2026-03-27T18:30:00Z, or unsure"
    })?;
    let local = at.to_zoned(zone.clone());
    let time = local.strftime("%H:%M").to_string();
    Ok(json!({ "known": "exact", "date": local.date().to_string(), "time": time }))
}

#[cfg(test)]
mod tests;
