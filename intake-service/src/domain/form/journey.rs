//! The way through a form, computed from the answers each time it is asked for.

use jiff::civil::DateTime;
use serde_json::{Map, Value};

use super::condition::holds;
use super::model::{Extra, Form, Page, Question, Stop};
use super::walk::{self, Entry, Given, Walk};
use super::{Condition, FieldError, Flag, walk as walk_through};

/// Where somebody with these answers stands.
///
/// Answers off the path open nothing and are no errors while something else is, so that going back
/// and forth loses nothing; at the end they are named, to be left out of what is sent. An optional
/// question never holds the walk: a client that wants to offer it finds its page in `path`.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "a page asks each of them by itself")]
pub struct Journey<'form, 'answers> {
    /// Nothing on the path is missing or wrong.
    pub complete: bool,
    /// A report with these answers is taken.
    pub may_submit: bool,
    /// Pages in order, up to and including `next`. A page may be shown only if it is here.
    pub path: Vec<&'form Page>,
    /// The page to ask now: an interruption that waits, else the first that is not settled.
    pub next: Option<PageView<'form>>,
    pub stop: Option<&'form Stop>,
    /// The reporter chose at `stop` to go elsewhere: nothing is sent. Another choice there goes on.
    pub ended: bool,
    /// The kind of report with which they go on instead.
    pub goes_to: Option<&'form str>,
    /// Only what cannot wait is asked: somebody is in danger and cannot call.
    pub short: bool,
    /// What is wrong with answers that were given; what is missing is no error yet.
    pub errors: Vec<FieldError>,
    /// The questions of the path in order, with their answers, for the page that shows them all.
    pub entries: Vec<Entry<'form>>,
    /// Pages behind `next`, as far as can be known.
    pub ahead: Vec<&'form Page>,
    given: Given<'answers>,
}

/// A page as it is asked after the answers so far.
#[derive(Debug)]
pub struct PageView<'a> {
    pub page: &'a Page,
    pub title: &'a str,
    /// Only those that apply. An answer may reveal another: then the page comes again.
    pub questions: Vec<QuestionView<'a>>,
}

#[derive(Debug)]
pub struct QuestionView<'a> {
    pub question: &'a Question,
    pub label: &'a str,
    pub hint: Option<&'a str>,
    pub required: bool,
}

/// Walks `form` with `answers`. `now` is the local time of the person who answers.
#[must_use]
pub fn journey<'form, 'answers>(
    form: &'form Form,
    answers: &'answers Map<String, Value>,
    now: DateTime,
) -> Journey<'form, 'answers> {
    of(form, walk_through(form, answers, now))
}

/// Where somebody stands who sent the answers `core` and tells more: the same, for the pages of `extra`.
/// Nothing is missing there, and `may_submit` says that it is taken as it is.
#[must_use]
pub fn extra_journey<'form, 'answers>(
    form: &'form Form,
    extra: &'form Extra,
    core: &'answers Map<String, Value>,
    answers: &'answers Map<String, Value>,
    now: DateTime,
) -> Journey<'form, 'answers> {
    of(form, walk::walk_extra(form, extra, core, answers, now))
}

fn of<'form, 'answers>(form: &'form Form, walk: Walk<'form, 'answers>) -> Journey<'form, 'answers> {
    let may_submit = walk.may_be_sent();
    let Walk { given, mut path, open, stopped, ended, goes_to, entries, wrong, .. } = walk;
    let next = stopped.or(open);
    let next_page = next.and_then(|at| path.get(at).copied());
    let ahead = next.map_or_else(Vec::new, |at| path.split_off((at + 1).min(path.len())));
    Journey {
        complete: open.is_none(),
        may_submit,
        ended,
        goes_to,
        short: form.short.as_ref().is_some_and(|short| short.holds(&given)),
        stop: stopped.and(next_page).and_then(|page| page.stop.as_ref()),
        next: next_page.map(|page| view(page, &given)),
        path,
        errors: wrong,
        entries,
        ahead,
        given,
    }
}

impl<'form> Journey<'form, '_> {
    /// The page called `id`, if it may be shown.
    #[must_use]
    pub fn page(&self, id: &str) -> Option<PageView<'form>> {
        let page = self.path.iter().find(|page| page.id == id)?;
        Some(view(page, &self.given))
    }

    /// The same with what a choice on this very page would lead to: shown under that choice, it can be
    /// answered in the same go.
    #[must_use]
    pub fn page_in_full(&self, id: &str) -> Option<PageView<'form>> {
        let page = *self.path.iter().find(|page| page.id == id)?;
        let mut full = view(page, &self.given);
        let applies: Vec<&str> =
            full.questions.iter().map(|asked| asked.question.id.as_str()).collect();
        let may_apply = |question: &&Question| {
            applies.contains(&question.id.as_str())
                || question
                    .when
                    .as_ref()
                    .and_then(Condition::single_choice)
                    .is_some_and(|(parent, _)| applies.contains(&parent))
        };
        full.questions = page
            .questions
            .iter()
            .filter(may_apply)
            .map(|question| question_view(question, &self.given))
            .collect();
        Some(full)
    }

    /// What a page asks now, wherever it stands.
    #[must_use]
    pub fn questions(&self, page: &'form Page) -> Vec<QuestionView<'form>> {
        view(page, &self.given).questions
    }

    /// The page to show before the one called `id`.
    #[must_use]
    pub fn before(&self, id: &str) -> Option<&'form Page> {
        let at = self.path.iter().position(|page| page.id == id)?;
        self.path.get(at.checked_sub(1)?).copied()
    }

    /// Whether an answer on the path raises `flag`.
    #[must_use]
    pub fn raises(&self, flag: Flag) -> bool {
        self.given.raised().has(flag)
    }

    /// The page to show after the one called `id`, optional ones included.
    #[must_use]
    pub fn after(&self, id: &str) -> Option<PageView<'form>> {
        let at = self.path.iter().position(|page| page.id == id)?;
        Some(view(self.path.get(at + 1)?, &self.given))
    }
}

fn view<'a>(page: &'a Page, given: &Given<'_>) -> PageView<'a> {
    let title = page
        .wordings
        .iter()
        .find(|wording| wording.when.holds(given))
        .map_or(page.title.as_str(), |wording| &wording.text);
    let questions = page
        .questions
        .iter()
        .filter(|question| holds(question.when.as_ref(), given))
        .map(|question| question_view(question, given))
        .collect();
    PageView { page, title, questions }
}

fn question_view<'a>(question: &'a Question, given: &Given<'_>) -> QuestionView<'a> {
    let hint = question
        .wordings
        .iter()
        .find(|wording| wording.when.holds(given))
        .map_or(&question.hint, |wording| &wording.hint);
    QuestionView {
        question,
        label: walk::label(question, given),
        hint: hint.as_deref(),
        required: walk::is_required(question, given),
    }
}
