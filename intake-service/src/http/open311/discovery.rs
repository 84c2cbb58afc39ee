//! Where what is: for programs that know the standard and nothing of us.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use super::super::Site;
use super::answer::Answer;

#[derive(Debug, Serialize)]
struct Discovery<'a> {
    changeset: &'a str,
    contact: &'a str,
    key_service: &'a str,
    endpoints: [Endpoint<'a>; 1],
}

#[derive(Debug, Serialize)]
struct Endpoint<'a> {
    specification: &'static str,
    url: &'a str,
    changeset: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    formats: [&'static str; 2],
}

pub(super) async fn get(State(site): State<Site>) -> Answer {
    let force = site.pages.force();
    let contact = force.facts.contacts.get("partners").map_or("", String::as_str);
    let base = site.open311.as_ref().map_or("", |open311| open311.public_url.as_str());
    let published = site.forms.every().map(|form| form.published).max().unwrap_or_default();
    let changeset = &format!("{published}T00:00:00Z");
    let discovery = Discovery {
        changeset,
        contact: &format!("{}, partners: {contact}", force.name),
        key_service: &format!("Ask {contact} for a key. It is yours alone."),
        endpoints: [Endpoint {
            specification: "http://wiki.open311.org/GeoReport_v2",
            url: &format!("{base}/open311/v2"),
            changeset,
            kind: if force.live { "production" } else { "test" },
            formats: ["text/xml", "application/json"],
        }],
    };
    Answer::new(StatusCode::OK, "discovery", &discovery)
}
