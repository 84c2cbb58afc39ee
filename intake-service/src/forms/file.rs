//! What stands in the files of forms and blocks, as TOML has it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::things::Done;
use super::words::Text;

/// A word with the line it stands on.
pub(super) type Word = Spanned<String>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawForm {
    pub(super) kind: String,
    pub(super) version: u32,
    pub(super) title: Text,
    pub(super) opening: Option<Text>,
    /// The form for whoever comes back with something that has happened.
    #[serde(default = "again")]
    pub(super) again: String,
    #[serde(default = "listed")]
    pub(super) listed: bool,
    pub(super) regime: Word,
    pub(super) published: Word,
    pub(super) short: Option<Spanned<RawCondition>>,
    pub(super) block: Vec<Spanned<RawBlock>>,
    #[serde(default)]
    pub(super) extra: Vec<Spanned<RawExtra>>,
    /// `text` for those for whom `when` holds, once they have sent it.
    #[serde(default)]
    pub(super) advice: Vec<Spanned<RawWording>>,
}

fn listed() -> bool {
    true
}

fn again() -> String {
    "again".to_owned()
}

/// The file of a block, or of extras, that several forms use.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawShared {
    #[serde(default)]
    pub(super) block: Vec<Spanned<RawBlock>>,
    #[serde(default)]
    pub(super) extra: Vec<Spanned<RawExtra>>,
}

/// Questions that are offered after sending, or `use = "times.v1"`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExtra {
    pub(super) id: Option<String>,
    pub(super) title: Option<Text>,
    #[serde(rename = "use")]
    pub(super) shared: Option<Word>,
    pub(super) when: Option<Spanned<RawCondition>>,
    #[serde(default)]
    pub(super) page: Vec<Spanned<RawPage>>,
}

/// Pages of its own, or `use = "gate.v1"`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBlock {
    pub(super) id: Option<String>,
    #[serde(rename = "use")]
    pub(super) shared: Option<Word>,
    /// "full", "short" or "always".
    pub(super) asked: Option<Word>,
    pub(super) when: Option<Spanned<RawCondition>>,
    #[serde(default)]
    pub(super) page: Vec<Spanned<RawPage>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPage {
    /// It is there once for each class of thing that the force treats so.
    pub(super) each: Option<Spanned<Done>>,
    pub(super) id: String,
    pub(super) title: Text,
    pub(super) when: Option<Spanned<RawCondition>>,
    pub(super) stop: Option<RawStop>,
    #[serde(default)]
    pub(super) wording: Vec<Spanned<RawWording>>,
    #[serde(default)]
    pub(super) question: Vec<Spanned<RawQuestion>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStop {
    pub(super) code: String,
    pub(super) title: Text,
    pub(super) body: Text,
    pub(super) may_continue: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWording {
    pub(super) asked: Option<Word>,
    pub(super) when: Option<Spanned<RawCondition>>,
    #[serde(alias = "title", alias = "text")]
    pub(super) label: Text,
    pub(super) hint: Option<Text>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawQuestion {
    pub(super) id: String,
    pub(super) kind: Word,
    #[serde(rename = "for")]
    pub(super) purpose: Word,
    pub(super) label: Text,
    pub(super) brief: Option<Text>,
    pub(super) hint: Option<Text>,
    #[serde(default)]
    pub(super) required: bool,
    pub(super) asked: Option<Word>,
    pub(super) optional_when: Option<Spanned<RawCondition>>,
    pub(super) when: Option<Spanned<RawCondition>>,
    pub(super) mobile_when: Option<Spanned<RawCondition>>,
    #[serde(default)]
    pub(super) choices: Vec<RawChoice>,
    #[serde(default)]
    pub(super) limits: RawLimits,
    pub(super) check: Option<Word>,
    #[serde(default)]
    pub(super) held_back: bool,
    /// Its choices are classes of things: the force's file says what is done with each.
    #[serde(default)]
    pub(super) treated: bool,
    pub(super) example: Value,
    #[serde(default)]
    pub(super) bad_examples: Vec<Value>,
    #[serde(default)]
    pub(super) error: BTreeMap<Word, Text>,
    #[serde(default)]
    pub(super) raises: Vec<Spanned<RawRaise>>,
    #[serde(default)]
    pub(super) wording: Vec<Spanned<RawWording>>,
    #[serde(default)]
    pub(super) question: Vec<Spanned<RawQuestion>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChoice {
    pub(super) value: String,
    pub(super) label: Text,
    #[serde(default)]
    pub(super) alone: bool,
    #[serde(default)]
    pub(super) ends: bool,
    pub(super) goes_to: Option<Word>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimits {
    pub(super) min_length: Option<usize>,
    pub(super) max_length: Option<usize>,
    pub(super) min: Option<i64>,
    pub(super) max: Option<i64>,
    pub(super) not_before: Option<Word>,
    pub(super) not_after: Option<Word>,
    pub(super) items_min: Option<usize>,
    pub(super) items_max: Option<usize>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRaise {
    pub(super) when: Option<Spanned<RawCondition>>,
    pub(super) is: Vec<String>,
    pub(super) flags: Vec<Word>,
}

/// `{ question, is }`, `{ question, answered = true }`, `{ flag }`, `{ all }`, `{ any }` or `{ not }`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCondition {
    pub(super) question: Option<String>,
    pub(super) is: Option<Vec<String>>,
    pub(super) answered: Option<bool>,
    pub(super) flag: Option<Word>,
    pub(super) all: Option<Vec<Spanned<RawCondition>>>,
    pub(super) any: Option<Vec<Spanned<RawCondition>>>,
    pub(super) not: Option<Box<Spanned<RawCondition>>>,
}
