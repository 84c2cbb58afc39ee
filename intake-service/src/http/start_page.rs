//! `GET /`: where the public begins. The pages of the forms come with their own issue.

use axum::extract::State;
use axum::response::{Html, IntoResponse as _, Response};
use minijinja::{Environment, context};

use super::Site;
use super::problems::ProblemFrom;
use backbone::problem::Problem;

const TEMPLATE: &str = include_str!("../../templates/start.html");

pub(super) async fn get(State(site): State<Site>) -> Result<Response, ProblemFrom> {
    let kinds: Vec<_> = site
        .forms
        .newest()
        .map(|form| context! { title => form.title.as_str(), kind => form.kind.as_str() })
        .collect();
    let page = Environment::new().render_named_str(
        "start.html",
        TEMPLATE,
        context! {
            force => site.force.name.as_str(),
            service => site.force.service_name.as_str(),
            live => site.force.live,
            kinds => kinds,
        },
    );
    match page {
        Ok(page) => Ok(Html(page).into_response()),
        Err(error) => {
            tracing::error!(error = %error, "the start page cannot be drawn");
            Err(Problem::internal().into())
        }
    }
}
