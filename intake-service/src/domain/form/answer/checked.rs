//! Texts that are looked at for more than their length: numbers of phones, vehicles, bank cards
//! and reports.

use super::{Answer, Asking, Problem, text};
use crate::domain::form::ErrorCode;
use crate::domain::form::model::Check;
use crate::domain::reference;

const NOT_AN_IMEI: &str = "Enter the 15 digits of the IMEI, or leave it empty. Dial *#06# to see it, or look on the \
                           box or bill";
const NOT_A_VIN: &str = "Enter the 17 letters and digits of the VIN, or leave it empty. It stands in the vehicle's \
                         papers and has no I, O or Q";
const NOT_A_REFERENCE: &str =
    "Enter the reference as we gave it to you, like 7K4M-2TQ9-X, or leave it empty";
const A_CARD: &str =
    "Leave out the long number of the card. We do not need it, and it is not safe here";

/// The answer in its normal form, if it is what the question looks for.
pub(super) fn read(asking: &Asking<'_>, answer: Answer) -> Result<Answer, Problem> {
    let Some(check) = asking.question.check else { return Ok(answer) };
    let written = answer.display();
    match check {
        Check::Imei => match bare(written) {
            digits if is_imei(&digits) => Ok(Answer::text(digits)),
            _ => Err(Problem::new(ErrorCode::NotAnImei, NOT_AN_IMEI)),
        },
        Check::Vin => match bare(written) {
            vin if is_vin(&vin) => Ok(Answer::text(vin)),
            _ => Err(Problem::new(ErrorCode::NotAVin, NOT_A_VIN)),
        },
        Check::Reference => match reference::reference(written) {
            Some(reference) => Ok(Answer::text(reference)),
            None => Err(Problem::new(ErrorCode::NotAReference, NOT_A_REFERENCE)),
        },
        Check::NoCard if holds_card(written) => {
            Err(Problem::new(ErrorCode::LooksLikeACard, A_CARD))
        }
        Check::NoCard => Ok(answer),
    }
}

/// In capitals, without what people put between groups.
fn bare(written: &str) -> String {
    text::without_spaces(written).replace(['-', '/', '.'], "").to_ascii_uppercase()
}

fn is_imei(digits: &str) -> bool {
    digits.len() == 15 && digits.bytes().all(|byte| byte.is_ascii_digit()) && checks(digits)
}

fn is_vin(vin: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() && !matches!(byte, b'I' | b'O' | b'Q');
    vin.len() == 17 && vin.bytes().all(fits)
}

/// Whether 13 to 19 digits in a row, with spaces or hyphens between them or none, check as cards do.
fn holds_card(written: &str) -> bool {
    let mut run = String::new();
    let mut found = false;
    for character in written.chars().chain(['.']) {
        if character.is_ascii_digit() {
            run.push(character);
        } else if !matches!(character, ' ' | '-') {
            found |= (13..=19).contains(&run.len()) && checks(&run);
            run.clear();
        }
    }
    found
}

/// Luhn's check of a row of digits.
fn checks(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            let doubled = if place % 2 == 1 { digit * 2 } else { digit };
            doubled / 10 + doubled % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_known_by_fifteen_digits_that_check() {
        for imei in ["490154203237518", "49 015420 323751 8", "49-015420-323751-8"] {
            assert!(is_imei(&bare(imei)), "{imei}");
        }
        for other in
            ["490154203237519", "49015420323751", "4901542032375180", "49015420323751A", ""]
        {
            assert!(!is_imei(&bare(other)), "{other}");
        }
    }

    #[test]
    fn a_vehicle_is_known_by_seventeen_signs_without_look_alikes() {
        for vin in ["WVWZZZ1JZXW000001", "wvwzzz1jzxw 000001"] {
            assert!(is_vin(&bare(vin)), "{vin}");
        }
        for other in
            ["WVWZZZ1JZXW00000", "WVWZZZ1JZXWO00001", "WVWZZZ1JZXW0000012", "WVWZZZ1JZXW00000Ä"]
        {
            assert!(!is_vin(&bare(other)), "{other}");
        }
    }

    #[test]
    fn the_number_of_a_card_is_found_wherever_it_stands() {
        for card in [
            "4111 1111 1111 1111",
            "They had my card 4111-1111-1111-1111, and the code.",
            "x5500005555555559y",
            "378282246310005",
        ] {
            assert!(holds_card(card), "{card}");
        }
        for other in [
            "",
            "4111 1111 1111 1112",
            "07700 900123 and 07700 900456",
            "I paid 1200 on 12 3 2026, then 400 on 14 3 2026",
            "20-30-40 12345678",
        ] {
            assert!(!holds_card(other), "{other}");
        }
    }
}
