//! What is offered after sending, to whom, and what is taken.
#![expect(clippy::needless_pass_by_value, reason = "json! reads best without a & before it")]

use serde_json::{Map, Value, json};

use super::super::tests::{crime, finished, now, on_path};
use super::super::{ErrorCode, Form, extra_journey};
use super::{extras_offered, read_extra};

/// The answers of a report that can be sent, some of them changed.
fn sent(form: &Form, changed: Value) -> Map<String, Value> {
    on_path(form, &finished(form, changed.as_object().unwrap().clone()))
}

fn offered<'a>(form: &'a Form, core: &Map<String, Value>) -> Vec<&'a str> {
    extras_offered(form, core).iter().map(|extra| extra.id.as_str()).collect()
}

#[track_caller]
fn check(changed: Value, then: &[&str]) {
    let form = crime();
    assert_eq!(offered(&form, &sent(&form, changed)), then);
}

#[test]
fn what_fits_the_report_is_offered_and_nothing_else() {
    let bicycle = json!({ "stolen_from": "outside", "evidence": ["witnesses"] });
    check(
        bicycle,
        &[
            "serials",
            "bicycle",
            "person",
            "witnesses",
            "times",
            "impact",
            "support",
            "birth",
            "counted",
        ],
    );
    let car = json!({ "stolen_from": "vehicle", "taken": "no", "evidence": ["none"], "role": "saw",
        "identity": "anonymous" });
    check(car, &["vehicle", "person", "counted"]);
    let shed =
        json!({ "type": "break_in", "taken": "no", "evidence": ["none"], "channel": "none" });
    check(shed, &["building", "person", "impact", "support", "birth", "counted"]);
}

#[test]
fn nobody_young_is_asked_for_a_date_of_birth() {
    let form = crime();
    assert!(!offered(&form, &sent(&form, json!({ "young": "yes" }))).contains(&"birth"));
}

/// Whoever cannot call keeps trying to reach 999: nothing else is put before them.
#[test]
fn after_a_short_report_nothing_is_offered() {
    check(json!({ "now": "yes", "emergency": "cannot_call" }), &[]);
    let hurt = json!({ "type": "hurt", "violence": "yes", "injury": ["head"], "unwell": "yes" });
    let mut hurt = hurt.as_object().unwrap().clone();
    hurt.insert("medical".to_owned(), json!("cannot_call"));
    check(Value::Object(hurt), &[]);
}

#[test]
fn every_extra_takes_its_examples_all_at_once_or_none_of_them() {
    let form = crime();
    let mut seen = vec![];
    for changed in [
        json!({ "stolen_from": "outside", "evidence": ["witnesses"] }),
        json!({ "type": "break_in" }),
        json!({ "stolen_from": "vehicle" }),
    ] {
        let core = sent(&form, changed);
        for extra in extras_offered(&form, &core) {
            let mut given = Map::new();
            // An answer may open the next page.
            for _ in extra.pages() {
                let answered = given.clone();
                let journey = extra_journey(&form, extra, &core, &answered, now());
                assert!(journey.may_submit && journey.next.is_none() && !journey.short);
                let pages = journey.path.iter().filter_map(|page| journey.page(&page.id));
                for asked in pages.flat_map(|page| page.questions) {
                    assert!(!asked.required, "{}", asked.question.id);
                    given.insert(asked.question.id.clone(), asked.question.example.clone());
                }
            }
            let read = read_extra(&form, extra, &core, &given, now()).unwrap();
            assert_eq!(read.len(), given.len(), "{}", extra.id);
            let nothing = read_extra(&form, extra, &core, &Map::new(), now());
            assert!(nothing.is_ok_and(|read| read.is_empty()));
            seen.push(extra.id.as_str());
        }
    }
    let unseen = form.extras().iter().filter(|extra| !seen.contains(&extra.id.as_str()));
    assert_eq!(unseen.count(), 0);
}

#[test]
fn extras_are_worded_for_the_person_who_reported() {
    let form = crime();
    let core = sent(&form, json!({ "role": "someone" }));
    let impact = form.extras().iter().find(|extra| extra.id == "impact").unwrap();
    let given = json!({ "impact": "Badly" });
    let read = read_extra(&form, impact, &core, given.as_object().unwrap(), now()).unwrap();
    assert_eq!(read[0].1, "How has it affected them?");
}

#[test]
fn what_an_extra_does_not_ask_is_refused() {
    let form = crime();
    let core = sent(&form, json!({ "channel": "email", "second_channel": "" }));
    let times = form.extras().iter().find(|extra| extra.id == "times").unwrap();
    for (given, pointer, code) in [
        (json!({ "colour": "red" }), "/answers/colour", ErrorCode::UnknownQuestion),
        // Asked before sending, and not to be changed now.
        (json!({ "what": "It was me" }), "/answers/what", ErrorCode::UnknownQuestion),
        // There is no telephone number to leave a message at.
        (json!({ "voicemail_ok": "yes" }), "/answers/voicemail_ok", ErrorCode::NotOnPath),
        (json!({ "safe_when": ["night"] }), "/answers/safe_when/0", ErrorCode::NotAChoice),
        (json!({ "safe_words": "x".repeat(301) }), "/answers/safe_words", ErrorCode::TooLong),
    ] {
        let wrong = read_extra(&form, times, &core, given.as_object().unwrap(), now()).unwrap_err();
        let told: Vec<_> = wrong.iter().map(|error| (error.pointer.as_str(), error.code)).collect();
        assert_eq!(told, [(pointer, code)]);
    }
}

#[test]
fn advice_fits_what_was_told() {
    let form = crime();
    let told = |given: Value| super::advice(&form, given.as_object().unwrap()).join(" ");
    let burgled = json!({ "now": "unsure", "danger": "no", "type": "break_in", "taken": "yes", "taken_kinds": ["keys"] });
    let said = told(burgled);
    for word in ["Do not go in", "Leave alone", "lock changed"] {
        assert!(said.contains(word), "{said}");
    }
    assert!(!said.contains("bank card"), "{said}");
    assert_eq!(told(json!({ "now": "no", "danger": "no", "type": "damage" })), "");
}
