//! `POST /api/v1/forms/{kind}/journey`: where somebody with these answers stands. Stores nothing.

use axum::Json as Answer;
use axum::extract::State;
use backbone::http::{Json, Path};
use backbone::problem::Problem;
use jiff::civil::DateTime;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::openapi::{Operation, shape};
use super::{Site, show_forms};
use crate::domain::form::{Form, examples as examples_of, extras_offered, journey};
use crate::form_json;
use crate::forms::Forms;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Walk {
    answers: Map<String, Value>,
}

pub(super) async fn post(
    State(site): State<Site>,
    Path(kind): Path<String>,
    Json(walk): Json<Walk>,
) -> Result<Answer<Value>, Problem> {
    let form = site.forms.find(&kind).ok_or_else(show_forms::no_such_form)?;
    Ok(Answer(walked(form, &walk.answers, site.local_now())))
}

fn walked(form: &Form, answers: &Map<String, Value>, now: DateTime) -> Value {
    let journey = journey(form, answers, now);
    let mut told = form_json::journey(&journey);
    // Once it can be sent it is certain what will be offered afterwards.
    if let Some(fields) = told.as_object_mut().filter(|_| journey.may_submit) {
        let extras = extras_offered(form, answers);
        let extras: Vec<&str> = extras.iter().map(|extra| extra.id.as_str()).collect();
        fields.insert("extras".to_owned(), extras.into());
    }
    told
}

pub(super) fn about(forms: &Forms) -> Operation {
    let begun = json!({ "answers": {} });
    let mut examples = vec![("nothing answered yet".to_owned(), begun)];
    examples.extend(forms.every().map(|form| {
        (format!("{}, all answered", form.kind), json!({ "answers": examples_of(form) }))
    }));
    let first = forms.newest().next();
    let answer = first.map(|form| walked(form, &Map::new(), DateTime::default()));
    Operation::new("forms", "walkForm", "What to ask next")
        .says(
            "Say what is answered so far, and ask what `next` has until it is null. `errors` speaks only of answers that \
             were given. Nothing is stored.",
        )
        .named_by("kind", "The form", &shape("AnyKind"))
        .takes("Walk", true, examples)
        .refuses(404, "There is no form of this kind (`unknown_kind`)")
        .gives(200, "Where somebody with these answers stands", &shape("Journey"), answer)
}
