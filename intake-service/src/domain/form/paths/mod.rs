//! The proof: every way through a form, and what must hold on all of them.
//!
//! A way is one answer, or none, to each question that is asked: of a list each choice, of anything
//! else its example. There are far too many to walk one after another. Two ways that no later
//! condition can tell apart, and of which the same remains to be shown, are walked on as one; their
//! number is kept, and no answer is left out. Each step is also taken to its end with examples and
//! given to the journey and to the report, so that the proof speaks of what the service does.

mod rules; // what must hold

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::condition::{Condition, holds};
use super::model::{Form, Kind, Page, Question};
use super::walk::{Given, is_required};
use rules::Fact;

/// What was walked, and what does not hold.
#[derive(Debug, Default)]
struct Proof {
    /// Ways that end in a report, and ways that end at a stop nobody passes.
    sent: u128,
    stopped: u128,
    /// Answers given: each way is made of these.
    steps: usize,
    /// What is wrong, with one way on which it is.
    faults: BTreeMap<String, String>,
    /// The answers that must raise a flag, as far as they were met.
    flagged: BTreeSet<(String, String)>,
}

/// All ways that cannot be told apart any more.
#[derive(Clone)]
struct Way<'a> {
    /// The answers of one of them.
    given: Given<'a>,
    facts: BTreeSet<Fact>,
    count: u128,
}

/// A look that conditions take at an answer or at what the answers raise, and the last page that
/// depends on it.
struct Look<'a> {
    at: &'a Condition,
    last: usize,
}

impl Look<'_> {
    fn is_same(&self, other: &Condition) -> bool {
        match (self.at, other) {
            (Condition::Is(one), Condition::Is(other))
            | (Condition::Answered(one), Condition::Answered(other)) => {
                one.at == other.at && one.values == other.values
            }
            (Condition::Raised { flag: one, .. }, Condition::Raised { flag: other, .. }) => {
                one == other
            }
            _ => false,
        }
    }
}

/// Ten times what the longest form takes. A form of more has ways that cannot be merged, and its proof
/// would not end before people stop waiting for it.
const STEPS_MAX: usize = 50_000;

struct Prover<'a> {
    form: &'a Form,
    /// What each question may be answered.
    answers: &'a [Vec<Value>],
    looks: Vec<Look<'a>>,
    proof: Proof,
}

fn prove(form: &Form) -> Proof {
    prove_within(form, STEPS_MAX)
}

fn prove_within(form: &Form, most: usize) -> Proof {
    let questions = form.pages().iter().flat_map(|page| &page.questions);
    let answers: Vec<Vec<Value>> = questions.map(answers_of).collect();
    let mut prover =
        Prover { form, answers: &answers, looks: looks(form), proof: Proof::default() };
    prover.tell(rules::of_stops(form), &Given::none(0));
    let start = Way { given: Given::none(form.question_count()), facts: BTreeSet::new(), count: 1 };
    let mut ways = vec![start];
    for (at, page) in form.pages().iter().enumerate() {
        ways = prover.page(at, page, ways);
        if prover.proof.steps > most {
            let endless = format!("at \"{}\" there are more ways than can be walked", page.id);
            prover.tell(vec![endless], &Given::none(form.question_count()));
            return prover.proof;
        }
    }
    for way in &ways {
        prover.proof.sent += way.count;
        prover.tell(rules::at_the_end(form, &way.facts), &way.given);
    }
    prover.proof
}

fn answers_of(question: &Question) -> Vec<Value> {
    let choices = question.choices.iter().map(|choice| choice.value.as_str());
    if question.kind == Kind::Many {
        choices.map(|choice| Value::from(vec![choice])).chain([question.example.clone()]).collect()
    } else if question.kind.has_choices() {
        choices.map(Value::from).collect()
    } else {
        vec![question.example.clone()]
    }
}

/// Every look that decides which questions are asked, whether they must be answered, and what they
/// raise.
fn looks(form: &Form) -> Vec<Look<'_>> {
    let mut looks: Vec<Look<'_>> = vec![];
    for (last, page) in form.pages().iter().enumerate() {
        let of_questions = page.questions.iter().flat_map(|asked| {
            let raises = asked.raises.iter().map(|raise| &raise.when);
            raises.chain([&asked.when, &asked.optional_when])
        });
        let mut found = vec![];
        for condition in of_questions.chain([&page.when]).flatten() {
            condition.looks(&mut found);
        }
        for at in found {
            match looks.iter_mut().find(|look| look.is_same(at)) {
                Some(look) => look.last = last,
                None => looks.push(Look { at, last }),
            }
        }
    }
    looks
}

impl<'a> Prover<'a> {
    /// Walks all `ways` over one page.
    fn page(&mut self, at: usize, page: &'a Page, ways: Vec<Way<'a>>) -> Vec<Way<'a>> {
        let (mut on, off): (Vec<_>, Vec<_>) =
            ways.into_iter().partition(|way| holds(page.when.as_ref(), &way.given));
        if page.stop.as_ref().is_some_and(|stop| !stop.may_continue) {
            for way in &on {
                self.proof.stopped += way.count;
                self.stays_stopped(way, page);
            }
            on.clear();
        }
        for question in &page.questions {
            let mut after = vec![];
            for way in on {
                if holds(question.when.as_ref(), &way.given) {
                    after.extend(self.answered(page, question, &way));
                } else {
                    after.push(way);
                }
            }
            on = self.merged(at, after);
        }
        on.extend(off);
        self.merged(at + 1, on)
    }

    /// `way` with every answer that may be given to `question`.
    fn answered(&mut self, page: &'a Page, question: &'a Question, way: &Way<'a>) -> Vec<Way<'a>> {
        let none = (!is_required(question, &way.given)).then_some(None);
        let answers = self.answers.get(question.at).into_iter().flatten().map(Some).chain(none);
        let ways = answers.filter_map(|answer| {
            self.proof.steps += 1;
            let mut way = way.clone();
            if let Some(answer) = answer {
                way.given.answer(question, answer);
            }
            let Way { given, facts, .. } = &mut way;
            let step = rules::Step { form: self.form, page, question, answer, given };
            let wrong = rules::at(&step, facts, &mut self.proof.flagged);
            let cannot_call = step.cannot_call();
            self.tell(wrong, &way.given);
            if answer.is_some_and(|answer| question.ends_with(answer).is_some()) {
                self.proof.stopped += way.count;
                let answers = finished(self.form, way.given.clone(), page, question.at);
                self.tell(rules::ends(self.form, question, &answers), &way.given);
                return None;
            }
            self.goes_on(&way, page, question, cannot_call);
            Some(way)
        });
        ways.collect()
    }

    /// Ways that no condition from page `from` on can tell apart, and that owe the same, are one.
    fn merged(&self, from: usize, ways: Vec<Way<'a>>) -> Vec<Way<'a>> {
        let mut known: HashMap<(Vec<bool>, BTreeSet<Fact>), usize> = HashMap::new();
        let mut merged: Vec<Way<'a>> = vec![];
        for way in ways {
            let looks = self.looks.iter().filter(|look| look.last >= from);
            let seen = looks.map(|look| look.at.holds(&way.given));
            let at = *known.entry((seen.collect(), way.facts.clone())).or_insert(merged.len());
            match merged.get_mut(at) {
                Some(same) => same.count += way.count,
                None => merged.push(way),
            }
        }
        merged
    }

    fn tell(&mut self, wrong: Vec<String>, given: &Given<'_>) {
        for wrong in wrong {
            self.proof.faults.entry(wrong).or_insert_with(|| told(self.form, given));
        }
    }

    /// The step, taken to its end with examples, is what the service makes of the same answers.
    fn goes_on(
        &mut self,
        way: &Way<'a>,
        page: &'a Page,
        question: &'a Question,
        cannot_call: bool,
    ) {
        let answers = finished(self.form, way.given.clone(), page, question.at);
        let mut wrong = rules::as_the_service_sees_it(self.form, page, &answers);
        if cannot_call {
            wrong.extend(rules::sends_short(self.form, question, &answers));
        }
        self.tell(wrong, &way.given);
    }

    fn stays_stopped(&mut self, way: &Way<'a>, page: &'a Page) {
        let answers = finished(self.form, way.given.clone(), page, usize::MAX);
        if rules::is_taken(self.form, &answers) {
            self.tell(vec![format!("\"{}\" stops nobody", page.id)], &way.given);
        }
    }
}

/// All the answers of a way that goes on with examples behind question `after` of `page`.
fn finished<'a>(
    form: &'a Form,
    mut given: Given<'a>,
    page: &'a Page,
    after: usize,
) -> Map<String, Value> {
    let behind = form.pages().iter().skip_while(|other| other.id != page.id);
    for other in behind {
        if other.id != page.id && !holds(other.when.as_ref(), &given) {
            continue;
        }
        for question in &other.questions {
            let is_new = other.id != page.id || question.at > after;
            if is_new && holds(question.when.as_ref(), &given) {
                given.answer(question, &question.example);
            }
        }
    }
    let questions = form.pages().iter().flat_map(|page| &page.questions);
    questions.filter_map(|asked| Some((asked.id.clone(), given.get(asked.at)?.clone()))).collect()
}

/// The choices of a way, for the person who mends the form.
fn told(form: &Form, given: &Given<'_>) -> String {
    let questions = form.pages().iter().flat_map(|page| &page.questions);
    let choices = questions.filter(|asked| asked.kind.has_choices());
    let told = choices.filter_map(|asked| Some(format!("{} = {}", asked.id, given.get(asked.at)?)));
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
