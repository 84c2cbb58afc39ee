//! Words that make us ask once more whether anybody needs help right now. A hint and never a verdict:
//! nothing is held back because of them, and nothing is decided by them.

const WORDS: [&str; 30] = [
    "kill myself",
    "kill me",
    "killing me",
    "suicid",
    "end my life",
    "want to die",
    "overdose",
    "cut myself",
    "hurt myself",
    "harm myself",
    "going to kill",
    "gonna kill",
    "will kill",
    "bleeding",
    "unconscious",
    "not breathing",
    "can't breathe",
    "cannot breathe",
    "outside my door",
    "outside my house",
    "trying to get in",
    "is here now",
    "are here now",
    "coming back",
    "has a knife",
    "has a gun",
    "won't let me out",
    "locked me in",
    "help me now",
    "please hurry",
];

/// Whether `text` may speak of a danger that is still there.
#[must_use]
pub fn worries(text: &str) -> bool {
    let plain = text.to_lowercase().replace('\u{2019}', "'");
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    WORDS.iter().any(|words| plain.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_danger_that_may_be_there_is_asked_about() {
        for text in ["He said he is going to  KILL her", "I can’t breathe", "They are\nhere now"]
        {
            assert!(worries(text), "{text}");
        }
        for text in ["", "My bike was taken from outside the shop", "The skill of the thief"] {
            assert!(!worries(text), "{text}");
        }
    }
}
