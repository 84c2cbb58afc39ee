//! A decision: what is done with a case, for which reason, and what the reporter is told.

use super::wrong::{Checks, Wrong};

/// What is written for the record is not longer.
pub const RATIONALE_CHARS_MAX: usize = 4_000;
/// What the reporter is told is not longer.
pub const MESSAGE_CHARS_MAX: usize = 2_000;
/// At most so many questions go to a reporter at once.
pub const QUESTIONS_MAX: usize = 10;
const LABEL_CHARS_MAX: usize = 300;
const ID_CHARS_MAX: usize = 64;

/// How a question may be answered, as forms name it.
pub const QUESTION_KINDS: &[&str] = &[
    "yes_no",
    "yes_no_unsure",
    "text",
    "long_text",
    "number",
    "money",
    "date",
    "time",
    "approximate_date",
    "place",
    "person",
    "phone",
    "email",
    "vehicle_registration",
    "files",
];

words! {
    /// What can be decided.
    pub enum DecisionKind {
        RequestDetails = "request_details",
        Allocate = "allocate",
        FileForInformation = "file_for_information",
    }
}

impl DecisionKind {
    /// The reason codes that it may have.
    #[must_use]
    pub fn reasons(self) -> &'static [&'static str] {
        match self {
            Self::RequestDetails => &[
                "who",
                "where",
                "when",
                "identify_item",
                "evidence_upload",
                "confirm_contact",
                "clarify_account",
                "confirm_victim",
            ],
            Self::Allocate => &[
                "response",
                "neighbourhood",
                "investigation_team",
                "roads_policing",
                "safeguarding_unit",
                "missing_unit",
                "digital_desk",
                "named_officer",
            ],
            Self::FileForInformation => &[
                "no_line_of_enquiry",
                "intelligence_only",
                "recorded_for_reference",
                "anonymous_insufficient",
                "civil_matter",
                "not_a_police_matter",
                "no_offence_disclosed",
                "duplicate_of",
                "already_dealt",
                "withdrawn_by_reporter",
                "out_of_time_offence",
            ],
        }
    }
}

/// A decision without its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub kind: DecisionKind,
    pub reason: String,
    /// Who it is allocated to; empty where to nobody.
    pub team: String,
    pub officer: String,
}

/// The words of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// For the record.
    pub rationale: String,
    /// What the reporter is told.
    pub message: String,
    pub questions: Vec<Question>,
}

/// Something that the reporter is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub label: String,
    pub kind: String,
}

/// A decision as it was sent.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    pub decision: &'a str,
    pub reason: &'a str,
    pub rationale: &'a str,
    pub message: &'a str,
    pub questions: Option<&'a [(&'a str, &'a str)]>,
    pub team: Option<&'a str>,
    pub officer: Option<&'a str>,
}

/// Who a case can be allocated to.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub teams: &'a [&'a str],
    pub officers: &'a [&'a str],
}

/// Reads what was sent, or says all that is wrong with it.
pub fn read(sent: &Sent<'_>, known: Known<'_>) -> Result<(Decision, Words), Vec<Wrong>> {
    let mut checks = Checks::default();
    let kind = checks.word(
        "/decision",
        DecisionKind::parse(sent.decision),
        &["request_details", "allocate", "file_for_information"],
    );
    if let Some(kind) = kind {
        let reason = kind.reasons().iter().find(|code| **code == sent.reason);
        checks.word("/reason", reason, kind.reasons());
    }
    let rationale = checks.text("/rationale", sent.rationale, RATIONALE_CHARS_MAX);
    let message = checks.text("/message", sent.message, MESSAGE_CHARS_MAX);
    let questions = read_questions(&mut checks, kind, sent.questions);
    let (team, officer) = read_to(&mut checks, kind, sent, known);
    let read = kind.map(|kind| {
        let decision = Decision { kind, reason: sent.reason.to_owned(), team, officer };
        (decision, Words { rationale, message, questions })
    });
    checks.finish(read)
}

fn read_questions(
    checks: &mut Checks,
    kind: Option<DecisionKind>,
    sent: Option<&[(&str, &str)]>,
) -> Vec<Question> {
    let asked = sent.unwrap_or_default();
    match kind {
        Some(DecisionKind::RequestDetails) if asked.is_empty() => {
            checks.wrong("/questions", "missing", "Ask at least one question.");
        }
        Some(DecisionKind::RequestDetails) if asked.len() > QUESTIONS_MAX => {
            let most = format!("Ask at most {QUESTIONS_MAX} questions at once.");
            checks.wrong("/questions", "too_many", most);
        }
        Some(DecisionKind::RequestDetails) | None => {}
        Some(DecisionKind::Allocate | DecisionKind::FileForInformation) => {
            if sent.is_some() {
                let detail = "Only a decision to request details asks questions.";
                checks.wrong("/questions", "not_asked_for", detail);
            }
            return vec![];
        }
    }
    let mut questions = vec![];
    for (number, (label, kind)) in asked.iter().enumerate().take(QUESTIONS_MAX) {
        let label = checks.text(&format!("/questions/{number}/label"), label, LABEL_CHARS_MAX);
        let known = QUESTION_KINDS.iter().find(|known| *known == kind);
        checks.word(&format!("/questions/{number}/kind"), known, QUESTION_KINDS);
        questions.push(Question { label, kind: (*kind).to_owned() });
    }
    questions
}

fn read_to(
    checks: &mut Checks,
    kind: Option<DecisionKind>,
    sent: &Sent<'_>,
    known: Known<'_>,
) -> (String, String) {
    match kind {
        Some(DecisionKind::Allocate) if sent.team.is_none() && sent.officer.is_none() => {
            checks.wrong("/team", "missing", "Name a team, an officer, or both.");
        }
        Some(DecisionKind::Allocate) | None => {}
        Some(DecisionKind::RequestDetails | DecisionKind::FileForInformation) => {
            for (pointer, given) in [("/team", sent.team), ("/officer", sent.officer)] {
                if given.is_some() {
                    checks.wrong(pointer, "not_asked_for", "Only an allocation names somebody.");
                }
            }
        }
    }
    let mut known_id = |pointer: &str, given: Option<&str>, known: &[&str], what: &str| {
        let Some(id) = given else { return String::new() };
        if id.chars().count() > ID_CHARS_MAX || !known.contains(&id) {
            let detail = format!("There is no such {what}: see GET /api/v1/officers.");
            checks.wrong(pointer, "unknown", detail);
        }
        id.to_owned()
    };
    let team = known_id("/team", sent.team, known.teams, "team");
    let officer = known_id("/officer", sent.officer, known.officers, "officer");
    (team, officer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: Sent<'_> = Sent {
        decision: "allocate",
        reason: "response",
        rationale: "It is still going on.",
        message: "An officer will ring you today.",
        questions: None,
        team: Some("response"),
        officer: None,
    };

    #[track_caller]
    fn check(sent: Sent<'_>, wrong: &[(&str, &str)]) {
        let known = Known { teams: &["response"], officers: &["pc-1"] };
        let told = read(&sent, known).err().unwrap_or_default();
        let told: Vec<(&str, &str)> =
            told.iter().map(|wrong| (wrong.pointer.as_str(), wrong.code)).collect();
        assert_eq!(told, wrong);
    }

    #[test]
    fn an_allocation_names_a_known_team_or_officer() {
        check(SENT, &[]);
        check(Sent { officer: Some("pc-1"), team: None, ..SENT }, &[]);
        check(Sent { team: None, ..SENT }, &[("/team", "missing")]);
        check(Sent { team: Some("nobody"), ..SENT }, &[("/team", "unknown")]);
        check(Sent { officer: Some("nobody"), ..SENT }, &[("/officer", "unknown")]);
    }

    #[test]
    fn every_decision_has_a_reason_of_its_own_a_rationale_and_a_message() {
        check(Sent { reason: "civil_matter", ..SENT }, &[("/reason", "unknown_word")]);
        let silent = Sent { rationale: " ", message: "", ..SENT };
        check(silent, &[("/rationale", "missing"), ("/message", "missing")]);
        check(Sent { decision: "guess", ..SENT }, &[("/decision", "unknown_word")]);
    }

    #[test]
    fn asking_takes_one_to_ten_questions_of_known_kinds() {
        let asking = Sent { decision: "request_details", reason: "where", team: None, ..SENT };
        check(asking, &[("/questions", "missing")]);
        check(Sent { questions: Some(&[("Where was it?", "text")]), ..asking }, &[]);
        check(
            Sent { questions: Some(&[("", "riddle")]), ..asking },
            &[("/questions/0/label", "missing"), ("/questions/0/kind", "unknown_word")],
        );
        let many = [("Where?", "text"); QUESTIONS_MAX + 1];
        check(Sent { questions: Some(&many), ..asking }, &[("/questions", "too_many")]);
    }

    #[test]
    fn what_does_not_belong_to_a_decision_is_refused() {
        let filing =
            Sent { decision: "file_for_information", reason: "civil_matter", team: None, ..SENT };
        check(filing, &[]);
        check(Sent { team: Some("response"), ..filing }, &[("/team", "not_asked_for")]);
        let asked = Sent { questions: Some(&[("Where?", "text")]), ..filing };
        check(asked, &[("/questions", "not_asked_for")]);
    }
}
