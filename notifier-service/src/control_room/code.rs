//! The code that acknowledges a message: an HMAC of its id, stored nowhere. It stands in the message
//! alone, never in an address, since addresses are logged on the way.

use std::fmt;

use aws_lc_rs::{constant_time, hmac};
use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 60 bits: nobody guesses one of them, however fast the door is.
const CHARS: usize = 12;
const LABEL: &[u8] = b"control room acknowledgement 1";

/// Makes and checks codes. Cheap to clone.
#[derive(Clone)]
pub struct Codes(hmac::Key);

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Codes(..)")
    }
}

impl Codes {
    /// `secret` is the log's key; what is made of it here tells nothing of it.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        let own = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), LABEL);
        Self(hmac::Key::new(hmac::HMAC_SHA256, own.as_ref()))
    }

    /// The message's code, in groups that read aloud well.
    #[must_use]
    pub fn of(&self, message_id: Uuid) -> String {
        let plain = self.plain(message_id);
        let groups: Vec<&str> =
            (0..CHARS).step_by(4).filter_map(|at| plain.get(at..at + 4)).collect();
        groups.join("-")
    }

    /// Whether this is the message's code, however it was typed.
    #[must_use]
    pub fn fits(&self, message_id: Uuid, typed: &str) -> bool {
        let typed: String = typed
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|character| match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        let plain = self.plain(message_id);
        constant_time::verify_slices_are_equal(plain.as_bytes(), typed.as_bytes()).is_ok()
    }

    fn plain(&self, message_id: Uuid) -> String {
        let mac = hmac::sign(&self.0, message_id.as_bytes());
        let character = |byte: &u8| ALPHABET.get(usize::from(byte % 32)).copied().map(char::from);
        mac.as_ref().iter().take(CHARS).filter_map(character).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_fits_its_message_alone_however_it_is_typed() {
        let (codes, id) = (Codes::new(&[7; 32]), Uuid::from_u128(1));
        let code = codes.of(id);
        assert_eq!(code.len(), 14);
        assert!(codes.fits(id, &code));
        let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
        assert!(codes.fits(id, &typed.replace('0', "o").replace('1', "l")));
        assert!(!codes.fits(Uuid::from_u128(2), &code));
        assert!(!Codes::new(&[8; 32]).fits(id, &code));
        assert!(!codes.fits(id, "") && !codes.fits(id, &format!("{code}0")));
    }
}
