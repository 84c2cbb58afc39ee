//! Who a case can be allocated to: a file of the sample force, read once at start.

use serde::{Deserialize, Serialize};

use crate::domain::decision::Known;

/// Teams and officers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officers {
    #[serde(rename = "team")]
    pub teams: Vec<Team>,
    #[serde(rename = "officer")]
    pub officers: Vec<Officer>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    pub id: String,
    pub name: String,
    pub team: String,
}

impl Officers {
    /// Those of the sample force. Its file is part of the program, and a test reads it.
    pub fn sample() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("../officers.toml"))
    }

    /// Calls `ask` with the ids that an allocation may name.
    pub fn known<T>(&self, ask: impl FnOnce(Known<'_>) -> T) -> T {
        let teams: Vec<&str> = self.teams.iter().map(|team| team.id.as_str()).collect();
        let officers: Vec<&str> = self.officers.iter().map(|officer| officer.id.as_str()).collect();
        ask(Known { teams: &teams, officers: &officers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_officer_of_the_sample_force_has_a_team_that_there_is() {
        let sample = Officers::sample().unwrap();
        let has = |id: &str| sample.teams.iter().any(|team| team.id == id);
        assert!(sample.officers.iter().all(|officer| has(&officer.team)));
        assert!(!sample.officers.is_empty());
    }
}
