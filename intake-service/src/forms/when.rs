//! When something is asked: conditions, and the form's short self.

use toml::Spanned;

use super::file::{RawCondition, Word};
use super::reader::Reader;
use crate::domain::form::{Condition, Flag, Test};

/// In which of its forms something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Full,
    Short,
    Always,
}

impl Asked {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "full" => Some(Self::Full),
            "short" => Some(Self::Short),
            "always" => Some(Self::Always),
            _ => None,
        }
    }
}

impl Reader<'_> {
    pub(super) fn asked(&mut self, said: Option<&Word>, usual: Asked) -> Asked {
        let Some(word) = said else { return usual };
        let what = "how something is asked: full, short or always";
        let asked = self.word(word, what, Asked::parse).unwrap_or(usual);
        if asked == Asked::Short && self.short.is_none() {
            let fault = "the form does not say when it is its short self";
            self.faults.push((self.line(word), fault.to_owned()));
        }
        asked
    }

    /// When something is asked that stands here. The short form begins with an answer: what comes
    /// before that question is in both.
    pub(super) fn only(&self, asked: Asked) -> Option<Condition> {
        let short = self.short.as_ref()?.so_far(&|look| match look {
            Condition::Is(test) | Condition::Answered(test) => self.before.contains(&test.question),
            Condition::Raised { flag, .. } => self.raised.has(*flag),
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => true,
        });
        match asked {
            Asked::Full => short.map(|short| Condition::Not(Box::new(short))),
            Asked::Short => Some(short.unwrap_or(Condition::Any(vec![]))),
            Asked::Always => None,
        }
    }

    pub(super) fn condition(&mut self, raw: Spanned<RawCondition>) -> Condition {
        let line = self.line(&raw);
        let raw = raw.into_inner();
        let test = |question, values| Test { question, values, line, at: 0 };
        match (raw.question, raw.is, raw.answered, raw.flag, raw.all, raw.any, raw.not) {
            (Some(question), Some(values), None, None, None, None, None) if !values.is_empty() => {
                Condition::Is(test(question, values))
            }
            (Some(question), None, Some(answered), None, None, None, None) => {
                let condition = Condition::Answered(test(question, vec![]));
                if answered { condition } else { Condition::Not(Box::new(condition)) }
            }
            (None, None, None, Some(flag), None, None, None) => self
                .word(&flag, "a flag", Flag::parse)
                .map_or(Condition::All(vec![]), |flag| Condition::Raised { flag, line }),
            (None, None, None, None, Some(all), None, None) => Condition::All(self.conditions(all)),
            (None, None, None, None, None, Some(any), None) => Condition::Any(self.conditions(any)),
            (None, None, None, None, None, None, Some(not)) => {
                Condition::Not(Box::new(self.condition(*not)))
            }
            _ => {
                let fault = "a condition says question and is, question and answered, flag, all, any, or not";
                self.faults.push((line, fault.to_owned()));
                Condition::All(vec![])
            }
        }
    }

    fn conditions(&mut self, raw: Vec<Spanned<RawCondition>>) -> Vec<Condition> {
        raw.into_iter().map(|condition| self.condition(condition)).collect()
    }
}

pub(super) fn both(outer: Option<Condition>, inner: Option<Condition>) -> Option<Condition> {
    match (outer, inner) {
        (Some(outer), Some(inner)) => Some(Condition::All(vec![outer, inner])),
        (outer, inner) => outer.or(inner),
    }
}
