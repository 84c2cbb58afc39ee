//! Every kind that can be chosen, as a client of the API sends it and as staff read it: some of the ways
//! that `tests/walks` goes by the thousand, over the real programs.

use backbone::clock::{Clock as _, SystemClock};
use intake_service::domain::form::{Form, Kind};
use intake_service::domain::report;
use intake_service::forms::{self, Forms};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use tests::citizen::{Citizen, Receipt};
use tests::officer::Officer;
use tests::stack::Stack;
use tests::ways::{Chance, End, Person};

use crate::{LIMIT, Told};

const SEED: u64 = 2;
/// Reports of each kind.
const REPORTS: usize = 25;
/// A report that came, and what was sent with it.
type Sent = (Receipt, Map<String, Value>);

#[tokio::test]
async fn a_report_of_each_kind_is_read_by_staff_as_it_was_given() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    let forms =
        forms::load(&forms::sample_words()).map_err(|refused| anyhow::anyhow!("{refused}"))?;
    let kinds = citizen.kinds().await?;
    assert!(!kinds.is_empty());
    for kind in kinds {
        let form = form(&forms, &kind);
        let sent = sends(&citizen, form).await?;
        for (receipt, answers) in &sent {
            is_read(&officer, form, receipt, answers).await?;
        }
    }
    let proven = stack.verify().await?;
    assert!(proven.checked("every accepted report") >= REPORTS);
    Ok(())
}

fn form<'a>(forms: &'a Forms, kind: &str) -> &'a Form {
    forms.get(kind).unwrap_or_else(|| panic!("no form for {kind}"))
}

/// What the clock of somebody in the country says.
fn local_now() -> DateTime {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    SystemClock.now().to_zoned(zone).datetime()
}

/// Sends so many reports, each answered by chance, when the journey says that it may be.
async fn sends(citizen: &Citizen, form: &Form) -> anyhow::Result<Vec<Sent>> {
    let mut sent = vec![];
    for way in 0.. {
        if sent.len() == REPORTS {
            break;
        }
        let end = Person::new(form, local_now(), Chance::of(SEED, way)).goes()?;
        let End::Complete(mut answers) = end else { continue };
        // A file has to be there before a report can name it: see the journey of evidence.
        answers.retain(|id, _| form.question(id).is_none_or(|asked| asked.kind != Kind::Files));
        let journey = citizen.journey(&form.kind, &answers).await?;
        assert_eq!(journey["may_submit"], true, "{} way {way}: {journey}", form.kind);
        let receipt = citizen.reports_of(&form.kind, &answers).await?;
        sent.push((receipt, answers));
    }
    Ok(sent)
}

/// Staff read each question as it was asked, and each answer as it was given, and no more.
async fn is_read(
    officer: &Officer,
    form: &Form,
    receipt: &Receipt,
    answers: &Map<String, Value>,
) -> Told {
    let reference = receipt.reference.as_str();
    officer.sees(reference, "the case", LIMIT, |item| item["kind"] == form.kind.as_str()).await?;
    let (case, _) = officer.opens(reference).await?;
    let report = report::check(form, answers, local_now()).unwrap();
    let then: Vec<Value> = report
        .answers
        .iter()
        .map(|answer| {
            json!({
                "question": answer.id,
                "label": answer.label,
                "kind": answer.kind.as_str(),
                "value": answer.value,
                "display": answer.display(),
            })
        })
        .collect();
    assert_eq!(case["answers"], Value::Array(then), "{}", form.kind);
    Ok(())
}
