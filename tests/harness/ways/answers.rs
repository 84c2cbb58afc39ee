//! Any answer that a question has to take: its kind and its limits say which there are.

use intake_service::domain::form::{Choice, Day, Kind, Known, Question};
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, date};
use serde_json::{Map, Value, json};

use super::Chance;

const POSTCODES: [&str; 5] = ["LE1 1AA", "M1 1AE", "ec1a 1bb", "B338TH", "CR2"];
/// One cannot take texts.
const PHONES: [&str; 5] =
    ["07700 900123", "+44 7700 900456", "(07700) 900-789", "00447700900321", "01632 960001"];
const REGISTRATIONS: [&str; 5] = ["AB12 CDE", "a1 bcd", "BD51-SMR", "Q1", "WA12345678"];
const PLACE: [(&str, usize); 5] =
    [("line1", 200), ("line2", 200), ("town", 100), ("postcode", 20), ("how_to_find", 500)];
const PERSON: [(&str, usize); 8] = [
    ("name", 120),
    ("known_as", 120),
    ("age", 40),
    ("relationship", 80),
    ("address", 500),
    ("phone", 30),
    ("email", 254),
    ("description", 1000),
];
/// What people write, in their own scripts and with all that a program may trip over.
const LETTERS: [&str; 12] = [
    "the quick brown fox ",
    "Zażółć gęślą jaźń ",
    "الشارع الرئيسي ",
    "हमारे घर के पास ",
    "在车站旁边",
    "दो लोग\u{200D} ",
    "👩🏽‍🚒🚲 ",
    "e\u{301}te\u{301} ",
    "<b>&amp;</b> \"'` ",
    "{talk} {{ x }} {% y %} ${z} ",
    "'; drop table report; -- ",
    "%00 %s \\n \\u0000 ",
];

/// An answer to `question`, by chance. `now` is the local time of whoever answers.
pub fn any(question: &Question, now: DateTime, chance: &mut Chance) -> Value {
    let limits = &question.limits;
    let (least, most) = (limits.min_length.unwrap_or(1), limits.max_length.unwrap_or(200));
    match question.kind {
        Kind::YesNo | Kind::YesNoUnsure | Kind::One => one(&question.choices, chance),
        Kind::Many => many(question, chance),
        Kind::Declaration => json!(true),
        Kind::Text => json!(text(least, most, false, chance)),
        Kind::LongText => json!(text(least, most, true, chance)),
        Kind::Number => json!(number(limits.min.unwrap_or(0), limits.max.unwrap_or(9), chance)),
        Kind::Money => money(limits.min.unwrap_or(0), limits.max.unwrap_or(9), chance),
        Kind::Date => json!(day(question, now, chance).to_string()),
        Kind::Time => json!(clock(23, chance)),
        Kind::ApproximateDate => approximate(question, now, chance),
        Kind::Place => place(chance),
        Kind::Person => parts(&PERSON, chance),
        Kind::Phone => one_text(&PHONES, chance),
        Kind::Email => email(most, chance),
        Kind::VehicleRegistration => one_text(&REGISTRATIONS, chance),
        Kind::Files => files(question, chance),
        Kind::Group => group(question, now, chance),
    }
}

/// A number that takes texts.
#[must_use]
pub fn mobile() -> Value {
    json!("07700 900123")
}

fn one(choices: &[Choice], chance: &mut Chance) -> Value {
    // Whoever goes elsewhere sees no more of the form: seldom, so that most ways are long.
    let stay: Vec<&Choice> = choices.iter().filter(|choice| !choice.ends).collect();
    let chosen =
        if chance.once_in(3) { chance.one_of(choices) } else { chance.one_of(&stay).copied() };
    json!(chosen.map(|choice| &choice.value))
}

fn many(question: &Question, chance: &mut Chance) -> Value {
    let alone: Vec<&Choice> = question.choices.iter().filter(|choice| choice.alone).collect();
    if let Some(choice) = chance.one_of(&alone).copied().filter(|_| chance.once_in(4)) {
        return json!([choice.value]);
    }
    let mut others: Vec<&Choice> = question.choices.iter().filter(|choice| !choice.alone).collect();
    if !chance.once_in(6) {
        others = chance.some_of(&others).into_iter().copied().collect();
    }
    others.truncate(question.limits.items_max.unwrap_or(others.len()));
    others.iter().map(|choice| choice.value.clone()).collect()
}

/// The shortest, the longest, or something between that people would write.
fn text(least: usize, most: usize, breaks: bool, chance: &mut Chance) -> String {
    let length = match chance.below(12) {
        0 => least.max(1),
        1 => most,
        _ => least.max(3 + chance.below(60)).min(most),
    };
    let mut written = String::new();
    let mut count = 0;
    while count < length {
        let piece = chance.one_of(&LETTERS).copied().unwrap_or("a ");
        for letter in piece.chars().take(length - count) {
            count += 1;
            // What stands at an end and cannot be seen is taken off: nobody counts it.
            let at_an_end = count == 1 || count == length;
            let unseen = letter.is_whitespace() || letter == '\u{200D}';
            written.push(if at_an_end && unseen { 'x' } else { letter });
        }
        if breaks && count + 1 < length && chance.once_in(4) {
            written.push('\n');
            count += 1;
        }
    }
    written
}

fn number(least: i64, most: i64, chance: &mut Chance) -> i64 {
    match chance.below(6) {
        0 => least,
        1 => most,
        _ => chance.within(least, most.min(least.saturating_add(50))),
    }
}

fn money(least: i64, most: i64, chance: &mut Chance) -> Value {
    let pounds = number(least, most, chance);
    let below = pounds < most;
    json!(match chance.below(4) {
        0 if below => format!("{pounds}.5"),
        1 if below => format!("£{pounds}.07"),
        2 => format!("{pounds}.00"),
        _ => pounds.to_string(),
    })
}

fn on(day: Day, now: DateTime) -> Date {
    match day {
        Day::On(date) => date,
        Day::Today => now.date(),
    }
}

/// A day within the question's limits: its first, its last, or one of the last months.
fn day(question: &Question, now: DateTime, chance: &mut Chance) -> Date {
    let first = question.limits.not_before.map_or(date(1900, 1, 1), |day| on(day, now));
    let last = question.limits.not_after.map_or(now.date(), |day| on(day, now));
    let days = last.duration_since(first).as_hours() / 24;
    let back = match chance.below(8) {
        0 => 0,
        1 => days,
        _ => chance.within(0, days.min(400)),
    };
    last.checked_sub(back.days()).unwrap_or(last)
}

fn clock(last_hour: i64, chance: &mut Chance) -> String {
    format!("{:02}:{:02}", chance.within(0, last_hour), chance.within(0, 59))
}

/// A day, often with a time; of today only an hour that is over.
fn moment(day: Date, now: DateTime, between: &str, chance: &mut Chance) -> String {
    let last = if day < now.date() { 23 } else { i64::from(now.hour()) - 1 };
    if last < 0 || chance.once_in(2) {
        return day.to_string();
    }
    format!("{day}{between}{}", clock(last, chance))
}

fn approximate(question: &Question, now: DateTime, chance: &mut Chance) -> Value {
    let all = [Known::Exact, Known::Between, Known::About, Known::Period, Known::Unsure];
    let known = chance.one_of(&all).copied().unwrap_or(Known::Unsure);
    let mut answer = Map::new();
    let mut put = |name: &str, value: String| answer.insert(name.to_owned(), json!(value));
    put("known", known.as_str().to_owned());
    let (mut from, mut to) = (day(question, now, chance), day(question, now, chance));
    if to < from {
        (from, to) = (to, from);
    }
    match known {
        Known::Exact => {
            let moment = moment(from, now, "T", chance);
            let (date, time) = moment.split_once('T').unwrap_or((&moment, ""));
            put("date", date.to_owned());
            if !time.is_empty() {
                put("time", time.to_owned());
            }
        }
        Known::Between | Known::Period => {
            // Of one day, times in their order are another test's subject.
            let times = if from == to { None } else { Some(["T", " "]) };
            let at = |day: Date, chance: &mut Chance| match times {
                Some(marks) => {
                    moment(day, now, chance.one_of(&marks).copied().unwrap_or("T"), chance)
                }
                None => day.to_string(),
            };
            put("from", at(from, chance));
            if known == Known::Between || chance.once_in(2) {
                put("to", at(to, chance));
            }
        }
        Known::About => match chance.below(3) {
            0 => drop(put("words", text(1, 200, false, chance))),
            1 => drop(put("date", from.to_string())),
            // A month begins with its first day, which has to be within the limits, too.
            _ => drop(put("date", to.to_string().chars().take(7).collect())),
        },
        Known::Unsure => {}
    }
    if chance.once_in(3) {
        put("words", text(1, 200, false, chance));
    }
    Value::Object(answer)
}

fn parts(all: &[(&str, usize)], chance: &mut Chance) -> Value {
    let parts = match chance.below(4) {
        0 => all.iter().collect(),
        1 => chance.one_of(all).into_iter().collect(),
        _ => chance.some_of(all),
    };
    let mut answer = Map::new();
    for (name, most) in parts {
        let value = match *name {
            "postcode" => one_text(&POSTCODES, chance),
            _ => json!(text(1, *most, false, chance)),
        };
        answer.insert((*name).to_owned(), value);
    }
    Value::Object(answer)
}

fn place(chance: &mut Chance) -> Value {
    let mut place = if chance.once_in(6) { json!({}) } else { parts(&PLACE, chance) };
    let is_empty = place.as_object().is_some_and(Map::is_empty);
    if let Some(fields) = place.as_object_mut().filter(|_| is_empty || chance.once_in(4)) {
        let edges = [(49.8, -8.7), (60.9, 1.8), (52.634_4, -1.131_7)];
        let (latitude, longitude) = chance.one_of(&edges).copied().unwrap_or((50.0, 0.0));
        fields.insert("latitude".to_owned(), json!(latitude));
        fields.insert("longitude".to_owned(), json!(longitude));
    }
    place
}

fn one_text(all: &[&str], chance: &mut Chance) -> Value {
    json!(chance.one_of(all))
}

fn email(most: usize, chance: &mut Chance) -> Value {
    let longest = "l".repeat(64);
    let locals = ["a", "alex.morgan", "o'brien+police", "x_1-2", &longest];
    let local = chance.one_of(&locals).copied().unwrap_or("a");
    let label = "d".repeat(60);
    let long = format!("{label}.{label}.{label}.uk");
    let short = ["example.com", "EXAMPLE.org", "a.b.c.example.co.uk"];
    let domain = match chance.one_of(&short).filter(|_| !chance.once_in(6)) {
        Some(short) => *short,
        None if local.len() + 1 + long.len() <= most => &long,
        None => "example.com",
    };
    json!(format!("{local}@{domain}"))
}

/// Ids as an upload would give them. Nothing stands behind them: only a form takes them.
fn files(question: &Question, chance: &mut Chance) -> Value {
    let (least, most) = items(question);
    let count = chance.within(least.max(1), most.max(1));
    (0..count).map(|at| format!("file-{at}_{}", chance.below(1000))).collect()
}

fn items(question: &Question) -> (i64, i64) {
    let least = question.limits.items_min.unwrap_or(usize::from(question.required));
    let most = question.limits.items_max.unwrap_or(10);
    (i64::try_from(least).unwrap_or(1), i64::try_from(most).unwrap_or(10))
}

fn group(question: &Question, now: DateTime, chance: &mut Chance) -> Value {
    let (least, most) = items(question);
    let count = match chance.below(8) {
        0 => least,
        1 => most,
        _ => chance.within(least, most.min(least + 3)),
    };
    (0..count).map(|_| item(question, now, chance)).collect()
}

/// One item with all that must be said of it, and something at least.
fn item(group: &Question, now: DateTime, chance: &mut Chance) -> Value {
    let sure = chance.below(group.questions.len());
    let asked = group.questions.iter().enumerate();
    let asked = asked.filter(|(at, of)| of.required || *at == sure || chance.once_in(2));
    let asked: Vec<&Question> = asked.map(|(_, of)| of).collect();
    asked.into_iter().map(|of| (of.id.clone(), any(of, now, chance))).collect()
}
