//! Somebody who goes one way through a form.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, bail, ensure};
use intake_service::domain::form::{ErrorCode, Form, Journey, Question, journey};
use intake_service::domain::report;
use jiff::civil::DateTime;
use serde_json::{Map, Value};

use super::{Chance, answers, promises};
use crate::Result;

/// How a way ends.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// With these answers, which can be sent.
    Complete(Map<String, Value>),
    /// Somebody was shown where else to go, and went.
    Elsewhere,
    /// At a page that says what to do instead.
    Stopped,
}

/// One answer that was changed, to be put back later.
#[derive(Debug)]
struct Change {
    id: String,
    before: Value,
    /// All that was answered on the path before the change.
    path: BTreeMap<String, Value>,
}

#[derive(Debug)]
pub struct Person<'form> {
    form: &'form Form,
    now: DateTime,
    chance: Chance,
    given: Map<String, Value>,
    /// The pages that were shown.
    shown: BTreeSet<&'form str>,
    /// How each question was worded when it was asked, as far as nothing before it has changed since.
    worded: BTreeMap<&'form str, &'form str>,
    changed: Option<Change>,
    pub turns: usize,
    pub changes: usize,
}

/// A page as it stands before this person.
struct Shown<'form> {
    page: &'form str,
    is_stop: bool,
    asked: Vec<(&'form Question, &'form str, bool)>,
}

impl<'form> Person<'form> {
    #[must_use]
    pub fn new(form: &'form Form, now: DateTime, chance: Chance) -> Self {
        Self {
            form,
            now,
            chance,
            given: Map::new(),
            shown: BTreeSet::new(),
            worded: BTreeMap::new(),
            changed: None,
            turns: 0,
            changes: 0,
        }
    }

    /// To the end, with what does not hold on the way as an error.
    pub fn goes(&mut self) -> Result<End> {
        // A page comes again at most for what a changed answer brings up.
        let most = self.form.pages().len() * 4 + 20;
        loop {
            self.turns += 1;
            ensure!(self.turns <= most, "no end after {most} pages: {:?}", self.given);
            let looks = self.chance.once_in(6);
            let walked = self.walked();
            self.stands(&walked, looks)?;
            let ended = walked.ended;
            let Some(next) = self.next_page(&walked) else { break };
            if next.is_stop && next.asked.is_empty() {
                self.sends_nothing()?;
                return Ok(End::Stopped);
            }
            if ended {
                let told = self.sends_nothing()?;
                ensure!(told == Some(ErrorCode::Stopped), "who went elsewhere is told {told:?}");
                if self.chance.once_in(2) {
                    return Ok(End::Elsewhere);
                }
                // Another choice there goes on.
                next.asked.iter().for_each(|(question, ..)| drop(self.given.remove(&question.id)));
                self.shown.remove(next.page);
                continue;
            }
            self.answers(&next)?;
            if self.chance.once_in(6) {
                self.thinks_again()?;
            }
        }
        self.restores()?;
        self.sends()
    }

    fn walked(&self) -> Journey<'form, '_> {
        journey(self.form, &self.given, self.now)
    }

    /// The page that waits, or the first on the path that was not shown yet.
    fn next_page(&self, walked: &Journey<'form, '_>) -> Option<Shown<'form>> {
        let waits = walked.next.as_ref().map(|next| next.page);
        let is_stop = walked.stop.is_some();
        let new = walked.path.iter().copied().find(|page| !self.shown.contains(&*page.id));
        let page = if is_stop { waits } else { new.or(waits) }?;
        let asked = walked.questions(page);
        let asked = asked.into_iter().map(|view| (view.question, view.label, view.required));
        Some(Shown { page: &page.id, is_stop, asked: asked.collect() })
    }

    /// What must hold wherever somebody stands; with another look at what would be taken from here.
    fn stands(&self, walked: &Journey<'form, '_>, looks: bool) -> Result<()> {
        promises::of_the_path(self.form, walked)?;
        // What chance answers is right, but for a number that a later wish makes wrong.
        let is_known = |code| matches!(code, ErrorCode::NotOnPath | ErrorCode::NotAMobile);
        let wrong = walked.errors.iter().find(|error| !is_known(error.code));
        ensure!(
            wrong.is_none(),
            "an answer within its limits is refused: {wrong:?} {:?}",
            self.given
        );
        if looks {
            let taken = report::check(self.form, &self.given, self.now).is_ok();
            ensure!(taken == walked.may_submit, "taken: {taken}, journey: {}", walked.may_submit);
        }
        Ok(())
    }

    /// Answers what stands on a page, and then what an answer on it brings up.
    fn answers(&mut self, page: &Shown<'form>) -> Result<()> {
        self.shown.insert(page.page);
        let mut skipped = BTreeSet::new();
        for _ in 0..=self.form.pages().len() {
            let walked = self.walked();
            let Some(view) = walked.page(page.page) else { return Ok(()) };
            let open = view.questions.iter().filter(|view| {
                let id = &view.question.id;
                let is_new = !self.given.contains_key(id) && !skipped.contains(id);
                is_new || takes_no_texts(&walked, id)
            });
            let open: Vec<_> =
                open.map(|view| (view.question, view.label, view.required)).collect();
            if open.is_empty() {
                return Ok(());
            }
            for (question, label, required) in open {
                // The one answer that may be wrong is a number that takes no texts.
                let again = self.given.contains_key(&question.id);
                let answer = if again {
                    answers::mobile()
                } else {
                    answers::any(question, self.now, &mut self.chance)
                };
                // A list without items is no answer.
                let is_none = answer.as_array().is_some_and(Vec::is_empty);
                if !required && !again && (is_none || self.chance.once_in(2)) {
                    skipped.insert(question.id.clone());
                    continue;
                }
                self.worded.insert(&question.id, label);
                self.given.insert(question.id.clone(), answer);
            }
        }
        bail!("\"{}\" asks for ever more", page.page)
    }

    /// Goes back and changes an earlier answer, or puts the one back that was changed.
    fn thinks_again(&mut self) -> Result<()> {
        if self.changed.is_some() {
            return self.restores();
        }
        let walked = self.walked();
        let path = answered(&walked, &self.given);
        let chosen: Vec<&Question> = walked
            .entries
            .iter()
            .filter(|entry| entry.answer.is_some() && entry.question.kind.has_choices())
            .map(|entry| entry.question)
            .collect();
        let Some(question) = self.chance.one_of(&chosen).copied() else { return Ok(()) };
        let answer = answers::any(question, self.now, &mut self.chance);
        let Some(before) = self.given.insert(question.id.clone(), answer.clone()) else {
            return Ok(());
        };
        // Only what the new path does not ask is retracted.
        let now = self.walked();
        for entry in now.entries.iter().filter(|entry| path.contains_key(&entry.question.id)) {
            let id = &entry.question.id;
            ensure!(
                entry.answer.is_some() || takes_no_texts(&now, id),
                "\"{id}\" is retracted by \"{}\" = {answer} and still asked",
                question.id
            );
        }
        self.changes += 1;
        self.worded.clear();
        self.changed = Some(Change { id: question.id.clone(), before, path });
        Ok(())
    }

    /// Puts the changed answer back: all that was on the path is on it again, as it was answered.
    fn restores(&mut self) -> Result<()> {
        let Some(change) = self.changed.take() else { return Ok(()) };
        if !self.chance.once_in(2) {
            return Ok(()); // It stays changed.
        }
        self.given.insert(change.id.clone(), change.before);
        self.worded.clear();
        let walked = self.walked();
        let path = answered(&walked, &self.given);
        for (id, before) in &change.path {
            // A number had to be given anew meanwhile.
            let is_new = *id != change.id && self.given.get(id) != Some(before);
            let now = path.get(id);
            ensure!(
                is_new || now == Some(before),
                "\"{id}\" is {now:?} and not {before} when \"{}\" is put back",
                change.id
            );
        }
        Ok(())
    }

    /// Nothing can be sent from here; what is told first of all.
    fn sends_nothing(&self) -> Result<Option<ErrorCode>> {
        ensure!(!self.walked().may_submit, "what ended may be sent");
        let refused = report::check(self.form, &self.given, self.now);
        let told = refused.err().context("what ended is taken as a report")?;
        Ok(told.first().map(|error| error.code))
    }

    /// Sends what the path asked for, and looks at what goes out.
    fn sends(&mut self) -> Result<End> {
        let walked = self.walked();
        if !walked.complete {
            // What was put back at the end may bring up more.
            drop(walked);
            return self.goes();
        }
        let off_path = walked.errors.iter().all(|error| error.code == ErrorCode::NotOnPath);
        ensure!(off_path, "complete, and wrong: {:?}", walked.errors);
        let sent: Map<String, Value> = answered(&walked, &self.given).into_iter().collect();
        let walked = journey(self.form, &sent, self.now);
        ensure!(walked.may_submit, "what the path asks for cannot be sent: {:?}", walked.errors);
        let report = report::check(self.form, &sent, self.now);
        let report = report.map_err(|errors| anyhow::anyhow!("refused: {errors:?}"))?;
        promises::of_the_report(self.form, &walked, &sent, &report, self.now)?;
        for answer in &report.answers {
            if let Some(worded) = self.worded.get(answer.id) {
                ensure!(*worded == answer.label, "asked \"{worded}\", sent \"{}\"", answer.label);
            }
        }
        Ok(End::Complete(sent))
    }
}

/// Whether the number given to the question called `id` cannot take the texts that are wished for.
fn takes_no_texts(walked: &Journey<'_, '_>, id: &str) -> bool {
    let mut wrong = walked.errors.iter().filter(|error| error.code == ErrorCode::NotAMobile);
    wrong.any(|error| error.pointer.strip_prefix("/answers/") == Some(id))
}

/// What is answered on the path, as it was given.
fn answered(walked: &Journey<'_, '_>, given: &Map<String, Value>) -> BTreeMap<String, Value> {
    let entries = walked.entries.iter().filter(|entry| entry.answer.is_some());
    let ids = entries.map(|entry| &entry.question.id);
    ids.filter_map(|id| Some((id.clone(), given.get(id)?.clone()))).collect()
}
