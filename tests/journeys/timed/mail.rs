use std::time::Duration;

use serde_json::Value;
use tests::smtp_server::{Mode, SmtpServer};
use tests::stack::Stack;
use tests::wait;

use crate::Told;

const PATIENCE: Duration = Duration::from_secs(45);

async fn until_kept(server: &SmtpServer, count: usize) -> anyhow::Result<Vec<String>> {
    wait::until("messages at the mail server", PATIENCE, || async {
        let kept = server.kept()?;
        Ok((kept.len() >= count).then_some(kept))
    })
    .await
}

/// The line of a message that names it.
fn message_id(mail: &str) -> &str {
    mail.lines().find(|line| line.starts_with("Message-ID:")).unwrap_or_default()
}

#[tokio::test]
async fn a_mail_server_that_is_busy_at_first_gets_each_message_once() -> Told {
    let server = SmtpServer::start(Mode::Busy).await?;
    let url = server.url();
    let settings =
        [("NOTIFIER_CHANNEL", "smtp"), ("SMTP_URL", url.as_str()), ("CONTACT_DEADLINE", "30s")];
    let stack = Stack::start(&settings).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    officer.sees(&receipt.reference, "the case", PATIENCE, |_| true).await?;
    officer.assesses(&receipt.reference).await?;
    officer.files(&receipt.reference, "Nothing more can be done.").await?;
    officer
        .sees(&receipt.reference, "the sending", PATIENCE, |item| {
            item["contact_state"] == "sending"
        })
        .await?;
    server.answers(Mode::Accept)?;
    let kept = until_kept(&server, 2).await?;
    officer
        .sees(&receipt.reference, "the delivery", PATIENCE, |item| {
            ["accepted", "delivered"].contains(&item["contact_state"].as_str().unwrap_or_default())
        })
        .await?;
    stack.verify().await?;
    assert_eq!(server.kept()?.len(), 2);
    assert_ne!(message_id(&kept[0]), message_id(&kept[1]));
    assert!(kept.iter().any(|mail| mail.contains("Nothing more can be done.")));
    Ok(())
}

#[tokio::test]
async fn a_mail_server_that_refuses_for_good_leaves_a_persons_task() -> Told {
    let server = SmtpServer::start(Mode::Refuse).await?;
    let url = server.url();
    let settings =
        [("NOTIFIER_CHANNEL", "smtp"), ("SMTP_URL", url.as_str()), ("CONTACT_DEADLINE", "30s")];
    let stack = Stack::start(&settings).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    officer.sees(&receipt.reference, "the case", PATIENCE, |_| true).await?;
    officer.assesses(&receipt.reference).await?;
    officer.files(&receipt.reference, "Nothing more can be done.").await?;
    wait::until("a person's task", PATIENCE, || async {
        let tasks: Value = officer.get("tasks").await?.into(200)?;
        Ok(tasks["items"].as_array().is_some_and(|items| items.len() == 1).then_some(()))
    })
    .await?;
    stack.verify().await?;
    assert_eq!(server.kept()?.len(), 0);
    Ok(())
}

#[tokio::test]
async fn a_mail_server_that_hangs_up_after_a_message_gets_it_once_more_under_the_same_name() -> Told
{
    let server = SmtpServer::start(Mode::Cut).await?;
    let url = server.url();
    let stack = Stack::start(&[("NOTIFIER_CHANNEL", "smtp"), ("SMTP_URL", url.as_str())]).await?;
    let citizen = stack.citizen()?;
    citizen.reports(&citizen.answers("crime").await?).await?;
    let first = until_kept(&server, 1).await?;
    server.answers(Mode::Accept)?;
    let both = until_kept(&server, 2).await?;
    assert_eq!(message_id(&first[0]), message_id(&both[1]));
    assert!(!message_id(&first[0]).is_empty());
    stack.verify().await?;
    assert_eq!(server.kept()?.len(), 2);
    Ok(())
}
