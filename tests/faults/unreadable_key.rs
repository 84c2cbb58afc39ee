use serde_json::Value;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use tests::citizen::{Receipt, http};
use tests::stack::Stack;
use tests::wait;

use crate::{LIMIT, Told};

/// Turns the bytes of these reports' keys round, as nothing but a broken copy would; and back.
async fn turn_keys(stack: &Stack, receipts: &[&Receipt]) -> Told {
    let mut keys = PgConnection::connect(stack.urls()?.get("KEYS_DATABASE_URL")?).await?;
    let ids: Vec<_> = receipts.iter().map(|receipt| receipt.report_id).collect();
    let turned = sqlx::query(
        "update report_key set wrapped = decode(reverse(encode(wrapped, 'hex')), 'hex')
         where report_id = any($1)",
    )
    .bind(&ids)
    .execute(&mut keys)
    .await?;
    assert_eq!(turned.rows_affected(), u64::try_from(ids.len())?);
    Ok(())
}

#[tokio::test]
async fn a_key_that_does_not_open_holds_up_nobody_else_and_is_a_persons_task() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let answers = citizen.answers("crime").await?;
    stack.kill("NOTIFIER")?;
    let (spoilt, whole) = (citizen.reports(&answers).await?, citizen.reports(&answers).await?);
    turn_keys(&stack, &[&spoilt]).await?;
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
    turn_keys(&stack, &both.each_ref()).await?;
    stack.up().await?;
    wait::until("the alarm", LIMIT, || async {
        Ok(stack.log_lines()?.contains("alarm: sending waits").then_some(()))
    })
    .await?;
    turn_keys(&stack, &both.each_ref()).await?;
    for receipt in &both {
        mailbox.gets(&[&receipt.reference], LIMIT).await?;
    }
    stack.verify().await?;
    Ok(())
}
