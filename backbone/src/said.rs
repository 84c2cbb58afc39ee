//! Times as they are said on pages and in messages: one wording for all.

use jiff::SignedDuration;
use jiff::civil::DateTime;

/// "6:07pm on Tuesday 24 November", of a time on the wall.
#[must_use]
pub fn moment(mut local: DateTime) -> String {
    // Midnight belongs to the day that people would call by its name.
    if local.hour() == 0 && local.minute() == 0 {
        local = local.saturating_sub(SignedDuration::from_mins(1));
    }
    let half = if local.hour() < 12 { "am" } else { "pm" };
    let hour = match local.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let time = match (local.hour(), local.minute()) {
        (12, 0) => "midday".to_owned(),
        (_, 0) => format!("{hour}{half}"),
        (_, minute) => format!("{hour}:{minute:02}{half}"),
    };
    format!("{time} on {}", date(local))
}

/// "Tuesday 24 November".
#[must_use]
pub fn date(local: DateTime) -> String {
    local.strftime("%A %-d %B").to_string()
}
