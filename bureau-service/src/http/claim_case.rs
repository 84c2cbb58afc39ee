//! `POST .../claim`

use axum::extract::State;
use axum::response::Response;
use backbone::http::{Nothing, Path};
use backbone::problem::Problem;

use super::Bureau;
use super::command::{self, Order};
use super::guard::Guard;
use super::staff::Worker;
use crate::domain::case::Act;

/// Takes a case on, so that nobody else works on it meanwhile.
pub(super) async fn post(
    State(bureau): State<Bureau>,
    Worker(staff): Worker,
    Path(reference): Path<String>,
    guard: Guard,
    nothing: Nothing,
) -> Result<Response, Problem> {
    let order = Order { staff, reference: &reference, guard, name: "claim" };
    command::execute(&bureau, order, &nothing, Act::Claim).await
}
