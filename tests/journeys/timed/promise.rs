use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tests::citizen::{Receipt, new_key};
use tests::officer::Officer;
use tests::stack::Stack;
use tests::urls::Urls;
use tests::wait;

use crate::Told;

/// The whole promise, in thirty seconds.
const SHORT: [(&str, &str); 1] = [("CONTACT_DEADLINE", "30s")];
const PATIENCE: Duration = Duration::from_secs(45);

/// When the first event of `kind` about the report was recorded, as a fraction of the promise.
async fn moment(
    urls: &Urls,
    log: &str,
    receipt: &Receipt,
    kind: &str,
) -> anyhow::Result<Option<f64>> {
    let events = tests::verify::read_log(urls.get(&format!("{log}_DATABASE_URL"))?).await?;
    let (from, to): (Timestamp, Timestamp) =
        (receipt.submitted_at.parse()?, receipt.contact_by.parse()?);
    let whole = to.as_microsecond() - from.as_microsecond();
    let found = events.iter().find(|e| e.kind == kind && e.report_id() == receipt.report_id);
    #[expect(clippy::cast_precision_loss, reason = "a fraction of seconds")]
    Ok(found.map(|e| (e.recorded_at_us - from.as_microsecond()) as f64 / whole as f64))
}

async fn until_moment(
    stack: &Stack,
    log: &str,
    receipt: &Receipt,
    kind: &str,
) -> anyhow::Result<f64> {
    let urls = stack.urls()?;
    wait::until(kind, PATIENCE, || moment(&urls, log, receipt, kind)).await
}

async fn open_tasks(officer: &Officer) -> anyhow::Result<Vec<Value>> {
    let tasks: Value = officer.get("tasks").await?.into(200)?;
    Ok(tasks["items"].as_array().cloned().unwrap_or_default())
}

#[tokio::test]
async fn decided_in_time_is_told_in_time_and_nobody_is_alarmed() -> Told {
    let stack = Stack::start(&SHORT).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    officer.sees(&receipt.reference, "the case", PATIENCE, |_| true).await?;
    officer.assesses(&receipt.reference).await?;
    officer.files(&receipt.reference, "Nothing more can be done.").await?;
    mailbox.gets(&[&receipt.reference, "Nothing more can be done."], PATIENCE).await?;
    let kept = until_moment(&stack, "NOTIFIER", &receipt, "obligation.kept").await?;
    assert!(kept < 18.0 / 24.0, "kept at {kept}");
    let due: Timestamp = receipt.contact_by.parse()?;
    wait::until("the promise's time to be over", PATIENCE, || async {
        #[expect(clippy::disallowed_methods, reason = "the story happens in real time")]
        let now = Timestamp::now();
        Ok((now > due).then_some(()))
    })
    .await?;
    let urls = stack.urls()?;
    assert_eq!(moment(&urls, "BUREAU", &receipt, "promise.at_risk").await?, None);
    assert_eq!(moment(&urls, "BUREAU", &receipt, "task.opened").await?, None);
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn not_decided_is_at_risk_then_told_so_and_then_a_persons_task() -> Told {
    let stack = Stack::start(&SHORT).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    let acknowledged = mailbox.gets(&[&receipt.reference], PATIENCE).await?;
    let at_risk = until_moment(&stack, "BUREAU", &receipt, "promise.at_risk").await?;
    assert!((0.75..0.83).contains(&at_risk), "at risk at {at_risk}");
    let first: Value = officer.get("cases?sort=due").await?.into(200)?;
    assert_eq!(first["items"][0]["reference"], receipt.reference.as_str());
    let holding = wait::until("the holding message", PATIENCE, || async {
        let all = mailbox.all()?;
        Ok(all.into_iter().find(|mail| mail.file != acknowledged.file))
    })
    .await?;
    assert!(holding.text.contains("sorry"), "{}", holding.text);
    stack.verify().await?;
    // Told, though undecided: no person has to be asked to tell it again.
    assert_eq!(moment(&stack.urls()?, "BUREAU", &receipt, "task.opened").await?, None);
    // The time that was named, a whole promise after the first, is not passed over in silence.
    let task = until_moment(&stack, "BUREAU", &receipt, "task.opened").await?;
    assert!((1.90..2.0).contains(&task), "a task at {task}");
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn somebody_who_wants_a_call_is_a_persons_task_from_the_decision_on() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let mut answers = citizen.answers("crime").await?;
    answers.insert("channel".to_owned(), json!("telephone"));
    for other in ["second_channel", "email", "safe_email"] {
        answers.remove(other);
    }
    let receipt = citizen.reports(&answers).await?;
    officer.sees(&receipt.reference, "the case", PATIENCE, |_| true).await?;
    officer.assesses(&receipt.reference).await?;
    officer.files(&receipt.reference, "Nothing more can be done.").await?;
    let tasks = wait::until("a task", PATIENCE, || async {
        let tasks = open_tasks(&officer).await?;
        Ok((!tasks.is_empty()).then_some(tasks))
    })
    .await?;
    assert_eq!(tasks.len(), 1, "{tasks:?}");

    let missed = json!({ "how": "telephone", "outcome": "no_answer", "note": "Tried once." });
    officer.acts(&receipt.reference, "contacts", &missed).await?.into::<Value>(200)?;
    assert_eq!(open_tasks(&officer).await?.len(), 1);
    let told = json!({ "how": "telephone", "outcome": "told", "note": "Spoke with the reporter." });
    officer.acts(&receipt.reference, "contacts", &told).await?.into::<Value>(200)?;
    wait::until("the task to be done", PATIENCE, || async {
        Ok(open_tasks(&officer).await?.is_empty().then_some(()))
    })
    .await?;
    officer
        .sees(&receipt.reference, "a person's contact", PATIENCE, |item| {
            item["contact_state"] == "person"
        })
        .await?;
    stack.verify().await?;
    assert_eq!(mailbox.all()?, []);
    Ok(())
}

#[tokio::test]
async fn a_dead_notifier_leaves_a_persons_task_before_the_deadline() -> Told {
    let stack = Stack::start(&SHORT).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    stack.kill("NOTIFIER")?;
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    officer.sees(&receipt.reference, "the case", PATIENCE, |_| true).await?;
    officer.assesses(&receipt.reference).await?;
    officer.files(&receipt.reference, "Nothing more can be done.").await?;
    let task = until_moment(&stack, "BUREAU", &receipt, "task.opened").await?;
    assert!((0.90..1.0).contains(&task), "a task at {task}");
    stack.up().await?;
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn after_a_stop_time_goes_by_without_a_message_and_only_a_supervisor_is_asked() -> Told {
    let stack = Stack::start(&SHORT).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    mailbox.gets(&[&receipt.reference], PATIENCE).await?;
    assert_eq!(citizen.stops_contact(&receipt, &new_key()).await?.status, 201);
    until_moment(&stack, "BUREAU", &receipt, "promise.at_risk").await?;
    let due: Timestamp = receipt.contact_by.parse()?;
    wait::until("the promise's time to be over", PATIENCE, || async {
        #[expect(clippy::disallowed_methods, reason = "the story happens in real time")]
        let now = Timestamp::now();
        Ok((now > due).then_some(()))
    })
    .await?;
    let tasks = open_tasks(&officer).await?;
    let whys: Vec<&Value> = tasks.iter().map(|task| &task["why"]).collect();
    assert_eq!(whys, ["find_safe_way"]);
    stack.verify().await?;
    assert_eq!(mailbox.all()?.len(), 1, "the acknowledgement and nothing else");
    Ok(())
}
