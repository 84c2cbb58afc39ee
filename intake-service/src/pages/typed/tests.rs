use serde_json::json;

use super::*;
use crate::domain::form::Form;

fn now() -> DateTime {
    jiff::civil::date(2026, 11, 25).at(23, 10, 0, 0)
}

fn crime() -> Form {
    crate::domain::form::tests::crime()
}

#[track_caller]
fn check(question: &str, typed: &[(&str, &str)], then: &Value) {
    let mut fields = Fields::default();
    for (name, value) in typed {
        fields.push(name, value);
    }
    let form = crime();
    let read = answer(form.question(question).unwrap(), &fields, now());
    assert_eq!(&read.unwrap_or(Value::Null), then, "{question} {typed:?}");
}

#[test]
fn people_write_times_and_days_in_many_ways() {
    for (typed, then) in [
        ("18:30", "18:30"),
        ("6.30pm", "18:30"),
        ("6 PM", "18:00"),
        ("12am", "00:00"),
        ("12:15 pm", "12:15"),
        ("midday", "12:00"),
        ("midnight", "00:00"),
        ("7", "07:00"),
        ("25:00", "25:00"),
        ("13pm", "13pm"),
        ("after tea", "after tea"),
    ] {
        assert_eq!(time(typed), then, "{typed}");
    }
    for (day, month, year, then) in [
        ("27", "3", "2026", "2026-03-27"),
        ("27", "March", "26", "2026-03-27"),
        ("1", "sept", "2025", "2025-09-01"),
        ("30", "2", "2026", "30 2 2026"),
        ("27", "", "", "27  "),
    ] {
        let typed = [("when-known", "exact"), ("when-exact-date-day", day)];
        let more = [("when-exact-date-month", month), ("when-exact-date-year", year)];
        let then = json!({ "known": "exact", "date": then });
        check("when", &[&typed[..], &more[..]].concat(), &then);
    }
}

#[test]
fn today_is_the_day_on_the_wall() {
    let typed = [("when-known", "today"), ("when-today-time", "9pm")];
    check("when", &typed, &json!({ "known": "exact", "date": "2026-11-25", "time": "21:00" }));
    let typed = [("when-known", "yesterday"), ("when-today-time", "9pm")];
    check("when", &typed, &json!({ "known": "exact", "date": "2026-11-24" }));
}

#[test]
fn an_amount_is_read_as_people_say_it() {
    for (typed, then) in
        [("£5", "5"), ("about £1,200?", "1200"), ("120.50", "120.50"), ("500 pounds", "500")]
    {
        assert_eq!(money(typed), then);
    }
    assert_eq!(money("a lot"), "a lot");
}

#[test]
fn what_was_said_to_be_today_is_shown_as_today() {
    let form = crime();
    let question = form.question("when").unwrap();
    for (date, known) in
        [("2026-11-25", "today"), ("2026-11-24", "yesterday"), ("2026-11-23", "exact")]
    {
        let answer = json!({ "known": "exact", "date": date });
        assert_eq!(fields(question, &answer, now()).get("when-known"), known);
    }
}

#[test]
fn what_stands_under_another_choice_does_not_count() {
    let typed =
        [("when-known", "about"), ("when-exact-date-day", "3"), ("when-about-words", "May")];
    check("when", &typed, &json!({ "known": "about", "words": "May" }));
    check("when", &[("when-exact-date-day", "3")], &Value::Null);
}

#[test]
fn nothing_typed_is_no_answer() {
    check("what", &[("what", " \n")], &Value::Null);
    check("evidence", &[("evidence", "")], &Value::Null);
    check("where", &[("where-line1", ""), ("where-latitude", "")], &Value::Null);
    check("items", &[("items-0-item", ""), ("items-0-value", "")], &Value::Null);
    check("truth", &[("truth", "no")], &Value::Null);
}

#[test]
fn items_keep_their_order_and_empty_ones_are_left_out() {
    let typed = [
        ("items-0-item", "Bike"),
        ("items-1-item", ""),
        ("items-2-item", "Bag"),
        ("items-2-value", "£5"),
    ];
    check("items", &typed, &json!([{ "item": "Bike" }, { "item": "Bag", "value": "5" }]));
}

#[test]
fn what_was_answered_is_shown_as_it_was_typed() {
    let form = crime();
    let answers = crate::domain::form::examples(&form);
    for (id, given) in &answers {
        let question = form.question(id).unwrap();
        if id == "truth" {
            continue;
        }
        assert_eq!(
            answer(question, &fields(question, given, now()), now()).as_ref(),
            Some(given),
            "{id}"
        );
    }
    let question = form.question("when").unwrap();
    for given in [
        json!({ "known": "between", "from": "2026-03-27T18:30", "to": "2026-03-28" }),
        json!({ "known": "about", "words": "Easter" }),
        json!({ "known": "unsure" }),
    ] {
        assert_eq!(answer(question, &fields(question, &given, now()), now()), Some(given));
    }
}

#[test]
fn only_the_fields_of_the_page_are_kept_and_today_is_written_down_as_its_day() {
    let form = crime();
    let page = form.pages().iter().find(|page| page.id == "when").unwrap();
    let sent =
        [("when-known", "today"), ("when-today-time", "9pm"), ("whenever", "x"), ("junk", "y")];
    let sent: Vec<(String, String)> =
        sent.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let kept = of_questions(&page.questions, &sent, now());
    assert!(kept.iter().all(|(name, _)| name.starts_with("when-")), "{kept:?}");
    let two_days_later = now().saturating_add(48.hours());
    let read = answer(form.question("when").unwrap(), &Fields::new(&kept), two_days_later);
    let then = json!({ "known": "exact", "date": "2026-11-25", "time": "21:00" });
    assert_eq!(read, Some(then));
}

#[test]
fn an_item_that_nobody_can_have_is_not_counted() {
    let mut fields = Fields::default();
    fields.push("items-18446744073709551615-item", "x");
    fields.push("items-2-item", "y");
    assert_eq!(fields.items("items"), 3);
}
