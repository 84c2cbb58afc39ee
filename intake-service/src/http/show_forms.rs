//! `GET /api/v1/forms` and `GET /api/v1/forms/{kind}`: what can be asked.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use backbone::http::Path;
use backbone::problem::Problem;
use serde_json::{Value, json};

use super::Site;
use super::openapi::{Operation, shape};
use crate::form_json;
use crate::forms::Forms;

pub(super) async fn list(State(site): State<Site>) -> Json<Value> {
    Json(listed(&site.forms))
}

fn listed(forms: &Forms) -> Value {
    let items: Vec<Value> = forms
        .newest()
        .map(|form| json!({ "kind": form.kind, "version": form.version, "title": form.title }))
        .collect();
    json!({ "items": items })
}

pub(super) fn about_list(forms: &Forms) -> Operation {
    let first = json!({ "operationId": "showForm", "parameters": { "path.kind": "$response.body#/items/0/kind" } });
    Operation::new("forms", "listForms", "The kinds of report that can be sent")
        .gives(200, "The kinds", &shape("FormList"), Some(listed(forms)))
        .leads_to(200, "showForm", first)
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

pub(super) fn about_one(forms: &Forms) -> Operation {
    let shortest =
        forms.every().map(form_json::definition).min_by_key(|form| form.to_string().len());
    let walk = json!({
        "operationId": "walkForm",
        "parameters": { "path.kind": "$request.path.kind" },
        "requestBody": { "answers": {} },
    });
    Operation::new("forms", "showForm", "A form: every page with every question")
        .says(
            "For showing what a form asks. What is asked next, and what is required after the answers so far, is said by a \
             journey. The form `again` is asked of somebody who comes back, and is sent with `again` of their report.",
        )
        .named_by("kind", "The form", &shape("AnyKind"))
        .refuses(404, "There is no form of this kind (`unknown_kind`)")
        .gives(200, "The form", &shape("Form"), shortest)
        .leads_to(200, "walkForm", walk)
}
