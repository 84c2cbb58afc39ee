//! One question by itself: words, choices, limits, examples.

use std::collections::HashSet;

use jiff::civil::{Date, Time};
use serde_json::Value;

use super::{Fault, Problem, is_word};
use crate::domain::form::ErrorCode;
use crate::domain::form::answer::{self, Asking};
use crate::domain::form::model::{Day, Kind, Limits, Question};

/// Checks `question`; its examples as on the day the form was `published`.
pub(super) fn check(question: &Question, published: Date, faults: &mut Vec<Fault>) {
    let mut found = vec![];
    words(question, &mut found);
    choices(question, &mut found);
    limits(question, &mut found);
    let sound = found.is_empty();
    faults.extend(found.into_iter().map(|problem| Fault::at(question.line, problem)));
    let before = faults.len();
    group(question, published, faults);
    // Examples of a question that is wrong in itself would only repeat what is wrong.
    if sound && faults.len() == before {
        examples(question, published, faults);
    }
}

fn words(question: &Question, found: &mut Vec<Problem>) {
    let id = || question.id.clone();
    if !is_word(&question.id, b'_') {
        found.push(Problem::NotAWord { id: id() });
    }
    let labels = std::iter::once(&question.label).chain(question.wordings.iter().map(|w| &w.text));
    if labels.into_iter().any(|label| label.trim().is_empty()) {
        found.push(Problem::NoLabel { question: id() });
    }
    if question.required && question.error_text(ErrorCode::Missing).is_none() {
        found.push(Problem::MissingErrorText { question: id() });
    }
}

fn choices(question: &Question, found: &mut Vec<Problem>) {
    let id = || question.id.clone();
    let mut seen = HashSet::new();
    let once = question.choices.iter().all(|choice| seen.insert(choice.value.as_str()));
    let fits = if question.kind == Kind::YesNo {
        seen == HashSet::from(["yes", "no"])
    } else if question.kind == Kind::YesNoUnsure {
        seen == HashSet::from(["yes", "no", "unsure"])
    } else if question.kind.has_choices() {
        seen.len() > 1
    } else {
        seen.is_empty()
    };
    let labelled = question.choices.iter().all(|choice| !choice.label.trim().is_empty());
    if !once || !fits || !labelled {
        found.push(Problem::WrongChoices { question: id() });
    }
    for raise in &question.raises {
        if let Some(value) = raise.is.iter().find(|value| !seen.contains(value.as_str())) {
            found.push(Problem::NotAChoiceOf { question: id(), value: value.clone() });
        }
    }
    if question.check.is_some() && !matches!(question.kind, Kind::Text | Kind::LongText) {
        found.push(Problem::NotForKind { question: id(), what: "check" });
    }
    if question.mobile_when.is_some() && question.kind != Kind::Phone {
        found.push(Problem::NotForKind { question: id(), what: "mobile_when" });
    }
}

fn limits(question: &Question, found: &mut Vec<Problem>) {
    let id = || question.id.clone();
    let limits = &question.limits;
    let allowed = Limits::of_kind(question.kind, question.choices.len());
    let foreign = [
        (
            "length",
            limits.min_length.is_some() || limits.max_length.is_some(),
            allowed.max_length.is_some(),
        ),
        ("min and max", limits.min.is_some() || limits.max.is_some(), allowed.max.is_some()),
        (
            "days",
            limits.not_before.is_some() || limits.not_after.is_some(),
            allowed.not_before.is_some(),
        ),
        (
            "items",
            limits.items_min.is_some() || limits.items_max.is_some(),
            allowed.items_max.is_some(),
        ),
    ];
    for (what, _, _) in foreign.into_iter().filter(|(_, given, allowed)| *given && !*allowed) {
        found.push(Problem::NotForKind { question: id(), what });
    }
    if crossed(limits.min_length, limits.max_length)
        || crossed(limits.min, limits.max)
        || crossed(limits.items_min, limits.items_max)
        || crossed(day(limits.not_before), day(limits.not_after))
    {
        found.push(Problem::CrossedLimits { question: id() });
    }
}

fn crossed<T: PartialOrd>(least: Option<T>, most: Option<T>) -> bool {
    matches!((least, most), (Some(least), Some(most)) if least > most)
}

fn day(day: Option<Day>) -> Option<Date> {
    match day {
        Some(Day::On(date)) => Some(date),
        Some(Day::Today) | None => None,
    }
}

/// Items are all asked the same: what depends on answers stands outside of groups.
fn group(question: &Question, published: Date, faults: &mut Vec<Fault>) {
    if question.kind != Kind::Group {
        if !question.questions.is_empty() {
            let problem = Problem::NotForKind { question: question.id.clone(), what: "questions" };
            faults.push(Fault::at(question.line, problem));
        }
        return;
    }
    if question.questions.is_empty() {
        let problem = Problem::NotForKind { question: question.id.clone(), what: "no questions" };
        faults.push(Fault::at(question.line, problem));
    }
    for inner in &question.questions {
        let cannot = [
            ("condition", inner.when.is_some() || inner.optional_when.is_some()),
            ("condition on mobile numbers", inner.mobile_when.is_some()),
            ("other wording", !inner.wordings.is_empty()),
            ("hints", !inner.raises.is_empty()),
            ("group", inner.kind == Kind::Group),
        ];
        for (what, _) in cannot.into_iter().filter(|(_, has)| *has) {
            let problem = Problem::NotInGroup { question: inner.id.clone(), what };
            faults.push(Fault::at(inner.line, problem));
        }
        if inner.kind != Kind::Group {
            check(inner, published, faults);
        }
    }
}

fn examples(question: &Question, published: Date, faults: &mut Vec<Fault>) {
    let now = published.to_datetime(Time::midnight());
    // Where texts may be asked for, the example takes them.
    let asking = Asking { question, now, mobile: question.mobile_when.is_some() };
    let id = || question.id.clone();
    if let Err(problem) = read(&asking, &question.example) {
        let (pointer, detail) = problem;
        let problem = Problem::BadExample { question: id(), pointer, detail };
        faults.push(Fault::at(question.line, problem));
    }
    for bad in &question.bad_examples {
        if read(&asking, bad).is_ok() {
            let problem = Problem::BadExamplePasses { question: id(), example: bad.to_string() };
            faults.push(Fault::at(question.line, problem));
        }
    }
}

/// The first thing that is wrong with `value`; nothing at all is no example either.
fn read(asking: &Asking<'_>, value: &Value) -> Result<(), (String, String)> {
    if answer::is_blank(value) {
        return Err((String::new(), "it is empty".to_owned()));
    }
    let problems = answer::read(asking, value).err().unwrap_or_default();
    match problems.into_iter().next() {
        None => Ok(()),
        Some(problem) => Err((problem.within, problem.detail.into_owned())),
    }
}
