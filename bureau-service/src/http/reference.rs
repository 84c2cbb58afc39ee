//! A case's reference, however it was typed.

/// More than any reference has, so that none is found by its beginning.
const CHARS_MAX: usize = 64;

/// As it is stored: capitals and digits in fours, `WTK2-QXTS-E`. Empty where nothing was typed.
pub(super) fn stored(typed: &str) -> String {
    let typed: Vec<char> =
        typed.chars().filter(char::is_ascii_alphanumeric).take(CHARS_MAX).collect();
    let groups: Vec<String> = typed.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-").to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_read_however_it_is_typed() {
        let all =
            ["WTK2-QXTS-E", "wtk2-qxts-e", "WTK2QXTSE", " wtk2 qxts e.", "WTK2\u{2013}QXTS\u{a0}E"];
        for typed in all {
            assert_eq!(stored(typed), "WTK2-QXTS-E", "{typed:?}");
        }
        for nothing in ["", "-", "\0", "\u{fffd}"] {
            assert_eq!(stored(nothing), "");
        }
        assert!(stored(&"x".repeat(10_000)).len() < 100);
    }
}
