//! Words of the force in the texts of a form: `{force}`, `{talk}`.
//!
//! A form is the same everywhere; who is called, and on which number, is not. The words are filled in
//! when forms are loaded, so that a text with a hole in it never reaches a person.

use std::collections::BTreeMap;

use toml::Spanned;

use super::reader::Reader;
use super::things::{Things, sample_things};

/// What a force says in forms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// What stands for each placeholder.
    pub said: BTreeMap<String, String>,
    /// What it does with things that are lost or found.
    pub things: Things,
}

/// What is shown to people, as it stands in a file.
pub(super) type Text = Spanned<String>;

/// Every placeholder that the forms of the service hold, with the words of a force that there is not.
pub const SAMPLE: &[(&str, &str)] = &[
    ("force", "Newtown Police"),
    ("talk", "101"),
    ("fraud.name", "Report Fraud"),
    ("fraud.phone", "0300 123 2040"),
    ("fraud.web", "reportfraud.police.uk"),
    ("vehicle.how", "Call 101 and have its number plate ready."),
    ("missing.how", "Call 101 at any hour and say that someone is missing."),
    (
        "vehicle.number",
        "Insurers, councils and the DVLA ask for a crime number. We send it if a crime is recorded, and tell the \
         DVLA.",
    ),
    (
        "vehicle.pound",
        "If a vehicle is found, it may be taken to a pound. Its registered keeper gets a letter that says where.",
    ),
    (
        "plates.new",
        "Ask the DVLA how to get new plates. Tell us if a fine comes that is not yours.",
    ),
    (
        "towed.how",
        "Call Newtown Council on 01632 960 300. It knows of all that was towed in the town.",
    ),
    (
        "rtc.after",
        "If the law asks you to report it in person, do that too. This report may not count for it.",
    ),
    // It never says that a report made online is the one that the law asks for.
    (
        "rtc.notice",
        "The law asks drivers to stop, and to give their name, address and number plate. If that was not done, \
         report it at a police station or to an officer. Do it as soon as you can, and within 24 hours. A report on \
         this site may not count for that.",
    ),
    ("noise.name", "Newtown Council"),
    ("noise.how", "Call its noise team on 01632 960 100, or write to it at newtown.example/noise."),
    ("bank.how", "Call the number on the back of the card, or on a bank statement."),
    ("phishing.how", "Forward a text to 7726, free. Forward an email to report@phishing.example."),
    (
        "crisis.how",
        "To talk with somebody at any hour, call Newtown Listeners on 01632 960 300, free.",
    ),
    (
        "case_review",
        "If it was told 3 times in 6 months, you can ask for an ASB Case Review. Newtown Council and we then \
         look at all of it together. Call it on 01632 960 100.",
    ),
    ("sarc", "Newtown Centre, 01632 960 200, at any hour"),
    ("support", "Newtown Support, which is free and not part of the police"),
    ("found.hand_in", "Bring it to the desk of the station in Mill Lane, from 9am to 5pm."),
    ("found.days", "28 days"),
    // [check] A force has to agree to this before it says so.
    (
        "young_promise",
        "You can tell us without an adult. We will not tell your parents or carers before we have talked \
         with you. The only exception: we think that somebody could be badly hurt.",
    ),
];

/// [`SAMPLE`] as forms are loaded with it.
#[must_use]
pub fn sample_words() -> Words {
    Words {
        said: SAMPLE.iter().map(|(name, word)| ((*name).to_owned(), (*word).to_owned())).collect(),
        things: sample_things(),
    }
}

impl Reader<'_> {
    /// A text with the force's words in it.
    pub(super) fn text(&mut self, text: &Text) -> String {
        let (filled, faults) = fill(text.get_ref(), &|name| self.placed(name));
        for (brace, fault) in faults {
            let line = self.brace_line(text, brace);
            self.faults.push((line, fault));
        }
        filled
    }

    /// What stands for a placeholder: of a class of things on its page, else of the force.
    fn placed(&self, name: &str) -> Option<&str> {
        match (name, self.thing) {
            ("thing.to", Some((_, thing))) => Some(&thing.to),
            ("thing.how", Some((_, thing))) => Some(&thing.how),
            _ => self.words.said.get(name).map(String::as_str),
        }
    }

    pub(super) fn text_of(&mut self, text: Option<&Text>) -> Option<String> {
        text.map(|text| self.text(text))
    }
}

/// The text, and what is wrong at which of its braces.
fn fill<'w>(text: &str, word: &impl Fn(&str) -> Option<&'w str>) -> (String, Vec<(usize, String)>) {
    let mut filled = String::with_capacity(text.len());
    let mut faults = vec![];
    let mut rest = text;
    let mut brace = 0;
    while let Some((before, from)) = rest.find(['{', '}']).map(|at| rest.split_at(at)) {
        filled.push_str(before);
        let Some(inner) = from.strip_prefix('{') else {
            faults.push((brace, "a brace closes nothing here".to_owned()));
            brace += 1;
            rest = from.strip_prefix('}').unwrap_or_default();
            continue;
        };
        let closed = inner.split_once('}').filter(|(name, _)| !name.contains('{'));
        let Some((name, behind)) = closed else {
            faults.push((brace, "a placeholder that begins here has no end".to_owned()));
            brace += 1;
            rest = inner;
            continue;
        };
        match word(name).filter(|word| !word.trim().is_empty()) {
            Some(word) => filled.push_str(word),
            None => faults.push((brace, format!("the force has no word for \"{{{name}}}\""))),
        }
        brace += 2;
        rest = behind;
    }
    filled.push_str(rest);
    (filled, faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, then: &str, faults: &[(usize, &str)]) {
        let words = sample_words();
        let (filled, found) = fill(text, &|name| words.said.get(name).map(String::as_str));
        assert_eq!(filled, then);
        let found: Vec<(usize, &str)> =
            found.iter().map(|(brace, fault)| (*brace, fault.as_str())).collect();
        assert_eq!(found, faults, "{text}");
    }

    #[test]
    fn the_force_speaks_in_its_own_words() {
        check(
            "Call {talk}, or {support}.",
            "Call 101, or Newtown Support, which is free and not part of the police.",
            &[],
        );
        check("{talk}", "101", &[]);
        check("No braces", "No braces", &[]);
    }

    #[test]
    fn a_hole_is_found_where_it_is() {
        let no_end = "a placeholder that begins here has no end";
        check("Call {talk", "Call talk", &[(0, no_end)]);
        check("Call {talk or {force}", "Call talk or Newtown Police", &[(0, no_end)]);
        check("{talk} or 101}", "101 or 101", &[(2, "a brace closes nothing here")]);
        check(
            "{tlak} {}",
            " ",
            &[(0, "the force has no word for \"{tlak}\""), (2, "the force has no word for \"{}\"")],
        );
    }

    #[test]
    fn a_word_that_says_nothing_is_none_and_no_word_is_filled_again() {
        let word = |name: &str| match name {
            "talk" => Some(" "),
            "force" => Some("{talk}"),
            _ => None,
        };
        assert_eq!(fill("{talk}", &word).1.len(), 1);
        assert_eq!(fill("{force}", &word).0, "{talk}");
    }
}
