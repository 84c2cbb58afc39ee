//! A page of a form: its questions as they are asked now, and what was typed on it.

use aws_lc_rs::digest;
use jiff::civil::DateTime;
use minijinja::{Environment, Value as View, context};
use serde_json::{Map, Value};

use super::components::Drawing;
use super::errors::Wrong;
use super::typed::{self, Fields};
use crate::domain::form::{
    ErrorCode, FieldError, Form, Kind, Page, PageView, QuestionView, journey,
};
use crate::drafts::Typed;

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
        asked.under.is_none_or(|(question, choice)| {
            fields.all(question).iter().any(|chosen| chosen == choice)
        })
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
/// empty. A question that the page did not show yet, or that another choice leads to, is no error.
#[must_use]
pub fn errors(
    page: &PageView<'_>,
    shown: &[Asked<'_>],
    answers: &[(String, Option<Value>)],
    wrong: &[FieldError],
) -> Vec<FieldError> {
    let empty = |id: &str| answers.iter().any(|(of, answer)| of == id && answer.is_none());
    let chosen = |question: &str, choice: &str| {
        let given = answers.iter().find(|(of, _)| of == question);
        given.and_then(|(_, answer)| answer.as_ref()).is_some_and(|answer| {
            let several = answer.as_array().map(Vec::as_slice).unwrap_or_default();
            answer == choice || several.iter().any(|one| one == choice)
        })
    };
    let was_asked = |id: &str| {
        let asked = shown.iter().find(|asked| asked.view.question.id == id);
        asked.is_some_and(|asked| asked.under.is_none_or(|(of, choice)| chosen(of, choice)))
    };
    let mut errors: Vec<FieldError> = wrong.to_vec();
    for view in &page.questions {
        let id = &view.question.id;
        if view.required && was_asked(id) && empty(id) {
            errors.push(view.question.missing());
        }
    }
    errors.retain(|error| error.code != ErrorCode::NotOnPath);
    errors
}

/// A page that was sent, read.
#[derive(Debug)]
pub struct Read {
    /// Each question of the page, `None` where nothing was typed.
    pub given: Vec<(String, Option<Value>)>,
    /// All answers with these in them.
    pub answers: Map<String, Value>,
    pub wrong: Wrong,
    /// What these answers lead to on the same page, which it did not show yet.
    pub reveals: Option<String>,
}

/// Reads what was typed on `page` after `answers`; None where these do not lead to it.
#[must_use]
pub fn read(
    form: &Form,
    answers: &Map<String, Value>,
    page: &str,
    fields: &Fields,
    now: DateTime,
) -> Option<Read> {
    let before = journey(form, answers, now);
    let shown = before.page_in_full(page)?;
    let asked = asked(&shown.questions);
    let given = self::answers(&asked, fields, now);
    let mut all = answers.clone();
    for (id, answer) in &given {
        match answer {
            Some(answer) => all.insert(id.clone(), answer.clone()),
            None => all.remove(id),
        };
    }
    let mut given = given;
    if given.iter().any(|(id, answer)| answers.get(id) != answer.as_ref()) {
        // Whoever says something else about danger meets the interruption again.
        for question in form.reopened_by(page) {
            all.remove(&question.id);
            given.push((question.id.clone(), None));
        }
    }
    let after = journey(form, &all, now);
    let view = after.page_in_full(page)?;
    let errors = errors(&view, &asked, &given, &after.errors);
    let questions = view.questions.iter().map(|asked| asked.question);
    let wrong = Wrong::new(&errors, questions, fields, false);
    let is_new = |view: &&QuestionView<'_>| {
        !asked.iter().any(|asked| asked.view.question.id == view.question.id)
    };
    let reveals = view.questions.iter().find(is_new).map(|view| view.question.id.clone());
    Some(Read { given, wrong, reveals, answers: all })
}

/// Tells whether the answers of a page are those that it was opened with.
#[must_use]
pub fn digest(page: &Page, answers: &Map<String, Value>) -> String {
    let declares = |id: &String| page.questions.iter().any(|question| question.id == *id);
    let own = if page.questions.iter().all(|question| question.kind == Kind::Declaration) {
        // What is declared there is all the rest.
        let rest = answers.iter().filter(|(id, _)| !declares(id));
        serde_json::to_vec(&rest.collect::<Vec<_>>())
    } else {
        let own = page.questions.iter().map(|question| answers.get(&question.id));
        serde_json::to_vec(&own.collect::<Vec<_>>())
    };
    let own = own.unwrap_or_default();
    let digest = digest::digest(&digest::SHA256, &own);
    hex::encode(digest.as_ref().get(..8).unwrap_or_default())
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

/// What was typed with one item more or one less, where that button was pressed; and the group's name.
#[must_use]
pub fn changed_items(fields: &Fields, typed: &[(String, String)]) -> Option<(String, Typed)> {
    let (add, remove) = (fields.get("add"), fields.get("remove"));
    if !add.is_empty() {
        let next = fields.items(add);
        let mut more = typed.to_vec();
        // The first empty item stands on the page already.
        more.push((format!("{add}-{}-", next.max(1)), String::new()));
        return Some((add.to_owned(), more));
    }
    let (group, at) = remove.rsplit_once('-')?;
    let at: usize = at.parse().ok()?;
    let kept = typed.iter().filter_map(|(name, value)| {
        let Some((number, rest)) = name
            .strip_prefix(group)
            .and_then(|rest| rest.strip_prefix('-')?.split_once('-'))
            .and_then(|(number, rest)| Some((number.parse::<usize>().ok()?, rest)))
        else {
            return Some((name.clone(), value.clone()));
        };
        match number.cmp(&at) {
            std::cmp::Ordering::Less => Some((name.clone(), value.clone())),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => {
                Some((format!("{group}-{}-{rest}", number.saturating_sub(1)), value.clone()))
            }
        }
    });
    Some((group.to_owned(), kept.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::ErrorCode::Missing;
    use crate::domain::form::Question;
    use crate::forms::{load, sample_words};

    /// What is missing of three questions of a page, of which the second hangs on a choice of the first.
    #[track_caller]
    fn check(typed: &[(&str, &str)], then: &[&str]) {
        let forms = load(&sample_words()).unwrap();
        let page =
            forms.get("crime").unwrap().pages().iter().find(|page| page.id == "people").unwrap();
        let three = |of: &&Question| matches!(of.id.as_str(), "violence" | "injury" | "weapon");
        let views = page.questions.iter().filter(three).map(|question| QuestionView {
            question,
            label: &question.label,
            hint: None,
            required: question.required,
        });
        let view = PageView { page, title: &page.title, questions: views.collect() };
        let mut fields = Fields::default();
        for (name, value) in typed {
            fields.push(name, value);
        }
        let asked = asked(&view.questions);
        let given = answers(&asked, &fields, "2026-11-25T12:00".parse().unwrap());
        let wrong = errors(&view, &asked, &given, &[]);
        let missing: Vec<&str> = wrong
            .iter()
            .filter(|error| error.code == Missing)
            .map(|error| error.pointer.trim_start_matches("/answers/"))
            .collect();
        assert_eq!(missing, then, "{typed:?}");
    }

    #[test]
    fn what_another_choice_leads_to_may_stay_empty() {
        check(&[("weapon", "no")], &["violence"]);
        check(&[("violence", "yes"), ("weapon", "no")], &["injury"]);
        check(&[("violence", "no"), ("weapon", "no")], &[]);
        check(&[("violence", "yes"), ("injury", "cut"), ("weapon", "no")], &[]);
        check(&[("violence", "unsure"), ("injury", "cut"), ("weapon", "no")], &[]);
    }

    #[track_caller]
    fn items(button: (&str, &str), typed: &[(&str, &str)], then: &[&str]) {
        let typed: Typed = typed.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let mut fields = Fields::new(&typed);
        fields.push(button.0, button.1);
        let (_, changed) = changed_items(&fields, &typed).unwrap();
        let changed: Vec<String> = changed.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(changed, then);
    }

    #[test]
    fn an_item_is_added_behind_the_others() {
        let typed = [("taken", "yes"), ("items-0-item", "Bag")];
        items(("add", "items"), &typed, &["taken=yes", "items-0-item=Bag", "items-1-="]);
        items(("add", "items"), &[("taken", "yes")], &["taken=yes", "items-1-="]);
    }

    #[test]
    fn an_item_is_taken_out_and_the_others_move_up() {
        let typed = [("items-0-item", "Bag"), ("items-1-item", "Hat"), ("items-2-item", "Cup")];
        items(("remove", "items-1"), &typed, &["items-0-item=Bag", "items-1-item=Cup"]);
        items(("remove", "items-0"), &typed, &["items-0-item=Hat", "items-1-item=Cup"]);
    }

    /// What is answered after `typed` was sent on the page of the gate, with `emergency` answered before.
    #[track_caller]
    fn reopened(typed: &[(&str, &str)], then: bool) {
        let forms = load(&sample_words()).unwrap();
        let form = forms.get("crime").unwrap();
        let before = serde_json::json!({ "now": "no", "danger": "unsure", "emergency": "over" });
        let mut fields = Fields::default();
        for (name, value) in typed {
            fields.push(name, value);
        }
        let now = "2026-11-25T12:00".parse().unwrap();
        let read = read(form, before.as_object().unwrap(), "now", &fields, now).unwrap();
        assert_eq!(!read.answers.contains_key("emergency"), then, "{typed:?}");
    }

    #[test]
    fn a_danger_that_is_stated_anew_meets_the_interruption_again() {
        reopened(&[("now", "yes"), ("danger", "yes")], true);
        reopened(&[("now", "no"), ("danger", "yes")], true);
        reopened(&[("now", "no"), ("danger", "unsure")], false);
    }
}
