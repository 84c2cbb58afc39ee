//! Numbers and money.

use serde_json::Value;

use super::{Answer, Asking, Problem, text, wrong_type};
use crate::domain::form::ErrorCode;
use crate::domain::form::error::grouped;

pub(super) fn number(asking: &Asking<'_>, value: &Value) -> Result<Answer, Problem> {
    let number = value.as_i64().ok_or_else(|| wrong_type("Enter a whole number, like 3"))?;
    let limits = asking.limits();
    if let Some(least) = limits.min.filter(|least| number < *least) {
        return Err(Problem::new(ErrorCode::TooSmall, format!("Enter {least} or more")));
    }
    if let Some(most) = limits.max.filter(|most| number > *most) {
        return Err(Problem::new(ErrorCode::TooBig, format!("Enter {most} or less")));
    }
    Ok(Answer::shown(number, number.to_string()))
}

/// Pounds as a decimal string, kept with both digits of the pence.
pub(super) fn money(asking: &Asking<'_>, value: &Value) -> Result<Answer, Problem> {
    let raw = value.as_str().ok_or_else(|| wrong_type(NOT_MONEY))?;
    let pence = pence(raw).ok_or_else(|| Problem::new(ErrorCode::NotMoney, NOT_MONEY))?;
    let limits = asking.limits();
    if let Some(least) = limits.min.filter(|least| pence < i128::from(*least) * 100) {
        return Err(Problem::new(ErrorCode::TooSmall, format!("Enter £{least} or more")));
    }
    if let Some(most) = limits.max.filter(|most| pence > i128::from(*most) * 100) {
        return Err(Problem::new(ErrorCode::TooBig, format!("Enter £{most} or less")));
    }
    let (pounds, pence) = (pence.unsigned_abs() / 100, pence.unsigned_abs() % 100);
    Ok(Answer::shown(format!("{pounds}.{pence:02}"), format!("£{}.{pence:02}", grouped(pounds))))
}

const NOT_MONEY: &str = "Enter an amount in pounds, like 120 or 120.50";

/// "£1,250.5" -> 125050. Twelve digits of pounds are more than anybody has lost.
fn pence(raw: &str) -> Option<i128> {
    let bare = text::without_spaces(raw).replace(',', "");
    let bare = bare.strip_prefix('£').unwrap_or(&bare);
    let (pounds, pence) = bare.split_once('.').unwrap_or((bare, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(pounds) || !digits(pence) || pounds.len() > 12 || pence.len() > 2 {
        return None;
    }
    let tens = if pence.len() == 1 { 10 } else { 1 };
    Some(pounds.parse::<i128>().ok()? * 100 + pence.parse::<i128>().ok()? * tens)
}
