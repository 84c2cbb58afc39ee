//! `GET /api/v1/forms` and `GET /api/v1/forms/{kind}`: what can be asked.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use backbone::http::Path;
use backbone::problem::Problem;
use serde_json::{Value, json};

use super::Site;
use crate::form_json;

pub(super) async fn list(State(site): State<Site>) -> Json<Value> {
    let items: Vec<Value> = site
        .forms
        .newest()
        .map(|form| json!({ "kind": form.kind, "version": form.version, "title": form.title }))
        .collect();
    Json(json!({ "items": items }))
}

pub(super) async fn one(
    State(site): State<Site>,
    Path(kind): Path<String>,
) -> Result<Json<Value>, Problem> {
    let form = site.forms.find(&kind).ok_or_else(no_such_form)?;
    Ok(Json(form_json::definition(form)))
}

pub(super) fn no_such_form() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "unknown_kind",
        "There is no form of this kind. GET /api/v1/forms lists those that there are.",
    )
}
