//! The forms that are compiled into the service, read once when it starts.
//!
//! This file knows TOML and nothing of what makes a form good: `domain::form` refuses what does not
//! hold together, and the refusal gets its file and line here. A published version is never edited.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;
use toml::Spanned;

use crate::domain::form::{
    Choice, Condition, Day, ErrorCode, Fault, Flag, Form, Kind, Limits, Outline, Page, Purpose,
    Question, Raise, Regime, Stop, Test, Wording, iso_date,
};

/// Every version of every form, the newest of a kind last.
const FILES: [(&str, &str); 1] = [("forms/crime.v1.toml", include_str!("../forms/crime.v1.toml"))];

/// The forms of the service.
#[derive(Debug)]
pub struct Forms {
    forms: Vec<Form>,
}

/// A form file that is refused: every fault on a line of its own, as `file:line: what is wrong`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct Refused {
    pub file: String,
    /// Line and sentence.
    pub faults: Vec<(usize, String)>,
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (line, fault)) in self.faults.iter().enumerate() {
            let newline = if place == 0 { "" } else { "\n" };
            write!(out, "{newline}{}:{line}: {fault}", self.file)?;
        }
        Ok(())
    }
}

/// Reads all forms; the service does not start with one that is refused.
pub fn load() -> Result<Forms, Refused> {
    let forms = FILES.iter().map(|(file, text)| read(file, text)).collect::<Result<_, _>>()?;
    Ok(Forms { forms })
}

impl Forms {
    /// The newest form of a kind.
    #[must_use]
    pub fn get(&self, kind: &str) -> Option<&Form> {
        self.forms.iter().rfind(|form| form.kind == kind)
    }

    /// The version with which a draft began.
    #[must_use]
    pub fn version(&self, kind: &str, version: u32) -> Option<&Form> {
        self.forms.iter().find(|form| form.kind == kind && form.version == version)
    }

    /// The newest form of every kind.
    pub fn newest(&self) -> impl Iterator<Item = &Form> {
        self.forms.iter().enumerate().filter_map(|(place, form)| {
            let later = self.forms.iter().skip(place + 1).any(|other| other.kind == form.kind);
            (!later).then_some(form)
        })
    }
}

/// Reads one form; `file` is only for the refusal.
pub fn read(file: &str, text: &str) -> Result<Form, Refused> {
    let refused = |faults| Refused { file: file.to_owned(), faults };
    let raw: RawForm = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, &span));
        refused(vec![(line, error.message().to_owned())])
    })?;
    let mut reader = Reader { text, faults: vec![] };
    let outline = reader.outline(raw);
    if !reader.faults.is_empty() {
        return Err(refused(reader.faults));
    }
    let faults_of_form = |faults: Vec<Fault>| {
        refused(faults.into_iter().map(|fault| (fault.line, fault.problem.to_string())).collect())
    };
    Form::try_new(outline).map_err(faults_of_form)
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    let before = text.as_bytes().iter().take(span.start);
    1 + before.filter(|byte| **byte == b'\n').count()
}

/// A word with the line it stands on.
type Word = Spanned<String>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawForm {
    kind: String,
    version: u32,
    title: String,
    regime: Word,
    published: Word,
    block: Vec<RawBlock>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBlock {
    id: String,
    when: Option<Spanned<RawCondition>>,
    page: Vec<Spanned<RawPage>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPage {
    id: String,
    title: String,
    when: Option<Spanned<RawCondition>>,
    stop: Option<RawStop>,
    #[serde(default)]
    wording: Vec<RawWording>,
    #[serde(default)]
    question: Vec<Spanned<RawQuestion>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStop {
    code: String,
    title: String,
    body: String,
    may_continue: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWording {
    when: Spanned<RawCondition>,
    #[serde(alias = "title")]
    label: String,
    hint: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQuestion {
    id: String,
    kind: Word,
    #[serde(rename = "for")]
    purpose: Word,
    label: String,
    hint: Option<String>,
    #[serde(default)]
    required: bool,
    optional_when: Option<Spanned<RawCondition>>,
    when: Option<Spanned<RawCondition>>,
    mobile_when: Option<Spanned<RawCondition>>,
    #[serde(default)]
    choices: Vec<RawChoice>,
    #[serde(default)]
    limits: RawLimits,
    example: Value,
    #[serde(default)]
    bad_examples: Vec<Value>,
    #[serde(default)]
    error: BTreeMap<Word, String>,
    #[serde(default)]
    raises: Vec<Spanned<RawRaise>>,
    #[serde(default)]
    wording: Vec<RawWording>,
    #[serde(default)]
    question: Vec<Spanned<RawQuestion>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawChoice {
    value: String,
    label: String,
    #[serde(default)]
    alone: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimits {
    min_length: Option<usize>,
    max_length: Option<usize>,
    min: Option<i64>,
    max: Option<i64>,
    not_before: Option<Word>,
    not_after: Option<Word>,
    items_min: Option<usize>,
    items_max: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRaise {
    is: Vec<String>,
    flags: Vec<Word>,
}

/// `{ question, is }`, `{ question, answered = true }`, `{ all }`, `{ any }` or `{ not }`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCondition {
    question: Option<String>,
    is: Option<Vec<String>>,
    answered: Option<bool>,
    all: Option<Vec<Spanned<RawCondition>>>,
    any: Option<Vec<Spanned<RawCondition>>>,
    not: Option<Box<Spanned<RawCondition>>>,
}

/// Turns what stands in the file into what the domain knows, and gathers what it cannot.
struct Reader<'a> {
    text: &'a str,
    faults: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn line<T>(&self, of: &Spanned<T>) -> usize {
        line_of(self.text, &of.span())
    }

    /// The value that a word stands for. Nothing made of a faulty file is used.
    fn word<T>(&mut self, word: &Word, what: &str, parse: fn(&str) -> Option<T>) -> Option<T> {
        let parsed = parse(word.get_ref());
        if parsed.is_none() {
            let fault = format!("\"{}\" is not {what}", word.get_ref());
            self.faults.push((self.line(word), fault));
        }
        parsed
    }

    fn outline(&mut self, raw: RawForm) -> Outline {
        let regime = self.word(&raw.regime, "law_enforcement or general", Regime::parse);
        let published = self.word(&raw.published, "a date like 2026-11-23", iso_date);
        let mut pages = vec![];
        for block in raw.block {
            let when = block.when.map(|when| self.condition(when));
            for page in block.page {
                pages.push(self.page(&block.id, when.as_ref(), page));
            }
        }
        Outline {
            kind: raw.kind,
            version: raw.version,
            title: raw.title,
            regime: regime.unwrap_or(Regime::LawEnforcement),
            published: published.unwrap_or_default(),
            pages,
        }
    }

    fn page(&mut self, block: &str, block_when: Option<&Condition>, raw: Spanned<RawPage>) -> Page {
        let line = self.line(&raw);
        let raw = raw.into_inner();
        let own = raw.when.map(|when| self.condition(when));
        let when = match (block_when.cloned(), own) {
            (Some(block), Some(page)) => Some(Condition::All(vec![block, page])),
            (block, page) => block.or(page),
        };
        Page {
            id: raw.id,
            block: block.to_owned(),
            title: raw.title,
            wordings: self.wordings(raw.wording),
            when,
            stop: raw.stop.map(|stop| Stop {
                code: stop.code,
                title: stop.title,
                body: stop.body,
                may_continue: stop.may_continue,
            }),
            questions: raw.question.into_iter().map(|question| self.question(question)).collect(),
            line,
        }
    }

    fn wordings(&mut self, raw: Vec<RawWording>) -> Vec<Wording> {
        let wordings = raw.into_iter().map(|wording| Wording {
            when: self.condition(wording.when),
            text: wording.label,
            hint: wording.hint,
        });
        wordings.collect()
    }

    fn question(&mut self, raw: Spanned<RawQuestion>) -> Question {
        let line = self.line(&raw);
        let raw = raw.into_inner();
        let kind = self.word(&raw.kind, "a kind of question", Kind::parse);
        let kind = kind.unwrap_or(Kind::Text);
        let purpose = self.word(&raw.purpose, "what a question may be for", Purpose::parse);
        Question {
            id: raw.id,
            kind,
            label: raw.label,
            hint: raw.hint,
            purpose: purpose.unwrap_or(Purpose::Decide),
            required: raw.required,
            optional_when: raw.optional_when.map(|when| self.condition(when)),
            when: raw.when.map(|when| self.condition(when)),
            mobile_when: raw.mobile_when.map(|when| self.condition(when)),
            choices: choices(kind, &raw.choices),
            limits: self.limits(&raw.limits),
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

    fn error_texts(&mut self, raw: BTreeMap<Word, String>) -> Vec<(ErrorCode, String)> {
        let texts = raw.into_iter().filter_map(|(code, text)| {
            self.word(&code, "a code of an error", ErrorCode::parse).map(|code| (code, text))
        });
        texts.collect()
    }

    fn raise(&mut self, raw: Spanned<RawRaise>) -> Raise {
        let line = self.line(&raw);
        let raw = raw.into_inner();
        let flags = raw.flags.iter().filter_map(|flag| self.word(flag, "a flag", Flag::parse));
        Raise { flags: flags.collect(), is: raw.is, line }
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

    fn condition(&mut self, raw: Spanned<RawCondition>) -> Condition {
        let line = self.line(&raw);
        let raw = raw.into_inner();
        let test = |question, values| Test { question, values, line, at: 0 };
        match (raw.question, raw.is, raw.answered, raw.all, raw.any, raw.not) {
            (Some(question), Some(values), None, None, None, None) if !values.is_empty() => {
                Condition::Is(test(question, values))
            }
            (Some(question), None, Some(answered), None, None, None) => {
                let condition = Condition::Answered(test(question, vec![]));
                if answered { condition } else { Condition::Not(Box::new(condition)) }
            }
            (None, None, None, Some(all), None, None) => Condition::All(self.conditions(all)),
            (None, None, None, None, Some(any), None) => Condition::Any(self.conditions(any)),
            (None, None, None, None, None, Some(not)) => {
                Condition::Not(Box::new(self.condition(*not)))
            }
            _ => {
                let fault =
                    "a condition says question and is, question and answered, all, any, or not";
                self.faults.push((line, fault.to_owned()));
                Condition::All(vec![])
            }
        }
    }

    fn conditions(&mut self, raw: Vec<Spanned<RawCondition>>) -> Vec<Condition> {
        raw.into_iter().map(|condition| self.condition(condition)).collect()
    }
}

/// Yes and no need no choices in the file, unless they are called something else there.
fn choices(kind: Kind, raw: &[RawChoice]) -> Vec<Choice> {
    if raw.is_empty() {
        return Choice::of_kind(kind);
    }
    let choice = |raw: &RawChoice| Choice {
        value: raw.value.clone(),
        label: raw.label.clone(),
        alone: raw.alone,
    };
    raw.iter().map(choice).collect()
}

fn parse_day(word: &str) -> Option<Day> {
    if word == "today" { Some(Day::Today) } else { iso_date(word).map(Day::On) }
}

#[cfg(test)]
mod tests {
    use super::load;

    #[test]
    fn every_form_of_the_service_holds_together() {
        let forms = load().unwrap_or_else(|refused| panic!("{refused}"));
        let crime = forms.get("crime").unwrap();
        assert_eq!((crime.kind.as_str(), crime.version), ("crime", 1));
        assert!(forms.version("crime", 1).is_some() && forms.version("crime", 2).is_none());
        assert_eq!(forms.newest().count(), 1);
    }

    /// The words that copy.md keeps from the public, and the names that belong to settings.
    #[test]
    fn forms_speak_to_the_public() {
        let words = [
            "suspect",
            "incident",
            "valid",
            "perpetrator",
            "offender",
            "alleged",
            "submit",
            "mandatory",
            "victim",
            "leicester",
            "front counter",
            "unfortunately",
            "simply",
            "!",
        ];
        for form in load().unwrap().newest() {
            for page in form.pages() {
                let asked = page.questions.iter().flat_map(|question| {
                    let choices = question.choices.iter().map(|choice| choice.label.as_str());
                    let errors = question.error_texts.iter().map(|(_, text)| text.as_str());
                    choices
                        .chain(errors)
                        .chain([question.label.as_str()])
                        .chain(question.hint.as_deref())
                });
                let stop =
                    page.stop.iter().flat_map(|stop| [stop.title.as_str(), stop.body.as_str()]);
                for text in asked.chain(stop).chain([page.title.as_str()]) {
                    let said = text.to_lowercase();
                    let banned = words.iter().find(|word| said.contains(**word));
                    assert_eq!(banned, None, "{text}");
                }
            }
        }
    }
}
