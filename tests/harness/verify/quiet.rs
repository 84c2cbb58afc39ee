//! Waits until every log is relayed, every stream followed, and nothing is due.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::Result;
use crate::citizen::http;
use crate::urls::Urls;
use crate::wait;

#[derive(Debug, Deserialize)]
struct Quiesce {
    head: u64,
    relayed: u64,
    followed: BTreeMap<String, u64>,
    due_now: u64,
}

pub(super) async fn wait(urls: &Urls, patience: Duration) -> Result<()> {
    let client = &http()?;
    wait::until("everything to be through", patience, || async move {
        // What the last message led to may be written between two questions: quiet is quiet twice.
        let (first, second) = (look(client, urls).await?, look(client, urls).await?);
        Ok((first == second).then_some(()))
    })
    .await
}

/// The heads of all logs, if everything is through.
async fn look(client: &reqwest::Client, urls: &Urls) -> Result<[u64; 3]> {
    let intake = ask(client, urls.get("INTAKE_ADMIN_URL")?).await?;
    let bureau = ask(client, urls.get("BUREAU_ADMIN_URL")?).await?;
    let notifier = ask(client, urls.get("NOTIFIER_ADMIN_URL")?).await?;
    for (name, service) in [("intake", &intake), ("bureau", &bureau), ("notifier", &notifier)] {
        if service.head != service.relayed {
            bail!("{name} has {} events and relayed {}", service.head, service.relayed);
        }
        if service.due_now > 0 {
            bail!("{name} has {} things due", service.due_now);
        }
    }
    let follows = [
        ("bureau", &bureau, "INTAKE", intake.head),
        ("bureau", &bureau, "NOTIFIER", notifier.head),
        ("notifier", &notifier, "INTAKE", intake.head),
        ("notifier", &notifier, "BUREAU", bureau.head),
        ("intake", &intake, "BUREAU", bureau.head),
        ("intake", &intake, "NOTIFIER", notifier.head),
    ];
    for (name, service, stream, head) in follows {
        let at = service.followed.get(stream).copied().unwrap_or(0);
        if at != head {
            bail!("{name} followed {stream} to {at} of {head}");
        }
    }
    Ok([intake.head, bureau.head, notifier.head])
}

async fn ask(client: &reqwest::Client, admin: &str) -> Result<Quiesce> {
    let response = client.get(format!("{admin}/quiesce")).send().await?;
    let status = response.status();
    let text = response.text().await?;
    serde_json::from_str(&text).with_context(|| format!("{admin}/quiesce: {status} {text}"))
}
