//! Dates and times of day.

use jiff::civil::{Date, DateTime, Time};
use serde_json::Value;

use super::{Answer, Asking, Problem, wrong_type};
use crate::domain::form::ErrorCode;
use crate::domain::form::model::{Day, Limits};

pub(super) const NOT_A_DATE: &str = "Enter a real date, like 2026-03-27";
const NOT_A_TIME: &str = "Enter a time on the 24-hour clock, like 18:30";

pub(super) fn date(asking: &Asking<'_>, value: &Value) -> Result<Answer, Problem> {
    let date = parse_date(value)?;
    check_day(asking.limits(), date, asking.now)?;
    Ok(Answer::shown(date.to_string(), day(date)))
}

pub(super) fn time(value: &Value) -> Result<Answer, Problem> {
    let time = parse_time(value)?;
    Ok(Answer::shown(short(time), clock(time)))
}

pub(super) fn parse_date(value: &Value) -> Result<Date, Problem> {
    let raw = value.as_str().ok_or_else(|| wrong_type(NOT_A_DATE))?;
    iso_date(raw.trim()).ok_or_else(|| Problem::new(ErrorCode::NotADate, NOT_A_DATE))
}

pub(super) fn parse_time(value: &Value) -> Result<Time, Problem> {
    let raw = value.as_str().ok_or_else(|| wrong_type(NOT_A_TIME))?;
    iso_time(raw.trim()).ok_or_else(|| Problem::new(ErrorCode::NotATime, NOT_A_TIME))
}

/// Exactly YYYY-MM-DD: what else a parser would take is not what anybody meant.
pub(crate) fn iso_date(raw: &str) -> Option<Date> {
    let [year, month, day] = numbers(raw, '-', [4, 2, 2])?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Exactly HH:MM.
pub(super) fn iso_time(raw: &str) -> Option<Time> {
    let [hour, minute] = numbers(raw, ':', [2, 2])?;
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
}

/// `raw` as numbers of exactly so many digits.
pub(super) fn numbers<const N: usize>(
    raw: &str,
    between: char,
    digits: [usize; N],
) -> Option<[i16; N]> {
    let mut found = [0; N];
    let mut parts = raw.split(between);
    for (number, digits) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

/// Whether `date` lies within the question's days.
pub(super) fn check_day(limits: &Limits, date: Date, now: DateTime) -> Result<(), Problem> {
    let on = |day: Day| match day {
        Day::On(date) => date,
        Day::Today => now.date(),
    };
    if let Some(first) = limits.not_before.map(on).filter(|first| date < *first) {
        let detail = format!("The date must be {} or later", day(first));
        return Err(Problem::new(ErrorCode::TooEarly, detail));
    }
    let Some(last) = limits.not_after.filter(|last| date > on(*last)) else { return Ok(()) };
    Err(match last {
        Day::Today => in_the_future(),
        Day::On(last) => {
            Problem::new(ErrorCode::TooLate, format!("The date must be {} or earlier", day(last)))
        }
    })
}

pub(super) fn in_the_future() -> Problem {
    Problem::new(ErrorCode::InTheFuture, "The date must be today or earlier")
}

/// "27 March 2026"
pub(super) fn day(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// "March 2026"
pub(super) fn month(date: Date) -> String {
    date.strftime("%B %Y").to_string()
}

/// "6:30pm", "6pm", "midday", "midnight"
pub(super) fn clock(time: Time) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    let half = if hour < 12 { "am" } else { "pm" };
    let on_the_face = if hour % 12 == 0 { 12 } else { hour % 12 };
    match (hour, minute) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "midday".to_owned(),
        (_, 0) => format!("{on_the_face}{half}"),
        (_, _) => format!("{on_the_face}:{minute:02}{half}"),
    }
}

/// "18:30"
pub(super) fn short(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}
