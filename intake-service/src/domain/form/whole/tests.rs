//! A planted fault is found, on its line.

use crate::domain::form::Form;
use crate::forms::{Refused, sample_words};

fn read(file: &str, form: &str) -> Result<Form, Refused> {
    crate::forms::read(file, form, &sample_words())
}

/// A form that holds together: one page, one question, then what is added to it.
const SOUND: &str = r#"kind = "toy"
version = 1
title = "A toy"
regime = "general"
published = "2026-11-23"
[[block]]
id = "only"
[[block.page]]
id = "first"
title = "First"
[[block.page.question]]
id = "colour"
kind = "one"
for = "decide"
label = "Which colour?"
required = true
choices = [{ value = "red", label = "Red" }, { value = "blue", label = "Blue" }]
example = "red"
bad_examples = ["green"]
error.missing = "Choose a colour"
"#;

/// The form with `from` changed `to` something else is refused with `fault`, as `file:line: why`.
#[track_caller]
fn changed(from: &str, to: &str, fault: &str) {
    assert!(SOUND.contains(from), "{from} is not in the form");
    refused(&SOUND.replacen(from, to, 1), fault);
}

/// The form with more at its end is refused with `fault`.
#[track_caller]
fn added(more: &str, fault: &str) {
    refused(&format!("{SOUND}{more}"), fault);
}

#[track_caller]
fn refused(form: &str, fault: &str) {
    let refused = read("toy.toml", form).map(|form| form.kind).unwrap_err().to_string();
    assert!(refused.lines().any(|line| line == format!("toy.toml:{fault}")), "{refused}");
}

/// A second page, which begins on line 21; its question on line 24.
fn page(page: &str, question: &str) -> String {
    format!(
        "[[block.page]]\nid = \"second\"\ntitle = \"Second\"{page}\n[[block.page.question]]\n\
         id = \"size\"\nkind = \"number\"\nfor = \"record\"\nlabel = \"What size?\"\nexample = 3\n{question}\n"
    )
}

#[test]
fn the_form_without_a_fault_is_taken() {
    assert!(read("toy.toml", SOUND).is_ok());
    let when = "\nwhen = { question = \"colour\", is = [\"red\"] }";
    assert!(read("toy.toml", &format!("{SOUND}{}", page(when, ""))).is_ok());
}

#[test]
fn a_condition_on_a_question_that_nobody_asks() {
    added(
        &page("\nwhen = { question = \"shape\", is = [\"round\"] }", ""),
        "24: the condition looks at \"shape\", which the form does not ask",
    );
}

#[test]
fn a_condition_on_a_later_question_or_its_own() {
    added(
        &page("\nwhen = { question = \"size\", answered = true }", ""),
        "24: the condition looks at \"size\", which is only asked later",
    );
    added(
        &page("", "when = { question = \"size\", answered = true }"),
        "30: the condition looks at \"size\", which is only asked later",
    );
}

#[test]
fn a_condition_on_an_answer_that_cannot_be_given() {
    added(
        &page("\nwhen = { question = \"colour\", is = [\"green\"] }", ""),
        "24: \"green\" is not a choice of \"colour\"",
    );
}

#[test]
fn a_condition_on_the_wording_of_an_answer() {
    let third = "[[block.page]]\nid = \"third\"\ntitle = \"Third\"\nwhen = { question = \"size\", is = [\"3\"] }\n";
    added(
        &format!("{}{third}", page("", "")),
        "34: \"size\" has no choices: a condition can only look whether it is answered",
    );
}

#[test]
fn a_condition_that_says_two_things() {
    added(
        &page("\nwhen = { question = \"colour\", is = [\"red\"], answered = true }", ""),
        "24: a condition says question and is, question and answered, flag, all, any, or not",
    );
}

#[test]
fn a_question_asked_twice() {
    let again = "[[block.page.question]]\nid = \"colour\"\nkind = \"text\"\nfor = \"record\"\nlabel = \"Which?\"\nexample = \"x\"\n";
    added(again, "11: the question \"colour\" is asked in more than one place");
    added(again, "21: the question \"colour\" is asked in more than one place");
}

#[test]
fn a_page_that_is_there_twice() {
    let again = page("", "").replace("second", "first");
    added(&again, "21: there is a page \"first\" already");
}

#[test]
fn a_page_to_which_no_answers_lead() {
    let both = "\nwhen = { all = [{ question = \"colour\", is = [\"red\"] }, { question = \"colour\", is = [\"blue\"] }] }";
    added(&page(both, ""), "21: no answers lead to the page \"second\"");
    added(
        &page("\nwhen = { question = \"colour\", answered = false }", ""),
        "21: no answers lead to the page \"second\"",
    );
}

#[test]
fn a_condition_on_what_answers_raise() {
    let raised = "raises = [{ is = [\"red\"], flags = [\"safeguarding\"] }]\n";
    let form = format!("{SOUND}{raised}{}", page("\nwhen = { flag = \"safeguarding\" }", ""));
    assert!(read("toy.toml", &form).is_ok());
    let never = "\nwhen = { all = [{ flag = \"safeguarding\" }, { question = \"colour\", is = [\"blue\"] }] }";
    added(&format!("{raised}{}", page(never, "")), "22: no answers lead to the page \"second\"");
    // Its own answer comes too late.
    let own = "raises = [{ is = [\"red\"], flags = [\"safeguarding\"] }]\nwhen = { flag = \"safeguarding\" }\n";
    added(own, "22: the condition looks at \"safeguarding\", which no answer before it raises");
}

#[test]
fn a_page_that_hangs_on_a_question_off_its_path() {
    let second = page("\nwhen = { question = \"colour\", is = [\"red\"] }", "");
    let third = "[[block.page]]\nid = \"third\"\ntitle = \"Third\"\nwhen = { all = [{ question = \"size\", answered = true }, { question = \"colour\", is = [\"blue\"] }] }\n[[block.page.question]]\nid = \"weight\"\nkind = \"number\"\nfor = \"record\"\nlabel = \"What weight?\"\nexample = 3\n";
    added(&format!("{second}{third}"), "32: no answers lead to the page \"third\"");
}

#[test]
fn a_question_to_which_no_answers_lead() {
    added(
        &page(
            "\nwhen = { question = \"colour\", is = [\"red\"] }",
            "when = { question = \"colour\", is = [\"blue\"] }",
        ),
        "25: no answers lead to the question \"size\"",
    );
}

#[test]
fn a_question_before_sending_that_only_helps_or_counts() {
    changed(
        "for = \"decide\"",
        "for = \"statistics\"",
        "11: \"colour\" is for statistics: such a question is asked in an extra",
    );
}

#[test]
fn a_required_question_without_words_for_its_absence() {
    changed(
        "error.missing = \"Choose a colour\"\n",
        "",
        "11: \"colour\" is required and does not say what to do when it is missing",
    );
}

#[test]
fn an_example_that_would_be_refused() {
    changed(
        "example = \"red\"",
        "example = \"green\"",
        "11: the example of \"colour\" would be refused at \"\": Choose one of the answers",
    );
    changed(
        "example = \"red\"",
        "example = \" \"",
        "11: the example of \"colour\" would be refused at \"\": it is empty",
    );
}

#[test]
fn a_bad_example_that_would_pass() {
    changed("[\"green\"]", "[\"blue\"]", "11: \"colour\" would take the bad example \"blue\"");
}

#[test]
fn a_question_without_an_example() {
    changed("example = \"red\"\n", "", "11: missing field `example`");
}

#[test]
fn choices_that_are_not_ones() {
    let fault = "11: \"colour\" needs choices, and each of them once";
    changed("value = \"blue\"", "value = \"red\"", fault);
    changed("kind = \"one\"", "kind = \"text\"", fault);
    changed("kind = \"one\"", "kind = \"yes_no\"", fault);
    changed("label = \"Blue\"", "label = \"\"", fault);
}

#[test]
fn a_flag_raised_by_an_answer_that_cannot_be_given() {
    added(
        "raises = [{ is = [\"green\"], flags = [\"safeguarding\"] }]",
        "11: \"green\" is not a choice of \"colour\"",
    );
}

#[test]
fn words_that_stand_for_nothing() {
    changed("kind = \"one\"", "kind = \"radio\"", "13: \"radio\" is not a kind of question");
    changed("for = \"decide\"", "for = \"fun\"", "14: \"fun\" is not what a question may be for");
    changed("error.missing", "error.absent", "20: \"absent\" is not a code of an error");
    changed(
        "regime = \"general\"",
        "regime = \"mine\"",
        "4: \"mine\" is not law_enforcement or general",
    );
    changed(
        "published = \"2026-11-23\"",
        "published = \"soon\"",
        "5: \"soon\" is not a date like 2026-11-23",
    );
    added("raises = [{ is = [\"red\"], flags = [\"urgent\"] }]", "21: \"urgent\" is not a flag");
    added("limits = { not_after = \"soon\" }", "21: \"soon\" is not a date or \"today\"");
}

#[test]
fn a_setting_that_does_not_exist() {
    let refused = read("toy.toml", &SOUND.replace("required", "compulsory")).unwrap_err();
    assert_eq!(refused.faults[0].1, 16, "{refused}");
    assert!(
        refused.to_string().starts_with("toy.toml:16: unknown field `compulsory`"),
        "{refused}"
    );
}

#[test]
fn an_id_that_is_no_word() {
    changed(
        "id = \"colour\"",
        "id = \"b-NGgWv\"",
        "11: \"b-NGgWv\" is not a word: small letters and digits, up to 40",
    );
    changed(
        "id = \"first\"",
        "id = \"1st\"",
        "8: \"1st\" is not a word: small letters and digits, up to 40",
    );
}

#[test]
fn a_question_without_words() {
    changed(
        "label = \"Which colour?\"",
        "label = \" \"",
        "11: \"colour\" has no words to ask it with",
    );
}

#[test]
fn limits_that_do_not_apply_or_leave_no_room() {
    added(
        "limits = { max_length = 5 }",
        "11: \"colour\" is no kind of question that has this: length",
    );
    added(
        &page("", "limits = { min = 5, max = 4 }"),
        "24: the limits of \"size\" leave no room between them",
    );
}

#[test]
fn a_page_without_questions_and_a_stop_that_lies() {
    let empty = "[[block.page]]\nid = \"second\"\ntitle = \"Second\"\n";
    added(empty, "21: the page \"second\" asks nothing");
    let stop = |may_continue| {
        format!(
            "{empty}[block.page.stop]\ncode = \"sign_post\"\ntitle = \"Elsewhere\"\nbody = \"Go there\"\nmay_continue = {may_continue}\n"
        )
    };
    added(
        &stop(true),
        "21: the stop \"second\" must say truly whether a required question on it lets people pass",
    );
    assert!(read("toy.toml", &format!("{SOUND}{}", stop(false))).is_ok());
}

#[test]
fn a_group_is_flat_and_not_empty() {
    let group = page("", "")
        .replace("\"number\"", "\"group\"")
        .replace("example = 3", "example = [{ part = \"a\" }]");
    added(&group, "24: \"size\" is no kind of question that has this: no questions");
    let part = "[[block.page.question.question]]\nid = \"part\"\nkind = \"text\"\nfor = \"record\"\nlabel = \"Part\"\nexample = \"a\"\n";
    assert!(read("toy.toml", &format!("{SOUND}{group}{part}")).is_ok());
    added(
        &format!("{group}{part}when = {{ question = \"colour\", is = [\"red\"] }}\n"),
        "31: within a group, \"part\" can have no condition",
    );
    added(part, "11: \"colour\" is no kind of question that has this: questions");
}

#[test]
fn every_fault_is_told_at_once() {
    let form = SOUND
        .replace("for = \"decide\"", "for = \"statistics\"")
        .replace("error.missing = \"Choose a colour\"\n", "");
    assert_eq!(read("toy.toml", &form).unwrap_err().faults.len(), 2);
}

/// An extra, which begins on line 21; its question on line 27.
fn extra(page: &str, question: &str) -> String {
    format!(
        "[[extra]]\nid = \"more\"\ntitle = \"More\"\n[[extra.page]]\nid = \"more\"\ntitle = \"More\"\n{page}\
         [[extra.page.question]]\nid = \"size\"\nkind = \"yes_no\"\nfor = \"statistics\"\n\
         label = \"Is it large?\"\nexample = \"yes\"\n{question}\n"
    )
}

#[test]
fn an_extra_stops_nobody_raises_nothing_and_is_there_once() {
    assert!(read("toy.toml", &format!("{SOUND}{}", extra("", ""))).is_ok());
    added(
        &extra("", "raises = [{ is = [\"yes\"], flags = [\"safeguarding\"] }]"),
        "27: \"size\" raises a flag in an extra: what cannot wait is asked before",
    );
    let stop =
        "[extra.page.stop]\ncode = \"a\"\ntitle = \"A\"\nbody = \"A\"\nmay_continue = false\n";
    added(
        &extra(stop, ""),
        "24: the page \"more\" of an extra stops people, who have sent their report already",
    );
    let twice = extra("", "")
        + &extra("", "")
            .replace("size", "weight")
            .replace("page]]\nid = \"more\"", "page]]\nid = \"most\"");
    added(&twice, "34: there is an extra \"more\" already");
    added("[[extra]]\nid = \"more\"\ntitle = \"More\"\n", "21: the extra \"more\" asks nothing");
    added(
        &extra("", "").replacen("\"More\"", "\" \"", 1),
        "21: the extra \"more\" has no name to offer it by",
    );
}

#[test]
fn a_report_ends_only_where_it_could_go_on() {
    let fault =
        "11: \"colour\" may end a report only as a stop's required question, whose example goes on";
    let (blue, ending) = ("label = \"Blue\" }", "label = \"Blue\", ends = true }");
    changed(blue, ending, fault);
    let stop = "title = \"First\"\n[block.page.stop]\ncode = \"sign_post\"\ntitle = \"A\"\nbody = \"A\"\nmay_continue = true\n";
    let form = SOUND.replace("title = \"First\"\n", stop).replace(blue, ending);
    assert!(read("toy.toml", &form).is_ok());
    let fault = fault.replace("11:", "16:");
    refused(&form.replace("example = \"red\"", "example = \"blue\""), &fault);
    refused(&form.replace("required = true", "optional_when = { all = [] }"), &fault);
    // Nothing is asked behind it.
    let behind = page("\nwhen = { question = \"colour\", is = [\"blue\"] }", "");
    refused(&format!("{form}{behind}"), "26: no answers lead to the page \"second\"");
}
