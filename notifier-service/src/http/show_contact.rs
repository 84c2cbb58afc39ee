//! What was owed to a reporter, tried and kept: for staff. That it was read is recorded before it is
//! shown.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use backbone::http::Path;
use backbone::problem::Problem;
use backbone::read_audit;

use super::staff::Staff;
use super::{App, storage};
use crate::projections::contact_page;
use crate::render::grouped;

pub(super) async fn show_contact(
    staff: Staff,
    State(app): State<App>,
    Path(reference): Path<String>,
) -> Result<Response, Problem> {
    if !(1..=64).contains(&reference.len()) || !reference.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Problem::not_found());
    }
    let plain: String = reference.to_uppercase().chars().filter(|c| *c != '-').collect();
    let mut conn = app.pool.acquire().await.map_err(storage)?;
    let mut found = None;
    for reference in [grouped(&plain), plain] {
        if found.is_none() {
            found = contact_page::by_reference(&mut conn, &reference).await.map_err(storage)?;
        }
    }
    let page = found.ok_or_else(Problem::not_found)?;
    drop(conn);
    read_audit::record(&app.pool, &staff.id, "contact", &page.reference).await.map_err(storage)?;
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((no_store, Json(page)).into_response())
}
