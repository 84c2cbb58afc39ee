//! `/my-report/found`: whom or what the report looks for has come back or been found. The page says of
//! neither which it is.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use backbone::http::Form as Fields;
use backbone::problem::Problem;
use minijinja::context;

use super::acts::nothing_done;
use super::my_report::{ONE_MORE, act_id, act_on, open, problem};
use super::visit::Visit;
use super::{Site, see_other};
use crate::http::report_found::Found;
use crate::identity;
use crate::pages::errors::Wrong;
use crate::pages::site::Page;
use crate::pages::typed;
use crate::returning::{Act, ReturnError};
use crate::submit::SubmitError;

pub(super) async fn get(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Problem> {
    let visit = Visit::of(&site, &headers).await?;
    if open(&site, &visit).await?.is_none() {
        return Ok(see_other("/my-report"));
    }
    draw(&site, &visit, &typed::Fields::default(), &Wrong::default())
}

fn draw(
    site: &Site,
    visit: &Visit,
    fields: &typed::Fields,
    wrong: &Wrong,
) -> Result<Response, Problem> {
    let page = Page {
        title: "What we are looking for has been found".to_owned(),
        in_error: !wrong.is_empty(),
        token: visit.form_token(site),
        exit: true,
        back: Some("/my-report".to_owned()),
        ..Page::default()
    };
    let more = context! {
        text => fields.get("where"),
        errors => wrong.list(),
        text_error => wrong.at("where"),
        key => identity::new_token(),
    };
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    site.pages.draw(status, "found.html", &page, more)
}

pub(super) async fn post(
    State(site): State<Site>,
    headers: HeaderMap,
    Fields(sent): Fields,
) -> Result<Response, Problem> {
    let fields = typed::Fields::new(&sent);
    let Some((visit, opened)) = act_on(&site, &headers, &fields).await? else {
        return nothing_done(&site, &fields);
    };
    let act_id = act_id(&site, &opened, &fields);
    let found = Found { found_where: fields.get("where").to_owned() };
    let found = match found.read(&site.returning.identity, act_id) {
        Ok(found) => found,
        Err(error) => return draw(&site, &visit, &fields, &Wrong::one("where", error.detail)),
    };
    match site.returning.act(opened.shown.report_id, act_id, Act::Found(found)).await {
        Ok(_) => Ok(see_other("/my-report/done/found")),
        Err(ReturnError::Submit(SubmitError::KeyReused)) => {
            draw(&site, &visit, &fields, &Wrong::one("where", ONE_MORE))
        }
        Err(error) => Err(problem(error)),
    }
}
