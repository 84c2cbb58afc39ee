//! One rule, run over the forms that it is about.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Over, Rule, Then, forms};
use crate::domain::form::tests::now;
use crate::domain::form::ways::filled;
use crate::domain::form::{ErrorCode, Flag, Form, Journey, advice, journey};
use crate::domain::report;

pub(super) const FLAGS: [Flag; 6] = [
    Flag::EmergencyDeclared,
    Flag::EmergencyCannotCall,
    Flag::Priority1,
    Flag::Priority2,
    Flag::Safeguarding,
    Flag::Restricted,
];

#[track_caller]
pub(super) fn check(rule: &Rule) {
    let over = over(rule);
    assert!(!over.is_empty(), "{}: no form asks all of {}", rule.name, rule.given);
    for form in over {
        let answers = answers(rule, form).unwrap_or_else(|| {
            panic!(
                "{}: {} is not asked in {}: say what leads to it",
                rule.name, rule.given, form.kind
            )
        });
        let walked = journey(form, &answers, now());
        for then in rule.then {
            let wrong = wrong(*then, rule, form, &answers, &walked);
            assert!(wrong.is_none(), "{} of {}: {then:?}: {wrong:?}", rule.name, form.kind);
        }
        let goes_on = !rule
            .then
            .iter()
            .any(|then| matches!(then, Then::Stops(_) | Then::Ends | Then::GoesTo(_)));
        let refused = report::check(form, &answers, now()).err().unwrap_or_default();
        assert_eq!(goes_on, refused.is_empty(), "{} of {}: {refused:?}", rule.name, form.kind);
    }
}

/// The forms that the rule is about.
pub(super) fn over(rule: &Rule) -> Vec<&'static Form> {
    let can_say = |form: &Form| given(rule).iter().all(|(id, answer)| can_say(form, id, answer));
    match rule.over {
        Over::Form(kind) => forms().find(kind).into_iter().collect(),
        Over::Every => forms().every().filter(|form| can_say(form)).collect(),
    }
}

/// Whether the form has the question, and all the choices that are answered.
fn can_say(form: &Form, id: &str, answer: &Value) -> bool {
    let Some(question) = form.question(id) else { return false };
    let offers =
        |answer: &Value| question.choices.iter().any(|choice| *answer == choice.value.as_str());
    let list = answer.as_array().map_or(std::slice::from_ref(answer), Vec::as_slice);
    !question.kind.has_choices() || list.iter().all(offers)
}

fn given(rule: &Rule) -> &Map<String, Value> {
    rule.given.as_object().unwrap()
}

/// All that somebody answers on whom the rule has to hold.
pub(super) fn answers(rule: &Rule, form: &Form) -> Option<Map<String, Value>> {
    let open = rule
        .then
        .iter()
        .find_map(|then| if let Then::Stops(code) = then { Some(*code) } else { None });
    let walk = |given: &Map<String, Value>| {
        let answers = filled(form, given, open);
        is_asked(form, given, &answers).then_some(answers)
    };
    let given = given(rule);
    match rule.over {
        Over::Form(_) => walk(given),
        Over::Every => walk(given).or_else(|| {
            let led = leads(form, given);
            led.iter().find_map(&walk).or_else(|| {
                led.iter().flat_map(|given| leads(form, given)).find_map(|given| walk(&given))
            })
        }),
    }
}

/// Whether every answer of `given` is to a question on the way.
fn is_asked(form: &Form, given: &Map<String, Value>, answers: &Map<String, Value>) -> bool {
    let walked = journey(form, answers, now());
    let asked: BTreeSet<&str> = walked
        .entries
        .iter()
        .filter(|entry| entry.answer.is_some())
        .map(|entry| entry.question.id.as_str())
        .collect();
    given.keys().all(|id| asked.contains(id.as_str()))
}

/// `given` with one other choice, as far as it is not the example.
fn leads(form: &Form, given: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let questions = form.pages().iter().flat_map(|page| &page.questions);
    let open = questions.filter(|question| !given.contains_key(&question.id));
    let choices = open.flat_map(|question| {
        let choices = question.choices.iter().filter(|choice| !choice.ends);
        choices.map(move |choice| {
            let value = Value::from(choice.value.as_str());
            let many = question.example.is_array();
            (question, if many { Value::from(vec![value]) } else { value })
        })
    });
    let others = choices.filter(|(question, value)| *value != question.example);
    others
        .map(|(question, value)| {
            let mut given = given.clone();
            given.insert(question.id.clone(), value);
            given
        })
        .collect()
}

/// What is there instead of `then`.
fn wrong(
    then: Then,
    rule: &Rule,
    form: &Form,
    answers: &Map<String, Value>,
    walked: &Journey<'_, '_>,
) -> Option<String> {
    let asks = |id: &&str| walked.entries.iter().any(|entry| entry.question.id == **id);
    let has = |says: &[&str], words: &str| says.iter().any(|said| said.contains(words));
    let path: Vec<&str> = walked.path.iter().map(|page| page.id.as_str()).collect();
    let raised: Vec<Flag> = FLAGS.into_iter().filter(|flag| walked.raises(*flag)).collect();
    let holds = match then {
        Then::Stops(code) => {
            walked.stop.is_some_and(|stop| stop.code == code) && !walked.may_submit
        }
        Then::StopsNot(code) => {
            !walked.path.iter().any(|page| page.stop.as_ref().is_some_and(|stop| stop.code == code))
        }
        Then::Ends => {
            let refused = report::check(form, answers, now()).err().unwrap_or_default();
            walked.ended && refused.first().is_some_and(|error| error.code == ErrorCode::Stopped)
        }
        Then::GoesTo(kind) => walked.ended && walked.goes_to == Some(kind),
        Then::Raises(flags) => flags.iter().all(|flag| {
            let more_than_that = *flag == Flag::Priority2 && raised.contains(&Flag::Priority1);
            raised.contains(flag) || more_than_that
        }),
        Then::RaisesOnly(flags) => {
            flags.iter().all(|flag| raised.contains(flag)) && raised.len() == flags.len()
        }
        Then::Asks(ids) => ids.iter().all(asks),
        Then::AsksNot(ids) => !ids.iter().any(asks),
        Then::Needs(ids) => ids.iter().all(|id| is_needed(walked, id) == Some(true)),
        Then::MayLeaveOut(id) => is_needed(walked, id) == Some(false),
        Then::Next(page) => next(rule, form, walked) == Some(page),
        Then::Pages(pages) => path == pages,
        Then::Says(words) => has(&said(walked), words),
        Then::Advises(words) => has(&advice(form, answers), words),
    };
    (!holds).then(|| format!("pages {path:?}, raised {raised:?}"))
}

/// Whether the question has to be answered; `None` where it is not asked.
fn is_needed(walked: &Journey<'_, '_>, id: &str) -> Option<bool> {
    let mut asked = walked.path.iter().flat_map(|page| walked.questions(page));
    Some(asked.find(|view| view.question.id == id)?.required)
}

/// The page behind the last answer that the rule gives.
fn next<'a>(rule: &Rule, form: &Form, walked: &Journey<'a, '_>) -> Option<&'a str> {
    let last = form.pages().iter().rfind(|page| {
        page.questions.iter().any(|question| given(rule).contains_key(&question.id))
    })?;
    Some(walked.after(&last.id)?.page.id.as_str())
}

/// Everything that somebody reads on the way.
fn said<'a>(walked: &Journey<'a, '_>) -> Vec<&'a str> {
    let pages = walked.path.iter().filter_map(|page| walked.page(&page.id));
    let mut said = vec![];
    for page in pages {
        said.push(page.title);
        said.extend(page.page.stop.iter().flat_map(|stop| [&*stop.title, &*stop.body]));
        said.extend(
            page.questions.iter().flat_map(|asked| [Some(asked.label), asked.hint]).flatten(),
        );
    }
    said
}
