use anyhow::Context as _;
use tests::smtp_server::{Mode, SmtpServer};
use tests::stack::Stack;
use tests::wait;

use super::{cannot_call, contact};
use crate::{LIMIT, Told};

fn message_id(mail: &str) -> Option<&str> {
    mail.lines().find_map(|line| line.strip_prefix("Message-ID: ")).map(str::trim)
}

#[tokio::test]
async fn a_mail_server_that_is_busy_or_hangs_up_is_asked_again_at_once() -> Told {
    let server = SmtpServer::start(Mode::Busy).await?;
    let url = server.url();
    let settings = [("NOTIFIER_CHANNEL", "smtp"), ("SMTP_URL", url.as_str())];
    let stack = Stack::start(&settings).await?;
    let receipt = stack.citizen()?.reports(&cannot_call()).await?;
    let attempts = async || {
        let seen = contact(&stack, &receipt).await?;
        let letter = seen["emergencies"][0]["letters"][0].clone();
        anyhow::Ok(letter["attempts"].as_array().cloned().unwrap_or_default())
    };
    let until = async |outcome: &str| {
        wait::until(&format!("an attempt that is {outcome}"), LIMIT, || async {
            let found = attempts().await?.iter().any(|attempt| attempt["outcome"] == outcome);
            Ok(found.then_some(()))
        })
        .await
    };
    until("failed").await?;
    server.answers(Mode::Cut)?;
    until("in_doubt").await?;
    server.answers(Mode::Accept)?;
    until("delivered").await?;
    // It may have come twice: whoever reads it can tell, and that is better than not at all.
    let kept = server.kept()?;
    assert!(kept.len() >= 2, "{kept:?}");
    let first = message_id(&kept[0]).context("no Message-ID")?;
    assert!(kept.iter().all(|mail| message_id(mail) == Some(first)));
    stack.verify().await?;
    Ok(())
}
