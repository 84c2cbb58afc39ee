//! What a reference looks like: `7K4M-2TQ9-X`. Whether there is such a report is not known here.

/// Digits and letters that are not mistaken for one another when read aloud. A prime number of them,
/// so that the check character finds every wrong and every swapped one.
const SPEAKABLE: &[u8; 29] = b"23456789ABCDEFGHJKMNPQRSTWXYZ";
/// Without the character that checks the others.
pub(crate) const LENGTH: usize = 8;

/// The reference that these numbers of chance make.
pub(crate) fn of(chance: impl Iterator<Item = usize>) -> String {
    let characters: Vec<char> = chance.map(|number| pick(SPEAKABLE, number)).collect();
    let check = check_of(&characters);
    grouped(&[characters, vec![check]].concat())
}

/// The reference as it is stored, from however it was typed; None where it cannot be one.
#[must_use]
pub fn reference(typed: &str) -> Option<String> {
    let characters: Vec<char> = plain(typed).chars().collect();
    let (code, check) = characters.split_at_checked(LENGTH)?;
    let right = check == [check_of(code)] && code.iter().all(|c| place(*c).is_some());
    right.then(|| grouped(&characters))
}

fn check_of(characters: &[char]) -> char {
    let sum: usize = characters
        .iter()
        .zip(1..)
        .map(|(character, weight)| place(*character).unwrap_or(0) * weight)
        .sum();
    pick(SPEAKABLE, sum)
}

fn place(character: char) -> Option<usize> {
    SPEAKABLE.iter().position(|known| char::from(*known) == character)
}

pub(crate) fn pick(alphabet: &[u8], number: usize) -> char {
    alphabet.get(number % alphabet.len()).copied().map_or('0', char::from)
}

pub(crate) fn grouped(characters: &[char]) -> String {
    let groups: Vec<String> = characters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// Without what people put between characters, in capitals. Bounded.
pub(crate) fn plain(typed: &str) -> String {
    typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(64)
        .collect::<String>()
        .to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_read_however_it_is_typed() {
        let made = of([3, 1, 4, 1, 5, 9, 2, 6].into_iter());
        assert_eq!(made.len(), 11);
        assert_eq!(reference(&made).as_deref(), Some(made.as_str()));
        assert_eq!(reference(&made.to_lowercase().replace('-', " ")), Some(made));
    }

    #[test]
    fn a_wrong_or_swapped_character_is_found() {
        let made = of([3, 1, 4, 1, 5, 9, 2, 6].into_iter());
        let characters: Vec<char> = plain(&made).chars().collect();
        for at in 0..LENGTH {
            for other in SPEAKABLE.iter().map(|byte| char::from(*byte)) {
                let mut changed = characters.clone();
                changed[at] = other;
                let read = reference(&changed.iter().collect::<String>());
                assert_eq!(read.is_some(), other == characters[at]);
            }
            let mut swapped = characters.clone();
            swapped.swap(at, at + 1);
            let read = reference(&swapped.iter().collect::<String>());
            assert_eq!(read.is_some(), swapped == characters, "{swapped:?}");
        }
    }
}
