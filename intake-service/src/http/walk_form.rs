//! `POST /api/v1/forms/{kind}/journey`: where somebody with these answers stands. Stores nothing.

use axum::Json as Answer;
use axum::extract::State;
use backbone::http::{Json, Path};
use backbone::problem::Problem;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Site, show_forms};
use crate::domain::form::{extras_offered, journey};
use crate::form_json;

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
    let journey = journey(form, &walk.answers, site.local_now());
    let mut told = form_json::journey(&journey);
    // Once it can be sent it is certain what will be offered afterwards.
    if let Some(fields) = told.as_object_mut().filter(|_| journey.may_submit) {
        let extras = extras_offered(form, &walk.answers);
        let extras: Vec<&str> = extras.iter().map(|extra| extra.id.as_str()).collect();
        fields.insert("extras".to_owned(), extras.into());
    }
    Ok(Answer(told))
}
