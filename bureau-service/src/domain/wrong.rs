//! What is wrong with something that somebody sent, and what to do about it.

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Where it stands, as a JSON pointer.
    pub pointer: String,
    /// A word that a program can act on.
    pub code: &'static str,
    /// A sentence that says what to do.
    pub detail: String,
}

/// Collects what is wrong, so that all of it is told at once.
#[derive(Debug, Default)]
pub struct Checks(Vec<Wrong>);

impl Checks {
    pub fn wrong(&mut self, pointer: &str, code: &'static str, detail: impl Into<String>) {
        self.0.push(Wrong { pointer: pointer.to_owned(), code, detail: detail.into() });
    }

    /// A text that has to be there, with at most `chars_max` characters.
    pub fn text(&mut self, pointer: &str, text: &str, chars_max: usize) -> String {
        if text.chars().all(is_blank) {
            self.wrong(pointer, "missing", "Write something here.");
        }
        self.optional_text(pointer, text, chars_max)
    }

    /// A text that may be empty.
    pub fn optional_text(&mut self, pointer: &str, text: &str, chars_max: usize) -> String {
        let text = text.trim();
        if text.chars().count() > chars_max {
            self.wrong(pointer, "too_long", format!("Use at most {chars_max} characters."));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.wrong(pointer, "control_characters", "Leave out characters that cannot be seen.");
        }
        text.to_owned()
    }

    /// One of a set of words; `all` lists them for the person who reads the answer.
    pub fn word<T>(&mut self, pointer: &str, parsed: Option<T>, all: &[&str]) -> Option<T> {
        if parsed.is_none() {
            self.wrong(pointer, "unknown_word", format!("Use one of: {}.", all.join(", ")));
        }
        parsed
    }

    /// The value, if nothing was wrong.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<Wrong>> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            Some(_) | None => Err(self.0),
        }
    }
}

/// Spaces, and characters without a look of their own.
fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || matches!(character,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, wrong: &[&str]) {
        let mut checks = Checks::default();
        checks.text("/text", text, 10);
        let told = checks.finish(Some(())).err().unwrap_or_default();
        assert_eq!(told.iter().map(|wrong| wrong.code).collect::<Vec<_>>(), wrong, "{text:?}");
    }

    #[test]
    fn a_text_that_nobody_can_see_is_missing() {
        for blank in ["", " \n", "\u{200b}", "\u{feff} \u{200d}\u{2060}"] {
            check(blank, &["missing"]);
        }
        check("Jos\u{e9}", &[]);
        check("\u{1f468}\u{200d}\u{1f33e}", &[]);
        check("\0", &["control_characters"]);
        check("more than ten", &["too_long"]);
    }
}
