//! One question as its file has it.

use std::collections::BTreeMap;

use toml::Spanned;

use super::KINDS;
use super::file::{RawChoice, RawLimits, RawQuestion, RawRaise, RawWording, Word};
use super::reader::Reader;
use super::when::{Asked, both};
use super::words::Text;
use crate::domain::form::{
    Check, Choice, Day, ErrorCode, Flag, Kind, Limits, Purpose, Question, Raise, Wording, iso_date,
};

impl Reader<'_> {
    pub(super) fn question(&mut self, raw: Spanned<RawQuestion>) -> Question {
        let line = self.line(&raw);
        let raw = raw.into_inner();
        let kind = self.word(&raw.kind, "a kind of question", Kind::parse);
        let kind = kind.unwrap_or(Kind::Text);
        let purpose = self.word(&raw.purpose, "what a question may be for", Purpose::parse);
        let asked = self.asked(raw.asked.as_ref(), Asked::Always);
        let own = raw.when.map(|when| self.condition(when));
        Question {
            id: self.id(raw.id),
            kind,
            label: self.text(&raw.label),
            brief: self.text_of(raw.brief.as_ref()),
            hint: self.text_of(raw.hint.as_ref()),
            purpose: purpose.unwrap_or(Purpose::Decide),
            required: raw.required,
            optional_when: raw.optional_when.map(|when| self.condition(when)),
            when: both(self.only(asked), own),
            mobile_when: raw.mobile_when.map(|when| self.condition(when)),
            choices: self.choices(kind, raw.choices),
            limits: self.limits(&raw.limits),
            check: raw.check.and_then(|check| self.word(&check, "a check of a text", Check::parse)),
            held_back: raw.held_back,
            example: raw.example,
            bad_examples: raw.bad_examples,
            error_texts: self.error_texts(raw.error),
            raises: raw.raises.into_iter().map(|raise| self.raise(raise)).collect(),
            wordings: self.wordings(raw.wording),
            questions: raw.question.into_iter().map(|inner| self.question(inner)).collect(),
            line,
            at: 0,
        }
    }

    fn error_texts(&mut self, raw: BTreeMap<Word, Text>) -> Vec<(ErrorCode, String)> {
        let texts = raw.into_iter().filter_map(|(code, text)| {
            let text = self.text(&text);
            self.word(&code, "a code of an error", ErrorCode::parse).map(|code| (code, text))
        });
        texts.collect()
    }

    fn raise(&mut self, raw: Spanned<RawRaise>) -> Raise {
        let line = self.line(&raw);
        let raw = raw.into_inner();
        let flags = raw.flags.iter().filter_map(|flag| self.word(flag, "a flag", Flag::parse));
        let flags = flags.collect();
        Raise { flags, is: raw.is, when: raw.when.map(|when| self.condition(when)), line }
    }

    /// Yes and no need no choices in the file, unless they are called something else there.
    fn choices(&mut self, kind: Kind, raw: Vec<RawChoice>) -> Vec<Choice> {
        if raw.is_empty() {
            return Choice::of_kind(kind);
        }
        let choice = |raw: RawChoice| Choice {
            value: raw.value,
            label: self.text(&raw.label),
            alone: raw.alone,
            ends: raw.ends || raw.goes_to.is_some(),
            goes_to: raw.goes_to.and_then(|kind| self.word(&kind, "a kind of report", kind_of)),
        };
        raw.into_iter().map(choice).collect()
    }

    fn limits(&mut self, raw: &RawLimits) -> Limits {
        let mut day = |word: &Option<Word>| {
            word.as_ref().and_then(|word| self.word(word, "a date or \"today\"", parse_day))
        };
        Limits {
            min_length: raw.min_length,
            max_length: raw.max_length,
            min: raw.min,
            max: raw.max,
            not_before: day(&raw.not_before),
            not_after: day(&raw.not_after),
            items_min: raw.items_min,
            items_max: raw.items_max,
        }
    }

    pub(super) fn wordings(&mut self, raw: Vec<Spanned<RawWording>>) -> Vec<Wording> {
        raw.into_iter().filter_map(|wording| self.wording(wording)).collect()
    }

    fn wording(&mut self, raw: Spanned<RawWording>) -> Option<Wording> {
        let line = self.line(&raw);
        let raw = raw.into_inner();
        let asked = self.asked(raw.asked.as_ref(), Asked::Always);
        let when = both(self.only(asked), raw.when.map(|when| self.condition(when)));
        if when.is_none() {
            let fault = "another wording says when it fits, or asked = \"short\"";
            self.faults.push((line, fault.to_owned()));
        }
        let (text, hint) = (self.text(&raw.label), self.text_of(raw.hint.as_ref()));
        Some(Wording { when: when?, text, hint })
    }
}

fn kind_of(word: &str) -> Option<String> {
    KINDS.contains(&word).then(|| word.to_owned())
}

fn parse_day(word: &str) -> Option<Day> {
    if word == "today" { Some(Day::Today) } else { iso_date(word).map(Day::On) }
}
