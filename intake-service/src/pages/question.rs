//! A page of a form: its questions as they are asked now, and what was typed on it.

use jiff::civil::DateTime;
use minijinja::{Environment, Value as View, context};
use serde_json::Value;

use super::components::Drawing;
use super::errors::Wrong;
use super::typed::{self, Fields};
use crate::domain::form::{ErrorCode, FieldError, PageView, QuestionView};

/// A question that is asked on a page, under one choice of another or on its own.
#[derive(Debug)]
pub struct Asked<'a> {
    pub view: &'a QuestionView<'a>,
    /// The question and the choice under which it stands: it counts only with that.
    pub under: Option<(&'a str, &'a str)>,
}

/// All questions of a page that can be answered in one go: those that apply, and those that a choice
/// on this very page leads to.
#[must_use]
pub fn asked<'a>(views: &'a [QuestionView<'a>]) -> Vec<Asked<'a>> {
    let mut all: Vec<Asked<'a>> = vec![];
    for view in views {
        let under = view.question.when.as_ref().and_then(|when| when.single_choice());
        let here =
            under.filter(|(question, _)| views.iter().any(|view| view.question.id == *question));
        all.push(Asked { view, under: here });
    }
    all
}

/// What the fields answer: each question of the page, `None` where nothing was typed. What stands under
/// another choice than the one that was made is not answered.
#[must_use]
pub fn answers(
    asked: &[Asked<'_>],
    fields: &Fields,
    now: DateTime,
) -> Vec<(String, Option<Value>)> {
    let counts = |asked: &Asked<'_>| {
        asked.under.is_none_or(|(question, choice)| fields.get(question) == choice)
    };
    asked
        .iter()
        .map(|asked| {
            let question = asked.view.question;
            let answer = typed::answer(question, fields, now).filter(|_| counts(asked));
            (question.id.clone(), answer)
        })
        .collect()
}

/// The errors of a page that was sent: what is wrong with what was typed, and what was asked and left
/// empty. A question that the page did not show yet is no error.
#[must_use]
pub fn errors(
    page: &PageView<'_>,
    shown: &[Asked<'_>],
    answers: &[(String, Option<Value>)],
    wrong: &[FieldError],
) -> Vec<FieldError> {
    let empty = |id: &str| answers.iter().any(|(of, answer)| of == id && answer.is_none());
    let was_shown = |id: &str| shown.iter().any(|asked| asked.view.question.id == id);
    let mut errors: Vec<FieldError> = wrong.to_vec();
    for view in &page.questions {
        let id = &view.question.id;
        if view.required && was_shown(id) && empty(id) {
            errors.push(view.question.missing());
        }
    }
    errors.retain(|error| error.code != ErrorCode::NotOnPath);
    errors
}

/// The page's questions as HTML.
pub fn draw(
    templates: &Environment<'static>,
    views: &[QuestionView<'_>],
    fields: &Fields,
    wrong: &Wrong,
    is_heading: bool,
    short: bool,
) -> Result<Vec<View>, minijinja::Error> {
    let all = asked(views);
    let drawing = Drawing { templates, fields, wrong, is_heading, short };
    let mut drawn = vec![];
    for asked in all.iter().filter(|asked| asked.under.is_none()) {
        let id = asked.view.question.id.as_str();
        let nested: Vec<(&str, &QuestionView<'_>)> = all
            .iter()
            .filter_map(|inner| {
                let (question, choice) = inner.under?;
                (question == id).then_some((choice, inner.view))
            })
            .collect();
        let html = drawing.question(asked.view, &nested)?;
        drawn.push(context! { id => id, html => View::from_safe_string(html) });
    }
    Ok(drawn)
}
