//! The journey, over the form that the public fills in.
#![expect(clippy::print_stdout, reason = "how long a report is, is what its test has to say")]

use jiff::civil::{DateTime, date};
use serde_json::{Map, Value, json};

use super::{ErrorCode, Form, Journey, Kind, PageView, Question, QuestionView, examples, journey};

pub(crate) fn crime() -> Form {
    let words = crate::forms::sample_words();
    crate::forms::read("crime", include_str!("../../../forms/crime.v1.toml"), &words).unwrap()
}

pub(crate) fn now() -> DateTime {
    date(2026, 11, 24).at(14, 0, 0, 0)
}

fn answers(value: Value) -> Map<String, Value> {
    let Value::Object(answers) = value else { panic!("answers are an object") };
    answers
}

/// What a client sees of a journey.
#[track_caller]
fn check(given: Value, then: impl FnOnce(&Journey<'_, '_>)) {
    let form = crime();
    let given = answers(given);
    then(&journey(&form, &given, now()));
}

fn next<'a>(journey: &Journey<'a, '_>) -> &'a str {
    journey.next.as_ref().map_or("", |next| &next.page.id)
}

fn path<'a>(journey: &Journey<'a, '_>) -> Vec<&'a str> {
    journey.path.iter().map(|page| page.id.as_str()).collect()
}

fn errors(journey: &Journey<'_, '_>) -> Vec<(String, ErrorCode)> {
    journey.errors.iter().map(|error| (error.pointer.clone(), error.code)).collect()
}

#[test]
fn a_journey_begins_with_safety_and_speaks_of_no_errors() {
    check(json!({}), |journey| {
        assert_eq!(path(journey), ["now"]);
        assert_eq!(next(journey), "now");
        assert!(!journey.complete && !journey.may_submit);
        assert!(journey.stop.is_none() && journey.errors.is_empty());
    });
}

#[test]
fn danger_stops_until_one_of_the_three_ways_is_chosen() {
    let triggers = [("yes", "no"), ("no", "yes"), ("no", "unsure"), ("unsure", "unsure")];
    for (happening, danger) in triggers {
        check(json!({ "now": happening, "danger": danger }), |journey| {
            let stop = journey.stop.unwrap();
            assert_eq!((stop.code.as_str(), stop.may_continue), ("call_999", true));
            assert_eq!(next(journey), "emergency");
            assert_eq!(path(journey), ["now", "emergency"]);
            assert!(!journey.may_submit && !journey.complete);
        });
        for way in ["called", "over"] {
            check(json!({ "now": happening, "danger": danger, "emergency": way }), |journey| {
                assert!(journey.stop.is_none());
                assert_eq!(next(journey), "type");
            });
        }
    }
}

#[test]
fn a_stop_does_not_wait_for_the_rest_of_its_page() {
    check(json!({ "danger": "yes" }), |journey| {
        assert_eq!(journey.stop.map(|stop| stop.code.as_str()), Some("call_999"));
        assert_eq!(next(journey), "emergency");
    });
}

#[test]
fn a_full_report_stays_stopped_until_the_stop_is_passed() {
    let form = crime();
    let mut given = examples(&form);
    given.insert("danger".to_owned(), json!("yes"));
    let stopped = journey(&form, &given, now());
    assert!(stopped.stop.is_some() && !stopped.may_submit && !stopped.complete);
}

#[test]
fn somebody_who_cannot_call_is_asked_where_what_and_how_to_reach_them_and_no_more() {
    let given = json!({
        "now": "yes", "danger": "yes", "emergency": "cannot_call",
        "where": { "how_to_find": "In the park by the lake" }, "what": "He is back",
    });
    check(given, |journey| {
        assert_eq!(path(journey), ["now", "emergency", "where", "what", "reach"]);
        assert!(journey.complete && journey.may_submit && journey.stop.is_none());
        assert!(journey.short);
        let asked = journey.page("what").unwrap();
        assert_eq!(
            (asked.title, asked.questions[0].label),
            ("What is happening?", "What is happening?")
        );
    });
}

#[test]
fn an_answer_may_reveal_a_question_on_its_own_page() {
    let mut given = examples(&crime());
    given.remove("name");
    check(Value::Object(given), |journey| {
        assert_eq!(next(journey), "identity");
        let asked: Vec<_> = journey
            .next
            .as_ref()
            .unwrap()
            .questions
            .iter()
            .map(|q| q.question.id.as_str())
            .collect();
        assert_eq!(asked, ["identity", "name", "needs"]);
    });
}

#[test]
fn nobody_is_asked_about_what_was_not_taken() {
    let mut given = examples(&crime());
    given.remove("items");
    given.remove("taken_kinds");
    given.insert("taken".to_owned(), json!("no"));
    check(Value::Object(given), |journey| {
        assert!(journey.may_submit);
        let asked = journey.page("loss").unwrap().questions;
        let asked: Vec<_> = asked.iter().map(|asked| asked.question.id.as_str()).collect();
        assert_eq!(asked, ["taken", "damaged", "damage"]);
    });
}

#[test]
fn an_optional_page_is_on_the_path_and_holds_nobody() {
    let mut given = examples(&crime());
    given.remove("who");
    check(Value::Object(given), |journey| {
        assert!(journey.may_submit);
        assert_eq!(journey.after("know-who").map(|page| page.page.id.as_str()), Some("who"));
    });
}

#[test]
fn an_error_points_at_the_answer_even_before_its_page_is_reached() {
    let given = json!({
        "what": 7, "type": "theft", "a/b~c": 1, "colour": "red", "evidence": ["film"],
        "when": { "known": "exact", "date": "2026-11-25" },
    });
    check(given, |journey| {
        assert_eq!(
            errors(journey),
            [
                ("/answers/type".to_owned(), ErrorCode::NotAChoice),
                ("/answers/when/date".to_owned(), ErrorCode::InTheFuture),
                ("/answers/what".to_owned(), ErrorCode::WrongType),
                ("/answers/evidence/0".to_owned(), ErrorCode::NotAChoice),
                ("/answers/a~1b~0c".to_owned(), ErrorCode::UnknownQuestion),
                ("/answers/colour".to_owned(), ErrorCode::UnknownQuestion),
            ]
        );
        assert!(journey.errors.iter().all(|error| !error.detail.is_empty()));
    });
}

#[test]
fn answers_off_the_path_are_ignored_and_can_open_nothing() {
    let given = json!({
        "now": "no", "danger": "no", "emergency": "cannot_call", "email": 7, "second_channel": "email",
    });
    check(given, |journey| {
        assert_eq!(next(journey), "type");
        assert!(journey.errors.is_empty());
    });
}

#[test]
fn what_is_off_the_path_of_a_complete_report_is_named_before_it_is_sent() {
    let mut given = examples(&crime());
    given.insert("emergency".to_owned(), json!("over"));
    check(Value::Object(given), |journey| {
        assert!(journey.complete && !journey.may_submit);
        assert_eq!(errors(journey), [("/answers/emergency".to_owned(), ErrorCode::NotOnPath)]);
    });
}

#[test]
fn an_unknown_question_keeps_a_complete_report_from_being_sent() {
    let mut given = examples(&crime());
    given.insert("colour".to_owned(), json!("red"));
    check(Value::Object(given), |journey| assert!(journey.complete && !journey.may_submit));
}

#[test]
fn a_request_is_bounded_in_number_and_depth() {
    let many: Map<String, Value> = (0..201).map(|n| (format!("q{n}"), json!("a"))).collect();
    check(Value::Object(many), |journey| {
        assert_eq!(errors(journey), [("/answers".to_owned(), ErrorCode::TooMany)]);
        assert_eq!(next(journey), "now");
    });
    check(json!({ "what": [[[[["deep"]]]]] }), |journey| {
        assert_eq!(errors(journey), [("/answers/what".to_owned(), ErrorCode::TooDeep)]);
    });
}

#[test]
fn following_next_with_examples_leads_to_the_end() {
    let form = crime();
    let mut given = Map::new();
    for _ in 0..form.pages().len() * 2 {
        let answered = given.clone();
        let journey = journey(&form, &answered, now());
        let Some(next) = &journey.next else { break };
        for view in &next.questions {
            given.insert(view.question.id.clone(), view.question.example.clone());
        }
    }
    assert!(journey(&form, &given, now()).may_submit);
}

/// A home was broken into, things are gone, and nothing is known of who did it: the common report.
#[test]
fn a_break_in_is_reported_in_few_pages_few_answers_and_few_words() {
    let form = crime();
    let given = answers(json!({
        "type": "break_in", "where_kind": "home", "know_who": "no", "evidence": ["none"],
        "identity": "details", "channel": "email", "second_channel": "",
    }));
    let given = finished(&form, given);
    let journey = journey(&form, &given, now());
    assert!(journey.may_submit, "{:?}", journey.errors);
    let pages: Vec<_> = journey.path.iter().filter_map(|page| journey.page(&page.id)).collect();
    let asked: Vec<_> = pages.iter().flat_map(|page| &page.questions).collect();
    let required = asked.iter().filter(|asked| asked.required).count();
    let typed = asked.iter().filter(|asked| {
        asked.required
            && !asked.question.kind.has_choices()
            && asked.question.kind != Kind::Declaration
    });
    let typed = typed.count();
    let words: Vec<_> = pages.iter().map(|page| (page.page.id.as_str(), words(page))).collect();
    let all: usize = words.iter().map(|(_, words)| words).sum();
    println!("{} pages, {required} answers, {typed} typed, {all} words: {words:?}", pages.len());
    assert!(pages.len() <= 15 && required <= 22 && typed <= 5 && all <= 1_050);
}

/// All that is to be read on a page. The label of an only question stands in its heading.
fn words(page: &PageView<'_>) -> usize {
    let count = |text: &str| text.split_whitespace().count();
    let is_heading = page.questions.len() == 1 && page.questions[0].label == page.title;
    let question = |asked: &QuestionView<'_>| {
        let choices = asked.question.choices.iter().map(|choice| count(&choice.label));
        let of_items = asked.question.questions.iter();
        let of_items = of_items
            .map(|of| count(&of.label) + of.hint.as_deref().map_or(0, count))
            .sum::<usize>();
        count(asked.label) + asked.hint.map_or(0, count) + choices.sum::<usize>() + of_items
    };
    let title = if is_heading { 0 } else { count(page.title) };
    title + page.questions.iter().map(question).sum::<usize>()
}

#[test]
fn questions_are_worded_for_the_person_who_speaks() {
    let worded = [
        (
            "me",
            "Tell us what happened, in your own words",
            "Are you worried for your safety, or for someone else's?",
        ),
        (
            "saw",
            "Tell us what you saw or heard, in your own words",
            "Are you worried for anyone's safety?",
        ),
        (
            "someone",
            "Tell us what happened to them, as far as you know",
            "Are you worried for their safety, or for your own?",
        ),
        (
            "organisation",
            "Tell us what happened, in your own words",
            "Are you worried for anyone's safety?",
        ),
        (
            "information",
            "Tell us what you know, and how you know it",
            "Are you worried for anyone's safety?",
        ),
    ];
    for (role, what, afraid) in worded {
        let form = crime();
        let given = finished(&form, answers(json!({ "role": role })));
        check(Value::Object(given), |journey| {
            assert!(journey.may_submit);
            assert_eq!(journey.page("what").unwrap().questions[0].label, what);
            assert_eq!(journey.page("worried").unwrap().questions[0].label, afraid);
            assert_eq!(journey.page("them").is_some(), role == "someone");
        });
    }
}

#[test]
fn somebody_who_cannot_call_for_medical_help_can_send_what_there_is() {
    let form = crime();
    let told = json!({ "type": "home", "violence": "yes", "injury": ["choked"], "unwell": "yes",
        "medical": "cannot_call" });
    let mut given = finished(&form, answers(told));
    assert_eq!(
        given.keys().filter(|id| ["reach", "still", "truth"].contains(&id.as_str())).count(),
        0
    );
    given.insert("reach".to_owned(), json!("Text, do not ring"));
    check(Value::Object(given), |journey| {
        let path = path(journey);
        assert_eq!(path[path.len() - 2..], ["medical", "reach"]);
        assert!(journey.may_submit && journey.short && journey.stop.is_none());
    });
}

#[test]
fn a_sign_post_shuts_no_door_and_who_goes_elsewhere_sends_nothing() {
    for (kind, question) in
        [("fraud", "money_on"), ("vehicle", "vehicle_on"), ("nuisance", "nuisance_on")]
    {
        let form = crime();
        let waiting = answers(json!({ "now": "no", "danger": "no", "type": kind }));
        check(Value::Object(waiting.clone()), |journey| {
            let stop = journey.stop.unwrap();
            assert_eq!((stop.code.as_str(), stop.may_continue), ("sign_post", true));
            assert!(!journey.ended && !journey.short);
            let choices = &journey.next.as_ref().unwrap().questions[0].question.choices;
            assert!(choices.iter().any(|choice| !choice.ends));
            assert!(choices.iter().any(|choice| choice.ends && choice.goes_to.is_none()));
        });
        let gone_on = finished(&form, waiting);
        check(Value::Object(gone_on.clone()), |journey| assert!(journey.may_submit));
        let mut left = gone_on;
        left.insert(question.to_owned(), json!("elsewhere"));
        check(Value::Object(left.clone()), |journey| {
            assert!(journey.ended && !journey.may_submit && !journey.complete);
            assert_eq!(journey.path.len(), 3);
            assert_eq!(journey.stop.map(|stop| stop.code.as_str()), Some("sign_post"));
        });
        let refused = crate::domain::report::check(&form, &left, now()).unwrap_err();
        assert_eq!((refused.len(), refused[0].code), (1, ErrorCode::Stopped));
        // Nobody goes elsewhere past 999.
        left.insert("danger".to_owned(), json!("yes"));
        check(Value::Object(left), |journey| {
            assert_eq!(journey.stop.map(|stop| stop.code.as_str()), Some("call_999"));
            assert!(!journey.ended && next(journey) == "emergency");
        });
    }
}

/// The form, answered to its end as a client would that forgets no answer.
pub(crate) fn finished(form: &Form, mut given: Map<String, Value>) -> Map<String, Value> {
    for _ in 0..form.pages().len() * 2 {
        let Some(next) = journey(form, &given, now()).next else { break };
        let asked: Vec<&Question> = next.questions.iter().map(|asked| asked.question).collect();
        for question in asked {
            given.entry(question.id.clone()).or_insert_with(|| question.example.clone());
        }
    }
    given
}

/// What a page would send: the answers of the path alone.
pub(crate) fn on_path(form: &Form, given: &Map<String, Value>) -> Map<String, Value> {
    let journey = journey(form, given, now());
    let entries = journey.entries.into_iter();
    entries.filter_map(|entry| Some((entry.question.id.clone(), entry.answer?.value))).collect()
}
