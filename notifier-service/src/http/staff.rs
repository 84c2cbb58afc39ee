//! Who is asking: a signed bearer token with a role. Nobody without one is answered.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::{StatusCode, header, request::Parts};
use backbone::config::Secret;
use backbone::problem::Problem;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use super::App;

const ROLES: [&str; 3] = ["triager", "supervisor", "auditor"];

/// What tokens are proved with. Cheap to clone.
#[derive(Clone)]
pub struct TokenKey(Arc<(DecodingKey, Validation)>);

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey(..)")
    }
}

impl TokenKey {
    /// Only tokens of `issuer` are believed, and only until they expire.
    #[must_use]
    pub fn new(key: &Secret, issuer: &str) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        validation.validate_aud = false;
        validation.leeway = 5;
        Self(Arc::new((DecodingKey::from_secret(key.bytes()), validation)))
    }

    fn staff(&self, token: &str) -> Result<Staff, Problem> {
        let (key, validation) = &*self.0;
        let claims = jsonwebtoken::decode::<Claims>(token, key, validation)
            .map_err(|_| {
                Problem::unauthenticated(
                    "The token is not one of ours, or has expired. Sign in again.",
                )
            })?
            .claims;
        if claims.roles.iter().any(|role| ROLES.contains(&role.as_str())) {
            Ok(Staff { id: claims.sub })
        } else {
            Err(Problem::new(
                StatusCode::FORBIDDEN,
                "wrong_role",
                "Your role may not see this. Ask a supervisor.",
            ))
        }
    }
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    roles: Vec<String>,
}

/// Proof that a member of staff is asking.
#[derive(Debug, Clone)]
pub(super) struct Staff {
    pub(super) id: String,
}

impl FromRequestParts<App> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| {
                Problem::unauthenticated("Send a staff token as `Authorization: Bearer`.")
            })?;
        app.tokens.staff(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    #[track_caller]
    fn check(claims: &serde_json::Value, secret: &[u8], then: StatusCode) {
        let token =
            encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(secret))
                .unwrap();
        let key = TokenKey::new(&Secret::new(vec![7; 32]), "demo");
        let is = key.staff(&token).map_or_else(|problem| problem.status(), |_| StatusCode::OK);
        assert_eq!(is, then);
    }

    fn later() -> u64 {
        jsonwebtoken::get_current_timestamp() + 60
    }

    #[test]
    fn each_role_may_look() {
        for role in ROLES {
            let claims = json!({"iss": "demo", "sub": "s", "roles": [role], "exp": later()});
            check(&claims, &[7; 32], StatusCode::OK);
        }
    }

    #[test]
    fn a_token_must_be_ours_and_in_time_and_have_a_role() {
        let good = json!({"iss": "demo", "sub": "s", "roles": ["triager"], "exp": later()});
        check(&good, &[8; 32], StatusCode::UNAUTHORIZED);
        let other = json!({"iss": "other", "sub": "s", "roles": ["triager"], "exp": later()});
        check(&other, &[7; 32], StatusCode::UNAUTHORIZED);
        let old = json!({"iss": "demo", "sub": "s", "roles": ["triager"], "exp": 1});
        check(&old, &[7; 32], StatusCode::UNAUTHORIZED);
        let public = json!({"iss": "demo", "sub": "s", "roles": ["public"], "exp": later()});
        check(&public, &[7; 32], StatusCode::FORBIDDEN);
    }
}
