//! The proof over every form of the service, and the proof of the proof: planted faults turn it red.
#![expect(clippy::print_stdout, reason = "the number of ways is what the proof has to say")]

use std::collections::BTreeSet;
use std::time::Instant;

use super::rules::FLAGGED;
use super::{Proof, prove, prove_within};
use crate::forms::{blocks, load, read_with, sample_words};

#[test]
fn on_every_way_through_every_form_people_are_safe() {
    let forms = load(&sample_words()).unwrap();
    let mut flagged = BTreeSet::new();
    println!(
        "{:<16} {:>7} {:>34} {:>20} {:>9} {:>9}",
        "form", "version", "ways that are sent", "that stop", "steps", "ms"
    );
    for form in forms.every() {
        let begun = Instant::now();
        let proof = prove(form);
        let took = begun.elapsed();
        let Proof { sent, stopped, steps, .. } = proof;
        let (kind, version, ms) = (&form.kind, form.version, took.as_millis());
        println!("{kind:<16} {version:>7} {sent:>34} {stopped:>20} {steps:>9} {ms:>9}");
        assert!(proof.faults.is_empty(), "{}: {:#?}", form.kind, proof.faults);
        assert!(sent > 0 && steps > form.question_count(), "{kind}: nothing was walked");
        flagged.extend(proof.flagged);
    }
    for (id, value, _) in FLAGGED {
        let met = flagged.contains(&((*id).to_owned(), (*value).to_owned()));
        assert!(met, "no form asks for \"{id}\" = \"{value}\": the rule guards nothing");
    }
}

#[test]
fn a_proof_that_would_not_end_says_where() {
    let forms = load(&sample_words()).unwrap();
    let proof = prove_within(forms.get("crime").unwrap(), 100);
    let faults: Vec<&String> = proof.faults.keys().collect();
    assert_eq!(faults, ["at \"role\" there are more ways than can be walked"]);
}

/// What forms share, and nothing else: small enough to be proven many times.
const SHARED: &str = r#"kind = "crime"
version = 1
title = "A form"
regime = "law_enforcement"
published = "2026-11-25"
short = { question = "emergency", is = ["cannot_call"] }
[[block]]
use = "gate.v1"
asked = "always"
[[block]]
use = "emergency.v1"
asked = "always"
when = { any = [
    { question = "now", is = ["yes"] },
    { question = "danger", is = ["yes", "unsure"] },
] }
[[block]]
id = "here"
asked = "always"
[[block.page]]
id = "where"
title = "Where?"
[[block.page.question]]
id = "where"
kind = "place"
for = "decide"
label = "Where?"
required = true
example = { line1 = "14 Station Road" }
error.missing = "Tell us where"
[[block]]
use = "reach.v1"
asked = "short"
[[block]]
use = "role.v1"
[[block]]
use = "who.v1"
[[block]]
use = "safety.v1"
[[block]]
use = "visit.v1"
[[block]]
use = "identity.v1"
[[block]]
use = "contact.v1"
when = { question = "identity", is = ["details"] }
[[block]]
use = "acknowledge.v1"
[[block]]
use = "send.v1"
"#;

/// The proof over `form` in which `from` is `to` something else, in itself or in a block.
#[track_caller]
fn planted(form: &str, from: &str, to: &str) -> Proof {
    let mut form = form.to_owned();
    let mut blocks: Vec<(&str, String)> =
        blocks().into_iter().map(|(file, text)| (file, text.to_owned())).collect();
    let texts = blocks.iter_mut().map(|(_, text)| text).chain([&mut form]);
    let mut found: Vec<&mut String> = texts.filter(|text| text.contains(from)).collect();
    assert_eq!(found.len(), 1, "{from} must stand in one file");
    *found[0] = found[0].replacen(from, to, 1);
    let blocks: Vec<(&str, &str)> =
        blocks.iter().map(|(file, text)| (*file, text.as_str())).collect();
    let form = read_with("planted.toml", &form, &blocks, &sample_words());
    prove(&form.unwrap_or_else(|refused| panic!("{refused}")))
}

/// The proof finds `faults` after this change to what forms share.
#[track_caller]
fn found(from: &str, to: &str, faults: &[&str]) {
    let proof = planted(SHARED, from, to);
    for fault in faults {
        assert!(proof.faults.contains_key(*fault), "{fault} is not among {:#?}", proof.faults);
    }
}

#[test]
fn what_forms_share_is_safe_by_itself() {
    let proof = planted(SHARED, "title = \"A form\"", "title = \"The same\"");
    assert!(proof.faults.is_empty(), "{:#?}", proof.faults);
}

const GATE: &str = "[[block.page]]\nid = \"now\"\ntitle = \"First, is everyone safe?\"\n";

#[test]
fn a_branch_that_skips_the_gate() {
    let branch = format!(
        "[[block.page]]\nid = \"hurry\"\ntitle = \"Are you in a hurry?\"\n[[block.page.question]]\n\
         id = \"hurry\"\nkind = \"yes_no\"\nfor = \"decide\"\nlabel = \"Are you in a hurry?\"\n\
         required = true\nexample = \"no\"\nerror.missing = \"Tell us\"\n\n\
         {GATE}when = {{ question = \"hurry\", is = [\"no\"] }}\n"
    );
    let faults = ["a report can be sent without \"danger\"", "\"hurry\" is asked before \"now\""];
    found(GATE, &branch, &faults);
    // And in the form itself.
    let proof = planted(include_str!("../../../../forms/crime.v1.toml"), GATE, &branch);
    assert!(faults.iter().all(|fault| proof.faults.contains_key(*fault)), "{:#?}", proof.faults);
}

#[test]
fn danger_that_does_not_lead_to_999() {
    found(
        "{ question = \"danger\", is = [\"yes\", \"unsure\"] }",
        "{ question = \"danger\", is = [\"yes\"] }",
        &[
            "after danger, \"role\" is asked before 999",
            "a report of danger can be sent without emergency_declared",
        ],
    );
}

#[test]
fn a_danger_answer_that_raises_no_flag() {
    found(
        "known to nobody yet.\nraises = [\n    { is = [\"called\", \"over\"], flags = [\"emergency_declared\", ",
        "known to nobody yet.\nraises = [\n    { is = [\"called\", \"over\"], flags = [",
        &[
            "a report of danger can be sent without emergency_declared",
            "\"emergency\" = \"over\" does not raise emergency_declared",
            "emergency_declared is not what was met",
        ],
    );
    found(
        "    { is = [\"yes\"], flags = [\"priority_2\", \"safeguarding\"] },\n",
        "",
        &["\"afraid\" = \"yes\" does not raise safeguarding"],
    );
    found(
        "\"family\", \"lives_with\", \"carer\"], flags",
        "\"family\", \"lives_with\"], flags",
        &["\"relationship\" = \"carer\" does not raise safeguarding"],
    );
}

#[test]
fn a_stop_that_everybody_meets() {
    found(
        "    { question = \"now\", is = [\"yes\"] },\n",
        "    { question = \"now\", is = [\"yes\", \"no\"] },\n",
        &["\"emergency\" stops somebody who is in no danger"],
    );
}

#[test]
fn somebody_who_cannot_call_and_is_held_up() {
    found(
        "use = \"safety.v1\"",
        "use = \"safety.v1\"\nasked = \"always\"",
        &["somebody who cannot call has to answer \"afraid\""],
    );
    found(
        "use = \"who.v1\"",
        "use = \"who.v1\"\nasked = \"always\"",
        &["after \"emergency\" somebody who cannot call is asked 6 more"],
    );
    found(
        "short = { question = \"emergency\", is = [\"cannot_call\"] }",
        "short = { question = \"emergency\", is = [\"called\"] }",
        &["after \"emergency\" somebody who cannot call is in the full form"],
    );
}

#[test]
fn a_stop_at_which_nobody_can_say_that_they_cannot_call() {
    found(
        "title = \"Where?\"\n",
        "title = \"Where?\"\n[block.page.stop]\ncode = \"wait\"\ntitle = \"Wait\"\nbody = \"Wait\"\n\
         may_continue = true\n",
        &["at \"where\" nobody can say that they cannot call"],
    );
}

#[test]
fn a_role_that_is_not_asked_who_it_is() {
    found(
        "use = \"identity.v1\"",
        "use = \"identity.v1\"\nwhen = { question = \"role\", is = [\"me\"] }",
        &["a report can be sent without \"identity\""],
    );
}

#[test]
fn a_child_who_is_not_put_first() {
    found(
        "is = [\"under_13\", \"13_17\"] },\n        { question = \"young\", is = [\"yes\"] },\n",
        "is = [\"under_13\"] },\n        { question = \"young\", is = [\"yes\"] },\n",
        &["after \"afraid\" a child does not come first"],
    );
    found(
        "is = [\"under_13\", \"13_17\"] },\n        { question = \"young\", is = [\"yes\"] },\n",
        "is = [\"under_13\", \"13_17\"] },\n",
        &["after \"afraid\" a child does not come first"],
    );
}

#[test]
fn a_channel_that_nobody_is_asked_about() {
    for (address, safe) in
        [("email", "safe_email"), ("phone", "safe_phone"), ("address", "safe_post")]
    {
        let asked = format!("id = \"{safe}\"\n");
        let fault = format!("\"{address}\" is given without \"{safe}\"");
        for gap in [
            "when = { question = \"second_channel\", is = [\"text\"] }",
            "optional_when = { question = \"channel\", answered = true }",
        ] {
            found(&asked, &format!("{asked}{gap}\n"), &[&fault]);
        }
    }
}

#[test]
fn a_way_to_hear_from_us_without_an_address() {
    found(
        "    { question = \"channel\", is = [\"email\"] },\n",
        "",
        &["\"email\" is chosen and \"email\" is not asked"],
    );
    found(
        "{ question = \"second_channel\", is = [\"text\", \"telephone\"] }",
        "{ question = \"second_channel\", is = [\"text\"] }",
        &["\"telephone\" is chosen and \"phone\" is not asked"],
    );
}

#[test]
fn a_visit_or_a_message_that_could_do_harm() {
    let visit = "\"safe_visit\" is not asked of those to whom a visit could do harm";
    found(
        "when = { flag = \"safeguarding\" }",
        "when = { question = \"afraid\", is = [\"yes\"] }",
        &[visit],
    );
    let message = "\"acknowledge\" is not asked of those to whom a message could do harm";
    for (from, to) in [
        ("    { flag = \"safeguarding\" },\n", ""),
        ("    { flag = \"safeguarding\" },\n", "    { flag = \"priority_1\" },\n"),
        ("        { question = \"safe_email\", is = [\"yes\"] },\n", ""),
        ("                { question = \"second_channel\", is = [\"text\"] },\n", ""),
        (
            "        { question = \"channel\", is = [\"telephone\"] },\n        { question = \"safe_phone\"",
            "        { question = \"safe_phone\"",
        ),
    ] {
        found(from, to, &[message]);
    }
}

#[test]
fn somebody_anonymous_who_is_asked_for_a_name() {
    found(
        "when = { question = \"identity\", is = [\"details\"] }\nlimits",
        "when = { question = \"identity\", answered = true }\nlimits",
        &[
            "somebody anonymous is asked for \"name\"",
            "somebody anonymous gives \"name\"",
            "a report says who somebody anonymous is",
        ],
    );
    found(
        "use = \"contact.v1\"\nwhen = { question = \"identity\", is = [\"details\"] }",
        "use = \"contact.v1\"",
        &["somebody anonymous is asked for \"channel\"", "somebody anonymous gives \"phone\""],
    );
}

/// Of a form small enough to be counted by hand.
#[test]
fn ways_are_counted_and_not_guessed() {
    let question = |id: &str, more: &str| {
        format!(
            "[[block.page]]\nid = \"{id}\"\ntitle = \"A\"\n{more}\n[[block.page.question]]\nid = \"{id}\"\n\
             kind = \"yes_no_unsure\"\nfor = \"decide\"\nlabel = \"A\"\nrequired = true\nexample = \"no\"\n\
             error.missing = \"Tell us\"\n"
        )
    };
    let form = format!(
        "kind = \"thanks\"\nversion = 1\ntitle = \"A\"\nregime = \"general\"\npublished = \"2026-11-23\"\n\
         [[block]]\nid = \"a\"\n{}{}{}[[block.page]]\nid = \"stop\"\ntitle = \"A\"\n\
         when = {{ all = [{{ question = \"one\", is = [\"no\"] }}, {{ question = \"three\", is = [\"no\"] }}] }}\n\
         [block.page.stop]\ncode = \"sign_post\"\ntitle = \"A\"\nbody = \"A\"\nmay_continue = false\n",
        question("one", ""),
        question("two", "when = { question = \"one\", is = [\"yes\"] }"),
        question("three", ""),
    );
    let proof = prove(&read_with("toy.toml", &form, &[], &sample_words()).unwrap());
    // one = yes: 3 * 3; no: 3, of which one stops; unsure: 3.
    assert_eq!((proof.sent, proof.stopped), (14, 1));
    // Before three it only matters whether one was no.
    assert_eq!(proof.steps, 3 + 3 + 2 * 3);
}
