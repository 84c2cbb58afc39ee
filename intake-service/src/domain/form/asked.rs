//! What staff ask later: questions outside any form, answered and read by their kind as a form's are.

use jiff::civil::DateTime;
use serde_json::{Map, Value, json};

use super::answer::{self, Answer, Asking};
use super::model::{Choice, Kind, Limits, Purpose, Question};
use super::walk::{read, too_many};
use super::{ErrorCode, FieldError, Told};

impl Question {
    /// The question that staff ask as their `number`th, called `q1`, `q2` ... A kind that needs more
    /// than a label, or is not known here, is answered in words.
    #[must_use]
    pub fn asked(number: usize, label: &str, kind: &str) -> Self {
        let needs_more = |kind: &Kind| matches!(kind, Kind::One | Kind::Many | Kind::Group);
        let kind = Kind::parse(kind).filter(|kind| !needs_more(kind)).unwrap_or(Kind::LongText);
        let choices = Choice::of_kind(kind);
        Self {
            id: format!("q{number}"),
            kind,
            label: label.to_owned(),
            brief: None,
            hint: None,
            purpose: Purpose::Decide,
            required: false,
            optional_when: None,
            when: None,
            mobile_when: None,
            limits: Limits::of_kind(kind, choices.len()),
            choices,
            check: None,
            held_back: false,
            example: example(kind),
            bad_examples: vec![],
            error_texts: vec![],
            raises: vec![],
            wordings: vec![],
            questions: vec![],
            line: 0,
            at: 0,
        }
    }
}

impl Question {
    /// Reads `value` as the answer to this question alone. `mobile`: a number must be able to take texts.
    pub fn read(
        &self,
        value: &Value,
        now: DateTime,
        mobile: bool,
    ) -> Result<Answer, Vec<FieldError>> {
        read(&Asking { question: self, now, mobile }, value)
    }
}

/// One valid answer of each kind that staff can ask for.
fn example(kind: Kind) -> Value {
    match kind {
        Kind::YesNo | Kind::YesNoUnsure => json!("yes"),
        Kind::Text => json!("Behind the shop"),
        Kind::Number => json!(2),
        Kind::Money => json!("120.00"),
        Kind::Date => json!("2026-03-27"),
        Kind::Time => json!("18:30"),
        Kind::ApproximateDate => json!({ "known": "exact", "date": "2026-03-27", "time": "18:30" }),
        Kind::Place => json!({ "line1": "14 Station Road", "town": "Newtown" }),
        Kind::Person => json!({ "name": "Alex Morgan" }),
        Kind::Phone => json!("07700 900123"),
        Kind::Email => json!("alex.morgan@example.com"),
        Kind::VehicleRegistration => json!("AB12 CDE"),
        Kind::Files => json!(["photo-of-the-door"]),
        Kind::Declaration => json!(true),
        Kind::LongText | Kind::One | Kind::Many | Kind::Group => {
            json!("I left home at about half past six and came back at nine.")
        }
    }
}

/// The answers to what staff ask, in the order of asking, or all that is wrong with them. What is
/// blank is not answered, as in a form.
pub fn answers_to<'asked>(
    asked: &'asked [Question],
    answers: &Map<String, Value>,
    now: DateTime,
) -> Result<Vec<Told<'asked>>, Vec<FieldError>> {
    if let Some(error) = too_many(answers) {
        return Err(vec![error]);
    }
    let is_asked = |id: &str| asked.iter().any(|question| question.id == id);
    let unknown = answers.keys().filter(|id| !is_asked(id)).map(|id| {
        let detail = "This is not asked now. Look at the status of your report for what is, or tell \
                      us in `text`";
        FieldError::about(id, "", ErrorCode::UnknownQuestion, detail.to_owned())
    });
    let mut wrong: Vec<FieldError> = unknown.collect();
    let mut given = vec![];
    for question in asked {
        let Some(value) = answers.get(&question.id).filter(|value| !answer::is_blank(value)) else {
            continue;
        };
        match read(&Asking { question, now, mobile: false }, value) {
            Ok(answer) => given.push((question, question.label.as_str(), answer)),
            Err(errors) => wrong.extend(errors),
        }
    }
    if wrong.is_empty() { Ok(given) } else { Err(wrong) }
}

#[cfg(test)]
mod tests {
    use super::super::tests::now;
    use super::*;

    /// What the bureau lets its staff ask for.
    const KINDS: [&str; 15] = [
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

    /// One question of each of `kinds`.
    fn asked(kinds: &[&str]) -> Vec<Question> {
        kinds.iter().zip(1..).map(|(kind, at)| Question::asked(at, "Label", kind)).collect()
    }

    /// What is kept of `answers`, and what people read.
    #[track_caller]
    fn kept(kinds: &[&str], answers: &Value, then: &[(&str, Value, &str)]) {
        let asked = asked(kinds);
        let read = answers_to(&asked, answers.as_object().unwrap(), now()).unwrap();
        let read: Vec<(&str, Value, &str)> = read
            .iter()
            .map(|(question, _, answer)| (&*question.id, answer.value.clone(), answer.display()))
            .collect();
        assert_eq!(read, then);
    }

    #[track_caller]
    fn refused(kinds: &[&str], answers: &Value, then: &[(&str, ErrorCode)]) {
        let wrong = answers_to(&asked(kinds), answers.as_object().unwrap(), now()).unwrap_err();
        let told: Vec<(&str, ErrorCode)> =
            wrong.iter().map(|error| (&*error.pointer, error.code)).collect();
        assert_eq!(told, then);
        assert!(wrong.iter().all(|error| error.detail.len() > 10), "{wrong:?}");
    }

    #[test]
    fn the_example_of_each_kind_is_an_answer_that_people_can_read() {
        for kind in KINDS {
            let asked = asked(&[kind]);
            assert_eq!(asked[0].kind.as_str(), kind);
            let given = json!({ "q1": asked[0].example });
            let read = answers_to(&asked, given.as_object().unwrap(), now());
            let read = read.unwrap_or_else(|wrong| panic!("{kind}: {wrong:?}"));
            assert_ne!(read[0].2.display(), "", "{kind}");
        }
    }

    #[test]
    fn an_answer_is_read_by_the_kind_that_was_asked() {
        let place = json!({ "q1": { "town": " Newtown ", "postcode": "ab12cd" } });
        let whole = json!({ "town": "Newtown", "postcode": "AB1 2CD" });
        kept(&["place"], &place, &[("q1", whole, "Newtown, AB1 2CD")]);
        refused(&["date"], &json!({ "q1": "2026-13-40" }), &[("/answers/q1", ErrorCode::NotADate)]);
        let future = json!({ "q1": { "known": "exact", "date": "2999-01-01" } });
        refused(&["approximate_date"], &future, &[("/answers/q1/date", ErrorCode::InTheFuture)]);
        let wrong = json!({ "q1": "three", "q2": ["a", "b"], "q3": { "a": 1 } });
        refused(
            &["number", "text", "yes_no"],
            &wrong,
            &[
                ("/answers/q1", ErrorCode::WrongType),
                ("/answers/q2", ErrorCode::WrongType),
                ("/answers/q3", ErrorCode::WrongType),
            ],
        );
        refused(
            &["text"],
            &json!({ "q1": "x".repeat(201) }),
            &[("/answers/q1", ErrorCode::TooLong)],
        );
    }

    #[test]
    fn only_what_is_asked_can_be_answered() {
        for id in ["q0", "q3", "q01", "q+1", "Q1", "q", "what"] {
            let pointer = format!("/answers/{id}");
            refused(
                &["text", "text"],
                &json!({ "q1": "a", id: "b" }),
                &[(pointer.as_str(), ErrorCode::UnknownQuestion)],
            );
        }
        refused(&[], &json!({ "a/b~c": 1 }), &[("/answers/a~1b~0c", ErrorCode::UnknownQuestion)]);
        let many: Map<String, Value> = (0..201).map(|n| (format!("x{n}"), json!("a"))).collect();
        refused(&["text"], &Value::Object(many), &[("/answers", ErrorCode::TooMany)]);
    }

    #[test]
    fn what_is_blank_is_not_answered_and_the_rest_keeps_its_number() {
        let given = json!({ "q1": " ", "q2": "no", "q3": null });
        kept(&["text", "yes_no", "place"], &given, &[("q2", json!("no"), "No")]);
    }

    #[test]
    fn a_kind_that_is_not_known_here_is_answered_in_words() {
        for kind in ["riddle", "one", "many", "group"] {
            kept(&[kind], &json!({ "q1": "It was" }), &[("q1", json!("It was"), "It was")]);
        }
    }
}
