//! From the files to a form, or to all that is wrong in them with file and line.

use std::collections::HashSet;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::file::{RawBlock, RawExtra, RawForm, RawPage, RawQuestion, RawShared, Word};
use super::things::Thing;
use super::when::{Asked, both};
use super::words::{Text, Words};
use super::{Refused, blocks};
use crate::domain::form::{
    Condition, ExtraOutline, Fault, Form, Outline, Page, Question, Raised, Regime, Stop, iso_date,
};

/// Reads one form; `file` is only for the refusal.
pub fn read(file: &str, text: &str, words: &Words) -> Result<Form, Refused> {
    read_with(file, text, &blocks(), words)
}

/// Reads one form that may use `blocks`: the file of each, and what stands in it.
pub(crate) fn read_with(
    file: &str,
    text: &str,
    blocks: &[(&str, &str)],
    words: &Words,
) -> Result<Form, Refused> {
    let mut reader = Reader {
        blocks,
        words,
        sources: vec![Source { file, text, before: 0 }],
        faults: vec![],
        shared: false,
        short: None,
        before: HashSet::new(),
        raised: Raised::default(),
        kind: String::new(),
        treated: None,
        thing: None,
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
pub(super) struct Reader<'a> {
    blocks: &'a [(&'a str, &'a str)],
    pub(super) words: &'a Words,
    /// The form, then the block that is being read and those before it.
    sources: Vec<Source<'a>>,
    pub(super) faults: Vec<(usize, String)>,
    /// A shared block is being read, the last of `sources`.
    shared: bool,
    /// When the form is its shortest self.
    pub(super) short: Option<Condition>,
    /// The questions that stand before what is being read.
    pub(super) before: HashSet<String>,
    /// What these may have raised.
    pub(super) raised: Raised,
    /// Of the form.
    pub(super) kind: String,
    /// The question before what is being read whose choices are classes of things.
    pub(super) treated: Option<String>,
    /// The class that the page speaks of that is being read.
    pub(super) thing: Option<(&'a str, &'a Thing)>,
}

/// What the pages of a block have in common.
pub(super) struct Part {
    block: String,
    asked: Asked,
    when: Option<Condition>,
}

impl<'a> Reader<'a> {
    fn source(&self) -> Option<&Source<'a>> {
        if self.shared { self.sources.last() } else { self.sources.first() }
    }

    pub(super) fn line<T>(&self, of: &Spanned<T>) -> usize {
        self.source().map_or(0, |source| source.line(&of.span()))
    }

    /// The line of the `nth` brace of a text, which may have several lines.
    pub(super) fn brace_line(&self, text: &Text, nth: usize) -> usize {
        let Some(source) = self.source() else { return 0 };
        let span = text.span();
        let written = source.text.get(span.clone()).unwrap_or_default();
        let within = written.match_indices(['{', '}']).nth(nth).map_or(0, |(at, _)| at);
        source.line(&(span.start + within..span.end))
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
    pub(super) fn word<T>(
        &mut self,
        word: &Word,
        what: &str,
        parse: fn(&str) -> Option<T>,
    ) -> Option<T> {
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
        self.kind.clone_from(&raw.kind);
        self.short = raw.short.map(|short| self.condition(short));
        let mut pages = vec![];
        for block in raw.block {
            self.block(block, None, &mut pages);
        }
        let mut extras = vec![];
        for extra in raw.extra {
            self.extra(extra, None, &mut extras);
        }
        let advice = self.wordings(raw.advice);
        Outline {
            kind: raw.kind,
            version: raw.version,
            title: self.text(&raw.title),
            opening: self.text_of(raw.opening.as_ref()),
            again: raw.again,
            listed: raw.listed,
            regime: regime.unwrap_or(Regime::LawEnforcement),
            published: published.unwrap_or_default(),
            short: self.short.take(),
            pages,
            extras,
            advice,
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
                    match page.get_ref().each.clone() {
                        Some(each) => pages.extend(self.each(&part, &page, &each)),
                        None => pages.push(self.page(&part, page)),
                    }
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
        let Some(raw) = self.open(name, |raw| !raw.block.is_empty() && raw.extra.is_empty()) else {
            return;
        };
        for block in raw.block {
            self.block(block, Some(user), pages);
        }
        self.shared = false;
    }

    /// Questions to offer once a report was sent. None belongs to the short form.
    fn extra(
        &mut self,
        raw: Spanned<RawExtra>,
        user: Option<&Part>,
        extras: &mut Vec<ExtraOutline>,
    ) {
        let line = self.line(&raw);
        let raw = raw.into_inner();
        let own = raw.when.map(|when| self.condition(when));
        let when = both(user.and_then(|user| user.when.clone()), own);
        match (raw.id, raw.title, raw.shared) {
            (Some(id), Some(title), None) => {
                let part = Part { block: id.clone(), asked: Asked::Full, when };
                let when = both(self.only(part.asked), part.when.clone());
                let pages = raw.page.into_iter().map(|page| self.page(&part, page)).collect();
                let title = self.text(&title);
                extras.push(ExtraOutline { id, title, when, pages, line });
            }
            (None, None, Some(name)) if raw.page.is_empty() && user.is_none() => {
                let part = Part { block: String::new(), asked: Asked::Full, when };
                let shared = self.open(&name, |raw| !raw.extra.is_empty() && raw.block.is_empty());
                let Some(shared) = shared else { return };
                for extra in shared.extra {
                    self.extra(extra, Some(&part), extras);
                }
                self.shared = false;
            }
            _ => {
                let fault = "an extra has an id, a title and pages; a form's may use a shared one";
                self.faults.push((line, fault.to_owned()));
            }
        }
    }

    /// Begins to read the file of a shared block or extra, which has to be one that `fits`.
    fn open(&mut self, name: &Word, fits: fn(&RawShared) -> bool) -> Option<RawShared> {
        let blocks = self.blocks;
        let file = format!("forms/blocks/{}.toml", name.get_ref());
        let at = self.line(name);
        let Some((file, text)) = blocks.iter().find(|(of, _)| *of == file) else {
            let fault = format!("there is no shared block \"{}\"", name.get_ref());
            self.faults.push((at, fault));
            return None;
        };
        let lines = |source: &Source<'_>| source.before + source.text.lines().count() + 1;
        let before = self.sources.last().map_or(0, lines);
        self.sources.push(Source { file, text, before });
        self.shared = true;
        let raw: Option<RawShared> = self.parse(text);
        let fitting = raw.filter(|raw| {
            let fitting = fits(raw);
            if !fitting {
                let fault = format!(
                    "\"{}\" is a block where an extra is used, or an extra where a block is",
                    name.get_ref()
                );
                self.faults.push((at, fault));
            }
            fitting
        });
        self.shared = fitting.is_some();
        fitting
    }

    pub(super) fn page(&mut self, part: &Part, raw: Spanned<RawPage>) -> Page {
        let line = self.line(&raw);
        let raw = raw.into_inner();
        let own = raw.when.map(|when| self.condition(when));
        // A stop may stand in the middle of a block: what comes behind it is not in the short form.
        let when = both(self.only(part.asked), both(part.when.clone(), own));
        Page {
            id: self.id(raw.id),
            block: part.block.clone(),
            title: self.text(&raw.title),
            wordings: self.wordings(raw.wording),
            when,
            stop: raw.stop.map(|stop| Stop {
                code: stop.code,
                title: self.text(&stop.title),
                body: self.text(&stop.body),
                may_continue: stop.may_continue,
            }),
            questions: self.questions(raw.question),
            line,
        }
    }

    fn questions(&mut self, raw: Vec<Spanned<RawQuestion>>) -> Vec<Question> {
        let mut questions = Vec::with_capacity(raw.len());
        for raw in raw {
            self.classes(&raw);
            let question = self.question(raw);
            self.before.insert(question.id.clone());
            let flags = question.raises.iter().flat_map(|raise| &raise.flags);
            flags.for_each(|flag| self.raised.add(*flag));
            questions.push(question);
        }
        questions
    }
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    let before = text.as_bytes().iter().take(span.start);
    1 + before.filter(|byte| **byte == b'\n').count()
}
