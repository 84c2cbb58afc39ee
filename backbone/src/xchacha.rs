//! XChaCha20-Poly1305: `ChaCha20-Poly1305` of the one TLS library, with a nonce long enough to be random.
//!
//! The first 16 bytes of the nonce make a key of their own (`HChaCha20`), the last 8 are its nonce:
//! the construction of draft-irtf-cfrg-xchacha-03, section 2.

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use chacha20::{R20, hchacha};

pub(crate) const NONCE_BYTES: usize = 24;
pub(crate) const TAG_BYTES: usize = 16;

/// A key to seal and open with.
#[derive(Clone)]
pub(crate) struct Cipher([u8; 32]);

impl From<[u8; 32]> for Cipher {
    fn from(key: [u8; 32]) -> Self {
        Self(key)
    }
}

impl Cipher {
    /// None if `key` has not 32 bytes.
    pub(crate) fn new(key: &[u8]) -> Option<Self> {
        Some(Self(key.try_into().ok()?))
    }

    /// Ciphertext and tag. `nonce` must be new.
    pub(crate) fn seal(&self, nonce: &[u8; NONCE_BYTES], aad: &[u8], plain: &[u8]) -> Vec<u8> {
        let (key, nonce) = self.derive(nonce);
        let mut data = Vec::with_capacity(plain.len() + CHACHA20_POLY1305.tag_len());
        data.extend_from_slice(plain);
        #[expect(clippy::expect_used, reason = "it fails only beyond 256 GiB")]
        key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut data)
            .expect("an event is far smaller than what the cipher takes");
        data
    }

    /// What was sealed; None if it was sealed with other values, or changed.
    pub(crate) fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        sealed: &[u8],
    ) -> Option<Vec<u8>> {
        let (key, nonce) = self.derive(nonce);
        let mut data = sealed.to_vec();
        let plain = key.open_in_place(nonce, Aad::from(aad), &mut data).ok()?.len();
        data.truncate(plain);
        Some(data)
    }

    fn derive(&self, nonce: &[u8; NONCE_BYTES]) -> (LessSafeKey, Nonce) {
        let mut first = [0; 16];
        let mut rest = [0; 12];
        first.copy_from_slice(nonce.split_at(16).0);
        rest.split_at_mut(4).1.copy_from_slice(nonce.split_at(16).1);
        let key: [u8; 32] = hchacha::<R20>(&self.0.into(), &first.into()).into();
        #[expect(clippy::expect_used, reason = "it fails only for another length")]
        let key = UnboundKey::new(&CHACHA20_POLY1305, &key).expect("a key of 32 bytes");
        (LessSafeKey::new(key), Nonce::assume_unique_for_key(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of draft-irtf-cfrg-xchacha-03, A.3.1.
    #[test]
    fn it_is_the_published_construction() {
        let key: Vec<u8> = (0x80..0xa0).collect();
        let mut nonce = [0; NONCE_BYTES];
        (0x40..0x58).zip(&mut nonce).for_each(|(value, byte)| *byte = value);
        let aad = hex::decode("50515253c0c1c2c3c4c5c6c7").unwrap();
        let plain = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip \
            for the future, sunscreen would be it.";
        let cipher = Cipher::new(&key).unwrap();
        let sealed = cipher.seal(&nonce, &aad, plain);
        assert_eq!(
            hex::encode(&sealed),
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a8\
             2f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc3694\
             88f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49"
        );
        assert_eq!(cipher.open(&nonce, &aad, &sealed).unwrap(), plain);
    }
}
