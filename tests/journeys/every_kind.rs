//! Every kind that can be chosen, as a client of the API sends it and as staff read it: some of the ways
//! that `tests/walks` goes by the thousand, over the real programs.

use anyhow::{Context as _, anyhow};
use backbone::clock::{Clock as _, SystemClock};
use intake_service::domain::form::{Form, Kind};
use intake_service::domain::report;
use intake_service::forms;
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
    let forms = forms::load(&forms::sample_words()).map_err(|refused| anyhow!("{refused}"))?;
    let kinds = citizen.kinds().await?;
    assert!(!kinds.is_empty());
    for kind in kinds {
        let form = forms.get(&kind).with_context(|| format!("no form for {kind}"))?;
        let sent = sends(&citizen, form).await?;
        for (receipt, answers) in &sent {
            is_read(&officer, form, receipt, answers).await?;
        }
    }
    let proven = stack.verify().await?;
    assert!(proven.checked("every accepted report") >= REPORTS);
    Ok(())
}

/// What the clock of somebody in the country says.
fn local_now() -> DateTime {
    let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
    SystemClock.now().to_zoned(zone).datetime()
}

/// Sends so many reports: one that is answered page by page as the API asks, the others by chance.
async fn sends(citizen: &Citizen, form: &Form) -> anyhow::Result<Vec<Sent>> {
    let mut all = vec![citizen.answers(&form.kind).await?];
    for way in 0.. {
        if all.len() == REPORTS {
            break;
        }
        if let End::Complete(answers) =
            Person::new(form, local_now(), Chance::of(SEED, way)).goes()?
        {
            all.push(answers);
        }
    }
    let mut sent = vec![];
    for (way, mut answers) in all.into_iter().enumerate() {
        // A file has to be there before a report can name it.
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
    let report = report::check(form, answers, local_now());
    let report = report.map_err(|errors| anyhow!("{errors:?}"))?;
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
