//! A key that does not open: a broken copy of one, or another master key.

use anyhow::Context as _;
use prost::Message as _;
use proto::intake::v1::ReportSubmitted;
use serde_json::Value;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use tests::citizen::{Receipt, http};
use tests::stack::Stack;
use tests::wait;
use uuid::Uuid;

use crate::{LIMIT, Told};

/// Turns the bytes of keys round, as nothing but a broken copy would; and back. Of one report, or all.
async fn turn_keys(stack: &Stack, of: Option<&Receipt>) -> Told {
    let urls = stack.urls()?;
    let mut keys = PgConnection::connect(urls.get("KEYS_DATABASE_URL")?).await?;
    let key_id = match of {
        Some(receipt) => Some(key_of(urls.get("INTAKE_DATABASE_URL")?, receipt).await?),
        None => None,
    };
    let turned = sqlx::query(
        "update report_key set wrapped = decode(reverse(encode(wrapped, 'hex')), 'hex')
         where $1::uuid is null or key_id = $1",
    )
    .bind(key_id)
    .execute(&mut keys)
    .await?;
    assert!(turned.rows_affected() >= 1);
    Ok(())
}

/// The key that a report is sealed with.
async fn key_of(intake: &str, receipt: &Receipt) -> anyhow::Result<Uuid> {
    let events = tests::verify::read_log(intake).await?;
    let event = events.iter().find(|event| event.stream == receipt.report_id);
    let body = &event.context("the report's event")?.body;
    let sealed = ReportSubmitted::decode(body.as_slice())?.content.context("its content")?;
    Ok(Uuid::from_slice(&sealed.key_id)?)
}

#[tokio::test]
async fn a_key_that_does_not_open_holds_up_nobody_else_and_is_a_persons_task() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let answers = citizen.answers("crime").await?;
    stack.kill("NOTIFIER")?;
    let (spoilt, whole) = (citizen.reports(&answers).await?, citizen.reports(&answers).await?);
    turn_keys(&stack, Some(&spoilt)).await?;
    stack.up().await?;

    mailbox.gets(&[&whole.reference], LIMIT).await?;
    let task = wait::until("a person's task", LIMIT, || async {
        let tasks: Value = officer.get("tasks").await?.into(200)?;
        Ok(tasks["items"].get(0).cloned())
    })
    .await?;
    assert_eq!(task["reference"], spoilt.reference.as_str());
    assert_eq!(task["why"], "channels_exhausted");
    assert!(stack.log_lines()?.contains("alarm: a message cannot be made"));
    let url = format!("{}/metrics", stack.urls()?.get("NOTIFIER_ADMIN_URL")?);
    let metrics = http()?.get(url).send().await?.text().await?;
    assert!(metrics.contains("notifier_unmade_total"), "{metrics}");
    assert_eq!(mailbox.all()?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn where_no_key_opens_at_all_nothing_is_given_up() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, mailbox) = (stack.citizen()?, stack.mailbox()?);
    let answers = citizen.answers("crime").await?;
    stack.kill("NOTIFIER")?;
    let both = [citizen.reports(&answers).await?, citizen.reports(&answers).await?];
    turn_keys(&stack, None).await?;
    stack.up().await?;
    wait::until("the alarm", LIMIT, || async {
        Ok(stack.log_lines()?.contains("alarm: sending waits").then_some(()))
    })
    .await?;
    let ready = format!("{}/readyz", stack.urls()?.get("NOTIFIER_ADMIN_URL")?);
    let said = http()?.get(ready).send().await?;
    assert_eq!(said.status(), 503);
    assert!(said.text().await?.contains("the master key opens no report's key"));
    turn_keys(&stack, None).await?;
    for receipt in &both {
        mailbox.gets(&[&receipt.reference], LIMIT).await?;
    }
    stack.verify().await?;
    Ok(())
}
