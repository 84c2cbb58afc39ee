//! A full set of valid answers: for tests, the demonstration and the bench.

use serde_json::{Map, Value};

use super::condition::holds;
use super::model::Form;
use super::walk::Given;

/// Answers every question on the way with its example, optional ones included.
///
/// The loader has checked each example, so the set can be sent as it is.
#[must_use]
pub fn examples(form: &Form) -> Map<String, Value> {
    let mut given = Given::none(form.question_count(), form.raised);
    let mut answers = Map::new();
    for page in form.pages() {
        if !holds(page.when.as_ref(), &given) {
            continue;
        }
        for question in &page.questions {
            if holds(question.when.as_ref(), &given) {
                given.answer(question, &question.example);
                answers.insert(question.id.clone(), question.example.clone());
            }
        }
    }
    answers
}
