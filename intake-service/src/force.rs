//! The force that the pages speak for, as its file says.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::forms::{Things, Words};
use crate::partners::PASSABLE;

/// The sample: what a demonstration shows.
pub const SAMPLE: &str = include_str!("../../deploy/force/leicestershire.toml");

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    pub area: String,
    /// For people who would rather talk.
    pub talk: String,
    pub website: String,
    /// Where people are taken who leave quickly.
    pub leave_to: String,
    /// Kinds of report that it takes, the most used first.
    pub kinds: Vec<String>,
    /// Those of them that partners may pass on.
    #[serde(default)]
    pub open311: Vec<String>,
    /// What forms say in the force's own words.
    pub words: BTreeMap<String, String>,
    /// What is done with things that are lost or found.
    #[serde(default)]
    pub things: Things,
    pub contacts: BTreeMap<String, String>,
}

impl Facts {
    /// Reads a force's file, or says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let facts: Self = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        if facts.kinds.is_empty() {
            return Err("`kinds` must name at least one kind of report".to_owned());
        }
        for kind in &facts.open311 {
            if !PASSABLE.iter().any(|passable| passable.kind == kind) {
                return Err(format!("`open311` names {kind}, which partners may not pass on"));
            }
            if !facts.kinds.contains(kind) {
                return Err(format!("`open311` names {kind}, which `kinds` does not"));
            }
        }
        if !facts.open311.is_empty() && !facts.contacts.contains_key("partners") {
            return Err("`contacts` must say under `partners` whom partners ask".to_owned());
        }
        if !facts.leave_to.starts_with("https://") {
            return Err("`leave_to` must be an https address".to_owned());
        }
        Ok(facts)
    }

    /// The words that forms may use: the file's own, `{force}`, `{area}` and `{talk}`.
    #[must_use]
    pub fn words(&self, name: &str) -> Words {
        let own = [("force", name), ("area", &self.area), ("talk", &self.talk)];
        let own = own.map(|(id, word)| (id.to_owned(), word.to_owned()));
        let said = self.words.clone().into_iter().chain(own).collect();
        Words { said, things: self.things.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_whole_and_gives_forms_their_words() {
        let words = Facts::read(SAMPLE).unwrap().words("A Force");
        assert_eq!(words.said["force"], "A Force");
        assert_eq!(words.said["talk"], "101");
        let forms = crate::forms::load(&words);
        assert!(forms.is_ok(), "{forms:?}");
    }

    #[test]
    fn a_file_that_leads_people_nowhere_is_refused() {
        for (from, to, why) in [
            ("kinds = [", "kinds = [] # [", "kinds"),
            ("leave_to = \"https:", "leave_to = \"http:", "leave_to"),
            ("talk = \"101\"", "tlk = \"101\"", "tlk"),
            ("open311 = [", "open311 = [\"crime\", ", "may not pass on"),
            ("kinds = [", "kinds = [\"crime\"] # ", "`kinds` does not"),
            ("partners = ", "partner = ", "`partners`"),
        ] {
            let changed = SAMPLE.replace(from, to);
            assert_ne!(changed, SAMPLE);
            let told = Facts::read(&changed).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }
}
