use anyhow::Context as _;
use serde_json::Value;
use tests::stack::Stack;
use tests::wait;

use crate::{LIMIT, Told};

/// Puts a message into a stream that its owner did not send.
pub(crate) async fn publish(stack: &Stack, stream: &str) -> Told {
    let urls = stack.urls()?;
    let client = connect(urls.get("NATS_OPERATOR_URL")?).await?;
    let context = async_nats::jetstream::new(client);
    let subject = format!("{}.v1.case.opened", stream.to_lowercase());
    // A broker that has just lost everything gets the stream back from its owner first.
    wait::until("the stream to take it", LIMIT, || async {
        context.publish(subject.clone(), "not one of ours".into()).await?.await?;
        Ok(Some(()))
    })
    .await
}

async fn connect(url: &str) -> anyhow::Result<async_nats::Client> {
    let (head, rest) = url.split_once("://").context("no scheme")?;
    let (login, host) = rest.rsplit_once('@').context("no user")?;
    let (user, password) = login.split_once(':').context("no password")?;
    Ok(async_nats::ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
        .connect(format!("{head}://{host}"))
        .await?)
}

#[tokio::test]
async fn a_stray_message_is_told_and_mended_and_intake_goes_on() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    let answers = citizen.answers("crime").await?;
    publish(&stack, "INTAKE").await?;
    let receipt = citizen.reports(&answers).await?;
    let url = format!("{}/readyz", stack.urls()?.get("INTAKE_ADMIN_URL")?);
    wait::until("intake to say so", LIMIT, || async {
        let says: Value = tests::citizen::http()?.get(&url).send().await?.json().await?;
        Ok(says.to_string().contains("stream rebuild").then_some(()))
    })
    .await?;
    assert!(stack.log_lines()?.contains("alarm"));
    stack.service("intake", &["stream", "rebuild"]).await?;
    officer.sees(&receipt.reference, "the case", LIMIT, |_| true).await?;
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn a_service_may_publish_its_own_subjects_alone() -> Told {
    let stack = Stack::start(&[]).await?;
    let urls = stack.urls()?;
    let host = urls.get("NATS_URL")?.rsplit('@').next().context("no host")?.to_owned();
    let users = [
        ("intake", "bureau.v1.case.opened"),
        ("bureau", "notifier.v1.x.y"),
        ("notifier", "intake.v1.x.y"),
    ];
    for (user, subject) in users {
        let settings = tests::urls::Urls::read(&stack.dir().join(format!("{user}.env")))?;
        let file = settings.get(&format!("{}_NATS_PASSWORD_FILE", user.to_uppercase()))?;
        let password = std::fs::read_to_string(file)?.trim().to_owned();
        let client = async_nats::ConnectOptions::with_user_and_password(user.to_owned(), password)
            .custom_inbox_prefix(format!("_INBOX_{user}"))
            .connect(format!("nats://{host}"))
            .await?;
        let context = async_nats::jetstream::ContextBuilder::new()
            .ack_timeout(std::time::Duration::from_millis(500))
            .build(client);
        let published = context.publish(subject, "x".into()).await?.await;
        assert!(published.is_err(), "{user} could publish {subject}");
    }
    stack.verify().await?;
    Ok(())
}
