//! `POST .../hold` and `.../release-hold`

use axum::extract::State;
use axum::response::Response;
use backbone::http::{Nothing, Path};
use backbone::problem::Problem;

use super::Bureau;
use super::command::{self, Order};
use super::guard::Guard;
use super::staff::Worker;
use crate::domain::case::Act;

/// No message goes to the reporter while a hold stands.
pub(super) async fn post(
    State(bureau): State<Bureau>,
    Worker(staff): Worker,
    Path(reference): Path<String>,
    guard: Guard,
    nothing: Nothing,
) -> Result<Response, Problem> {
    let order = Order { staff, reference: &reference, guard, name: "hold" };
    command::execute(&bureau, order, &nothing, Act::Hold).await
}

/// Messages may go again.
pub(super) async fn post_release(
    State(bureau): State<Bureau>,
    Worker(staff): Worker,
    Path(reference): Path<String>,
    guard: Guard,
    nothing: Nothing,
) -> Result<Response, Problem> {
    let order = Order { staff, reference: &reference, guard, name: "release-hold" };
    command::execute(&bureau, order, &nothing, Act::ReleaseHold).await
}
