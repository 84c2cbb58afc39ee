//! Open311 `GeoReport` v2 for partners. It lists nothing in public: each partner reads what it passed on
//! itself, and nothing that anybody wrote. `docs/open311.md` has what differs from the standard, and why.

mod answer; // what is answered, in the format that was asked for
mod xml; // the same as XML
mod arguments; // what came with a request
mod keys; // whose request it is
mod attributes; // a form as the flat list that the standard knows
mod given; // arguments and attributes -> answers
mod discovery; // GET /open311/discovery
mod services; // GET /open311/v2/services, /open311/v2/services/{code}
mod create; // POST /open311/v2/requests
mod requests; // GET /open311/v2/requests, /open311/v2/requests/{id}

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};
use backbone::problem;

use super::{Site, client};
use answer::Answer;

pub use services::check;

/// Its routes, where there are partners.
pub(super) fn routes(site: &Site) -> Router<Site> {
    let (mut sending, mut others) = (Router::new(), Router::new());
    for format in ["xml", "json"] {
        sending = sending.route(&format!("/v2/requests.{format}"), post(create::post));
        others = others
            .route(&format!("/discovery.{format}"), get(discovery::get))
            .route(&format!("/v2/services.{format}"), get(services::list))
            .route(&format!("/v2/requests.{format}"), get(requests::list));
    }
    let others = others
        .route("/v2/services/{named}", get(services::one))
        .route("/v2/requests/{named}", get(requests::one))
        .route("/v2/tokens/{named}", get(no_token));
    let limit_submissions = middleware::from_fn_with_state(site.clone(), client::limit_submissions);
    let limit_others = middleware::from_fn_with_state(site.clone(), client::limit_others);
    let routes = sending
        .layer(limit_submissions)
        .merge(others.layer(limit_others))
        .fallback(problem::fallback)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(middleware::from_fn(answer::written));
    Router::new().nest("/open311", routes)
}

/// What `name.xml` or `name.json` names.
fn bare(named: &str) -> Result<&str, Answer> {
    let bare = named.strip_suffix(".xml").or_else(|| named.strip_suffix(".json"));
    bare.ok_or_else(|| Answer::not_found("There is this as .xml and as .json"))
}

/// A request has its id at once: no token stands for one.
async fn no_token() -> Answer {
    Answer::not_found(
        "token: Requests get their service_request_id at once, so there are no tokens",
    )
}
