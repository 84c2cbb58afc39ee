//! What a form is made of.

use std::collections::HashMap;

use jiff::civil::Date;
use serde_json::Value;

use super::condition::{holds, is_any};
use super::walk::Given;
use super::{Condition, ErrorCode, FieldError};

/// A form that holds together: it can only be made by [`Form::try_new`].
#[derive(Debug)]
pub struct Form {
    pub kind: String,
    pub version: u32,
    pub title: String,
    /// What is good to know before it begins.
    pub opening: Option<String>,
    /// The form that is asked of somebody who comes back to such a report because it happened again.
    pub again: String,
    /// It can be chosen and reported. Others are asked only of somebody who comes back to a report.
    pub listed: bool,
    pub regime: Regime,
    /// The day from which its examples hold.
    pub published: Date,
    /// While it holds, only what cannot wait is asked: each block says whether it is part of that.
    pub short: Option<Condition>,
    pub(super) pages: Vec<Page>,
    /// Question id -> its number in the order of asking.
    pub(super) index: HashMap<String, usize>,
    pub(super) extras: Vec<Extra>,
    /// What helps those who sent certain answers.
    pub(super) advice: Vec<Wording>,
}

impl Form {
    /// All pages in the order of asking.
    #[must_use]
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// Offers no answer that raises `flag`. An interruption that had one says what that means.
    pub(crate) fn switch_off(&mut self, flag: Flag, instead: &str) {
        for page in &mut self.pages {
            for question in &mut page.questions {
                let off = question.raises.iter().filter(|raise| raise.flags.contains(&flag));
                let off: Vec<String> = off.flat_map(|raise| raise.is.clone()).collect();
                let before = question.choices.len();
                question.choices.retain(|choice| !off.contains(&choice.value));
                if let Some(stop) = page.stop.as_mut().filter(|_| question.choices.len() < before) {
                    stop.body.push('\n');
                    stop.body.push_str(instead);
                }
            }
        }
    }

    /// Leaves out every way to a kind of report that is not one of `kinds`.
    pub(crate) fn leads_only_to(&mut self, kinds: &[String]) {
        let questions = self.pages.iter_mut().flat_map(|page| &mut page.questions);
        for question in questions {
            question
                .choices
                .retain(|choice| choice.goes_to.as_ref().is_none_or(|kind| kinds.contains(kind)));
        }
    }

    /// What interruptions ask that depend on an answer of `page`: answered anew when that changes.
    pub(crate) fn reopened_by(&self, page: &str) -> Vec<&Question> {
        let Some(at) = self.pages.iter().position(|of| of.id == page) else { return vec![] };
        let (before, behind) = self.pages.split_at(at + 1);
        let asks = |id: &str| {
            before.last().is_some_and(|page| page.questions.iter().any(|asked| asked.id == id))
        };
        let looks = |page: &&Page| {
            let mut looks = vec![];
            page.when.iter().for_each(|when| when.looks(&mut looks));
            looks.into_iter().any(|look| match look {
                Condition::Is(test) | Condition::Answered(test) => asks(&test.question),
                Condition::Raised { .. }
                | Condition::All(_)
                | Condition::Any(_)
                | Condition::Not(_) => false,
            })
        };
        let stops = behind.iter().filter(|page| page.stop.is_some()).filter(looks);
        stops.flat_map(|page| &page.questions).collect()
    }

    /// The question called `id`, wherever it stands.
    #[must_use]
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.pages.iter().flat_map(|page| &page.questions).find(|question| question.id == id)
    }

    /// What may be told after a report is sent, in the order of offering.
    #[must_use]
    pub fn extras(&self) -> &[Extra] {
        &self.extras
    }

    /// How many questions are asked before a report is sent.
    pub(super) fn question_count(&self) -> usize {
        self.index.len()
    }

    /// How many there are with those that are offered afterwards.
    pub(super) fn numbers(&self) -> usize {
        self.question_count() + self.extras.iter().map(|extra| extra.index.len()).sum::<usize>()
    }
}

/// A few questions that are offered by name once a report was sent (P3). Nobody has to answer any, and
/// none raises a flag: what cannot wait is asked before.
#[derive(Debug)]
pub struct Extra {
    pub id: String,
    /// What it is offered as: "Add serial numbers".
    pub title: String,
    /// Offered only if this holds over what was sent. It is part of the condition of each page, too.
    pub when: Option<Condition>,
    pub(super) pages: Vec<Page>,
    pub(super) index: HashMap<String, usize>,
    pub line: usize,
}

impl Extra {
    /// Its pages in the order of asking.
    #[must_use]
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// Whether it asks the question called `id`.
    #[must_use]
    pub fn asks(&self, id: &str) -> bool {
        self.index.contains_key(id)
    }
}

words! {
    /// Which data protection law the form's answers fall under (P22).
    pub enum Regime {
        LawEnforcement = "law_enforcement",
        General = "general",
    }
}

/// What is asked in one go.
#[derive(Debug, Clone)]
pub struct Page {
    pub id: String,
    /// The part of the form it belongs to.
    pub block: String,
    pub title: String,
    pub wordings: Vec<Wording>,
    /// Asked only if this holds over earlier answers; its block's condition is part of it.
    pub when: Option<Condition>,
    /// The page interrupts: nothing can be sent before its question is answered.
    pub stop: Option<Stop>,
    pub questions: Vec<Question>,
    pub line: usize,
}

/// An interruption that says what to do instead, or first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    pub code: String,
    pub title: String,
    pub body: String,
    /// The page has a question that passes it.
    pub may_continue: bool,
}

#[derive(Debug, Clone)]
pub struct Question {
    pub id: String,
    pub kind: Kind,
    pub label: String,
    /// The question in a few words, for the page that shows all answers.
    pub brief: Option<String>,
    pub hint: Option<String>,
    pub purpose: Purpose,
    pub required: bool,
    /// A required question that need not be answered while this holds.
    pub optional_when: Option<Condition>,
    /// Asked only if this holds over earlier answers.
    pub when: Option<Condition>,
    /// A telephone number that must be able to take texts while this holds.
    pub mobile_when: Option<Condition>,
    pub choices: Vec<Choice>,
    pub limits: Limits,
    /// What a text is looked at for.
    pub check: Option<Check>,
    /// Told to staff and shown to nobody else: who owns a thing can tell it, and who does not cannot read it.
    pub held_back: bool,
    pub example: Value,
    /// Answers that must be refused; checked when the form is loaded.
    pub bad_examples: Vec<Value>,
    pub error_texts: Vec<(ErrorCode, String)>,
    pub raises: Vec<Raise>,
    pub wordings: Vec<Wording>,
    /// Of a group: what is asked about each item.
    pub questions: Vec<Question>,
    pub line: usize,
    /// Its number in the order of asking, given by [`Form::try_new`].
    pub(crate) at: usize,
}

impl Question {
    /// The form's own words for what is wrong, if it has any.
    pub(super) fn error_text(&self, code: ErrorCode) -> Option<&str> {
        self.error_texts.iter().find(|(of, _)| *of == code).map(|(_, text)| text.as_str())
    }

    /// What is wrong when it has to be answered and is not.
    #[must_use]
    pub fn missing(&self) -> FieldError {
        FieldError::about(&self.id, "", ErrorCode::Missing, super::answer::missing(self))
    }

    /// The choice after which nothing is asked or sent, if this answer is one.
    pub(super) fn ends_with(&self, answer: &Value) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.ends && *answer == choice.value.as_str())
    }

    /// What `value` is called to a person.
    pub(super) fn choice_label(&self, value: &str) -> Option<&str> {
        self.choices.iter().find(|choice| choice.value == value).map(|choice| choice.label.as_str())
    }
}

words! {
    /// How a question is asked and answered.
    pub enum Kind {
        YesNo = "yes_no",
        YesNoUnsure = "yes_no_unsure",
        One = "one",
        Many = "many",
        Text = "text",
        LongText = "long_text",
        Number = "number",
        Money = "money",
        Date = "date",
        Time = "time",
        ApproximateDate = "approximate_date",
        Place = "place",
        Person = "person",
        Phone = "phone",
        Email = "email",
        VehicleRegistration = "vehicle_registration",
        Files = "files",
        Declaration = "declaration",
        Group = "group",
    }
}

impl Kind {
    /// Its answers are values out of a list.
    #[must_use]
    pub fn has_choices(self) -> bool {
        matches!(self, Self::YesNo | Self::YesNoUnsure | Self::One | Self::Many)
    }
}

words! {
    /// How well the time of an `approximate_date` is known; says which of the other fields count.
    pub enum Known {
        Exact = "exact",
        Between = "between",
        About = "about",
        Period = "period",
        Unsure = "unsure",
    }
}

words! {
    /// What an answer is asked for (P3).
    pub enum Purpose {
        Safety = "safety",
        Decide = "decide",
        Record = "record",
        Contact = "contact",
        Investigate = "investigate",
        Statistics = "statistics",
    }
}

impl Purpose {
    /// Nobody is kept from reporting by a question that only helps to look into it or to count.
    #[must_use]
    pub fn may_be_required(self) -> bool {
        match self {
            Self::Safety | Self::Decide | Self::Record | Self::Contact => true,
            Self::Investigate | Self::Statistics => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// Cannot be chosen together with others ("None of these").
    pub alone: bool,
    /// At a sign-post: whoever chooses it goes elsewhere, and nothing is sent.
    pub ends: bool,
    /// And goes on with a report of this kind: what both ask is kept.
    pub goes_to: Option<String>,
}

words! {
    /// What a text is looked at for beside its length.
    pub enum Check {
        /// The number of a phone: 15 digits, the last of which checks the others.
        Imei = "imei",
        /// The number of a vehicle: 17 letters and digits.
        Vin = "vin",
        /// What a report is called, there or not: eight characters and one that checks them.
        Reference = "reference",
        /// It must hold no number of a bank card.
        NoCard = "no_card",
    }
}

/// How much an answer may hold. Lengths are in characters, `min` and `max` of money in pounds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    pub min_length: Option<usize>,
    pub max_length: Option<usize>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub not_before: Option<Day>,
    pub not_after: Option<Day>,
    pub items_min: Option<usize>,
    pub items_max: Option<usize>,
}

/// A day on the calendar, or whichever day it is when somebody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    On(Date),
    Today,
}

/// What the bureau is told because of an answer.
#[derive(Debug, Clone)]
pub struct Raise {
    pub is: Vec<String>,
    /// Raised only if this holds over earlier answers.
    pub when: Option<Condition>,
    pub flags: Vec<Flag>,
    pub line: usize,
}

impl Raise {
    /// Whether `answer`, given after the answers so far, raises the flags.
    pub(crate) fn applies(&self, answer: &Value, given: &Given<'_>) -> bool {
        is_any(answer, &self.is) && holds(self.when.as_ref(), given)
    }
}

words! {
    /// A hint to the bureau that an answer raises.
    pub enum Flag {
        EmergencyDeclared = "emergency_declared",
        EmergencyCannotCall = "emergency_cannot_call",
        Priority1 = "priority_1",
        Priority2 = "priority_2",
        Safeguarding = "safeguarding",
        /// The person may be a colleague of those who would read it (P10).
        Restricted = "restricted",
    }
}

/// Other words for the same question or page, for somebody whose answers make them fit better.
#[derive(Debug, Clone)]
pub struct Wording {
    pub when: Condition,
    /// The label of a question, the title of a page.
    pub text: String,
    pub hint: Option<String>,
}
