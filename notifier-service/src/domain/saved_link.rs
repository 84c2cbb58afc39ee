//! Where a saved form is, for somebody who asked to be told: one message, soon or not at all.
//!
//! Nothing is owed by it. Who asked has the code, so a message that cannot go in time does not go.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::contact::{Event, NewMessage, Sealed, What};
use super::plan::{Channel, Means, Way, Wishes};

const DAY_MINUTES: i64 = 24 * 60;

/// The hours in which a text wakes nobody, as minutes of the day on the wall: the last one excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from: i64,
    to: i64,
}

impl Hours {
    /// Reads `08:00-21:00`; all day is `00:00-24:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let minute = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
            let whole = hour * 60 + minute;
            ((0..60).contains(&minute) && (0..=DAY_MINUTES).contains(&whole)).then_some(whole)
        };
        let (from, to) = text.split_once('-')?;
        let hours = Self { from: minute(from)?, to: minute(to)? };
        (hours.from < hours.to).then_some(hours)
    }

    /// How long a text waits that would go at `minute` of the day.
    fn wait(self, minute: i64) -> SignedDuration {
        let minutes = if (self.from..self.to).contains(&minute) {
            0
        } else {
            (self.from - minute).rem_euclid(DAY_MINUTES)
        };
        SignedDuration::from_mins(minutes)
    }
}

/// On which terms it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Texts go in these hours alone.
    pub text_hours: Hours,
    /// Later than this nobody waits for it any more.
    pub within: SignedDuration,
}

/// What somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub channel: Channel,
    pub at: Timestamp,
    /// Which minute of the day that was, on the wall.
    pub minute: i64,
    pub kept_until: Timestamp,
    pub contact: Option<Sealed>,
}

/// The message, if it can go at all.
pub(super) fn plan(
    asked: &Asked,
    terms: Terms,
    id: Uuid,
    now: Timestamp,
    means: Means,
) -> Option<Event> {
    let (has_means, wait) = match asked.channel {
        Channel::Email => (means.email, SignedDuration::ZERO),
        Channel::Text => (means.text, terms.text_hours.wait(asked.minute)),
    };
    let after = |duration| asked.at.saturating_add(duration).unwrap_or(Timestamp::MAX);
    let (first_at, due_at) = (after(wait), after(terms.within));
    let in_time = first_at < due_at && now < due_at;
    (has_means && in_time).then(|| {
        Event::MessagePlanned(NewMessage {
            id,
            what: What::SavedLink { kept_until: asked.kept_until, contact: asked.contact.clone() },
            channel: asked.channel,
            first_at,
            due_at,
            keeps: vec![],
        })
    })
}

/// The one way that was said to be private.
pub(super) fn wishes(channel: Channel) -> Wishes {
    let (first, is_email) = match channel {
        Channel::Email => (Way::Email, true),
        Channel::Text => (Way::Text, false),
    };
    Wishes { first, email_is_safe: is_email, phone_is_safe: !is_email, ..Wishes::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: Means = Means { email: true, text: true };
    const SMTP: Means = Means { email: true, text: false };

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + minutes * 60).unwrap()
    }

    /// What was asked for at this time of the day, now that `late` minutes have gone by.
    #[track_caller]
    fn check(channel: Channel, clock: &str, late: i64, means: Means, then: Option<i64>) {
        let (hour, minute) = clock.split_once(':').unwrap();
        let minute = hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap();
        let kept_until = at(7 * DAY_MINUTES);
        let asked = Asked { channel, at: at(0), minute, kept_until, contact: None };
        let text_hours = Hours::parse("08:00-21:00").unwrap();
        let terms = Terms { text_hours, within: SignedDuration::from_hours(1) };
        let planned = plan(&asked, terms, Uuid::nil(), at(late), means);
        let times = planned.map(|event| {
            let Event::MessagePlanned(new) = event else { panic!("{event:?}") };
            assert_eq!(new.what, What::SavedLink { kept_until, contact: None });
            assert!(new.keeps.is_empty(), "nothing is owed by it");
            (new.first_at, new.due_at)
        });
        assert_eq!(times, then.map(|first| (at(first), at(60))), "{clock}");
    }

    #[test]
    fn an_email_goes_at_any_hour() {
        for clock in ["00:00", "03:10", "12:00", "23:59"] {
            check(Channel::Email, clock, 0, SMTP, Some(0));
        }
    }

    #[test]
    fn a_text_waits_for_the_morning_only_if_that_is_soon() {
        check(Channel::Text, "08:00", 0, FOLDER, Some(0));
        check(Channel::Text, "20:59", 0, FOLDER, Some(0));
        check(Channel::Text, "07:20", 0, FOLDER, Some(40));
        check(Channel::Text, "07:01", 0, FOLDER, Some(59));
        for clock in ["07:00", "21:00", "23:30", "00:00", "03:10"] {
            check(Channel::Text, clock, 0, FOLDER, None);
        }
    }

    #[test]
    fn what_cannot_go_or_comes_too_late_is_not_planned() {
        check(Channel::Text, "12:00", 0, SMTP, None);
        check(Channel::Email, "12:00", 59, SMTP, Some(0));
        check(Channel::Email, "12:00", 60, SMTP, None);
    }

    #[test]
    fn hours_are_read_or_refused() {
        assert_eq!(Hours::parse("00:00-24:00"), Some(Hours { from: 0, to: DAY_MINUTES }));
        assert_eq!(Hours::parse("8:30 - 21:00"), Some(Hours { from: 510, to: 1260 }));
        for text in ["", "08:00", "8-21", "21:00-08:00", "08:00-24:01", "08:60-09:00"] {
            assert_eq!(Hours::parse(text), None, "{text}");
        }
    }
}
