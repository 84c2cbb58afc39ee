//! Who is asking: a bearer token that names a person of the staff and their roles. There is no other
//! way in.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use backbone::problem::Problem;
use backbone::token::Bearer;

use super::Bureau;
use crate::domain::case::Actor;
use crate::domain::words::Role;

/// What can be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permission {
    /// See cases, tasks and counts.
    Read,
    /// Assess, decide, note, contact, claim.
    Act,
    /// Act on, or release, what somebody else has claimed.
    ActForOthers,
    /// Be handed a file that is in quarantine.
    OpenQuarantined,
}

/// The one table of who may do what. What does not stand here is not allowed.
const PERMISSIONS: [(Role, &[Permission]); 4] = [
    (Role::Triager, &[Permission::Read, Permission::Act]),
    (Role::Supervisor, &[Permission::Read, Permission::Act, Permission::ActForOthers]),
    (Role::Auditor, &[Permission::Read]),
    (Role::Examiner, &[Permission::Read, Permission::OpenQuarantined]),
];

/// Somebody of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Staff {
    /// An opaque id. Their name stands in no event and in no log line.
    pub(super) id: String,
    roles: Vec<Role>,
}

impl From<Bearer> for Staff {
    fn from(bearer: Bearer) -> Self {
        let roles = bearer.roles.iter().filter_map(|role| Role::parse(role)).collect();
        Self { id: bearer.id, roles }
    }
}

impl Staff {
    /// Who sends this request.
    fn of(parts: &Parts, bureau: &Bureau) -> Result<Self, Problem> {
        bureau.tokens.who(&parts.headers).map(Self::from)
    }

    pub(super) fn may(&self, permission: Permission) -> bool {
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
        Staff::of(parts, bureau)?.allowed(Permission::Read).map(Self)
    }
}

impl FromRequestParts<Bureau> for Worker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, bureau: &Bureau) -> Result<Self, Problem> {
        let staff = Staff::of(parts, bureau)?.allowed(Permission::Act)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_that_nobody_knows_are_none() {
        let roles = ["chief", "auditor"].map(str::to_owned).to_vec();
        let staff = Staff::from(Bearer { id: "t-1".to_owned(), roles });
        assert_eq!(staff.roles, [Role::Auditor]);
        let chief = Staff { id: "t-1".to_owned(), roles: vec![] };
        assert_eq!(chief.allowed(Permission::Read).unwrap_err().code(), "wrong_role");
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
        assert!(may(&[Role::Examiner], Permission::OpenQuarantined));
        for role in [Role::Triager, Role::Supervisor, Role::Auditor] {
            assert!(!may(&[role], Permission::OpenQuarantined), "{role:?}");
        }
    }
}
