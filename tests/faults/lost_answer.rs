use std::process::{Child, Stdio};

use backbone::shutdown::Tasks;
use serde_json::json;
use tests::citizen::{Citizen, Receipt, new_key};
use tests::stack::Stack;
use tests::swallowing_proxy::{Lost, SwallowingProxy};
use tests::urls::Urls;
use tests::verify::Event;
use tests::wait;

use crate::{LIMIT, Told};

/// A further process of a service, with a way of its own to its database.
struct Apart {
    process: Child,
    url: String,
}

impl Drop for Apart {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Apart {
    async fn start(stack: &Stack, service: &str, proxy: &SwallowingProxy) -> anyhow::Result<Self> {
        let prefix = service.to_uppercase();
        let settings = Urls::read(&stack.dir().join(format!("{service}.env")))?;
        let database = format!("{prefix}_DATABASE_URL");
        let free = || std::net::TcpListener::bind("127.0.0.1:0")?.local_addr();
        let (listen, admin) = (free()?.to_string(), free()?.to_string());
        let process = stack
            .service_command(service, &["serve"])?
            .env(&database, proxy.through(settings.get(&database)?)?)
            .env(format!("{prefix}_LISTEN"), &listen)
            .env(format!("{prefix}_ADMIN_LISTEN"), &admin)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let apart = Self { process, url: format!("http://{listen}") };
        let ready = format!("http://{admin}/readyz");
        wait::until("the process to be ready", LIMIT, || async {
            let response = tests::citizen::http()?.get(&ready).send().await?;
            let is_ready = response.status().is_success();
            anyhow::ensure!(is_ready, "{}", response.text().await?);
            Ok(Some(()))
        })
        .await?;
        Ok(apart)
    }
}

async fn proxy(stack: &Stack, tasks: &Tasks) -> anyhow::Result<SwallowingProxy> {
    SwallowingProxy::start(&stack.dir().join("run"), tasks).await
}

#[tokio::test]
async fn a_report_whose_commit_is_not_answered_stands_once_and_has_one_receipt() -> Told {
    let stack = Stack::start(&[]).await?;
    let tasks = Tasks::default();
    let proxy = proxy(&stack, &tasks).await?;
    let intake = Apart::start(&stack, "intake", &proxy).await?;
    let citizen = Citizen::new(&intake.url)?;
    let body = json!({ "kind": "crime", "answers": citizen.answers("crime").await? });
    // The first report is appended in a transaction; the others follow on what this process has written,
    // by one statement.
    for (lost, swallowed) in [(Lost::Commit, 1), (Lost::None, 1), (Lost::Next, 2)] {
        proxy.lose(lost);
        let key = new_key();
        let first: Receipt = citizen.send(Some(&key), &body).await?.into(201)?;
        assert_eq!(proxy.swallowed(), swallowed, "{lost:?}");
        let again: Receipt = citizen.send(Some(&key), &body).await?.into(201)?;
        assert_eq!(first, again, "{lost:?}");
    }
    let submitted = tests::verify::read_log(stack.urls()?.get("INTAKE_DATABASE_URL")?).await?;
    assert_eq!(submitted.len(), 3);
    stack.verify().await?;
    tasks.token().cancel();
    Ok(())
}

#[tokio::test]
async fn a_message_whose_commit_is_not_answered_is_applied_once() -> Told {
    let stack = Stack::start(&[]).await?;
    let tasks = Tasks::default();
    let proxy = proxy(&stack, &tasks).await?;
    // Nothing but intake's messages is followed.
    stack.kill("NOTIFIER")?;
    stack.kill("BUREAU")?;
    let bureau = Apart::start(&stack, "bureau", &proxy).await?;
    let citizen = stack.citizen()?;
    let answers = citizen.answers("crime").await?;
    for lost in [Lost::None, Lost::Commit, Lost::None] {
        proxy.lose(lost);
        let receipt = citizen.reports(&answers).await?;
        let url = stack.urls()?.get("BUREAU_DATABASE_URL")?.to_owned();
        wait::until("the case to be opened", LIMIT, async || {
            let log = tests::verify::read_log(&url).await?;
            let opened = |event: &&Event| event.kind == "case.opened";
            let of_this = log.iter().filter(opened).filter(|e| e.stream == receipt.report_id);
            Ok((of_this.count() == 1).then_some(()))
        })
        .await?;
    }
    assert_eq!(proxy.swallowed(), 1);
    drop(bureau);
    stack.up().await?;
    stack.verify().await?;
    tasks.token().cancel();
    Ok(())
}
