//! When something happened, as well as the person knows it.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time};
use serde_json::{Map, Value};

use super::dates::{self, clock, day, month};
use super::text::{self, Breaks};
use super::{Answer, Asking, Problem, wrong_type};
use crate::domain::form::error::{escaped, push_listed};
use crate::domain::form::{ErrorCode, Known};

const WORDS_MAX: usize = 200;
const KNOWN: &str = "Choose how well you know when it happened";

/// A moment of which the time of day may not be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moment {
    date: Date,
    time: Option<Time>,
}

/// The answer's parts as they were read; a part that its `known` does not ask for is left out, as a
/// browser without scripts sends what was typed before the person chose otherwise.
#[derive(Debug, Default)]
struct Parts {
    value: Map<String, Value>,
    shown: String,
    problems: Vec<Problem>,
}

pub(super) fn read(asking: &Asking<'_>, value: &Value) -> Result<Answer, Vec<Problem>> {
    let Some(fields) = value.as_object() else {
        return Err(vec![wrong_type("Say how well you know when it happened, and what you know")]);
    };
    let known = match fields.get("known").filter(|known| !super::is_blank(known)) {
        None => Err(Problem::new(ErrorCode::Missing, KNOWN)),
        Some(known) => match known.as_str().map(Known::parse) {
            None => Err(wrong_type(KNOWN)),
            Some(None) => Err(Problem::new(ErrorCode::NotAChoice, KNOWN)),
            Some(Some(known)) => Ok(known),
        },
    };
    let known = known.map_err(|problem| vec![problem.within("known")])?;
    let mut parts = Parts::default();
    parts.value.insert("known".to_owned(), Value::from(known.as_str()));
    parts.problems.extend(unknown_fields(fields));
    match known {
        Known::Exact => parts.exact(asking, fields),
        Known::Between => parts.span(asking, fields, "Between ", true),
        Known::Period => parts.span(asking, fields, "From ", false),
        Known::About => parts.about(asking, fields),
        Known::Unsure => parts.shown.push_str("Not sure"),
    }
    parts.words(fields, known);
    if parts.problems.is_empty() {
        Ok(Answer::shown(parts.value, parts.shown))
    } else {
        Err(parts.problems)
    }
}

fn unknown_fields(fields: &Map<String, Value>) -> impl Iterator<Item = Problem> {
    const FIELDS: [&str; 6] = ["known", "date", "time", "from", "to", "words"];
    let unknown = fields.keys().filter(|name| !FIELDS.contains(&name.as_str()));
    unknown.map(|name| {
        Problem::new(ErrorCode::UnknownField, "A date has no such part").within(escaped(name))
    })
}

fn given<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !super::is_blank(value))
}

impl Parts {
    /// Keeps what was read as the field `name`, or what is wrong with it.
    fn keep<T>(&mut self, name: &str, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.problems.push(problem.within(name))).ok()
    }

    fn exact(&mut self, asking: &Asking<'_>, fields: &Map<String, Value>) {
        let Some(date) = given(fields, "date") else {
            let detail = "Enter the date it happened, like 2026-03-27";
            self.problems.push(Problem::new(ErrorCode::Missing, detail).within("date"));
            return;
        };
        let date = self.keep("date", dates::parse_date(date));
        let time = given(fields, "time").map(dates::parse_time);
        let time = time.and_then(|time| self.keep("time", time));
        let Some(date) = date else { return };
        let moment = Moment { date, time };
        if self.keep("date", check(asking, moment)).is_none() {
            return;
        }
        self.value.insert("date".to_owned(), Value::from(date.to_string()));
        if let Some(time) = time {
            self.value.insert("time".to_owned(), Value::from(dates::short(time)));
        }
        self.shown.push_str(&shown(moment));
    }

    /// From one moment to another; the second may be left out of something that went on.
    fn span(
        &mut self,
        asking: &Asking<'_>,
        fields: &Map<String, Value>,
        opening: &str,
        closed: bool,
    ) {
        let from = self.end(asking, fields, "from", true);
        let to = self.end(asking, fields, "to", closed);
        let Some(from) = from else { return };
        self.shown.push_str(opening);
        self.shown.push_str(&shown(from));
        let Some(to) = to else { return };
        if to.date < from.date || (to.date == from.date && from.time > to.time && to.time.is_some())
        {
            let detail = "The second date and time must be the later ones";
            self.problems.push(Problem::new(ErrorCode::OutOfOrder, detail).within("to"));
        }
        self.shown.push_str(if closed { " and " } else { " to " });
        self.shown.push_str(&shown(to));
    }

    fn end(
        &mut self,
        asking: &Asking<'_>,
        fields: &Map<String, Value>,
        name: &str,
        needed: bool,
    ) -> Option<Moment> {
        let Some(value) = given(fields, name) else {
            if needed {
                let detail = "Enter a date, with a time if you know it";
                self.problems.push(Problem::new(ErrorCode::Missing, detail).within(name));
            }
            return None;
        };
        let moment = self.keep(name, parse_moment(value))?;
        self.keep(name, check(asking, moment))?;
        let kept = match moment.time {
            Some(time) => format!("{}T{}", moment.date, dates::short(time)),
            None => moment.date.to_string(),
        };
        self.value.insert(name.to_owned(), Value::from(kept));
        Some(moment)
    }

    /// A day or a month, or words alone: "the week before Easter".
    fn about(&mut self, asking: &Asking<'_>, fields: &Map<String, Value>) {
        self.shown.push_str("About");
        let Some(value) = given(fields, "date") else {
            if given(fields, "words").is_none() {
                let detail = "Say about when, in words or with a date or a month like 2026-03";
                self.problems.push(Problem::new(ErrorCode::Missing, detail).within("words"));
            }
            return;
        };
        let month_only = value.as_str().and_then(|raw| iso_month(raw.trim()));
        let read = month_only.map_or_else(|| dates::parse_date(value), Ok);
        let Some(date) = self.keep("date", read) else { return };
        if self.keep("date", check(asking, Moment { date, time: None })).is_none() {
            return;
        }
        let (kept, name) = match month_only {
            Some(date) => (format!("{:04}-{:02}", date.year(), date.month()), month(date)),
            None => (date.to_string(), day(date)),
        };
        self.value.insert("date".to_owned(), Value::from(kept));
        self.shown.push(' ');
        self.shown.push_str(&name);
    }

    /// The person's own words stand beside whatever else is known.
    fn words(&mut self, fields: &Map<String, Value>, known: Known) {
        let read = text::part(fields.get("words"), WORDS_MAX, Breaks::Join);
        if let Some(Some(words)) = self.keep("words", read) {
            if known == Known::About && self.shown == "About" {
                self.shown.push_str(": ");
                self.shown.push_str(&words);
            } else {
                push_listed(&mut self.shown, &words);
            }
            self.value.insert("words".to_owned(), Value::from(words.into_owned()));
        }
    }
}

fn check(asking: &Asking<'_>, moment: Moment) -> Result<(), Problem> {
    dates::check_day(asking.limits(), moment.date, asking.now)?;
    let past_only = asking.limits().not_after == Some(crate::domain::form::Day::Today);
    // A clock may be some minutes wrong; nobody is turned away for that.
    let latest = asking.now.checked_add(10.minutes()).unwrap_or(DateTime::MAX);
    match moment.time {
        Some(time) if past_only && moment.date.to_datetime(time) > latest => {
            Err(dates::in_the_future())
        }
        Some(_) | None => Ok(()),
    }
}

/// A date, or a date and a time: "2026-10-13", "2026-10-13T18:30", "2026-10-13 18:30".
fn parse_moment(value: &Value) -> Result<Moment, Problem> {
    let raw = value.as_str().ok_or_else(|| wrong_type(dates::NOT_A_DATE))?.trim();
    let (date, time) = raw.split_once(['T', ' ']).map_or((raw, None), |(d, t)| (d, Some(t)));
    let no_date = || Problem::new(ErrorCode::NotADate, dates::NOT_A_DATE);
    let date = dates::iso_date(date).ok_or_else(no_date)?;
    let time = match time {
        None => None,
        Some(time) => Some(dates::iso_time(time).ok_or_else(no_date)?),
    };
    Ok(Moment { date, time })
}

/// The first day of "2026-03".
fn iso_month(raw: &str) -> Option<Date> {
    let [year, month] = dates::numbers(raw, '-', [4, 2])?;
    Date::new(year, i8::try_from(month).ok()?, 1).ok()
}

fn shown(moment: Moment) -> String {
    match moment.time {
        Some(time) => format!("{} at {}", day(moment.date), clock(time)),
        None => day(moment.date),
    }
}
