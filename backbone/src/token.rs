//! Staff tokens: signed with a shared key by one issuer, and believed until they expire.
//!
//! The one rule for all services that staff ask. What a role may do is each service's affair.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::config::{Reader, Secret, Setting};
use crate::problem::Problem;

pub const KEY_FILE: Setting = Setting::required(
    "STAFF_TOKEN_KEY_FILE",
    "file with the key that staff tokens are signed with (HS256), hexadecimal",
);
pub const ISSUER: Setting =
    Setting::required("STAFF_TOKEN_ISSUER", "who issues staff tokens, as they name it");

/// Signs the tokens of demonstrations, and of nothing else.
pub const DEMONSTRATION_ISSUER: &str = "local-demo";

const SUBJECT_CHARS_MAX: usize = 100;

/// Somebody of the staff, as their token names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// An opaque id. Their name stands in no event and in no log line.
    pub id: String,
    pub roles: Vec<String>,
}

/// How tokens are believed. Cheap to clone.
#[derive(Clone)]
pub struct Tokens(Arc<(DecodingKey, Validation)>);

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(..)")
    }
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(default)]
    roles: Vec<String>,
}

impl Tokens {
    /// Reads key and issuer. A token that anybody can make for a demonstration opens nothing real.
    pub fn read(reader: &mut Reader, is_live: bool) -> Self {
        let key = reader.secret_file(&KEY_FILE);
        let issuer = reader.text(&ISSUER);
        if is_live && issuer == DEMONSTRATION_ISSUER {
            reader.fault(
                "STAFF_TOKEN_ISSUER is that of demonstrations: with FORCE_LIVE=yes name your own",
            );
        }
        Self::new(&key, &issuer)
    }

    #[must_use]
    pub fn new(key: &Secret, issuer: &str) -> Self {
        // The one algorithm that is taken; what a token says of itself decides nothing.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        validation.set_issuer(&[issuer]);
        validation.validate_nbf = true;
        validation.leeway = 0;
        Self(Arc::new((DecodingKey::from_secret(key.bytes()), validation)))
    }

    /// Who sends a request with these `headers`.
    pub fn who(&self, headers: &HeaderMap) -> Result<Bearer, Problem> {
        let token = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|said| said.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        let Some(token) = token else {
            return Err(Problem::unauthenticated("Sign in: send your token as a bearer token."));
        };
        self.believe(token).ok_or_else(|| {
            Problem::unauthenticated("Your token is not valid, or no longer: sign in.")
        })
    }

    fn believe(&self, token: &str) -> Option<Bearer> {
        let (key, validation) = &*self.0;
        let Claims { sub, roles } =
            jsonwebtoken::decode::<Claims>(token, key, validation).ok()?.claims;
        let is_id = !sub.is_empty()
            && sub.chars().count() <= SUBJECT_CHARS_MAX
            && sub.chars().all(|c| c.is_ascii_graphic());
        is_id.then_some(Bearer { id: sub, roles })
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header};
    use serde_json::{Value, json};

    use super::*;

    fn claims() -> Value {
        let later = jsonwebtoken::get_current_timestamp() + 3600;
        json!({"iss": "force", "sub": "t-1", "name": "A", "roles": ["triager"], "exp": later})
    }

    fn sign(algorithm: Algorithm, claims: &Value, key: u8) -> String {
        let key = EncodingKey::from_secret(&[key; 32]);
        jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
    }

    #[track_caller]
    fn check(token: &str, is_believed: bool) {
        let tokens = Tokens::new(&Secret::new(vec![7; 32]), "force");
        assert_eq!(tokens.believe(token).is_some(), is_believed);
    }

    #[track_caller]
    fn check_claim(name: &str, value: Value, is_believed: bool) {
        let mut claims = claims();
        claims[name] = value;
        check(&sign(Algorithm::HS256, &claims, 7), is_believed);
    }

    #[test]
    fn a_token_is_believed_if_all_of_it_holds() {
        let now = jsonwebtoken::get_current_timestamp();
        check_claim("name", json!("B"), true);
        check_claim("exp", json!(now - 1), false);
        check_claim("exp", Value::Null, false);
        check_claim("nbf", json!(now - 1), true);
        check_claim("nbf", json!(now + 3), false);
        check_claim("iss", json!("somebody"), false);
        check_claim("iss", Value::Null, false);
        check_claim("sub", json!(""), false);
        check_claim("sub", json!("Ann Smith"), false);
        check_claim("sub", json!("x".repeat(101)), false);
    }

    #[test]
    fn only_our_key_and_our_algorithm_count() {
        check(&sign(Algorithm::HS256, &claims(), 7), true);
        check(&sign(Algorithm::HS256, &claims(), 8), false);
        check(&sign(Algorithm::HS512, &claims(), 7), false);
        // {"alg":"none"} . claims . nothing
        let signed = sign(Algorithm::HS256, &claims(), 7);
        let body = signed.split('.').nth(1).unwrap();
        check(&format!("eyJhbGciOiJub25lIn0.{body}."), false);
        check("nonsense", false);
    }

    #[test]
    fn a_request_names_its_sender_by_a_bearer_token() {
        let tokens = Tokens::new(&Secret::new(vec![7; 32]), "force");
        let who = |said: String| {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, said.parse().unwrap())]);
            tokens.who(&headers).map_err(|problem| problem.status().as_u16())
        };
        let token = sign(Algorithm::HS256, &claims(), 7);
        let bearer = Bearer { id: "t-1".to_owned(), roles: vec!["triager".to_owned()] };
        assert_eq!(who(format!("bearer {token}")), Ok(bearer));
        assert_eq!(who(format!("Basic {token}")), Err(401));
        assert_eq!(who(token), Err(401));
        assert_eq!(tokens.who(&HeaderMap::new()).unwrap_err().status().as_u16(), 401);
    }

    #[test]
    fn the_issuer_of_demonstrations_is_refused_to_a_live_service() {
        let faults = |issuer, is_live| {
            let mut reader = Reader::new([(ISSUER.name, issuer)]);
            Tokens::read(&mut reader, is_live);
            let faults = reader.finish(()).unwrap_err().to_string();
            faults.contains("STAFF_TOKEN_ISSUER is that of demonstrations")
        };
        assert!(faults(DEMONSTRATION_ISSUER, true));
        assert!(!faults(DEMONSTRATION_ISSUER, false));
        assert!(!faults("force", true));
    }
}
