//! An address that the reporter has said is private, or the force's own. There is no other way to make
//! one, so nothing can be sent anywhere else.

use std::fmt;

use super::plan::Wishes;

/// An email address that the reporter has marked safe, or one of the force itself.
#[derive(Clone, PartialEq, Eq)]
pub struct SafeEmail(String);

/// A telephone number that the reporter has marked safe.
#[derive(Clone, PartialEq, Eq)]
pub struct SafePhone(String);

impl SafeEmail {
    /// None where the reporter gave no address, or did not say that it is private.
    #[must_use]
    pub fn marked(wishes: &Wishes, address: &str) -> Option<Self> {
        let safe = wishes.email_is_safe && !wishes.anonymous;
        one_line(address).filter(|_| safe).map(Self)
    }

    /// An address of the force itself, from its settings. None where it cannot be one.
    #[must_use]
    pub fn of_the_force(address: &str) -> Option<Self> {
        one_line(address).map(Self)
    }

    #[must_use]
    pub fn address(&self) -> &str {
        &self.0
    }
}

impl SafePhone {
    /// None where the reporter gave no number, or did not say that it is private.
    #[must_use]
    pub fn marked(wishes: &Wishes, number: &str) -> Option<Self> {
        let safe = wishes.phone_is_safe && !wishes.anonymous;
        one_line(number).filter(|_| safe).map(Self)
    }

    #[must_use]
    pub fn number(&self) -> &str {
        &self.0
    }
}

fn one_line(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

impl fmt::Debug for SafeEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SafeEmail(..)")
    }
}

impl fmt::Debug for SafePhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SafePhone(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes() -> Wishes {
        Wishes { email_is_safe: true, phone_is_safe: true, ..Wishes::default() }
    }

    #[test]
    fn only_what_was_marked_safe_is_an_address() {
        assert!(SafeEmail::marked(&wishes(), "priya@example.org").is_some());
        let unsure = Wishes { email_is_safe: false, ..wishes() };
        assert!(SafeEmail::marked(&unsure, "priya@example.org").is_none());
        assert!(SafePhone::marked(&unsure, "07700 900123").is_some());
        let anonymous = Wishes { anonymous: true, ..wishes() };
        assert!(SafePhone::marked(&anonymous, "07700 900123").is_none());
    }

    #[test]
    fn an_address_of_two_lines_is_none() {
        assert!(SafeEmail::marked(&wishes(), "a@example.org\r\nBcc: b@example.org").is_none());
        assert!(SafeEmail::marked(&wishes(), "  ").is_none());
    }

    #[test]
    fn an_address_is_not_printed() {
        let email = SafeEmail::marked(&wishes(), "priya@example.org");
        assert_eq!(format!("{email:?}"), "Some(SafeEmail(..))");
    }
}
