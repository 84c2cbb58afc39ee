//! What may be wrong with an answer: one vocabulary for pages, JSON API and form files.

use std::fmt::Write as _;

words! {
    /// Stable codes: other people's programs read them.
    pub enum ErrorCode {
        /// Needed and not given.
        Missing = "missing",
        WrongType = "wrong_type",
        TooLong = "too_long",
        TooShort = "too_short",
        TooSmall = "too_small",
        TooBig = "too_big",
        TooFew = "too_few",
        TooMany = "too_many",
        /// Lists within lists beyond what any question asks for.
        TooDeep = "too_deep",
        /// The form does not have such a question.
        UnknownQuestion = "unknown_question",
        /// The answer has a part that such answers do not have.
        UnknownField = "unknown_field",
        /// The form has the question, but does not ask it after these answers.
        NotOnPath = "not_on_path",
        /// The answers lead to a page that says what to do instead.
        Stopped = "stopped",
        NotAChoice = "not_a_choice",
        /// Chosen together with something that stands alone.
        NotTogether = "not_together",
        InTheFuture = "in_the_future",
        TooEarly = "too_early",
        TooLate = "too_late",
        /// An end before its beginning.
        OutOfOrder = "out_of_order",
        NotADate = "not_a_date",
        NotATime = "not_a_time",
        NotMoney = "not_money",
        NotAnEmail = "not_an_email",
        NotAPhone = "not_a_phone",
        /// A telephone number that cannot take the texts that were asked for.
        NotAMobile = "not_a_mobile",
        NotAPostcode = "not_a_postcode",
        NotARegistration = "not_a_registration",
        NotAnImei = "not_an_imei",
        NotAVin = "not_a_vin",
        NotAReference = "not_a_reference",
        /// A text that holds the number of a bank card.
        LooksLikeACard = "looks_like_a_card",
        NotAFile = "not_a_file",
    }
}

/// What is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the request: `/answers/items/0/value`.
    pub pointer: String,
    pub code: ErrorCode,
    /// Says in plain words what to do; it is shown beside the question.
    pub detail: String,
}

impl FieldError {
    /// About the whole request.
    pub(crate) fn about_all(code: ErrorCode, detail: &str) -> Self {
        Self { pointer: "/answers".to_owned(), code, detail: detail.to_owned() }
    }

    /// About the answer called `id`, or the part of it at `within` (a pointer, may be empty).
    pub(crate) fn about(id: &str, within: &str, code: ErrorCode, detail: String) -> Self {
        Self { pointer: format!("/answers/{}{within}", escaped(id)), code, detail }
    }
}

/// Names sent by a stranger are echoed up to this many characters.
const NAME_ECHO_MAX: usize = 80;

/// `name` as one step of a JSON pointer.
pub(super) fn escaped(name: &str) -> String {
    let mut step = String::with_capacity(name.len().min(NAME_ECHO_MAX));
    for character in name.chars().take(NAME_ECHO_MAX) {
        match character {
            '~' => step.push_str("~0"),
            '/' => step.push_str("~1"),
            other => step.push(other),
        }
    }
    step
}

/// 5000 as people read it: "5,000".
pub(super) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Appends `, ` and `part`, or `part` alone at the beginning.
pub(super) fn push_listed(text: &mut String, part: impl std::fmt::Display) {
    let comma = if text.is_empty() { "" } else { ", " };
    // Writing to a String cannot fail.
    write!(text, "{comma}{part}").ok();
}
