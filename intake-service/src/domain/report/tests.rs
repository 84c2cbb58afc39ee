//! Answers in, report out.
#![expect(clippy::needless_pass_by_value, reason = "json! reads best without a & before it")]

use jiff::civil::{DateTime, date};
use serde_json::{Map, Value, json};

use super::{Channel, Identity, Priority, Report, check as check_report};
use crate::domain::form::tests::{crime, finished};
use crate::domain::form::{ErrorCode, FieldError, Question, examples, journey};

fn now() -> DateTime {
    date(2026, 11, 24).at(14, 0, 0, 0)
}

/// The examples of the form with some answers changed, and those that are null left out.
#[track_caller]
fn check(changed: Value, then: impl FnOnce(Result<Report<'_>, Vec<FieldError>>)) {
    let form = crime();
    let mut given = examples(&form);
    for (id, value) in changed.as_object().unwrap() {
        given.remove(id);
        if !value.is_null() {
            given.insert(id.clone(), value.clone());
        }
    }
    then(check_report(&form, &given, now()));
}

fn codes(refused: Result<Report<'_>, Vec<FieldError>>) -> Vec<(String, ErrorCode)> {
    let errors = refused.unwrap_err();
    errors.into_iter().map(|error| (error.pointer, error.code)).collect()
}

fn one(pointer: &str, code: ErrorCode) -> Vec<(String, ErrorCode)> {
    vec![(pointer.to_owned(), code)]
}

#[test]
fn the_examples_can_be_sent() {
    check(json!({}), |report| {
        let report = report.unwrap();
        assert_eq!((report.kind, report.form_version), ("crime", 1));
        let asked: Vec<_> = report.answers.iter().map(|answer| answer.id).collect();
        assert_eq!(asked.first(), Some(&"now"));
        assert_eq!(asked.last(), Some(&"truth"));
        let what = report.answers.iter().find(|answer| answer.id == "what").unwrap();
        assert_eq!(what.label, "Tell us what happened, in your own words");
        assert_eq!(report.contact.channel, Channel::Email);
        assert_eq!(report.contact.second_channel, Some(Channel::Text));
        assert_eq!(report.contact.phone.as_deref(), Some("+447700900123"));
        assert_eq!(
            (report.contact.safe_email, report.contact.safe_phone),
            (Some(true), Some(true))
        );
    });
}

#[test]
fn an_empty_report_is_told_everything_that_is_missing() {
    let missing = codes(check_report(&crime(), &Map::new(), now()));
    assert!(missing.iter().all(|(_, code)| *code == ErrorCode::Missing));
    let pointers: Vec<_> = missing.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert!(pointers.starts_with(&["/answers/now", "/answers/danger", "/answers/type"]));
    assert!(pointers.ends_with(&["/answers/identity", "/answers/truth"]));
}

#[test]
fn what_is_missing_is_said_in_the_words_of_the_form() {
    check(json!({ "what": " \u{200B} " }), |report| {
        assert_eq!(report.unwrap_err()[0].detail, "Tell us what happened, or what is happening");
    });
}

#[test]
fn nothing_is_sent_while_a_stop_waits() {
    check(json!({ "now": "yes" }), |report| {
        assert_eq!(codes(report), one("/answers/emergency", ErrorCode::Missing));
    });
}

#[test]
fn somebody_who_cannot_call_sends_a_short_report_of_the_first_priority() {
    let form = crime();
    let given = json!({
        "now": "yes", "danger": "yes", "emergency": "cannot_call",
        "where": { "line1": "14 Station Road" }, "what": "He is at the door",
    });
    let report = check_report(&form, given.as_object().unwrap(), now()).unwrap();
    assert!(report.flags.emergency_declared && report.flags.emergency_cannot_call);
    assert_eq!(report.flags.priority, Some(Priority::P1));
    assert_eq!(
        (report.contact.identity, report.contact.channel),
        (Identity::NotAsked, Channel::None)
    );
    assert_eq!(report.answers.last().map(|answer| answer.label), Some("What is happening?"));
}

#[test]
fn an_answer_that_is_not_asked_for_is_refused_and_not_dropped() {
    let off = json!({ "identity": "anonymous", "channel": null, "second_channel": null, "email": null,
        "safe_email": null, "phone": null, "safe_phone": null, "needs": null });
    check(off.clone(), |report| {
        assert_eq!(codes(report), one("/answers/name", ErrorCode::NotOnPath));
    });
    let mut off = off;
    off["name"] = Value::Null;
    check(off, |report| {
        let report = report.unwrap();
        assert_eq!((report.contact.identity, report.contact.name), (Identity::Anonymous, None));
        assert_eq!((report.contact.channel, report.contact.second_channel), (Channel::None, None));
        assert!(report.contact.email.is_none() && report.contact.phone.is_none());
    });
    check(json!({ "colour": "red" }), |report| {
        assert_eq!(codes(report), one("/answers/colour", ErrorCode::UnknownQuestion));
    });
}

#[test]
fn what_is_off_the_path_is_not_told_while_the_path_is_not_certain() {
    check(json!({ "identity": null }), |report| {
        assert_eq!(codes(report), one("/answers/identity", ErrorCode::Missing));
    });
}

/// Numbers by chance, the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let at = self.below(all.len().max(1));
        all.get(at)
    }

    /// An answer, good or bad, or none.
    fn answer(&mut self, question: &Question) -> Option<Value> {
        match self.below(8) {
            0 => None,
            1 => Some(json!(" ")),
            2 => self.one_of(&question.bad_examples).cloned(),
            3..6 if !question.choices.is_empty() => {
                self.one_of(&question.choices).map(|choice| json!(choice.value))
            }
            _ => Some(question.example.clone()),
        }
    }
}

#[test]
fn what_the_journey_says_may_be_submitted_is_taken_and_nothing_else_is() {
    let form = crime();
    let questions: Vec<&Question> = form.pages().iter().flat_map(|page| &page.questions).collect();
    let mut chance = Chance(7);
    let (mut taken, mut off_path) = (0, 0);
    for _ in 0..3_000 {
        let mut given = examples(&form);
        for _ in 0..=chance.below(4) {
            let question = chance.one_of(&questions).unwrap();
            given.remove(&question.id);
            given.extend(chance.answer(question).map(|answer| (question.id.clone(), answer)));
        }
        if chance.below(4) > 0 {
            given = finished(&form, given);
        }
        let walked = journey(&form, &given, now());
        let refused = match check_report(&form, &given, now()) {
            Ok(_) => vec![],
            Err(refused) => refused,
        };
        assert_eq!(walked.may_submit, refused.is_empty(), "{given:?}");
        assert!(refused.ends_with(&walked.errors), "{given:?}: {refused:?}");
        taken += usize::from(walked.may_submit);
        off_path += usize::from(refused.iter().any(|error| error.code == ErrorCode::NotOnPath));
    }
    assert!(taken > 300 && off_path > 300, "{taken} taken, {off_path} with more than was asked");
}

#[test]
fn what_leads_to_a_stop_that_nobody_passes_is_not_taken() {
    let form = include_str!("../../../forms/crime.v1.toml").to_owned()
        + "[[block]]\nid = \"council\"\n[[block.page]]\nid = \"council\"\ntitle = \"Elsewhere\"\n[block.page.stop]\n\
           code = \"sign_post\"\ntitle = \"Tell the council\"\nbody = \"They can help\"\n\
           may_continue = false\n";
    let form = crate::forms::read("crime", &form, &crate::forms::sample_words()).unwrap();
    let given = examples(&form);
    assert!(!journey(&form, &given, now()).may_submit);
    assert_eq!(codes(check_report(&form, &given, now())), one("/answers", ErrorCode::Stopped));
}

#[test]
fn an_empty_field_off_the_path_is_no_answer() {
    check(json!({ "emergency": "" }), |report| assert!(report.is_ok()));
}

#[test]
fn a_way_that_is_not_private_is_kept_with_that_mark() {
    check(json!({ "safe_email": "no" }), |report| {
        let contact = report.unwrap().contact;
        assert_eq!((contact.safe_email, contact.safe_phone), (Some(false), Some(true)));
    });
}

#[test]
fn a_second_way_that_is_the_first_is_no_second_way() {
    check(json!({ "second_channel": "email", "phone": null, "safe_phone": null }), |report| {
        assert_eq!(report.unwrap().contact.second_channel, None);
    });
}

#[test]
fn texts_need_a_number_that_takes_them() {
    let landline = json!({ "channel": "text", "second_channel": null, "email": null,
        "safe_email": null, "phone": "01632 960001" });
    check(landline.clone(), |report| {
        assert_eq!(codes(report), one("/answers/phone", ErrorCode::NotAMobile));
    });
    let mut calls = landline;
    calls["channel"] = json!("telephone");
    check(calls, |report| assert!(report.is_ok()));
}

#[test]
fn too_much_and_too_late_are_pointed_at() {
    let refused = json!({
        "what": "x".repeat(5_001),
        "when": { "known": "exact", "date": "2026-11-25" },
        "items": [{ "item": "Bicycle" }, { "value": "12.345" }],
    });
    check(refused, |report| {
        assert_eq!(
            codes(report),
            [
                ("/answers/when/date".to_owned(), ErrorCode::InTheFuture),
                ("/answers/what".to_owned(), ErrorCode::TooLong),
                ("/answers/items/1/item".to_owned(), ErrorCode::Missing),
                ("/answers/items/1/value".to_owned(), ErrorCode::NotMoney),
            ]
        );
    });
    check(json!({ "what": "é".repeat(5_000) }), |report| assert!(report.is_ok()));
    check(json!({ "what": "x".repeat(5_001) }), |report| {
        let said = &report.unwrap_err()[0].detail;
        assert_eq!(
            said,
            "Use 5,000 characters or fewer. You can add more after you have sent this"
        );
    });
}
