//! A THRIVE assessment: threat, harm, risk, investigation, vulnerability, engagement, and a grade.

use super::words::Grade;
use super::wrong::{Checks, Wrong};

/// No rationale is longer.
pub const RATIONALE_CHARS_MAX: usize = 2_000;

words! {
    /// How much of it there is.
    pub enum Level {
        Nothing = "none",
        Low = "low",
        Medium = "medium",
        High = "high",
        Unknown = "unknown",
    }
}

impl Level {
    /// From medium up somebody will ask why; `unknown` is an answer by itself.
    #[must_use]
    pub fn asks_for_rationale(self) -> bool {
        match self {
            Self::Medium | Self::High => true,
            Self::Nothing | Self::Low | Self::Unknown => false,
        }
    }
}

/// One letter of THRIVE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub level: Level,
    pub rationale: String,
}

/// What was assessed. The grade stands beside it, since it is no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    pub threat: Part,
    pub harm: Part,
    pub risk: Part,
    pub investigation: Part,
    pub vulnerability: Part,
    pub engagement: Part,
    pub rationale: String,
}

/// A part as it was sent.
#[derive(Debug, Clone, Copy)]
pub struct SentPart<'a> {
    pub level: &'a str,
    pub rationale: &'a str,
}

/// An assessment as it was sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    pub threat: SentPart<'a>,
    pub harm: SentPart<'a>,
    pub risk: SentPart<'a>,
    pub investigation: SentPart<'a>,
    pub vulnerability: SentPart<'a>,
    pub engagement: SentPart<'a>,
    pub rationale: &'a str,
    pub grade: &'a str,
}

/// Reads what was sent, or says all that is wrong with it.
pub fn read(sent: &Sent<'_>) -> Result<(Assessment, Grade), Vec<Wrong>> {
    let mut checks = Checks::default();
    let parts = (
        part(&mut checks, "threat", sent.threat),
        part(&mut checks, "harm", sent.harm),
        part(&mut checks, "risk", sent.risk),
        part(&mut checks, "investigation", sent.investigation),
        part(&mut checks, "vulnerability", sent.vulnerability),
        part(&mut checks, "engagement", sent.engagement),
    );
    let grade = checks.word(
        "/grade",
        Grade::parse(sent.grade),
        &["immediate", "priority", "scheduled", "routine"],
    );
    let levels = [
        sent.threat.level,
        sent.harm.level,
        sent.risk.level,
        sent.investigation.level,
        sent.vulnerability.level,
        sent.engagement.level,
    ];
    let asked =
        levels.iter().filter_map(|level| Level::parse(level)).any(Level::asks_for_rationale);
    let rationale = if asked {
        checks.text("/rationale", sent.rationale, RATIONALE_CHARS_MAX)
    } else {
        checks.optional_text("/rationale", sent.rationale, RATIONALE_CHARS_MAX)
    };
    let whole = match (parts, grade) {
        (
            (
                Some(threat),
                Some(harm),
                Some(risk),
                Some(investigation),
                Some(vulnerability),
                Some(engagement),
            ),
            Some(grade),
        ) => {
            let assessment = Assessment {
                threat,
                harm,
                risk,
                investigation,
                vulnerability,
                engagement,
                rationale,
            };
            Some((assessment, grade))
        }
        _ => None,
    };
    checks.finish(whole)
}

fn part(checks: &mut Checks, name: &str, sent: SentPart<'_>) -> Option<Part> {
    let level = checks.word(
        &format!("/{name}/level"),
        Level::parse(sent.level),
        &["none", "low", "medium", "high", "unknown"],
    );
    let pointer = format!("/{name}/rationale");
    let rationale = if level.is_some_and(Level::asks_for_rationale) {
        checks.text(&pointer, sent.rationale, RATIONALE_CHARS_MAX)
    } else {
        checks.optional_text(&pointer, sent.rationale, RATIONALE_CHARS_MAX)
    };
    Some(Part { level: level?, rationale })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent<'a>(threat: &'a str, why: &'a str, rationale: &'a str, grade: &'a str) -> Sent<'a> {
        let low = SentPart { level: "low", rationale: "" };
        Sent {
            threat: SentPart { level: threat, rationale: why },
            harm: low,
            risk: low,
            investigation: low,
            vulnerability: SentPart { level: "unknown", rationale: "" },
            engagement: SentPart { level: "none", rationale: "" },
            rationale,
            grade,
        }
    }

    #[track_caller]
    fn check(sent: &Sent<'_>, wrong: &[&str]) {
        let told = read(sent).err().unwrap_or_default();
        let pointers: Vec<&str> = told.iter().map(|wrong| wrong.pointer.as_str()).collect();
        assert_eq!(pointers, wrong);
    }

    #[test]
    fn low_and_unknown_need_no_words() {
        check(&sent("low", "", "", "routine"), &[]);
        check(&sent("unknown", "", "", "priority"), &[]);
    }

    #[test]
    fn from_medium_up_a_rationale_is_asked_for() {
        check(&sent("medium", "", "", "routine"), &["/threat/rationale", "/rationale"]);
        check(&sent("high", "said so twice", " ", "routine"), &["/rationale"]);
        check(&sent("high", "said so twice", "must be seen today", "priority"), &[]);
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let long = "x".repeat(RATIONALE_CHARS_MAX + 1);
        check(&sent("huge", &long, "", "soon"), &["/threat/level", "/threat/rationale", "/grade"]);
    }
}
