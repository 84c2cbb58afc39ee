//! Who is asking: a signed bearer token with a role. Nobody without one is answered.

use axum::extract::FromRequestParts;
use axum::http::{StatusCode, request::Parts};
use backbone::problem::Problem;
use backbone::token::Bearer;

use super::App;

const ROLES: [&str; 3] = ["triager", "supervisor", "auditor"];

/// Proof that a member of staff is asking.
#[derive(Debug, Clone)]
pub(super) struct Staff {
    pub(super) id: String,
}

impl TryFrom<Bearer> for Staff {
    type Error = Problem;

    fn try_from(bearer: Bearer) -> Result<Self, Problem> {
        if bearer.roles.iter().any(|role| ROLES.contains(&role.as_str())) {
            return Ok(Self { id: bearer.id });
        }
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "wrong_role",
            "Your role may not see this. Ask a supervisor.",
        ))
    }
}

impl FromRequestParts<App> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        app.tokens.who(&parts.headers)?.try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_look_and_nobody_else() {
        let staff = |role: &str| {
            let bearer = Bearer { id: "s".to_owned(), roles: vec![role.to_owned()] };
            Staff::try_from(bearer).map_err(|problem| problem.code())
        };
        for role in ROLES {
            assert!(staff(role).is_ok(), "{role}");
        }
        assert_eq!(staff("public").err(), Some("wrong_role"));
    }
}
