//! The proof over every form of the service, and the proof of the proof: planted faults turn it red.
#![expect(clippy::print_stdout, reason = "the number of ways is what the proof has to say")]

use std::collections::BTreeSet;
use std::time::Instant;

use super::rules::FLAGGED;
use super::{Proof, prove};
use crate::forms::{BLOCKS, FILES, load, read_with};

#[test]
fn on_every_way_through_every_form_people_are_safe() {
    let forms = load().unwrap();
    let mut flagged = BTreeSet::new();
    for form in forms.newest() {
        let begun = Instant::now();
        let proof = prove(form);
        println!(
            "{} v{}: {} ways end in a report, {} at a stop; {} steps, {:?}",
            form.kind,
            form.version,
            proof.sent,
            proof.stopped,
            proof.steps,
            begun.elapsed()
        );
        assert!(proof.faults.is_empty(), "{}: {:#?}", form.kind, proof.faults);
        assert!(proof.sent > 0);
        flagged.extend(proof.flagged);
    }
    for (id, value, _) in FLAGGED {
        let met = flagged.contains(&((*id).to_owned(), (*value).to_owned()));
        assert!(met, "no form asks for \"{id}\" = \"{value}\": the rule guards nothing");
    }
}

/// The proof over the crime form in which `from` is `to` something else.
#[track_caller]
fn planted(changes: &[(&str, &str)]) -> Proof {
    let mut form = FILES[0].1.to_owned();
    let mut blocks = BLOCKS.map(|(file, text)| (file, text.to_owned()));
    for (from, to) in changes {
        let texts = blocks.iter_mut().map(|(_, text)| text).chain([&mut form]);
        let mut found: Vec<&mut String> = texts.filter(|text| text.contains(from)).collect();
        assert_eq!(found.len(), 1, "{from} must stand in one file");
        *found[0] = found[0].replacen(from, to, 1);
    }
    let blocks: Vec<(&str, &str)> =
        blocks.iter().map(|(file, text)| (*file, text.as_str())).collect();
    let form = read_with("planted.toml", &form, &blocks);
    prove(&form.unwrap_or_else(|refused| panic!("{refused}")))
}

/// The proof finds `fault` in the form with these changes.
#[track_caller]
fn found(changes: &[(&str, &str)], fault: &str) {
    let proof = planted(changes);
    assert!(proof.faults.contains_key(fault), "{:#?}", proof.faults);
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
    found(&[(GATE, &branch)], "a report can be sent without \"danger\"");
    found(&[(GATE, &branch)], "\"hurry\" is asked before \"now\"");
}

#[test]
fn danger_that_does_not_lead_to_999() {
    let unsure = [(
        "{ question = \"danger\", is = [\"yes\", \"unsure\"] }",
        "{ question = \"danger\", is = [\"yes\"] }",
    )];
    found(&unsure, "after danger, \"type\" is asked before 999");
    found(&unsure, "a report of danger can be sent without emergency_declared");
}

#[test]
fn a_danger_answer_that_raises_no_flag() {
    let unflagged = [("[\"emergency_declared\", \"priority_2\"]", "[\"priority_2\"]")];
    found(&unflagged, "a report of danger can be sent without emergency_declared");
    found(&unflagged, "\"emergency\" = \"over\" does not raise emergency_declared");
    found(&unflagged, "emergency_declared is not what was met");
    let worried = [(
        "raises = [{ is = [\"yes\"], flags = [\"priority_2\", \"safeguarding\"] }]\nexample = \"no\"\nerror.missing = \"Tell us if you are worried",
        "example = \"no\"\nerror.missing = \"Tell us if you are worried",
    )];
    found(&worried, "\"afraid\" = \"yes\" does not raise safeguarding");
}

#[test]
fn a_channel_that_nobody_is_asked_about() {
    for (address, safe) in
        [("email", "safe_email"), ("phone", "safe_phone"), ("address", "safe_post")]
    {
        let asked = format!("id = \"{safe}\"\n");
        let asked_of_some =
            format!("{asked}when = {{ question = \"second_channel\", is = [\"text\"] }}\n");
        let fault = format!("\"{address}\" is given without \"{safe}\"");
        found(&[(&asked, &asked_of_some)], &fault);
        let may_be_left_out =
            format!("{asked}optional_when = {{ question = \"channel\", answered = true }}\n");
        found(&[(&asked, &may_be_left_out)], &fault);
    }
}

#[test]
fn a_way_to_hear_from_us_without_an_address() {
    let never = [("{ question = \"channel\", is = [\"email\"] },\n", "")];
    found(&never, "\"email\" is chosen and \"email\" is not asked");
}

#[test]
fn somebody_anonymous_who_is_asked_for_a_name() {
    let all = [(
        "when = { question = \"identity\", is = [\"details\"] }",
        "when = { question = \"identity\", answered = true }",
    )];
    for fault in [
        "somebody anonymous is asked for \"name\"",
        "somebody anonymous gives \"phone\"",
        "a report says who somebody anonymous is",
    ] {
        found(&all, fault);
    }
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
    let proof = prove(&read_with("toy.toml", &form, &[]).unwrap());
    // one = yes: 3 * 3; no: 3, of which one stops; unsure: 3.
    assert_eq!((proof.sent, proof.stopped), (14, 1));
    // Before three it only matters whether one was no.
    assert_eq!(proof.steps, 3 + 3 + 2 * 3);
}
