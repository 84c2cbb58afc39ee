//! The one pass over form and answers that journey and report are both made of.
//!
//! Conditions look only at earlier questions (the loader refuses others), so one pass in the order
//! of asking settles which pages are on the path. What a client sent and the path does not ask is
//! never read, and so can neither open a page nor be sent; it is named once the path is certain.

use std::collections::HashMap;

use jiff::civil::DateTime;
use serde_json::{Map, Value};

use super::answer::{self, Answer, Asking};
use super::condition::holds;
use super::model::{Extra, Form, Page, Question};
use super::{ErrorCode, FieldError, Raised};

/// More answers than this in one request are not read. The longest form asks far fewer.
const ANSWERS_MAX: usize = 200;
/// A list of items, an item, a list in it, its entries.
const DEPTH_MAX: usize = 4;

/// The valid answers on the path so far, by question number, and what they raise.
#[derive(Debug, Clone)]
pub(crate) struct Given<'a> {
    slots: Vec<Option<&'a Value>>,
    raised: Raised,
}

impl<'a> Given<'a> {
    /// Nothing is answered of so many questions; `raised` is all the same.
    pub(super) fn none(count: usize, raised: Raised) -> Self {
        Self { slots: vec![None; count], raised }
    }

    pub(super) fn get(&self, at: usize) -> Option<&'a Value> {
        self.slots.get(at).copied().flatten()
    }

    /// Takes in what was answered, after all that was asked before it.
    pub(super) fn answer(&mut self, question: &Question, answer: &'a Value) {
        let mut now = self.raised;
        let applies = question.raises.iter().filter(|raise| raise.applies(answer, self));
        applies.flat_map(|raise| &raise.flags).for_each(|flag| now.add(*flag));
        self.raised = now;
        if let Some(slot) = self.slots.get_mut(question.at) {
            *slot = Some(answer);
        }
    }

    /// What the answers raise.
    pub(crate) fn raised(&self) -> Raised {
        self.raised
    }

    /// Takes the answer to `question` back, to where `raised` was raised.
    pub(super) fn take_back(&mut self, question: &Question, raised: Raised) {
        self.raised = raised;
        if let Some(slot) = self.slots.get_mut(question.at) {
            *slot = None;
        }
    }
}

/// A question of the path with its answer, or without one if it was skipped.
#[derive(Debug)]
pub struct Entry<'a> {
    pub page: &'a Page,
    pub question: &'a Question,
    /// The question as this person was asked it.
    pub label: &'a str,
    pub answer: Option<Answer>,
}

#[derive(Debug)]
pub(crate) struct Walk<'form, 'answers> {
    pub(crate) given: Given<'answers>,
    /// Every page whose condition holds; those behind an open page as far as can be known.
    pub(crate) path: Vec<&'form Page>,
    /// Where on the path something is missing or wrong for the first time.
    pub(crate) open: Option<usize>,
    /// Where on the path an interruption waits to be passed.
    pub(crate) stopped: Option<usize>,
    /// Somebody chose to go elsewhere: nothing behind is asked.
    pub(crate) ended: bool,
    /// The kind of report with which they go on.
    pub(crate) goes_to: Option<&'form str>,
    pub(crate) entries: Vec<Entry<'form>>,
    pub(crate) missing: Vec<FieldError>,
    pub(crate) wrong: Vec<FieldError>,
}

/// Walks the form in the order of asking, reading each answer that is asked for.
pub(crate) fn walk<'form, 'answers>(
    form: &'form Form,
    answers: &'answers Map<String, Value>,
    now: DateTime,
) -> Walk<'form, 'answers> {
    let course = Course { pages: form.pages(), index: &form.index };
    course.walk(Given::none(form.question_count(), form.raised), answers, now)
}

/// The same for what is asked after a report with the answers `core` was sent.
pub(super) fn walk_extra<'form, 'answers>(
    form: &'form Form,
    extra: &'form Extra,
    core: &'answers Map<String, Value>,
    answers: &'answers Map<String, Value>,
    now: DateTime,
) -> Walk<'form, 'answers> {
    let course = Course { pages: extra.pages(), index: &extra.index };
    course.walk(told(form, core), answers, now)
}

/// What a report told that was sent with these answers: they were read then.
pub(super) fn told<'answers>(
    form: &Form,
    answers: &'answers Map<String, Value>,
) -> Given<'answers> {
    let mut given = Given::none(form.numbers(), form.raised);
    for page in form.pages() {
        if !holds(page.when.as_ref(), &given) {
            continue;
        }
        for question in &page.questions {
            let answer = answers.get(&question.id).filter(|value| !answer::is_blank(value));
            if let Some(answer) = answer.filter(|_| holds(question.when.as_ref(), &given)) {
                given.answer(question, answer);
            }
        }
    }
    given
}

/// Pages in the order of asking, and the numbers of their questions.
#[derive(Clone, Copy)]
struct Course<'form> {
    pages: &'form [Page],
    index: &'form HashMap<String, usize>,
}

impl<'form> Course<'form> {
    /// Walks it after what is `given` already.
    fn walk<'answers>(
        self,
        given: Given<'answers>,
        answers: &'answers Map<String, Value>,
        now: DateTime,
    ) -> Walk<'form, 'answers> {
        let mut asked = vec![false; given.slots.len()];
        let mut walk = Walk {
            given,
            path: Vec::with_capacity(self.pages.len()),
            open: None,
            stopped: None,
            ended: false,
            goes_to: None,
            entries: Vec::with_capacity(self.index.len()),
            missing: vec![],
            wrong: vec![],
        };
        if let Some(error) = too_many(answers) {
            walk.wrong.push(error);
            walk.open = Some(0);
            walk.path.extend(self.pages.first());
            return walk;
        }
        for page in self.pages {
            if !holds(page.when.as_ref(), &walk.given) {
                continue;
            }
            let here = walk.path.len();
            walk.path.push(page);
            if walk.page(page, answers, now, &mut asked) {
                continue;
            }
            walk.open = walk.open.or(Some(here));
            if page.stop.is_some() {
                walk.stopped = walk.stopped.or(Some(here));
            }
            if page.stop.as_ref().is_some_and(|stop| !stop.may_continue) {
                // Nothing behind it is ever asked.
                break;
            }
            if walk.ended {
                // A stop before it waits all the same.
                walk.ended = walk.stopped == Some(here);
                walk.goes_to = walk.goes_to.filter(|_| walk.ended);
                break;
            }
        }
        walk.leftovers(self.index, answers, &asked);
        walk
    }
}

impl<'form, 'answers> Walk<'form, 'answers> {
    /// All that is asked is answered, no interruption waits, and nothing came that is not asked.
    pub(crate) fn may_be_sent(&self) -> bool {
        self.open.is_none() && self.wrong.is_empty()
    }

    /// Reads the answers of one page. True if nothing on it is missing or wrong.
    fn page(
        &mut self,
        page: &'form Page,
        answers: &'answers Map<String, Value>,
        now: DateTime,
        asked: &mut [bool],
    ) -> bool {
        // An interruption without a question cannot be passed.
        let mut settled = page.stop.as_ref().is_none_or(|stop| stop.may_continue);
        for question in &page.questions {
            if !holds(question.when.as_ref(), &self.given) {
                continue;
            }
            if let Some(asked) = asked.get_mut(question.at) {
                *asked = true;
            }
            settled &= self.question(page, question, answers, now);
        }
        settled
    }

    fn question(
        &mut self,
        page: &'form Page,
        question: &'form Question,
        answers: &'answers Map<String, Value>,
        now: DateTime,
    ) -> bool {
        let given = answers.get(&question.id).filter(|value| !answer::is_blank(value));
        let label = label(question, &self.given);
        let Some(value) = given else {
            let needed = is_required(question, &self.given);
            if needed {
                self.missing.push(question.missing());
            }
            self.entries.push(Entry { page, question, label, answer: None });
            return !needed;
        };
        let mobile =
            question.mobile_when.as_ref().is_some_and(|condition| condition.holds(&self.given));
        match read(&Asking { question, now, mobile }, value) {
            Ok(answer) => {
                let end = question.ends_with(&answer.value);
                self.ended |= end.is_some();
                self.goes_to = self.goes_to.or(end.and_then(|end| end.goes_to.as_deref()));
                self.given.answer(question, value);
                self.entries.push(Entry { page, question, label, answer: Some(answer) });
                end.is_none()
            }
            Err(errors) => {
                self.wrong.extend(errors);
                false
            }
        }
    }

    /// What was sent and not asked for: unknown, or off the path.
    fn leftovers(
        &mut self,
        index: &HashMap<String, usize>,
        answers: &Map<String, Value>,
        asked: &[bool],
    ) {
        let mut off_path = vec![];
        for (id, value) in answers {
            let Some(at) = index.get(id) else {
                let detail = "This form does not ask this question".to_owned();
                self.wrong.push(FieldError::about(id, "", ErrorCode::UnknownQuestion, detail));
                continue;
            };
            if !asked.get(*at).copied().unwrap_or_default() && !answer::is_blank(value) {
                let detail = "This is not asked after the other answers. Leave it out".to_owned();
                off_path.push(FieldError::about(id, "", ErrorCode::NotOnPath, detail));
            }
        }
        if self.may_be_sent() {
            // Before that the path is not certain, and this would mislead.
            self.wrong = off_path;
        }
    }
}

pub(super) fn is_required(question: &Question, given: &Given<'_>) -> bool {
    let excused = question.optional_when.as_ref().is_some_and(|condition| condition.holds(given));
    question.required && !excused
}

/// The question in the words that fit the answers so far.
pub(super) fn label<'a>(question: &'a Question, given: &Given<'_>) -> &'a str {
    question
        .wordings
        .iter()
        .find(|wording| wording.when.holds(given))
        .map_or(&question.label, |wording| &wording.text)
}

/// What is wrong with so many answers that none of them is read.
pub(super) fn too_many(answers: &Map<String, Value>) -> Option<FieldError> {
    let detail = "There are more answers here than there are questions";
    (answers.len() > ANSWERS_MAX).then(|| FieldError::about_all(ErrorCode::TooMany, detail))
}

/// Reads `value` as the answer to the question asked, or says what is wrong with it and where.
pub(super) fn read(asking: &Asking<'_>, value: &Value) -> Result<Answer, Vec<FieldError>> {
    let about = |within: &str, code: ErrorCode, detail: String| {
        FieldError::about(&asking.question.id, within, code, detail)
    };
    if deeper_than(value, DEPTH_MAX) {
        let detail = "This answer has lists within lists that the question does not ask for";
        return Err(vec![about("", ErrorCode::TooDeep, detail.to_owned())]);
    }
    answer::read(asking, value).map_err(|problems| {
        let error = |problem: answer::Problem| {
            about(&problem.within, problem.code, problem.detail.into_owned())
        };
        problems.into_iter().map(error).collect()
    })
}

/// Bounded by `levels`, however deep a stranger's value is.
fn deeper_than(value: &Value, levels: usize) -> bool {
    let inner = |value: &Value| levels == 0 || deeper_than(value, levels - 1);
    value.as_array().is_some_and(|list| levels == 0 || list.iter().any(inner))
        || value.as_object().is_some_and(|map| levels == 0 || map.values().any(inner))
}
