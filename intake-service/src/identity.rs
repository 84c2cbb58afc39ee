//! Report ids, references, return codes and fingerprints: what is made of a secret, and what of chance.

use aws_lc_rs::{constant_time, hmac};
use backbone::config::Secret;
use backbone::sealing;
use uuid::Uuid;

use crate::domain::reference::{self, grouped, pick, plain};

pub use crate::domain::reference::reference;

/// Crockford's base 32.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LENGTH: usize = 16;

/// What ids and codes are made with. Cheap to clone.
#[derive(Clone)]
pub struct Identity(hmac::Key);

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(..)")
    }
}

impl Identity {
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.bytes()))
    }

    fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(context.sign().as_ref());
        digest
    }

    /// The id of what a request with this key does: the same for the same key, and computable by
    /// nobody else.
    #[must_use]
    pub fn id_of(&self, idempotency_key: &str) -> Uuid {
        let digest = self.digest(&[idempotency_key.as_bytes()]);
        let mut id = [0; 16];
        id.copy_from_slice(digest.split_at(16).0);
        Uuid::from_bytes(id)
    }

    /// Tells the same request from another one with the same key.
    #[must_use]
    pub fn fingerprint(&self, id: Uuid, request: &[u8]) -> [u8; 32] {
        self.digest(&[b"fingerprint", id.as_bytes(), request])
    }

    /// The id of the report that a draft becomes, however often and from wherever it is sent.
    #[must_use]
    pub fn report_of_draft(&self, draft_id: Uuid) -> Uuid {
        let digest = self.digest(&[b"report of draft", draft_id.as_bytes()]);
        let mut id = [0; 16];
        id.copy_from_slice(digest.split_at(16).0);
        Uuid::from_bytes(id)
    }

    /// The id of the `number`th wish to be told where a draft is. Nobody can tell the draft from it.
    #[must_use]
    pub fn link_of_draft(&self, draft_id: Uuid, number: usize) -> Uuid {
        let number = u64::try_from(number).unwrap_or(u64::MAX).to_be_bytes();
        let digest = self.digest(&[b"link of draft", draft_id.as_bytes(), &number]);
        let mut id = [0; 16];
        id.copy_from_slice(digest.split_at(16).0);
        Uuid::from_bytes(id)
    }

    /// What seals a draft: made of its code, so that nobody without the code can open it.
    #[must_use]
    pub fn draft_key(&self, code: &DraftCode) -> [u8; 32] {
        self.digest(&[b"draft", code.find().as_bytes(), code.open().as_bytes()])
    }

    /// What seals a file that is being sent, and what is known of it: made of its token, so that nobody can
    /// open it who has only what rests.
    #[must_use]
    pub fn upload_key(&self, token: &UploadToken) -> [u8; 32] {
        self.digest(&[b"upload", token.find(), token.open()])
    }

    /// Under which a session is kept, and what seals it: neither tells the cookie's token.
    #[must_use]
    pub fn session_keys(&self, token: &str) -> ([u8; 32], [u8; 32]) {
        let of = |what: &[u8]| self.digest(&[what, token.as_bytes()]);
        (of(b"session id"), of(b"session key"))
    }

    /// What a form carries that only pages of this session can know.
    #[must_use]
    pub fn form_token(&self, token: &str) -> String {
        hex::encode(self.digest(&[b"form", token.as_bytes()]).split_at(16).0)
    }

    /// Whether `given` is this session's, in a time that says nothing about it.
    #[must_use]
    pub fn is_form_token(&self, token: &str, given: &str) -> bool {
        let right = self.form_token(token);
        constant_time::verify_slices_are_equal(right.as_bytes(), given.as_bytes()).is_ok()
    }

    /// What is hashed before a submission in its receipt; rests on nothing that a repaired log could change.
    #[must_use]
    pub fn receipt_salt(&self, report_id: Uuid) -> [u8; 16] {
        let mut salt = [0; 16];
        salt.copy_from_slice(self.digest(&[b"receipt", report_id.as_bytes()]).split_at(16).0);
        salt
    }

    /// The code that opens a report. Stored nowhere; another generation is another code.
    #[must_use]
    pub fn return_code(&self, report_id: Uuid, generation: u32) -> String {
        let digest = self.digest(&[b"code", report_id.as_bytes(), &generation.to_be_bytes()]);
        let code = digest.iter().take(CODE_LENGTH).map(|byte| pick(CROCKFORD, usize::from(*byte)));
        grouped(&code.collect::<Vec<_>>())
    }

    /// Whether `given` opens the report, in a time that says nothing about it.
    #[must_use]
    pub fn opens(&self, report_id: Uuid, generation: u32, given: &str) -> bool {
        let right = self.return_code(report_id, generation);
        let same = |code: &str| -> Vec<u8> { plain(code).bytes().map(as_crockford).collect() };
        constant_time::verify_slices_are_equal(&same(&right), &same(given)).is_ok()
    }
}

const FIND_LENGTH: usize = 6;
const OPEN_LENGTH: usize = 14;

/// The code of a draft: six characters find it, fourteen open it. Only the first are stored.
#[derive(Clone, PartialEq, Eq)]
pub struct DraftCode(String);

impl std::fmt::Debug for DraftCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DraftCode(..)")
    }
}

impl DraftCode {
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = [0u8; FIND_LENGTH + OPEN_LENGTH];
        sealing::random(&mut bytes);
        Self(bytes.iter().map(|byte| pick(CROCKFORD, usize::from(*byte))).collect())
    }

    /// However it was typed; None where it cannot be one.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let code: String =
            plain(typed).bytes().map(|byte| char::from(as_crockford(byte))).collect();
        let known = |byte: u8| CROCKFORD.contains(&byte);
        (code.len() == FIND_LENGTH + OPEN_LENGTH && code.bytes().all(known)).then_some(Self(code))
    }

    #[must_use]
    pub fn find(&self) -> &str {
        self.0.split_at(FIND_LENGTH).0
    }

    fn open(&self) -> &str {
        self.0.split_at(FIND_LENGTH).1
    }

    /// As it is shown to the one person who may know it, and typed again.
    #[must_use]
    pub fn shown(&self) -> String {
        grouped(&self.0.chars().collect::<Vec<_>>())
    }
}

const UPLOAD_HALF: usize = 16;

/// The token of a file that is being sent: its first half finds the file, both open it. Only the first is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadToken([u8; 2 * UPLOAD_HALF]);

impl std::fmt::Debug for UploadToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UploadToken(..)")
    }
}

impl UploadToken {
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = [0; 2 * UPLOAD_HALF];
        sealing::random(&mut bytes);
        Self(bytes)
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self(hex::decode(text).ok()?.try_into().ok()?))
    }

    #[must_use]
    pub fn find(&self) -> &[u8] {
        self.0.split_at(UPLOAD_HALF).0
    }

    fn open(&self) -> &[u8] {
        self.0.split_at(UPLOAD_HALF).1
    }

    /// As addresses and answers have it.
    #[must_use]
    pub fn text(&self) -> String {
        hex::encode(self.0)
    }
}

/// A session's token, as its cookie has it.
#[must_use]
pub fn new_token() -> String {
    let mut bytes = [0u8; 32];
    sealing::random(&mut bytes);
    hex::encode(bytes)
}

/// A new reference: eight characters of chance and one that checks them, as `7K4M-2TQ9-X`.
#[must_use]
pub fn new_reference() -> String {
    let mut bytes = [0u8; reference::LENGTH * 4];
    sealing::random(&mut bytes);
    let chance = bytes
        .chunks_exact(4)
        .map(|chunk| chunk.iter().fold(0usize, |sum, byte| (sum << 8) | usize::from(*byte)));
    reference::of(chance)
}

/// Crockford's reading of what is mistaken for something else.
fn as_crockford(byte: u8) -> u8 {
    match byte {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity::new(&Secret::new(vec![1; 32]))
    }

    #[test]
    fn a_return_code_opens_its_report_and_no_other() {
        let (mine, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let code = identity().return_code(mine, 1);
        assert_eq!(plain(&code).len(), CODE_LENGTH);
        assert!(identity().opens(mine, 1, &code.to_lowercase()));
        assert!(identity().opens(mine, 1, &code.replace('0', "O").replace('1', "l")));
        assert!(!identity().opens(other, 1, &code));
        assert!(!identity().opens(mine, 2, &code));
        assert!(!identity().opens(mine, 1, ""));
    }

    #[test]
    fn the_code_of_a_draft_is_read_however_it_is_typed() {
        let code = DraftCode::random();
        assert_eq!(code.shown().len(), 24);
        assert_eq!(code.find().len(), 6);
        let typed = code.shown().to_lowercase().replace('-', "  ").replace('0', "o");
        assert_eq!(DraftCode::parse(&typed), Some(code.clone()));
        for wrong in ["", "7K4M", &format!("{}7", code.shown()), &"U".repeat(20)] {
            assert_eq!(DraftCode::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_draft_is_sealed_by_the_whole_of_its_code() {
        let code = DraftCode::parse("7K4M-2T93-WMK7-HD2V-RC4T").unwrap();
        for other in ["7K4M-2T93-WMK7-HD2V-RC4V", "8K4M-2T93-WMK7-HD2V-RC4T"] {
            let other = DraftCode::parse(other).unwrap();
            assert_ne!(identity().draft_key(&code), identity().draft_key(&other));
        }
    }

    #[test]
    fn a_file_is_sealed_by_the_whole_of_its_token() {
        let token = UploadToken::random();
        assert_eq!(UploadToken::parse(&token.text()), Some(token.clone()));
        let mut other = token.clone();
        other.0[31] ^= 1;
        assert_eq!(other.find(), token.find());
        assert_ne!(identity().upload_key(&other), identity().upload_key(&token));
        for wrong in ["", "00", "zz", &"0".repeat(66)] {
            assert_eq!(UploadToken::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_same_key_is_the_same_report() {
        assert_eq!(identity().id_of("a"), identity().id_of("a"));
        assert_ne!(identity().id_of("a"), identity().id_of("b"));
    }
}
