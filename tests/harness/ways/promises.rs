//! What must hold on every way through every form, whatever it asks.

use anyhow::{Context as _, ensure};
use intake_service::domain::form::{Condition, Form, Journey, Kind, Page, Purpose};
use intake_service::domain::report::{Identity, Report};
use jiff::civil::DateTime;
use serde_json::{Map, Value};

use crate::Result;

/// An address, and the question that says whether it is private.
const ADDRESSES: [(&str, &str); 3] =
    [("email", "safe_email"), ("phone", "safe_phone"), ("address", "safe_post")];
const WAYS_PAST_999: [&str; 3] = ["called", "over", "cannot_call"];

/// Pages come in the order of the form, each once, and none before what it depends on.
pub(super) fn of_the_path(form: &Form, walked: &Journey<'_, '_>) -> Result<()> {
    let mut places = form.pages().iter();
    for page in &walked.path {
        ensure!(places.any(|place| place.id == page.id), "\"{}\" is out of its place", page.id);
    }
    let Some(next) = &walked.next else { return Ok(()) };
    let last = walked.path.last().context("a page that is not on the path")?;
    ensure!(last.id == next.page.id, "\"{}\" is not the end of the path", next.page.id);
    if walked.stop.is_some() {
        return Ok(()); // It waits for nothing.
    }
    for id in depends_on(next.page) {
        let entry = walked.entries.iter().find(|entry| entry.question.id == id);
        let is_open = entry.is_some_and(|entry| {
            let views = walked.questions(entry.page);
            let required = views.iter().any(|view| view.question.id == id && view.required);
            entry.answer.is_none() && required
        });
        ensure!(!is_open, "\"{}\" comes before \"{id}\", on which it depends", next.page.id);
    }
    Ok(())
}

/// The questions that decide whether `page` is asked.
fn depends_on(page: &Page) -> Vec<&str> {
    let mut found = vec![];
    let mut conditions: Vec<&Condition> = page.when.iter().collect();
    while let Some(condition) = conditions.pop() {
        match condition {
            Condition::Is(test) | Condition::Answered(test) => found.push(&*test.question),
            Condition::Raised { .. } => {}
            Condition::All(all) | Condition::Any(all) => conditions.extend(all),
            Condition::Not(one) => conditions.push(one),
        }
    }
    found
}

/// What is sent is what was asked and answered, and does nobody harm.
pub(super) fn of_the_report(
    form: &Form,
    walked: &Journey<'_, '_>,
    sent: &Map<String, Value>,
    report: &Report<'_>,
    now: DateTime,
) -> Result<()> {
    all_is_there(walked, sent, report, now)?;
    danger_is_met(form, walked, report)?;
    contact_is_safe(form, report)
}

/// Every answer given on the path is in the report, in the words that the page asks it in.
fn all_is_there(
    walked: &Journey<'_, '_>,
    sent: &Map<String, Value>,
    report: &Report<'_>,
    now: DateTime,
) -> Result<()> {
    let count = (report.answers.len(), sent.len());
    ensure!(count.0 == count.1, "{} of {} answers are sent", count.0, count.1);
    for page in &walked.path {
        for view in walked.questions(page) {
            let question = view.question;
            let Some(given) = sent.get(&question.id) else { continue };
            let answer = report.answers.iter().find(|answer| answer.id == question.id);
            let answer = answer.with_context(|| format!("\"{}\" is not sent", question.id))?;
            ensure!(
                answer.label == view.label,
                "\"{}\" is sent as \"{}\"",
                view.label,
                answer.label
            );
            ensure!(!answer.display().is_empty(), "nobody can read \"{}\"", question.id);
            ensure!(
                words(given) == words(&answer.value) || is_spelt(question.kind),
                "{given} is sent as {}",
                answer.value
            );
            let again = question.read(&answer.value, now, false);
            let again = again.map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
            ensure!(again.value == answer.value, "{} has no one spelling", answer.value);
        }
    }
    Ok(())
}

/// Kinds of which one answer has several spellings, of which one is kept.
fn is_spelt(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Money
            | Kind::Phone
            | Kind::Email
            | Kind::VehicleRegistration
            | Kind::Place
            | Kind::ApproximateDate
            | Kind::Group
    )
}

/// All that is written in an answer, without its spaces.
fn words(answer: &Value) -> String {
    let mut words = answer.to_string();
    words.retain(|letter| !letter.is_whitespace());
    words
}

/// No path leads past the gate, and 999 is met and passed in one of three ways, or nothing is sent.
fn danger_is_met(form: &Form, walked: &Journey<'_, '_>, report: &Report<'_>) -> Result<()> {
    let said = |id: &str| report.answers.iter().find(|answer| answer.id == id);
    let says = |id: &str, values: &[&str]| {
        said(id).and_then(|answer| answer.value.as_str()).is_some_and(|told| values.contains(&told))
    };
    if form.kind != "thanks" {
        for gate in ["now", "danger"].into_iter().filter(|id| form.question(id).is_some()) {
            ensure!(said(gate).is_some(), "sent without \"{gate}\"");
        }
        ensure!(form.question("danger").is_some(), "nobody is asked about danger");
    }
    let stop = walked
        .path
        .iter()
        .find(|page| page.stop.as_ref().is_some_and(|stop| stop.code == "call_999"));
    let danger = says("now", &["yes"]) || says("danger", &["yes", "unsure"]);
    ensure!(!danger || stop.is_some(), "danger does not lead to 999");
    if let Some(stop) = stop {
        let passed = stop.questions.iter().any(|asked| says(&asked.id, &WAYS_PAST_999));
        ensure!(passed, "\"{}\" is passed in no known way", stop.id);
        ensure!(report.flags.emergency_declared, "nobody is told that 999 was met");
    }
    Ok(())
}

/// An address is sent only with what was said of its safety, and none of somebody anonymous.
fn contact_is_safe(form: &Form, report: &Report<'_>) -> Result<()> {
    let has = |id: &str| report.answers.iter().any(|answer| answer.id == id);
    for (address, safe) in ADDRESSES {
        ensure!(!has(address) || has(safe), "\"{address}\" is sent without \"{safe}\"");
    }
    let contact = &report.contact;
    if contact.identity == Identity::Anonymous {
        let named = [&contact.name, &contact.email, &contact.phone];
        ensure!(named.iter().all(|part| part.is_none()), "somebody anonymous is named");
        for answer in report.answers.iter().filter(|answer| answer.id != "identity") {
            let question = form.question(answer.id).context("a question of no form")?;
            let reaches = question.purpose == Purpose::Contact && answer.id != "acknowledge";
            ensure!(!reaches, "somebody anonymous is asked for \"{}\"", answer.id);
        }
    }
    Ok(())
}
