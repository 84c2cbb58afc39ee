//! Where to send the address of a saved form: asked beside the form's code, outside any form.

use jiff::civil::DateTime;
use serde_json::Value;

use super::form::{Answer, Choice, Condition, ErrorCode, FieldError, Kind, Question, Test};

/// An address that is private to whoever asks.
#[derive(Clone, PartialEq, Eq)]
pub enum Link {
    Email(String),
    Text(String),
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Link(..)")
    }
}

impl Link {
    /// What tells it from another one.
    #[must_use]
    pub fn address(&self) -> &str {
        let (Self::Email(address) | Self::Text(address)) = self;
        address
    }
}

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Send(Link),
    /// It is not private, or they are not sure: nothing is sent, whatever else was typed.
    NotPrivate,
}

/// What is asked: by which way, where to, and whether that is private.
#[must_use]
pub fn questions() -> [Question; 4] {
    let way = Question {
        hint: Some(
            "One message that says where to come back to. It does not hold your code and does not \
             say what this is about"
                .to_owned(),
        ),
        choices: choices([("email", "By email"), ("text", "By text")]),
        ..asked(
            "way",
            "one",
            "Shall we send you a link to this page’s address?",
            "Choose if we shall send the link by email or by text",
        )
    };
    let email = Question {
        when: Some(by("email")),
        ..asked(
            "email",
            "email",
            "What is your email address?",
            "Enter your email address, like name@example.com",
        )
    };
    let phone = Question {
        hint: Some("We send texts in the daytime only. At night, choose email".to_owned()),
        when: Some(by("text")),
        ..asked(
            "phone",
            "phone",
            "What is your mobile number?",
            "Enter your mobile number, like 07700 900123",
        )
    };
    let private = Question {
        hint: Some(
            "Think of accounts and devices that others use, and of messages that show on a locked \
             screen"
                .to_owned(),
        ),
        choices: choices([
            ("yes", "Yes, you can write to me there"),
            ("no", "No, or I am not sure: do not write there"),
        ]),
        ..asked("private", "yes_no", "Is it private to you?", "Tell us if it is private to you")
    };
    [way, email, phone, private]
}

fn asked(id: &str, kind: &str, label: &str, missing: &str) -> Question {
    let mut question = Question::asked(1, label, if kind == "one" { "yes_no" } else { kind });
    id.clone_into(&mut question.id);
    question.required = true;
    question.error_texts = vec![(ErrorCode::Missing, missing.to_owned())];
    if question.kind == Kind::Phone {
        let texts = [ErrorCode::NotAPhone, ErrorCode::NotAMobile];
        question.error_texts.extend(texts.map(|code| {
            (code, "Enter a mobile number, like 07700 900123, or choose email".to_owned())
        }));
    }
    question
}

/// Yes and no, called otherwise.
fn choices(words: [(&str, &str); 2]) -> Vec<Choice> {
    let mut choices = Choice::of_kind(Kind::YesNo);
    for (choice, (value, label)) in choices.iter_mut().zip(words) {
        value.clone_into(&mut choice.value);
        label.clone_into(&mut choice.label);
    }
    choices
}

fn by(way: &str) -> Condition {
    let (question, values) = ("way".to_owned(), vec![way.to_owned()]);
    Condition::Is(Test { question, values, line: 0, at: 0 })
}

/// What was said with these answers, or all that is wrong with them.
pub fn read(
    questions: &[Question; 4],
    answers: &[(String, Option<Value>)],
    now: DateTime,
) -> Result<Said, Vec<FieldError>> {
    let answer = |question: &Question| -> Result<String, Vec<FieldError>> {
        let given = answers.iter().find(|(id, _)| *id == question.id);
        let Some(value) = given.and_then(|(_, value)| value.as_ref()) else {
            return Err(vec![question.missing()]);
        };
        let read = question.read(value, now, question.kind == Kind::Phone);
        read.map(|answer: Answer| answer.value.as_str().unwrap_or_default().to_owned())
    };
    let [way, email, phone, private] = questions;
    let private = answer(private);
    if private.as_deref() == Ok("no") {
        return Ok(Said::NotPrivate);
    }
    let link = match answer(way) {
        Ok(way) if way == "email" => answer(email).map(Link::Email),
        Ok(_) => answer(phone).map(Link::Text),
        Err(wrong) => Err(wrong),
    };
    match (link, private) {
        (Ok(link), Ok(_)) => Ok(Said::Send(link)),
        (link, private) => {
            let wrong = [link.err(), private.err()];
            Err(wrong.into_iter().flatten().flatten().collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(given: &[(&str, &str)]) -> Result<Said, Vec<(String, String)>> {
        let now = jiff::civil::date(2026, 11, 25).at(12, 0, 0, 0);
        let answers: Vec<_> = ["way", "email", "phone", "private"]
            .map(|id| {
                let typed = given.iter().find(|(of, _)| *of == id);
                (id.to_owned(), typed.map(|(_, value)| Value::from(*value)))
            })
            .into();
        let told = |error: FieldError| (error.pointer.replace("/answers/", ""), error.detail);
        read(&questions(), &answers, now).map_err(|errors| errors.into_iter().map(told).collect())
    }

    #[track_caller]
    fn refused(given: &[(&str, &str)], then: &[(&str, &str)]) {
        let wrong = said(given).unwrap_err();
        let told: Vec<_> = wrong.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
        assert_eq!(told, then);
    }

    #[test]
    fn a_private_address_is_written_to() {
        let email = [("way", "email"), ("email", " Jo@EXAMPLE.com "), ("private", "yes")];
        assert_eq!(said(&email), Ok(Said::Send(Link::Email("Jo@example.com".to_owned()))));
        let text = [("way", "text"), ("phone", "07700 900123"), ("private", "yes")];
        assert_eq!(said(&text), Ok(Said::Send(Link::Text("+447700900123".to_owned()))));
    }

    #[test]
    fn what_is_not_private_is_not_written_to_whatever_else_was_typed() {
        for given in [
            &[("way", "email"), ("email", "jo@example.com"), ("private", "no")][..],
            &[("way", "text"), ("phone", "no number"), ("private", "no")],
            &[("private", "no")],
        ] {
            assert_eq!(said(given), Ok(Said::NotPrivate));
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_said_in_the_questions_own_words() {
        let way = ("way", "Choose if we shall send the link by email or by text");
        let private = ("private", "Tell us if it is private to you");
        let email = ("email", "Enter your email address, like name@example.com");
        let mobile = ("phone", "Enter a mobile number, like 07700 900123, or choose email");
        refused(&[], &[way, private]);
        refused(&[("way", "pigeon"), ("private", "yes")], &[("way", "Choose one of the answers")]);
        refused(&[("way", "email")], &[email, private]);
        refused(
            &[("way", "email"), ("email", "jo"), ("private", "yes")],
            &[("email", "Enter an email address, like name@example.com")],
        );
        let number = "Enter your mobile number, like 07700 900123";
        refused(&[("way", "text"), ("private", "yes")], &[("phone", number)]);
        for wrong in ["12", "01632 960001"] {
            refused(&[("way", "text"), ("phone", wrong), ("private", "yes")], &[mobile]);
        }
        refused(
            &[("way", "email"), ("email", "jo@example.com"), ("private", "unsure")],
            &[("private", "Choose one of the answers")],
        );
    }

    #[test]
    fn an_address_is_not_printed() {
        assert_eq!(format!("{:?}", Link::Email("jo@example.com".to_owned())), "Link(..)");
    }
}
