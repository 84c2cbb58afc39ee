//! What the force does with each class of thing: its file says it, and the forms do it.
//!
//! A question that is `treated` has a class for each choice. A page with `each = "refer"` is there once
//! for each class that the force refers, in that class's words: `{thing}`, `{thing.to}`, `{thing.how}`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::file::{RawPage, RawQuestion};
use super::reader::{Part, Reader};
use crate::domain::form::{Condition, Page, Test};

/// Kind of report -> class of thing -> what is done with it.
pub type Things = BTreeMap<String, BTreeMap<String, Thing>>;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thing {
    pub done: Done,
    /// Who has it or deals with it.
    #[serde(default)]
    pub to: String,
    /// How they are asked or told.
    #[serde(default)]
    pub how: String,
}

/// What becomes of a report of such a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// It is taken.
    Accept,
    /// Somebody else comes first, and it is taken as well.
    Refer,
    /// It is for somebody else alone.
    Refuse,
}

/// What a force that there is not does with each.
const SAMPLE: &str = r#"
[property-lost]
wallet = { done = "accept" }
phone = { done = "refer", to = "your phone network", how = "It can block the phone by its IMEI. Call it from another phone." }
keys = { done = "accept" }
bag = { done = "accept" }
card = { done = "refuse", to = "your bank", how = "It can stop the card. Call the number on its website." }
cash = { done = "accept" }
passport = { done = "refer", to = "HM Passport Office", how = "It cancels the passport, so that nobody else can use it. Go to passports.newtown.example." }
licence = { done = "refer", to = "DVLA", how = "It sends you another one. Call 01632 960 300." }
foreign = { done = "refer", to = "the embassy of that country", how = "It can give you another one." }
documents = { done = "accept" }
jewellery = { done = "accept" }
glasses = { done = "accept" }
tools = { done = "accept" }
animal = { done = "refuse", to = "Newtown Council", how = "Its dog warden takes in dogs that are found. Call 01632 960 400." }
unsure = { done = "accept" }

[property-found]
wallet = { done = "accept" }
phone = { done = "accept" }
keys = { done = "accept" }
bag = { done = "accept" }
card = { done = "refuse", to = "the bank", how = "Call the number on the card, then cut it up." }
cash = { done = "accept" }
passport = { done = "refer", to = "HM Passport Office", how = "Send it there: 1 Office Road, Newtown." }
licence = { done = "refer", to = "DVLA", how = "Send it there: 2 Office Road, Newtown." }
foreign = { done = "accept" }
documents = { done = "accept" }
jewellery = { done = "accept" }
glasses = { done = "accept" }
tools = { done = "accept" }
animal = { done = "refuse", to = "Newtown Council", how = "Its dog warden comes for a dog. Call 01632 960 400." }
unsure = { done = "accept" }
"#;

/// [`SAMPLE`] as forms are loaded with it.
pub(super) fn sample_things() -> Things {
    toml::from_str(SAMPLE).unwrap_or_default()
}

impl Reader<'_> {
    /// Each choice of a question that is treated is a class in the force's file, and no other is.
    pub(super) fn classes(&mut self, question: &Spanned<RawQuestion>) {
        if !question.get_ref().treated {
            return;
        }
        let line = self.line(question);
        let question = question.get_ref();
        let kind = &self.kind;
        let said = self.words.things.get(kind);
        let said: BTreeSet<&str> =
            said.into_iter().flat_map(BTreeMap::keys).map(String::as_str).collect();
        let asked: BTreeSet<&str> =
            question.choices.iter().map(|choice| choice.value.as_str()).collect();
        let unsaid = asked.difference(&said).map(|class| {
            format!("the force does not say what is done with \"{class}\" in things.{kind}")
        });
        let unasked = said.difference(&asked).map(|class| {
            format!("the force says what is done with \"{class}\" in things.{kind}: no such choice")
        });
        let faults: Vec<_> = unsaid.chain(unasked).map(|fault| (line, fault)).collect();
        self.faults.extend(faults);
        self.treated = Some(question.id.clone());
    }

    /// The page once for each class that is treated as `each` says.
    pub(super) fn each(
        &mut self,
        part: &Part,
        raw: &Spanned<RawPage>,
        each: &Spanned<Done>,
    ) -> Vec<Page> {
        let Some(question) = self.treated.clone() else {
            let fault = "a page for each class stands behind the question that is treated";
            self.faults.push((self.line(each), fault.to_owned()));
            return vec![];
        };
        let things = self.words.things.get(&self.kind).into_iter().flatten();
        let mut pages = vec![];
        for (class, thing) in things.filter(|(_, thing)| thing.done == *each.get_ref()) {
            self.thing = Some((class, thing));
            let mut page = self.page(part, raw.clone());
            let values = vec![class.clone()];
            let test = Test { question: question.clone(), values, line: page.line, at: 0 };
            page.when = super::when::both(Some(Condition::Is(test)), page.when);
            pages.push(page);
        }
        self.thing = None;
        pages
    }

    /// An id, with the class in it of which a page speaks.
    pub(super) fn id(&self, id: String) -> String {
        match self.thing {
            Some((class, _)) => id.replace("{thing}", class),
            None => id,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::form::{Form, Journey, journey};
    use crate::forms::{Words, files, read, sample_words};

    /// The form as a force has it that does `done` with something.
    fn form(class: &str, done: Done) -> Form {
        read_with(|things| {
            let thing =
                Thing { done, to: "the keeper".to_owned(), how: "Ring the bell.".to_owned() };
            things.insert(class.to_owned(), thing);
        })
        .unwrap()
    }

    fn read_with(change: impl FnOnce(&mut BTreeMap<String, Thing>)) -> Result<Form, String> {
        let mut words: Words = sample_words();
        change(words.things.get_mut("property-lost").unwrap());
        let (file, text) = files().find(|(file, _)| file.contains("property-lost")).unwrap();
        read(file, text, &words).map_err(|refused| refused.to_string())
    }

    /// What somebody meets who lost `class`.
    #[track_caller]
    fn check(form: &Form, class: &str, then: impl FnOnce(&Journey<'_, '_>)) {
        let answers = json!({ "danger": "no", "thing": class, "stolen": "no" });
        let now = jiff::civil::date(2026, 11, 25).at(12, 0, 0, 0);
        then(&journey(form, answers.as_object().unwrap(), now));
    }

    fn next<'a>(walked: &Journey<'a, '_>) -> &'a str {
        walked.next.as_ref().map_or("", |next| &next.page.id)
    }

    #[test]
    fn what_the_force_accepts_goes_on() {
        check(&form("keys", Done::Accept), "keys", |walked| {
            assert_eq!((walked.stop, next(walked)), (None, "where"));
        });
    }

    #[test]
    fn what_the_force_refers_is_shown_where_to_go_and_may_be_sent_as_well() {
        check(&form("keys", Done::Refer), "keys", |walked| {
            let stop = walked.stop.unwrap();
            assert_eq!((stop.code.as_str(), stop.may_continue), ("sign_post", true));
            assert_eq!(stop.title, "First tell the keeper");
            assert!(stop.body.starts_with("Ring the bell.\n"), "{}", stop.body);
            assert_eq!(next(walked), "first-keys");
        });
    }

    /// By the file alone: the form is the same.
    #[test]
    fn what_was_accepted_and_is_refused_ends_and_says_where_to_go() {
        check(&form("keys", Done::Refuse), "keys", |walked| {
            let stop = walked.stop.unwrap();
            assert_eq!((stop.code.as_str(), stop.may_continue), ("sign_post", false));
            assert!(stop.title.contains("the keeper") && stop.body.starts_with("Ring the bell.\n"));
            assert!(!walked.may_submit);
        });
        check(&form("keys", Done::Refuse), "wallet", |walked| assert_eq!(next(walked), "where"));
    }

    #[test]
    fn a_file_and_a_form_that_do_not_know_the_same_classes_are_refused() {
        for (change, fault) in [
            (
                (|things| {
                    things.remove("keys");
                }) as fn(&mut BTreeMap<String, Thing>),
                "the force does not say what is done with \"keys\" in things.property-lost",
            ),
            (
                |things| {
                    things.insert("kites".to_owned(), things["keys"].clone());
                },
                "the force says what is done with \"kites\" in things.property-lost: no such choice",
            ),
            (
                |things| things.get_mut("keys").unwrap().done = Done::Refuse,
                "the force has no word for \"{thing.how}\"",
            ),
        ] {
            let refused = read_with(change).unwrap_err();
            assert!(refused.contains(fault), "{refused}");
            assert!(refused.starts_with("forms/property-lost.v1.toml:"), "{refused}");
        }
    }
}
