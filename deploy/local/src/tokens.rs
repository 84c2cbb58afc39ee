//! Staff tokens for the demonstration: signed with a key that exists only in this stack, under an
//! issuer that other configurations refuse.

use anyhow::{Context as _, Result};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use crate::layout::Layout;
use crate::secrets;

pub(crate) const ISSUER: &str = "local-demo";

/// Role and name of the people of the demonstration.
pub(crate) const PEOPLE: [(&str, &str); 4] = [
    ("triager", "Tess Triager (demo)"),
    ("supervisor", "Sam Supervisor (demo)"),
    ("auditor", "Alex Auditor (demo)"),
    ("examiner", "Erin Examiner (demo)"),
];

const LIFE_SECONDS: u64 = 24 * 60 * 60;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: String,
    name: &'a str,
    roles: [&'a str; 1],
    iat: u64,
    exp: u64,
}

/// A token that is good for a day.
pub(crate) fn mint(layout: &Layout, role: &str, name: &str) -> Result<String> {
    let key = hex::decode(secrets::read(layout, "staff.key")?).context("staff.key is not hex")?;
    let now = jsonwebtoken::get_current_timestamp();
    let claims = Claims {
        iss: ISSUER,
        sub: format!("demo-{role}"),
        name,
        roles: [role],
        iat: now,
        exp: now + LIFE_SECONDS,
    };
    let header = Header::new(Algorithm::HS256);
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&key))
        .context("signing a staff token")
}
