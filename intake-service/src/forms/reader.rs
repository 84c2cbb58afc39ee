//! From the files to a form, or to all that is wrong in them with file and line.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::file::{
    RawBlock, RawChoice, RawCondition, RawForm, RawLimits, RawPage, RawQuestion, RawRaise,
    RawShared, RawWording, Word,
};
use super::{BLOCKS, Refused};
use crate::domain::form::{
    Choice, Condition, Day, ErrorCode, Fault, Flag, Form, Kind, Limits, Outline, Page, Purpose,
    Question, Raise, Regime, Stop, Test, Wording, iso_date,
};

/// Reads one form; `file` is only for the refusal.
pub fn read(file: &str, text: &str) -> Result<Form, Refused> {
    read_with(file, text, &BLOCKS)
}

/// Reads one form that may use `blocks`: the file of each, and what stands in it.
pub(crate) fn read_with(file: &str, text: &str, blocks: &[(&str, &str)]) -> Result<Form, Refused> {
    let mut reader = Reader {
        blocks,
        sources: vec![Source { file, text, before: 0 }],
        faults: vec![],
        shared: false,
        short: None,
        before: HashSet::new(),
    };
    let outline = reader.parse(text).map(|raw| reader.outline(raw));
    let Some(outline) = outline.filter(|_| reader.faults.is_empty()) else {
        return Err(reader.refused());
    };
    Form::try_new(outline).map_err(|faults| {
        let told = |fault: Fault| (fault.line, fault.problem.to_string());
        reader.faults = faults.into_iter().map(told).collect();
        reader.refused()
    })
}

/// One of the files that a form is made of.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
    /// So many lines stand in the files read before: every line of a form has a number of its own.
    before: usize,
}

impl Source<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        self.before + line_of(self.text, span)
    }
}

/// Turns what stands in the files into what the domain knows, and gathers what it cannot.
struct Reader<'a> {
    blocks: &'a [(&'a str, &'a str)],
    /// The form, then the block that is being read and those before it.
    sources: Vec<Source<'a>>,
    faults: Vec<(usize, String)>,
    /// A shared block is being read, the last of `sources`.
    shared: bool,
    /// When the form is its shortest self.
    short: Option<Condition>,
    /// The questions that stand before what is being read.
    before: HashSet<String>,
}

/// What the pages of a block have in common.
struct Part {
    block: String,
    asked: Asked,
    when: Option<Condition>,
}

/// In which of its forms something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
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

impl<'a> Reader<'a> {
    fn source(&self) -> Option<&Source<'a>> {
        if self.shared { self.sources.last() } else { self.sources.first() }
    }

    fn line<T>(&self, of: &Spanned<T>) -> usize {
        self.source().map_or(0, |source| source.line(&of.span()))
    }

    fn parse<T: for<'de> Deserialize<'de>>(&mut self, text: &str) -> Option<T> {
        let parsed = toml::from_str(text);
        parsed
            .map_err(|error| {
                let span = error.span().unwrap_or_default();
                let line = self.source().map_or(0, |source| source.line(&span));
                self.faults.push((line, error.message().to_owned()));
            })
            .ok()
    }

    /// The faults, each with the file it stands in and its line there.
    fn refused(self) -> Refused {
        let Self { sources, faults, .. } = self;
        let told = faults.into_iter().filter_map(|(line, fault)| {
            let source = sources.iter().rfind(|source| source.before < line)?;
            Some((source.file.to_owned(), line - source.before, fault))
        });
        Refused { faults: told.collect() }
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
        self.short = raw.short.map(|short| self.condition(short));
        let mut pages = vec![];
        for block in raw.block {
            self.block(block, None, &mut pages);
        }
        Outline {
            kind: raw.kind,
            version: raw.version,
            title: raw.title,
            listed: raw.listed,
            regime: regime.unwrap_or(Regime::LawEnforcement),
            published: published.unwrap_or_default(),
            short: self.short.take(),
            pages,
        }
    }

    fn block(&mut self, raw: Spanned<RawBlock>, user: Option<&Part>, pages: &mut Vec<Page>) {
        let line = self.line(&raw);
        let raw = raw.into_inner();
        let asked = match (user, &raw.asked) {
            (Some(_), Some(word)) => {
                let fault = "the form that uses a shared block says when it is asked";
                self.faults.push((self.line(word), fault.to_owned()));
                Asked::Always
            }
            (Some(user), None) => user.asked,
            (None, said) => self.asked(said.as_ref(), Asked::Full),
        };
        let own = raw.when.map(|when| self.condition(when));
        let when = both(user.and_then(|user| user.when.clone()), own);
        let mut part = Part { block: String::new(), asked, when };
        match (raw.id, raw.shared) {
            (Some(id), None) if !raw.page.is_empty() => {
                part.block = id;
                for page in raw.page {
                    pages.push(self.page(&part, page));
                }
            }
            (None, Some(name)) if raw.page.is_empty() && user.is_none() => {
                self.shared(&name, &part, pages);
            }
            _ => {
                let fault =
                    "a block has an id and pages; a form's block may use a shared one instead";
                self.faults.push((line, fault.to_owned()));
            }
        }
    }

    /// The pages of a block that stands in a file of its own.
    fn shared(&mut self, name: &Word, user: &Part, pages: &mut Vec<Page>) {
        let blocks = self.blocks;
        let file = format!("forms/blocks/{}.toml", name.get_ref());
        let Some((file, text)) = blocks.iter().find(|(of, _)| *of == file) else {
            let fault = format!("there is no shared block \"{}\"", name.get_ref());
            self.faults.push((self.line(name), fault));
            return;
        };
        let lines = |source: &Source<'_>| source.before + source.text.lines().count() + 1;
        let before = self.sources.last().map_or(0, lines);
        self.sources.push(Source { file, text, before });
        self.shared = true;
        if let Some(raw) = self.parse::<RawShared>(text) {
            for block in raw.block {
                self.block(block, Some(user), pages);
            }
        }
        self.shared = false;
    }

    fn page(&mut self, part: &Part, raw: Spanned<RawPage>) -> Page {
        let line = self.line(&raw);
        let raw = raw.into_inner();
        let own = raw.when.map(|when| self.condition(when));
        // A stop may stand in the middle of a block: what comes behind it is not in the short form.
        let when = both(self.only(part.asked), both(part.when.clone(), own));
        Page {
            id: raw.id,
            block: part.block.clone(),
            title: raw.title,
            wordings: self.wordings(raw.wording),
            when,
            stop: raw.stop.map(|stop| Stop {
                code: stop.code,
                title: stop.title,
                body: stop.body,
                may_continue: stop.may_continue,
            }),
            questions: self.questions(raw.question),
            line,
        }
    }

    fn questions(&mut self, raw: Vec<Spanned<RawQuestion>>) -> Vec<Question> {
        let mut questions = Vec::with_capacity(raw.len());
        for raw in raw {
            let question = self.question(raw);
            self.before.insert(question.id.clone());
            questions.push(question);
        }
        questions
    }

    fn wordings(&mut self, raw: Vec<Spanned<RawWording>>) -> Vec<Wording> {
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
        Some(Wording { when: when?, text: raw.label, hint: raw.hint })
    }

    fn asked(&mut self, said: Option<&Word>, usual: Asked) -> Asked {
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
    fn only(&self, asked: Asked) -> Option<Condition> {
        let short = self.short.as_ref()?.so_far(&|id| self.before.contains(id));
        match asked {
            Asked::Full => short.map(|short| Condition::Not(Box::new(short))),
            Asked::Short => Some(short.unwrap_or(Condition::Any(vec![]))),
            Asked::Always => None,
        }
    }

    fn question(&mut self, raw: Spanned<RawQuestion>) -> Question {
        let line = self.line(&raw);
        let raw = raw.into_inner();
        let kind = self.word(&raw.kind, "a kind of question", Kind::parse);
        let kind = kind.unwrap_or(Kind::Text);
        let purpose = self.word(&raw.purpose, "what a question may be for", Purpose::parse);
        let asked = self.asked(raw.asked.as_ref(), Asked::Always);
        let own = raw.when.map(|when| self.condition(when));
        Question {
            id: raw.id,
            kind,
            label: raw.label,
            hint: raw.hint,
            purpose: purpose.unwrap_or(Purpose::Decide),
            required: raw.required,
            optional_when: raw.optional_when.map(|when| self.condition(when)),
            when: both(self.only(asked), own),
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
        let flags = flags.collect();
        Raise { flags, is: raw.is, when: raw.when.map(|when| self.condition(when)), line }
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

fn both(outer: Option<Condition>, inner: Option<Condition>) -> Option<Condition> {
    match (outer, inner) {
        (Some(outer), Some(inner)) => Some(Condition::All(vec![outer, inner])),
        (outer, inner) => outer.or(inner),
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

fn line_of(text: &str, span: &Range<usize>) -> usize {
    let before = text.as_bytes().iter().take(span.start);
    1 + before.filter(|byte| **byte == b'\n').count()
}
