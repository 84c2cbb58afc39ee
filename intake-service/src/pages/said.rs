//! Times as they are said.

use backbone::said::{date, moment};
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

/// Nobody can be told anything before or after these hours.
const FROM: Time = jiff::civil::time(8, 0, 0, 0);
const UNTIL: Time = jiff::civil::time(21, 0, 0, 0);

/// The time that a promise due at `due` is told as: the last one before it at which people can really
/// be spoken with, as "9pm on Tuesday 24 November". A promise too short for that keeps its own time.
#[must_use]
pub fn promised(given: Timestamp, due: Timestamp, zone: &TimeZone) -> String {
    let local = due.to_zoned(zone.clone()).datetime();
    let last = if local.time() > UNTIL {
        local.date().to_datetime(UNTIL)
    } else if local.time() < FROM {
        local.date().yesterday().map_or(local, |day| day.to_datetime(UNTIL))
    } else {
        local
    };
    let begun = given.to_zoned(zone.clone()).datetime();
    moment(if last > begun { last } else { local })
}

/// "6:07pm on Tuesday 24 November".
#[must_use]
pub fn at(at: Timestamp, zone: &TimeZone) -> String {
    moment(at.to_zoned(zone.clone()).datetime())
}

/// "6:07pm on Tuesday 24 November 2026", for what is looked at years later.
#[must_use]
pub fn at_in_its_year(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone()).datetime();
    format!("{} {}", moment(local), local.year())
}

/// "Tuesday 24 November".
#[must_use]
pub fn day(at: Timestamp, zone: &TimeZone) -> String {
    date(at.to_zoned(zone.clone()).datetime())
}

/// "1 second", "30 seconds", "5 minutes": rounded up, so that nobody comes back too soon.
#[must_use]
pub fn wait(seconds: u64) -> String {
    let (count, unit) =
        if seconds <= 90 { (seconds, "second") } else { (seconds.div_ceil(60), "minute") };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &str, due: &str, then: &str) {
        let zone = TimeZone::get("Europe/London").unwrap();
        assert_eq!(promised(given.parse().unwrap(), due.parse().unwrap(), &zone), then);
    }

    #[test]
    fn a_promise_is_told_as_a_time_at_which_people_speak() {
        let sent = "2026-11-23T18:00:00Z";
        check(sent, "2026-11-24T18:00:00Z", "6pm on Tuesday 24 November");
        check(sent, "2026-11-24T12:00:00Z", "midday on Tuesday 24 November");
        check("2026-11-24T02:14:00Z", "2026-11-25T02:14:00Z", "9pm on Tuesday 24 November");
        check("2026-11-23T23:30:00Z", "2026-11-24T23:30:00Z", "9pm on Tuesday 24 November");
        // Summer time ends in between: the promise is 24 hours, whatever the wall says.
        check("2026-10-24T17:00:00Z", "2026-10-25T17:00:00Z", "5pm on Sunday 25 October");
    }

    #[test]
    fn a_promise_of_seconds_keeps_its_own_time() {
        check("2026-11-24T02:14:00Z", "2026-11-24T02:14:30Z", "2:14am on Tuesday 24 November");
    }
}
