//! Who is asking: a bearer token that names a person of the staff and their roles. There is no other
//! way in.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use backbone::problem::Problem;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use super::Bureau;
use crate::config::Tokens;
use crate::domain::case::Actor;
use crate::domain::words::Role;

const SUBJECT_CHARS_MAX: usize = 100;

/// What can be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permission {
    /// See cases, tasks and counts.
    Read,
    /// Assess, decide, note, contact, claim.
    Act,
    /// Act on, or release, what somebody else has claimed.
    ActForOthers,
}

/// The one table of who may do what. What does not stand here is not allowed.
const PERMISSIONS: [(Role, &[Permission]); 3] = [
    (Role::Triager, &[Permission::Read, Permission::Act]),
    (Role::Supervisor, &[Permission::Read, Permission::Act, Permission::ActForOthers]),
    (Role::Auditor, &[Permission::Read]),
];

/// Somebody of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Staff {
    /// An opaque id. Their name stands in no event and in no log line.
    pub(super) id: String,
    roles: Vec<Role>,
}

impl Staff {
    fn may(&self, permission: Permission) -> bool {
        let allows = |role: &Role| {
            PERMISSIONS.iter().any(|(of, allowed)| of == role && allowed.contains(&permission))
        };
        self.roles.iter().any(allows)
    }

    fn allowed(self, permission: Permission) -> Result<Self, Problem> {
        if self.may(permission) {
            return Ok(self);
        }
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "wrong_role",
            "Your role does not allow this. Ask a supervisor.",
        ))
    }

    /// As the domain knows them.
    pub(super) fn actor(&self) -> Actor {
        let is_supervisor = self.may(Permission::ActForOthers);
        Actor { id: self.id.clone(), is_supervisor }
    }
}

/// Somebody who may read.
#[derive(Debug)]
pub(super) struct Reader(pub(super) Staff);

/// Somebody who may act, at a time when acts can be recorded.
#[derive(Debug)]
pub(super) struct Worker(pub(super) Staff);

impl FromRequestParts<Bureau> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, bureau: &Bureau) -> Result<Self, Problem> {
        bureau.tokens.who(parts)?.allowed(Permission::Read).map(Self)
    }
}

impl FromRequestParts<Bureau> for Worker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, bureau: &Bureau) -> Result<Self, Problem> {
        let staff = bureau.tokens.who(parts)?.allowed(Permission::Act)?;
        // A restored log must not grow before anybody has noticed that it was restored.
        if !bureau.relayed.compared() {
            return Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "not_compared",
                "The bureau has just started and is checking its records. Try again in a moment.",
            )
            .retry_after(2));
        }
        Ok(Self(staff))
    }
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(default)]
    roles: Vec<String>,
}

/// How tokens are believed.
pub(super) struct TokenKeys {
    key: DecodingKey,
    validation: Validation,
}

impl std::fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKeys(..)")
    }
}

impl TokenKeys {
    pub(super) fn new(tokens: &Tokens) -> Self {
        // The one algorithm that is taken; what a token says of itself decides nothing.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        validation.set_issuer(&[&tokens.issuer]);
        validation.validate_nbf = true;
        validation.leeway = 0;
        Self { key: DecodingKey::from_secret(tokens.key.bytes()), validation }
    }

    fn who(&self, parts: &Parts) -> Result<Staff, Problem> {
        let said = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = said
            .and_then(|said| said.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        let Some(token) = token else {
            return Err(Problem::unauthenticated("Sign in: send your token as a bearer token."));
        };
        self.read(token).ok_or_else(|| {
            Problem::unauthenticated("Your token is not valid, or no longer: sign in.")
        })
    }

    fn read(&self, token: &str) -> Option<Staff> {
        let read = jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation).ok()?;
        let Claims { sub, roles } = read.claims;
        let is_id = !sub.is_empty()
            && sub.chars().count() <= SUBJECT_CHARS_MAX
            && sub.chars().all(|c| c.is_ascii_graphic());
        let roles = roles.iter().filter_map(|role| Role::parse(role)).collect();
        is_id.then_some(Staff { id: sub, roles })
    }
}

#[cfg(test)]
mod tests {
    use backbone::config::Secret;
    use jsonwebtoken::{EncodingKey, Header};
    use serde_json::{Value, json};

    use super::*;

    const FAR: u64 = 32_503_680_000; // the year 3000

    fn claims() -> Value {
        json!({"iss": "force", "sub": "t-1", "name": "A", "roles": ["triager"], "iat": 1, "exp": FAR})
    }

    fn sign(header: &Header, claims: &Value, key: u8) -> String {
        jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(&[key; 32])).unwrap()
    }

    #[track_caller]
    fn check(token: &str, then: Option<&[Role]>) {
        let tokens = Tokens { key: Secret::new(vec![7; 32]), issuer: "force".into() };
        let staff = TokenKeys::new(&tokens).read(token);
        assert_eq!(staff.map(|staff| staff.roles), then.map(<[Role]>::to_vec));
    }

    #[track_caller]
    fn check_claims(change: (&str, Value), then: Option<&[Role]>) {
        let mut claims = claims();
        claims[change.0] = change.1;
        check(&sign(&Header::new(Algorithm::HS256), &claims, 7), then);
    }

    #[test]
    fn a_token_is_believed_if_all_of_it_holds() {
        check_claims(("name", json!("B")), Some(&[Role::Triager]));
        check_claims(("exp", json!(1)), None);
        check_claims(("exp", Value::Null), None);
        check_claims(("iss", json!("somebody")), None);
        check_claims(("iss", Value::Null), None);
        check_claims(("sub", json!("")), None);
        check_claims(("sub", json!("Ann Smith")), None);
        check_claims(("roles", json!(["chief", "auditor"])), Some(&[Role::Auditor]));
    }

    #[test]
    fn only_our_key_and_our_algorithm_count() {
        check(&sign(&Header::new(Algorithm::HS256), &claims(), 8), None);
        check(&sign(&Header::new(Algorithm::HS512), &claims(), 7), None);
        // {"alg":"none"} . claims . nothing
        let signed = sign(&Header::new(Algorithm::HS256), &claims(), 7);
        let body = signed.split('.').nth(1).unwrap();
        check(&format!("eyJhbGciOiJub25lIn0.{body}."), None);
        check("nonsense", None);
    }

    #[test]
    fn what_is_not_in_the_table_is_not_allowed() {
        let may = |roles: &[Role], permission| {
            Staff { id: "x".into(), roles: roles.to_vec() }.may(permission)
        };
        assert!(may(&[Role::Auditor], Permission::Read));
        assert!(!may(&[Role::Auditor], Permission::Act));
        assert!(may(&[Role::Triager], Permission::Act));
        assert!(!may(&[Role::Triager], Permission::ActForOthers));
        assert!(may(&[Role::Auditor, Role::Supervisor], Permission::ActForOthers));
        assert!(!may(&[], Permission::Read));
    }
}
