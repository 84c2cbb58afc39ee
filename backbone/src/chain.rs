//! Hash and tag of an event: what makes a number believable.
//!
//! The hash covers the event and its predecessor's hash, so that an edited, missing or moved row
//! shows at the next one. The tag is an HMAC of the hash under a key that never enters the database,
//! so that a chain recomputed by somebody with write access shows as well.

use aws_lc_rs::{digest, hmac};

/// SHA-256 output.
pub type Hash = [u8; 32];

/// The predecessor of event 1.
pub const GENESIS: Hash = [0; 32];

/// What the hash of an event covers, besides its predecessor.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    pub position: u64,
    pub stream: [u8; 16],
    pub version: u32,
    pub kind: &'a str,
    pub recorded_at_us: i64,
    pub meta: &'a [u8],
    pub body: &'a [u8],
}

/// SHA-256 over `fc1`, the predecessor's hash and the event; fields of varying length stand behind
/// their length, so that no two events have the same bytes.
#[must_use]
pub fn hash(previous: &Hash, link: &Link<'_>) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"fc1");
    context.update(previous);
    context.update(&link.position.to_be_bytes());
    context.update(&link.stream);
    context.update(&link.version.to_be_bytes());
    update_sized(&mut context, link.kind.as_bytes());
    context.update(&link.recorded_at_us.to_be_bytes());
    update_sized(&mut context, link.meta);
    update_sized(&mut context, link.body);
    to_hash(context.finish().as_ref())
}

fn update_sized(context: &mut digest::Context, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    context.update(&length.to_be_bytes());
    context.update(bytes);
}

fn to_hash(bytes: &[u8]) -> Hash {
    let mut hash = GENESIS;
    hash.copy_from_slice(bytes);
    hash
}

/// The key of a service's tags. Kept in a file, outside the database.
#[derive(Clone)]
pub struct TagKey(hmac::Key);

impl std::fmt::Debug for TagKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TagKey(..)")
    }
}

impl TagKey {
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The tag of an event's hash.
    #[must_use]
    pub fn tag(&self, hash: &Hash) -> Hash {
        to_hash(hmac::sign(&self.0, hash).as_ref())
    }

    /// Whether `tag` was made with this key, in a time that says nothing about it.
    #[must_use]
    pub fn verifies(&self, hash: &Hash, tag: &[u8]) -> bool {
        hmac::verify(&self.0, hash, tag).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: Link<'_> = Link {
        position: 1,
        stream: [7; 16],
        version: 1,
        kind: "report.submitted",
        recorded_at_us: 1_795_000_000_000_000,
        meta: b"meta",
        body: b"body",
    };

    #[test]
    fn every_field_changes_the_hash() {
        let base = hash(&GENESIS, &LINK);
        let others = [
            hash(&[1; 32], &LINK),
            hash(&GENESIS, &Link { position: 2, ..LINK }),
            hash(&GENESIS, &Link { stream: [8; 16], ..LINK }),
            hash(&GENESIS, &Link { version: 2, ..LINK }),
            hash(&GENESIS, &Link { kind: "report.submitter", ..LINK }),
            hash(&GENESIS, &Link { recorded_at_us: 0, ..LINK }),
            hash(&GENESIS, &Link { meta: b"metab", body: b"ody", ..LINK }),
            hash(&GENESIS, &Link { meta: b"met", ..LINK }),
            hash(&GENESIS, &Link { body: b"bodx", ..LINK }),
        ];
        for other in others {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn the_hash_of_a_known_event_never_changes() {
        let expected = include_str!("../../proto/golden/chain.hex").trim();
        assert_eq!(hex::encode(hash(&GENESIS, &LINK)), expected);
    }

    #[test]
    fn a_tag_of_another_key_does_not_verify() {
        let hash = hash(&GENESIS, &LINK);
        let tag = TagKey::new(b"one").tag(&hash);
        assert!(TagKey::new(b"one").verifies(&hash, &tag));
        assert!(!TagKey::new(b"two").verifies(&hash, &tag));
    }
}
