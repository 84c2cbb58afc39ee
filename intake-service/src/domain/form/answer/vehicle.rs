//! Registration numbers of vehicles.

use serde_json::Value;

use super::{Answer, Problem, text, wrong_type};
use crate::domain::form::ErrorCode;

const NOT_A_REGISTRATION: &str = "Enter the registration number, like AB12 CDE";

/// Put between groups on plates, and by people.
const BETWEEN: [char; 8] = ['-', '\u{2013}', '.', '\u{B7}', '\u{2022}', '/', ':', ','];
/// What plates of Europe have beside A to Z.
const LETTERS: &str = "ÄÅÆÖØÜČĆĐŠŽ";
/// Plates that are written in Greek or Cyrillic have only letters that look like these.
const LOOK_ALIKES: [(&str, &str); 2] =
    [("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"), ("АВЕІКМНОРСТУХ", "ABEIKMHOPCTYX")];

/// Two to ten letters and digits, one of them a digit: this country's have up to seven, others' up to
/// ten. What is only words is no plate.
pub(super) fn registration(value: &Value) -> Result<Answer, Problem> {
    let raw = value.as_str().ok_or_else(|| wrong_type(NOT_A_REGISTRATION))?;
    let bare: String = text::without_spaces(raw)
        .to_uppercase()
        .chars()
        .filter(|sign| !BETWEEN.contains(sign))
        .map(latin)
        .collect();
    let is_sign = |sign: char| sign.is_ascii_alphanumeric() || LETTERS.contains(sign);
    let fits = (2..=10).contains(&bare.chars().count())
        && bare.chars().all(is_sign)
        && bare.chars().any(|sign| sign.is_ascii_digit());
    if fits {
        Ok(Answer::text(bare))
    } else {
        Err(Problem::new(ErrorCode::NotARegistration, NOT_A_REGISTRATION))
    }
}

fn latin(sign: char) -> char {
    let place = |signs: &str| signs.chars().position(|other| other == sign);
    let found = LOOK_ALIKES.iter().find_map(|(signs, latin)| latin.chars().nth(place(signs)?));
    found.unwrap_or(sign)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plates_of_this_country_and_of_others_have_one_spelling() {
        for (typed, kept) in [
            // Current, prefix, suffix, dateless, personal, Northern Ireland, diplomats, trade.
            ("ab12 cde", "AB12CDE"),
            ("A123 BCD", "A123BCD"),
            ("ABC 123D", "ABC123D"),
            ("1234 AB", "1234AB"),
            ("A 1", "A1"),
            ("ABZ 4321", "ABZ4321"),
            ("101 D 234", "101D234"),
            ("01234", "01234"),
            // France, the Netherlands, Germany, Switzerland, Ireland, Portugal, Croatia, Greece, Ukraine.
            ("AB-123-CD", "AB123CD"),
            ("12–AB–34", "12AB34"),
            ("TÖL AB 1234E", "TÖLAB1234E"),
            ("ZH·123 456", "ZH123456"),
            ("131-D-12345", "131D12345"),
            ("12.AB.34", "12AB34"),
            ("ši 123-ab", "ŠI123AB"),
            ("ΙΚΧ-1234", "IKX1234"),
            ("АА 1234 ВС", "AA1234BC"),
        ] {
            let read = registration(&json!(typed)).map(|answer| answer.value);
            assert_eq!(read, Ok(json!(kept)), "{typed}");
        }
    }

    #[test]
    fn what_is_no_plate_is_refused() {
        for typed in [
            "A",
            "1",
            "-",
            "none",
            "unknown",
            "not sure",
            "the red one",
            "AB12 CDE FGHI",
            "AB_12",
            "AB12?",
            "AB12 CD\u{301}",
            "車12",
        ] {
            let code = registration(&json!(typed)).map_err(|problem| problem.code);
            assert_eq!(code, Err(ErrorCode::NotARegistration), "{typed}");
        }
    }
}
