//! Registration numbers of vehicles.

use serde_json::Value;

use super::{Answer, Problem, text, wrong_type};
use crate::domain::form::ErrorCode;

const NOT_A_REGISTRATION: &str = "Enter the registration number, like AB12 CDE";

/// Two to ten letters and digits: this country's have up to seven, others' up to ten.
pub(super) fn registration(value: &Value) -> Result<Answer, Problem> {
    let raw = value.as_str().ok_or_else(|| wrong_type(NOT_A_REGISTRATION))?;
    let bare = text::without_spaces(raw).replace('-', "").to_ascii_uppercase();
    if !(2..=10).contains(&bare.len()) || !bare.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Problem::new(ErrorCode::NotARegistration, NOT_A_REGISTRATION));
    }
    Ok(Answer::text(bare))
}
