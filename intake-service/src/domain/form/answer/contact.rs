//! Ways to reach somebody.

use serde_json::Value;

use super::text;
use super::{Answer, Asking, Problem, wrong_type};
use crate::domain::form::ErrorCode;

const NOT_A_PHONE: &str = "Enter a phone number, like 07700 900123 or 01632 960001";
const NOT_A_MOBILE: &str =
    "Enter a mobile number, like 07700 900123, or choose another way for us to reach you";
const NOT_AN_EMAIL: &str = "Enter an email address, like name@example.com";

/// Digits of a number that is written with its country.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Any spelling of a telephone number, kept as +44 and the rest.
pub(super) fn phone(asking: &Asking<'_>, value: &Value) -> Result<Answer, Problem> {
    let raw = value.as_str().ok_or_else(|| wrong_type(NOT_A_PHONE))?;
    text::check_length(asking.limits(), raw)?;
    let number =
        international(raw).ok_or_else(|| Problem::new(ErrorCode::NotAPhone, NOT_A_PHONE))?;
    if asking.mobile && !takes_texts(&number) {
        return Err(Problem::new(ErrorCode::NotAMobile, NOT_A_MOBILE));
    }
    Ok(Answer::text(number))
}

fn international(raw: &str) -> Option<String> {
    let dialled: String = text::without_spaces(raw)
        .replace("(0)", "")
        .chars()
        .filter(|character| !matches!(character, '(' | ')' | '-' | '.' | '\u{2010}'..='\u{2015}'))
        .collect();
    let with_country = if let Some(rest) = dialled.strip_prefix('+') {
        rest.to_owned()
    } else if let Some(rest) = dialled.strip_prefix("00") {
        rest.to_owned()
    } else if let Some(rest) = dialled.strip_prefix('0') {
        format!("44{rest}")
    } else {
        return None;
    };
    let digits_only = with_country.bytes().all(|byte| byte.is_ascii_digit());
    if !digits_only || with_country.starts_with('0') || !DIGITS.contains(&with_country.len()) {
        return None;
    }
    // Numbers of this country have nine or ten digits behind the code.
    if with_country.strip_prefix("44").is_some_and(|rest| !matches!(rest.len(), 9 | 10)) {
        return None;
    }
    Some(format!("+{with_country}"))
}

/// Whether texts can go to the number that was typed, as far as can be known.
pub(crate) fn is_mobile(raw: &str) -> bool {
    international(raw).is_some_and(|number| takes_texts(&number))
}

/// Of this country's numbers only mobiles take texts (070 are diverted numbers); of others we
/// cannot know.
fn takes_texts(number: &str) -> bool {
    let Some(rest) = number.strip_prefix("+44") else { return true };
    rest.len() == 10 && rest.starts_with('7') && !rest.starts_with("70")
}

/// An address that a mail server would take; whether it exists only a message can tell.
pub(super) fn email(asking: &Asking<'_>, value: &Value) -> Result<Answer, Problem> {
    let raw = value.as_str().ok_or_else(|| wrong_type(NOT_AN_EMAIL))?;
    let address = text::clean(raw, text::Breaks::Join);
    text::check_length(asking.limits(), &address)?;
    let problem = || Problem::new(ErrorCode::NotAnEmail, NOT_AN_EMAIL);
    let (local, domain) = address.rsplit_once('@').ok_or_else(problem)?;
    if !is_local(local) || !is_domain(domain) {
        return Err(problem());
    }
    Ok(Answer::text(format!("{local}@{}", domain.to_ascii_lowercase())))
}

fn is_local(local: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    (1..=64).contains(&local.len())
        && local.bytes().all(allowed)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.')
        && domain.split('.').all(label)
        && last.len() >= 2
        && last.bytes().any(|byte| byte.is_ascii_alphabetic())
}
