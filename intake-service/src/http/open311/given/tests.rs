use jiff::civil::date;

use super::*;
use crate::domain::form::ErrorCode;
use crate::domain::report::check as report;
use crate::forms::{Forms, load, sample_words};

/// A whole request, as a partner sends it.
const WHOLE: [(&str, &str); 14] = [
    ("api_key", "key"),
    ("service_code", "property-lost"),
    ("attribute[danger]", "no"),
    ("attribute[thing]", "wallet"),
    ("attribute[stolen]", "no"),
    ("attribute[lost_where]", "street"),
    ("attribute[when]", "2026-07-20T17:30:00Z"),
    ("attribute[truth]", "true"),
    ("attribute[safe_email]", "yes"),
    ("description", "A brown wallet"),
    ("address_string", "Station Road, Newtown"),
    ("email", "alex.morgan@example.com"),
    ("first_name", "Alex"),
    ("last_name", "Morgan"),
];

fn now() -> DateTime {
    date(2026, 11, 25).at(12, 0, 0, 0)
}

type Fields<'a> = &'a [(&'a str, &'a str)];

fn forms() -> Forms {
    load(&sample_words()).unwrap()
}

/// What is made of a request with `more` in place of what has the same name; an empty value takes it away.
fn read(more: &[(&str, &str)]) -> Result<Map<String, Value>, Vec<String>> {
    let kept = WHOLE.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    let fields = kept.chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let zone = TimeZone::get("Europe/London").unwrap();
    answers(forms().get("property-lost").unwrap(), &Arguments::new(fields.collect()), &zone, now())
}

#[test]
fn arguments_and_attributes_are_the_answers_of_the_form() {
    let forms = forms();
    let form = forms.get("property-lost").unwrap();

    let given = read(&[("lat", "52.6369"), ("long", "-1.1398")]).unwrap();

    assert_eq!(
        Value::Object(given.clone()),
        json!({
            "danger": "no", "thing": "wallet", "stolen": "no", "lost_where": "street",
            // What the clock on the wall had in summer.
            "when": { "known": "exact", "date": "2026-07-20", "time": "18:30" },
            "where": { "line1": "Station Road, Newtown", "latitude": 52.6369, "longitude": -1.1398 },
            "what": "A brown wallet", "identity": "details", "name": "Alex Morgan",
            "channel": "email", "email": "alex.morgan@example.com", "safe_email": "yes",
            "truth": true,
        })
    );
    let report = report(form, &given, now()).unwrap();
    assert_eq!(report.answers.len(), given.len());
}

#[test]
fn ways_to_reach_somebody_follow_what_was_given() {
    let nobody =
        [("first_name", ""), ("last_name", ""), ("email", ""), ("attribute[safe_email]", "")];
    let (mobile, landline) = (("phone", "07700 900123"), ("phone", "01632 960001"));
    let all: [(Fields<'_>, [Option<&str>; 3]); 9] = [
        (&[], [Some("details"), Some("email"), None]),
        (&nobody, [Some("anonymous"), None, None]),
        (&[("email", "")], [Some("details"), Some("none"), None]),
        (&[mobile], [Some("details"), Some("email"), Some("text")]),
        (&[landline], [Some("details"), Some("email"), Some("telephone")]),
        (&[("email", ""), mobile], [Some("details"), Some("text"), None]),
        (&[("email", ""), landline], [Some("details"), Some("telephone"), None]),
        (
            &[mobile, ("attribute[channel]", "telephone")],
            [Some("details"), Some("telephone"), Some("email")],
        ),
        (&[("attribute[channel]", "none")], [Some("details"), Some("none"), None]),
    ];
    for (more, then) in all {
        let given = read(more).unwrap();
        let said = ["identity", "channel", "second_channel"]
            .map(|id| given.get(id).and_then(Value::as_str));
        assert_eq!(said, then, "{more:?}");
    }
}

#[test]
fn nobody_is_refused_for_what_they_did_not_send() {
    let forms = forms();
    let form = forms.get("thanks").unwrap();
    let zone = TimeZone::get("Europe/London").unwrap();
    let sent = [
        ("attribute[which]", "thank"),
        ("attribute[reply]", "no"),
        ("attribute[truth]", "true"),
        ("description", "An officer helped my mother home"),
        ("first_name", "Alex"),
    ];
    let sent = sent.map(|(name, value)| (name.to_owned(), value.to_owned()));

    let given = answers(form, &Arguments::new(sent.to_vec()), &zone, now()).unwrap();

    assert_eq!((given.get("channel"), given.get("name")), (None, Some(&json!("Alex"))));
    assert_eq!(report(form, &given, now()).map(|report| report.answers.len()), Ok(given.len()));
}

#[test]
fn what_a_service_does_not_take_is_refused_with_words() {
    let long = "a".repeat(4_001);
    for (name, value, why) in [
        ("media_url", "https://example.com/a.jpg", "media_url: We fetch nothing"),
        ("address_id", "7", "address_id: We know no such numbers"),
        ("description", long.as_str(), "description: Use 4,000 characters"),
        ("attribute[what]", "A wallet", "description: attribute[what] says it too"),
        (
            "attribute[emergency]",
            "over",
            "attribute[emergency]: This service has no such attribute",
        ),
        ("attribute[reach]", "Ring me", "attribute[reach]: This service has no such attribute"),
        ("attribute[when]", "yesterday", "attribute[when]: Send a date like"),
        ("colour", "brown", "colour: A request has no such argument"),
        ("attribute[colour", "brown", "attribute[colour: A request has no such argument"),
    ] {
        let told = read(&[(name, value)]).unwrap_err();
        assert!(told.iter().any(|line| line.starts_with(why)), "{name}: {told:?}");
        assert_eq!(told.len(), 1, "{told:?}");
    }
    let twice = read(&[("attribute[thing]", "keys"), ("attribute[thing]", "bag")]).unwrap_err();
    assert_eq!(twice, ["attribute[thing]: Send this once"]);
    for taken in ["account_id", "device_id", "jurisdiction_id"] {
        assert!(read(&[(taken, "7")]).is_ok());
    }
}

#[test]
fn what_is_wrong_is_told_under_the_name_that_was_sent() {
    let forms = forms();
    let form = forms.get("property-lost").unwrap();
    let all: [(Fields<'_>, &str); 8] = [
        (&[("description", "")], "description: Tell us what it looks like"),
        (&[("address_string", "")], "lat, long, address_string: Tell us where"),
        (&[("lat", "52.6"), ("long", "west")], "lat, long, address_string: Give this as a number"),
        (&[("first_name", ""), ("last_name", "")], "first_name, last_name: Enter your name"),
        (&[("email", "alex")], "email: Enter an email address"),
        (&[("attribute[safe_email]", "")], "attribute[safe_email]: Tell us if this email address"),
        (&[("attribute[thing]", "umbrella")], "attribute[thing]: Choose one of the answers"),
        // Nothing is dropped in silence.
        (&[("attribute[passport_on]", "on")], "attribute[passport_on]: This is not asked"),
    ];
    for (more, then) in all {
        let given = read(more).unwrap();
        let errors = report(form, &given, now()).unwrap_err();
        let told = refused(form, &errors);
        assert!(told.iter().any(|line| line.starts_with(then)), "{more:?}: {told:?}");
    }
    assert_eq!(
        refused(form, &[FieldError::about_all(ErrorCode::TooMany, "There are more")]),
        ["There are more"]
    );
}

#[test]
fn every_kind_of_answer_can_be_sent() {
    let zone = TimeZone::get("Europe/London").unwrap();
    for (kind, sent, then) in [
        (Kind::Many, vec!["bsl", "time"], json!(["bsl", "time"])),
        (Kind::Number, vec!["3"], json!(3)),
        (Kind::Number, vec!["three"], json!("three")),
        (Kind::Declaration, vec!["true"], json!(true)),
        (Kind::Declaration, vec!["yes"], json!("yes")),
        (Kind::Date, vec!["2026-07-20T23:30:00Z"], json!("2026-07-21")),
        (Kind::Date, vec!["2026-07-20"], json!("2026-07-20")),
        (Kind::ApproximateDate, vec!["unsure"], json!({ "known": "unsure" })),
        (
            Kind::ApproximateDate,
            vec!["2026-07-20"],
            json!({ "known": "exact", "date": "2026-07-20" }),
        ),
        (Kind::Place, vec!["1 High Street"], json!({ "line1": "1 High Street" })),
        (Kind::Person, vec!["A tall man"], json!({ "description": "A tall man" })),
        (Kind::Money, vec!["12.50"], json!("12.50")),
    ] {
        assert_eq!(answer(kind, &sent, &zone), Ok(then), "{kind:?} {sent:?}");
    }
    assert_eq!(answer(Kind::One, &["a", "b"], &zone), Err("Send this once"));
}

#[test]
fn a_stop_waits_whatever_else_is_missing() {
    let forms = forms();
    let form = forms.get("property-lost").unwrap();
    for (more, code) in [
        (("attribute[danger]", "yes"), "call_999"),
        (("attribute[danger]", "unsure"), "call_999"),
        (("attribute[thing]", "card"), "sign_post"),
    ] {
        let given = read(&[more, ("description", "")]).unwrap();
        let walked = journey(form, &given, now());
        assert_eq!(walked.stop.map(|stop| stop.code.as_str()), Some(code), "{more:?}");
        assert!(!walked.may_submit);
    }
}
