//! Ways through a form, for the tests: what a rule needs and nothing else, or whatever chance brings.

use serde_json::{Map, Value};

use super::condition::holds;
use super::model::Form;
use super::walk::{Given, is_required};

/// `given`, and the example of every other question that has to be answered.
///
/// Ends before the page whose stop is called `open`, if the answers lead there and pass it not.
pub(crate) fn filled(
    form: &Form,
    given: &Map<String, Value>,
    open: Option<&str>,
) -> Map<String, Value> {
    let mut so_far = Given::none(form.question_count(), form.raised);
    let mut answers = given.clone();
    for page in form.pages() {
        if !holds(page.when.as_ref(), &so_far) {
            continue;
        }
        let stop = page.stop.as_ref();
        let is_passed = page.questions.iter().any(|asked| given.contains_key(&asked.id));
        if stop.is_some_and(|stop| open == Some(&stop.code)) && !is_passed {
            break;
        }
        for question in &page.questions {
            if !holds(question.when.as_ref(), &so_far) {
                continue;
            }
            if let Some(answer) = given.get(&question.id) {
                so_far.answer(question, answer);
            } else if is_required(question, &so_far) {
                so_far.answer(question, &question.example);
                answers.insert(question.id.clone(), question.example.clone());
            }
        }
    }
    answers
}
