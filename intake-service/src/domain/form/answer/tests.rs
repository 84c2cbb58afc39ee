//! One answer of each kind: what is kept, what is shown, what is refused.
#![expect(clippy::needless_pass_by_value, reason = "json! reads best without a & before it")]

use jiff::civil::{DateTime, date};
use serde_json::{Value, json};

use super::super::model::{Choice, Day, Kind, Limits, Purpose, Question};
use super::{Asking, ErrorCode, is_blank, read};

fn now() -> DateTime {
    date(2026, 11, 24).at(14, 0, 0, 0)
}

fn question(kind: Kind) -> Question {
    let choice = |value: &str, alone| Choice {
        value: value.to_owned(),
        label: value.to_uppercase(),
        alone,
        ends: false,
        goes_to: None,
    };
    let choices = if kind == Kind::Many {
        vec![choice("a", false), choice("b", false), choice("none", true)]
    } else if kind == Kind::YesNo {
        vec![choice("yes", false), choice("no", false)]
    } else {
        vec![]
    };
    let mut limits = Limits::default();
    limits.fill(kind, choices.len());
    Question {
        id: "question".to_owned(),
        kind,
        label: "Question".to_owned(),
        brief: None,
        hint: None,
        purpose: Purpose::Decide,
        required: true,
        optional_when: None,
        when: None,
        mobile_when: None,
        choices,
        limits,
        check: None,
        held_back: false,
        example: Value::Null,
        bad_examples: vec![],
        error_texts: vec![],
        raises: vec![],
        wordings: vec![],
        questions: vec![],
        line: 1,
        at: 0,
    }
}

/// Kept and shown.
#[track_caller]
fn kept(kind: Kind, given: Value, value: Value, shown: &str) {
    let question = question(kind);
    let answer = read(&Asking { question: &question, now: now(), mobile: false }, &given);
    let answer = answer.unwrap_or_else(|problems| panic!("{given} was refused: {problems:?}"));
    assert_eq!((&answer.value, answer.display()), (&value, shown));
}

/// Refused with this code at this part.
#[track_caller]
fn refused(kind: Kind, given: Value, within: &str, code: ErrorCode) {
    let question = question(kind);
    let read = read(&Asking { question: &question, now: now(), mobile: false }, &given);
    let problems =
        read.map_or_else(|problems| problems, |answer| panic!("{given} passed: {answer:?}"));
    assert_eq!((problems[0].within.as_str(), problems[0].code), (within, code), "{given}");
}

#[test]
fn text_is_trimmed_and_rid_of_what_nobody_sees() {
    kept(Kind::Text, json!(" \u{FEFF}Ann\u{200B} \u{202E}Lee\r\n"), json!("Ann Lee"), "Ann Lee");
    kept(Kind::Text, json!("one\r\ntwo\tthree"), json!("one two three"), "one two three");
    kept(
        Kind::LongText,
        json!("one\r\ntwo\rthree\nfour\u{0}"),
        json!("one\ntwo\nthree\nfour"),
        "one\ntwo\nthree\nfour",
    );
    // The joiner is part of the word.
    kept(Kind::Text, json!("می\u{200C}خواهم"), json!("می\u{200C}خواهم"), "می\u{200C}خواهم");
    kept(Kind::Text, json!("é".repeat(200)), json!("é".repeat(200)), &"é".repeat(200));
    refused(Kind::Text, json!("é".repeat(201)), "", ErrorCode::TooLong);
    refused(Kind::Text, json!(["a"]), "", ErrorCode::WrongType);
}

#[test]
fn an_empty_field_is_no_answer() {
    for blank in [
        json!(null),
        json!(""),
        json!(" \u{200B}\n"),
        json!([]),
        json!([{ "item": "" }]),
        json!({ "line1": " " }),
    ] {
        assert!(is_blank(&blank), "{blank}");
    }
    for given in [json!(0), json!(false), json!("a"), json!(["", "a"])] {
        assert!(!is_blank(&given), "{given}");
    }
}

#[test]
fn choices_are_taken_as_they_are_spelt() {
    kept(Kind::YesNo, json!("yes"), json!("yes"), "YES");
    refused(Kind::YesNo, json!("Yes"), "", ErrorCode::NotAChoice);
    refused(Kind::YesNo, json!(true), "", ErrorCode::WrongType);
    kept(Kind::Many, json!(["b", "a", "b"]), json!(["a", "b"]), "A; B");
    refused(Kind::Many, json!("a"), "", ErrorCode::WrongType);
    refused(Kind::Many, json!(["a", "c"]), "/1", ErrorCode::NotAChoice);
    refused(Kind::Many, json!(["a", 1]), "/1", ErrorCode::WrongType);
    refused(Kind::Many, json!(["a", "none"]), "", ErrorCode::NotTogether);
    refused(Kind::Many, json!(["a", "a", "a", "a"]), "", ErrorCode::TooMany);
    kept(Kind::Declaration, json!(true), json!(true), "Yes");
    refused(Kind::Declaration, json!(false), "", ErrorCode::Missing);
    refused(Kind::Declaration, json!("true"), "", ErrorCode::WrongType);
}

#[test]
fn numbers_and_money_have_one_spelling() {
    kept(Kind::Number, json!(3), json!(3), "3");
    refused(Kind::Number, json!(3.5), "", ErrorCode::WrongType);
    refused(Kind::Number, json!(-1), "", ErrorCode::TooSmall);
    refused(Kind::Number, json!(1_000_001), "", ErrorCode::TooBig);
    kept(Kind::Money, json!("£1,250.5"), json!("1250.50"), "£1,250.50");
    kept(Kind::Money, json!("12"), json!("12.00"), "£12.00");
    refused(Kind::Money, json!(12), "", ErrorCode::WrongType);
    refused(Kind::Money, json!("100000000.01"), "", ErrorCode::TooBig);
    for wrong in ["12.345", "-5", "a lot", ".", "1.", "1e3", "9999999999999"] {
        refused(Kind::Money, json!(wrong), "", ErrorCode::NotMoney);
    }
}

#[test]
fn dates_are_real_days_in_one_spelling() {
    kept(Kind::Date, json!("2026-11-25"), json!("2026-11-25"), "25 November 2026");
    for wrong in ["2026-02-30", "25/11/2026", "2026-1-2", "20261125", "2026-11-25T10:00"] {
        refused(Kind::Date, json!(wrong), "", ErrorCode::NotADate);
    }
    refused(Kind::Date, json!(20_261_125), "", ErrorCode::WrongType);
    refused(Kind::Date, json!("1899-12-31"), "", ErrorCode::TooEarly);
    kept(Kind::Time, json!("18:30"), json!("18:30"), "6:30pm");
    kept(Kind::Time, json!("00:00"), json!("00:00"), "midnight");
    kept(Kind::Time, json!("12:00"), json!("12:00"), "midday");
    refused(Kind::Time, json!("25:00"), "", ErrorCode::NotATime);
    refused(Kind::Time, json!("6pm"), "", ErrorCode::NotATime);
}

#[test]
fn a_last_day_is_kept() {
    let mut question = question(Kind::Date);
    question.limits.not_after = Some(Day::On(date(2026, 1, 1)));
    let read =
        read(&Asking { question: &question, now: now(), mobile: false }, &json!("2026-01-02"));
    assert_eq!(read.unwrap_err()[0].code, ErrorCode::TooLate);
}

#[test]
fn a_time_is_known_as_well_as_it_is_known() {
    let kind = Kind::ApproximateDate;
    kept(
        kind,
        json!({ "known": "unsure", "date": "leftover" }),
        json!({ "known": "unsure" }),
        "Not sure",
    );
    kept(
        kind,
        json!({ "known": "exact", "date": "2026-11-24", "time": "14:05", "from": "" }),
        json!({ "known": "exact", "date": "2026-11-24", "time": "14:05" }),
        "24 November 2026 at 2:05pm",
    );
    kept(
        kind,
        json!({ "known": "between", "from": "2026-11-20T22:00", "to": "2026-11-21" }),
        json!({ "known": "between", "from": "2026-11-20T22:00", "to": "2026-11-21" }),
        "Between 20 November 2026 at 10pm and 21 November 2026",
    );
    kept(
        kind,
        json!({ "known": "about", "date": "2026-03", "words": "before Easter" }),
        json!({ "known": "about", "date": "2026-03", "words": "before Easter" }),
        "About March 2026, before Easter",
    );
    kept(
        kind,
        json!({ "known": "about", "words": "in spring" }),
        json!({ "known": "about", "words": "in spring" }),
        "About: in spring",
    );
    kept(
        kind,
        json!({ "known": "period", "from": "2026-01-05" }),
        json!({ "known": "period", "from": "2026-01-05" }),
        "From 5 January 2026",
    );
}

#[test]
fn a_time_that_cannot_be_is_refused_where_it_is_wrong() {
    let kind = Kind::ApproximateDate;
    refused(kind, json!("2026-11-24"), "", ErrorCode::WrongType);
    refused(kind, json!({ "date": "2026-11-24" }), "/known", ErrorCode::Missing);
    refused(kind, json!({ "known": "roughly" }), "/known", ErrorCode::NotAChoice);
    refused(kind, json!({ "known": "exact" }), "/date", ErrorCode::Missing);
    refused(
        kind,
        json!({ "known": "exact", "date": "2026-11-25" }),
        "/date",
        ErrorCode::InTheFuture,
    );
    refused(
        kind,
        json!({ "known": "exact", "date": "2026-11-24", "time": "14:30" }),
        "/date",
        ErrorCode::InTheFuture,
    );
    refused(kind, json!({ "known": "between", "from": "2026-11-21" }), "/to", ErrorCode::Missing);
    refused(
        kind,
        json!({ "known": "between", "from": "2026-11-21", "to": "2026-11-20" }),
        "/to",
        ErrorCode::OutOfOrder,
    );
    refused(
        kind,
        json!({ "known": "between", "from": "2026-11-20T22:00", "to": "2026-11-20T21:00" }),
        "/to",
        ErrorCode::OutOfOrder,
    );
    refused(kind, json!({ "known": "about" }), "/words", ErrorCode::Missing);
    refused(kind, json!({ "known": "unsure", "day": "x" }), "/day", ErrorCode::UnknownField);
    refused(
        kind,
        json!({ "known": "unsure", "words": "x".repeat(201) }),
        "/words",
        ErrorCode::TooLong,
    );
}

#[test]
fn a_place_is_an_address_a_pin_or_words() {
    kept(
        Kind::Place,
        json!({ "line1": " 14 Station Road ", "line2": "", "postcode": "le11aa" }),
        json!({ "line1": "14 Station Road", "postcode": "LE1 1AA" }),
        "14 Station Road, LE1 1AA",
    );
    kept(Kind::Place, json!({ "postcode": "ec1a" }), json!({ "postcode": "EC1A" }), "EC1A");
    kept(
        Kind::Place,
        json!({ "latitude": 52.63, "longitude": -1.13 }),
        json!({ "latitude": 52.63, "longitude": -1.13 }),
        "pin at 52.63000 -1.13000",
    );
    refused(Kind::Place, json!("14 Station Road"), "", ErrorCode::WrongType);
    refused(Kind::Place, json!({ "postcode": "12345" }), "/postcode", ErrorCode::NotAPostcode);
    refused(Kind::Place, json!({ "postcode": "éé1 1AA" }), "/postcode", ErrorCode::NotAPostcode);
    refused(Kind::Place, json!({ "latitude": 52.63 }), "/longitude", ErrorCode::Missing);
    refused(
        Kind::Place,
        json!({ "latitude": 10, "longitude": 0 }),
        "/latitude",
        ErrorCode::TooSmall,
    );
    refused(
        Kind::Place,
        json!({ "latitude": "52", "longitude": 0 }),
        "/latitude",
        ErrorCode::WrongType,
    );
    refused(
        Kind::Place,
        json!({ "line1": "x", "street": "y" }),
        "/street",
        ErrorCode::UnknownField,
    );
    refused(Kind::Place, json!({ "line1": "x".repeat(201) }), "/line1", ErrorCode::TooLong);
}

#[test]
fn a_person_is_what_is_known_of_them() {
    kept(Kind::Person, json!({ "name": " Sam ", "phone": "" }), json!({ "name": "Sam" }), "Sam");
    refused(Kind::Person, json!("Sam"), "", ErrorCode::WrongType);
    refused(Kind::Person, json!({ "name": "Sam", "shoe": "9" }), "/shoe", ErrorCode::UnknownField);
    refused(Kind::Person, json!({ "name": "x".repeat(121) }), "/name", ErrorCode::TooLong);
}

#[test]
fn telephone_numbers_are_kept_with_their_country() {
    for spelling in [
        "07700 900123",
        "+44 (0)7700-900123",
        "0044 7700 900 123",
        "(07700) 900.123",
        "\u{202A}07700900123\u{202C}",
    ] {
        kept(Kind::Phone, json!(spelling), json!("+447700900123"), "+447700900123");
    }
    kept(Kind::Phone, json!("+353 85 012 3456"), json!("+353850123456"), "+353850123456");
    for wrong in
        ["7700 900123", "07700 9OO123", "0770", "+0123456789", "+44 7700 9001234", "ring me"]
    {
        refused(Kind::Phone, json!(wrong), "", ErrorCode::NotAPhone);
    }
    refused(Kind::Phone, json!(7_700_900_123_u64), "", ErrorCode::WrongType);
}

#[test]
fn only_numbers_that_can_take_texts_do_for_texts() {
    let question = question(Kind::Phone);
    let asking = Asking { question: &question, now: now(), mobile: true };
    for number in ["07700900123", "+353850123456"] {
        assert!(read(&asking, &json!(number)).is_ok(), "{number}");
    }
    for number in ["01632960001", "07000900123"] {
        assert_eq!(read(&asking, &json!(number)).unwrap_err()[0].code, ErrorCode::NotAMobile);
    }
}

#[test]
fn addresses_that_no_server_takes_are_refused() {
    kept(
        Kind::Email,
        json!(" Alex.M+x@Example.CO.uk\u{200B}"),
        json!("Alex.M+x@example.co.uk"),
        "Alex.M+x@example.co.uk",
    );
    let wrong = [
        "alex",
        "@example.com",
        "a@b",
        "a b@example.com",
        "a@@example.com",
        "a..b@example.com",
        ".a@example.com",
        "a@-x.com",
        "a@x..com",
        "a@1.2.3.4",
        "a@example.com, b@example.com",
        "a@example.com\r\nBcc: x@y.com",
    ];
    for wrong in wrong {
        refused(Kind::Email, json!(wrong), "", ErrorCode::NotAnEmail);
    }
    refused(Kind::Email, json!(format!("a@{}.com", "x".repeat(260))), "", ErrorCode::TooLong);
}

#[test]
fn registrations_and_files_have_one_spelling() {
    kept(Kind::VehicleRegistration, json!("ab12 cde"), json!("AB12CDE"), "AB12CDE");
    for wrong in ["A", "AB12 CDE FGHI", "the red one", "AB_12"] {
        refused(Kind::VehicleRegistration, json!(wrong), "", ErrorCode::NotARegistration);
    }
    kept(Kind::Files, json!(["a-1", "b_2"]), json!(["a-1", "b_2"]), "2 files");
    refused(Kind::Files, json!(["../../etc"]), "/0", ErrorCode::NotAFile);
    refused(Kind::Files, json!(vec!["a"; 11]), "", ErrorCode::TooMany);
}

#[test]
fn items_of_a_group_are_each_read_by_their_questions() {
    let mut group = question(Kind::Group);
    let mut item = question(Kind::Text);
    item.id = "item".to_owned();
    item.label = "Item".to_owned();
    let mut value = question(Kind::Money);
    value.id = "value".to_owned();
    value.label = "Worth".to_owned();
    value.required = false;
    group.questions = vec![item, value];
    let asking = Asking { question: &group, now: now(), mobile: false };
    let answer = read(
        &asking,
        &json!([{ "item": "Bicycle ", "value": "250" }, { "item": "" }, { "item": "Helmet" }]),
    )
    .unwrap();
    assert_eq!(
        answer.value,
        json!([{ "item": "Bicycle", "value": "250.00" }, { "item": "Helmet" }])
    );
    assert_eq!(answer.display(), "Item: Bicycle; Worth: £250.00\nItem: Helmet");
    let problems = read(&asking, &json!([{ "value": "x", "shape": "y" }, 7])).unwrap_err();
    let found: Vec<_> =
        problems.iter().map(|problem| (problem.within.as_str(), problem.code)).collect();
    assert_eq!(
        found,
        [
            ("/0/item", ErrorCode::Missing),
            ("/0/value", ErrorCode::NotMoney),
            ("/0/shape", ErrorCode::UnknownQuestion),
            ("/1", ErrorCode::WrongType),
        ]
    );
    assert_eq!(read(&asking, &json!(vec![json!({}); 11])).unwrap_err()[0].code, ErrorCode::TooMany);
}
