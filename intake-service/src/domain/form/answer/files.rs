//! Files, by the ids that were given for them when they were sent.

use serde_json::Value;

use super::{Answer, Asking, Problem, check_count, wrong_type};
use crate::domain::form::ErrorCode;

const ID_MAX: usize = 64;

pub(super) fn read(asking: &Asking<'_>, value: &Value) -> Result<Answer, Problem> {
    let list = value.as_array().ok_or_else(|| wrong_type("Give a list of files"))?;
    check_count(asking.limits(), list.len())?;
    for (place, id) in list.iter().enumerate() {
        let id = id.as_str().ok_or_else(|| wrong_type("Give the id of a file").within(place))?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if id.is_empty() || id.len() > ID_MAX || !id.bytes().all(allowed) {
            let detail = "Choose this file again: it did not reach us";
            return Err(Problem::new(ErrorCode::NotAFile, detail).within(place));
        }
    }
    let shown = if list.len() == 1 { "1 file".to_owned() } else { format!("{} files", list.len()) };
    Ok(Answer::shown(list.clone(), shown))
}
