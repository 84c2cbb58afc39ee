//! The rules as a table, and what is still without one.
#![expect(clippy::print_stdout, reason = "the table of rule and test is what this has to say")]

use std::collections::BTreeSet;

use super::seen::{answers, over};
use super::{FILES, Rule, Then, forms};
use crate::domain::form::tests::now;
use crate::domain::form::{Form, journey};

fn all() -> Vec<Rule> {
    FILES.iter().flat_map(|rules| rules()).collect()
}

#[test]
fn every_rule_has_its_test() {
    println!("{:<60} {:<34} over, given => then", "rule and test", "holds in");
    for rule in all() {
        let kinds: Vec<&str> = over(&rule).iter().map(|form| form.kind.as_str()).collect();
        println!("{:<60} {:<34} {} => {:?}", rule.name, kinds.join(" "), rule.given, rule.then);
    }
    let names: BTreeSet<&str> = all().iter().map(|rule| rule.name).collect();
    assert!(names.len() > 50);
}

/// A flag that an answer raises, a page that stops, a choice that ends: each is there because of a rule.
#[test]
fn every_flag_every_stop_and_every_end_of_a_form_has_its_rule() {
    let mut kept = BTreeSet::new();
    for rule in all() {
        for form in over(&rule) {
            kept.extend(kept_by(&rule, form));
        }
    }
    let needed = forms().every().flat_map(needed);
    let without: Vec<String> = needed.filter(|needed| !kept.contains(needed)).collect();
    assert!(without.is_empty(), "without a rule:\n{}", without.join("\n"));
}

fn needed(form: &Form) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    for page in form.pages() {
        needed.extend(page.stop.as_ref().map(|stop| stops(form, &page.id, &stop.code)));
        for question in &page.questions {
            let ends = question.choices.iter().filter(|choice| choice.ends);
            needed.extend(ends.map(|choice| says(form, &question.id, &choice.value, "Ends")));
            for raise in &question.raises {
                let answers =
                    raise.is.iter().flat_map(|is| raise.flags.iter().map(move |flag| (is, flag)));
                needed
                    .extend(answers.map(|(is, flag)| says(form, &question.id, is, flag.as_str())));
            }
        }
    }
    needed
}

/// What of a form the rule keeps as it is.
fn kept_by(rule: &Rule, form: &Form) -> Vec<String> {
    let Some(answers) = answers(rule, form) else { return vec![] };
    let walked = journey(form, &answers, now());
    let given = rule.given.as_object().into_iter().flatten();
    let said: Vec<(&str, &str)> = given
        .flat_map(|(id, answer)| {
            let list = answer.as_array().map_or(std::slice::from_ref(answer), Vec::as_slice);
            list.iter().filter_map(move |value| Some((id.as_str(), value.as_str()?)))
        })
        .collect();
    let mut kept = vec![];
    for then in rule.then {
        let of = |word| said.iter().map(move |(id, value)| says(form, id, value, word));
        if let Then::Stops(code) = then {
            kept.extend(walked.next.as_ref().map(|next| stops(form, &next.page.id, code)));
        }
        if let Then::Ends | Then::GoesTo(_) = then {
            kept.extend(of("Ends"));
        }
        if let Then::Raises(flags) | Then::RaisesOnly(flags) = then {
            kept.extend(flags.iter().flat_map(|flag| of(flag.as_str())));
        }
    }
    kept
}

fn stops(form: &Form, page: &str, code: &str) -> String {
    format!("{}: the page \"{page}\" => Stops(\"{code}\")", form.kind)
}

fn says(form: &Form, id: &str, value: &str, then: &str) -> String {
    format!("{}: {{ \"{id}\": \"{value}\" }} => {then}", form.kind)
}
