//! Partners: bodies that pass on what somebody told them, each known by its key.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};

/// A kind of report that partners may pass on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passable {
    pub kind: &'static str,
    /// Under which their lists have it, and the words by which it is found.
    pub group: &'static str,
    pub keywords: &'static str,
}

/// All of them; a force offers some in its file. What a partner's program asks is a flat list: nobody is
/// stopped before the next question, asked if a way to reach them is safe in that moment, or led to another
/// form by what they say. So nothing stands here that begins with harm by a person, with somebody missing or
/// with a complaint about the police, and no crime, of which a record has to be made. Antisocial behaviour may
/// turn out to be more: its own questions say so, and raise here what they raise everywhere.
pub const PASSABLE: [Passable; 4] = [
    Passable { kind: "property-lost", group: "property", keywords: "lost, lost property" },
    Passable { kind: "property-found", group: "property", keywords: "found, found property" },
    Passable { kind: "asb", group: "neighbourhood", keywords: "antisocial behaviour, nuisance" },
    Passable { kind: "thanks", group: "feedback", keywords: "thanks, feedback" },
];

const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=60;
/// Longer than any key that is made.
const KEY_BYTES_MAX: usize = 256;

/// The partners of a force.
#[derive(Clone, Default)]
pub struct Partners {
    /// Name, and the SHA-256 of a key. One that changes its key has two for a while.
    known: Vec<(String, [u8; 32])>,
}

impl std::fmt::Debug for Partners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.known.iter().map(|(name, _)| name)).finish()
    }
}

impl Partners {
    /// Reads lines of a name and a hash; empty ones, and what stands behind `#`, say nothing.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut known: Vec<(String, [u8; 32])> = vec![];
        for (number, line) in (1..).zip(text.lines()) {
            let said = line.split('#').next().unwrap_or_default();
            let words: Vec<&str> = said.split_whitespace().collect();
            let (name, hash) = match words.as_slice() {
                [] => continue,
                [name, hash] if is_name(name) => (*name, hash_of(hash)),
                _ => return Err(format!("line {number} must have a name and a hash")),
            };
            let hash = hash.ok_or_else(|| {
                format!("line {number} must have the SHA-256 of a key as 64 hexadecimal digits")
            })?;
            if known.iter().any(|(_, other)| *other == hash) {
                return Err(format!("line {number} has a key that stands there already"));
            }
            known.push((name.to_owned(), hash));
        }
        if known.is_empty() { Err("it names no partner".to_owned()) } else { Ok(Self { known }) }
    }

    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.known.iter().any(|(known, _)| known == name)
    }

    /// Whose key this is, in a time that says nothing about the others.
    #[must_use]
    pub fn by_key(&self, key: &str) -> Option<&str> {
        if key.is_empty() || key.len() > KEY_BYTES_MAX {
            return None;
        }
        let given = digest(&SHA256, key.as_bytes());
        self.known.iter().fold(None, |found, (name, hash)| {
            let same = verify_slices_are_equal(given.as_ref(), hash).is_ok();
            if same { Some(name.as_str()) } else { found }
        })
    }
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    NAME_CHARS.contains(&name.len()) && name.chars().all(plain)
}

fn hash_of(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, key: &str) -> String {
        format!("{name} {}\n", hex::encode(digest(&SHA256, key.as_bytes())))
    }

    #[test]
    fn a_partner_is_known_by_each_of_its_keys_and_by_nothing_else() {
        let file = format!(
            "# our partners\n\n{}{}{}",
            line("a-council", "old"),
            line("a-council", "new"),
            line("a-landlord", "theirs")
        );
        let partners = Partners::read(&file).unwrap();
        for (key, then) in [
            ("old", Some("a-council")),
            ("new", Some("a-council")),
            ("theirs", Some("a-landlord")),
            ("", None),
            ("OLD", None),
            (&hex::encode(digest(&SHA256, b"old")), None),
            (&"k".repeat(300), None),
        ] {
            assert_eq!(partners.by_key(key), then, "{key}");
        }
        assert!(partners.has("a-landlord") && !partners.has("a-police"));
    }

    #[test]
    fn a_file_that_is_not_whole_is_refused_without_repeating_it() {
        let twice = line("a-council", "same") + &line("a-landlord", "same");
        for (file, why) in [
            ("", "no partner"),
            ("# nobody\n", "no partner"),
            ("a-council", "line 1"),
            ("\na-council abcd", "line 2"),
            ("A Council 00", "line 1"),
            (&twice, "line 2"),
        ] {
            let told = Partners::read(file).unwrap_err();
            assert!(told.contains(why) && !told.contains("abcd"), "{file}: {told}");
        }
    }

    #[test]
    fn no_key_and_no_hash_is_printed() {
        let partners = Partners::read(&line("a-council", "key")).unwrap();
        assert_eq!(format!("{partners:?}"), r#"{"a-council"}"#);
    }
}
