//! The promise's clock. Every time is a fraction of the promise, so that a test can run the whole
//! of it in seconds; what a provider takes does not scale.

use jiff::{SignedDuration, Timestamp};

/// The promise as it is made to the public. The retry schedule is written for it.
const FULL: SignedDuration = SignedDuration::from_hours(24);
/// The first retries, in seconds of a full promise; then one every [`LATER`].
const FIRST: [i64; 4] = [5, 30, 120, 300];
const LATER: i64 = 600;
/// However short the promise, a provider is not asked more often.
const SHORTEST: SignedDuration = SignedDuration::from_millis(200);

/// How long a reporter waits for the next steps at most: 24 hours, or what a test makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Promise(SignedDuration);

impl Default for Promise {
    fn default() -> Self {
        Self(FULL)
    }
}

impl Promise {
    #[must_use]
    pub fn between(begin: Timestamp, end: Timestamp) -> Self {
        Self(begin.duration_until(end).max(SignedDuration::ZERO))
    }

    /// When what begins at `begin` is due.
    #[must_use]
    pub fn due(self, begin: Timestamp) -> Timestamp {
        add(begin, self.0)
    }

    /// The moment `hours`/24 through the promise that begins at `begin`.
    #[must_use]
    pub fn at(self, begin: Timestamp, hours: i32) -> Timestamp {
        add(begin, self.0.saturating_mul(hours) / 24)
    }

    /// The moment `hours`/24 of the promise before what is due at `due`.
    #[must_use]
    pub fn before(self, due: Timestamp, hours: i32) -> Timestamp {
        self.at(due, -hours)
    }

    /// How long to wait after the `failures`-th failure in a row, `jitter` spreading the later ones.
    #[must_use]
    pub fn retry_after(self, failures: u32, jitter: Jitter) -> SignedDuration {
        let nth = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
        let (seconds, percent) = match FIRST.get(nth) {
            Some(seconds) => (*seconds, 0),
            None => (LATER, jitter.percent()),
        };
        let full = SignedDuration::from_millis(seconds * 10 * (100 + i64::from(percent)));
        self.scaled(full).max(SHORTEST)
    }

    /// `full` in a promise of 24 hours is so much in this one.
    fn scaled(self, full: SignedDuration) -> SignedDuration {
        let micros = full.as_micros().saturating_mul(self.0.as_micros()) / FULL.as_micros();
        SignedDuration::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

/// Up to a fifth more or less, so that what failed together does not come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jitter(u8);

impl Jitter {
    pub const NONE: Self = Self(20);

    /// From any bytes that differ between messages and attempts. The same bytes give the same
    /// jitter, so that a rebuilt read model has the same times.
    #[must_use]
    pub fn of(bytes: &[u8], attempt: u32) -> Self {
        let sum = bytes.iter().fold(attempt.wrapping_mul(31), |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u32::from(*byte))
        });
        Self(u8::try_from(sum % 41).unwrap_or(20))
    }

    fn percent(self) -> i16 {
        i16::from(self.0) - 20
    }
}

fn add(begin: Timestamp, duration: SignedDuration) -> Timestamp {
    begin.saturating_add(duration).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promise(length: SignedDuration) -> Promise {
        let begin = Timestamp::UNIX_EPOCH;
        Promise::between(begin, begin.saturating_add(length).unwrap())
    }

    #[test]
    fn retries_come_quickly_and_then_every_ten_minutes() {
        let day = promise(FULL);
        let waits: Vec<i64> =
            (1..=6).map(|failures| day.retry_after(failures, Jitter::NONE).as_secs()).collect();
        assert_eq!(waits, [5, 30, 120, 300, 600, 600]);
    }

    #[test]
    fn retries_scale_with_the_promise_and_never_hammer() {
        let half_minute = promise(SignedDuration::from_secs(30));
        assert_eq!(half_minute.retry_after(1, Jitter::NONE), SHORTEST);
        let hour = promise(SignedDuration::from_hours(1));
        assert_eq!(hour.retry_after(5, Jitter::NONE), SignedDuration::from_secs(25));
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        for attempt in 0..500 {
            let wait = promise(FULL).retry_after(9, Jitter::of(b"message", attempt)).as_secs();
            assert!((480..=720).contains(&wait), "{wait}");
        }
    }

    #[test]
    fn fractions_are_of_the_promise() {
        let begin = Timestamp::UNIX_EPOCH;
        let half_minute = promise(SignedDuration::from_secs(30));
        assert_eq!(half_minute.at(begin, 20).as_second(), 25);
        assert_eq!(half_minute.due(begin).as_second(), 30);
        assert_eq!(half_minute.before(half_minute.due(begin), 4), half_minute.at(begin, 20));
    }
}
