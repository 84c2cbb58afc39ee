use crate::sealing::random;
use crate::xchacha::Cipher;

/// What a file is sealed with. Never printed.
#[derive(Clone)]
pub struct FileKey([u8; 32]);

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey(..)")
    }
}

impl FileKey {
    /// None if `bytes` are not 32.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    #[must_use]
    pub fn random() -> Self {
        let mut key = [0; 32];
        random(&mut key);
        Self(key)
    }

    /// For the one place that keeps it, sealed itself.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn cipher(&self) -> Cipher {
        Cipher::from(self.0)
    }
}
