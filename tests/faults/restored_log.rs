use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Map, Value};
use tests::citizen::{Citizen, Receipt};
use tests::partner::Partner;
use tests::stack::Stack;
use tests::wait;

use crate::{LIMIT, Told};

/// Reports one after the other.
async fn report(
    citizen: &Citizen,
    answers: &Map<String, Value>,
    count: usize,
) -> anyhow::Result<Vec<Receipt>> {
    let mut receipts = vec![];
    for _ in 0..count {
        receipts.push(citizen.reports(answers).await?);
    }
    Ok(receipts)
}

/// A copy of the service's database as it is now.
fn dump(stack: &Stack, service: &str) -> anyhow::Result<PathBuf> {
    let file = stack.dir().join(format!("{service}.dump"));
    let url = database(stack, service)?;
    let status =
        Command::new("pg_dump").args(["--format=custom", "--file"]).arg(&file).arg(url).status()?;
    anyhow::ensure!(status.success(), "pg_dump failed");
    Ok(file)
}

/// Puts the older copy in the database's place.
fn restore(stack: &Stack, service: &str, dump: &PathBuf) -> Told {
    let status = Command::new("pg_restore")
        .args(["--clean", "--if-exists", "--single-transaction", "--dbname"])
        .arg(database(stack, service)?)
        .arg(dump)
        .status()?;
    anyhow::ensure!(status.success(), "pg_restore failed");
    Ok(())
}

fn database(stack: &Stack, service: &str) -> anyhow::Result<String> {
    Ok(stack.urls()?.get(&format!("{}_DATABASE_URL", service.to_uppercase()))?.to_owned())
}

/// Waits until the service is not ready and says why.
async fn until_saying(stack: &Stack, service: &str, why: &str) -> Told {
    let url =
        format!("{}/readyz", stack.urls()?.get(&format!("{}_ADMIN_URL", service.to_uppercase()))?);
    wait::until("the service to refuse", LIMIT, || async {
        let response = tests::citizen::http()?.get(&url).send().await?;
        let ready = response.status().is_success();
        let says: Value = response.json().await?;
        anyhow::ensure!(says.to_string().contains(why), "{says}");
        anyhow::ensure!(!ready, "ready with an older log");
        Ok(Some(()))
    })
    .await
}

async fn is_whole_again(service: &str) -> Told {
    let stack = Stack::start(&[]).await?;
    let citizen = stack.citizen()?;
    let answers = citizen.answers("crime").await?;
    let mut receipts = report(&citizen, &answers, 5).await?;
    stack.verify().await?;
    let older = dump(&stack, service)?;
    receipts.extend(report(&citizen, &answers, 5).await?);
    let passed_on = Partner::of(&stack.urls()?)?.reports().await?;
    stack.verify().await?;

    stack.kill(&service.to_uppercase())?;
    restore(&stack, service, &older)?;
    assert!(stack.up_within(5).await.is_err(), "{service} became ready with an older log");
    until_saying(&stack, service, "log recover").await?;
    let said = stack.service(service, &["log", "recover"]).await;
    assert!(said.is_err_and(|why| why.to_string().contains("stop every one of them first")));
    stack.kill(&service.to_uppercase())?;
    let said = stack.service(service, &["log", "recover"]).await?;
    assert!(said.contains("taken back"), "{said}");
    stack.up().await?;
    receipts.extend(report(&stack.citizen()?, &answers, 2).await?);
    stack.verify().await?;
    let path = format!("v2/requests/{passed_on}.json");
    Partner::of(&stack.urls()?)?.reads(&path).await?.into::<Value>(200)?;
    each_has_its_case(&stack, &receipts).await
}

async fn each_has_its_case(stack: &Stack, receipts: &[Receipt]) -> Told {
    let officer = stack.triager()?;
    for receipt in receipts {
        officer.sees(&receipt.reference, "the case", LIMIT, |_| true).await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_older_intake_refuses_and_is_whole_after_log_recover() -> Told {
    is_whole_again("intake").await
}

#[tokio::test]
async fn an_older_bureau_refuses_and_is_whole_after_log_recover() -> Told {
    is_whole_again("bureau").await
}

#[tokio::test]
async fn an_older_notifier_refuses_and_is_whole_after_log_recover() -> Told {
    is_whole_again("notifier").await
}

/// Intake by hand, while everything else is away; ended by the test.
struct Alone(Child);

impl Drop for Alone {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[tokio::test]
async fn ten_reports_accepted_behind_an_older_log_are_all_there_with_the_lost_ones() -> Told {
    let stack = Stack::start(&[]).await?;
    let citizen = stack.citizen()?;
    let answers = citizen.answers("crime").await?;
    let mut receipts = report(&citizen, &answers, 5).await?;
    stack.verify().await?;
    let older = dump(&stack, "intake")?;
    receipts.extend(report(&citizen, &answers, 7).await?);
    stack.verify().await?;

    stack.kill("INTAKE")?;
    stack.kill("NATS")?;
    restore(&stack, "intake", &older)?;
    let mut command = stack.service_command("intake", &["serve"])?;
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let alone = Alone(command.spawn()?);
    let more = wait::until("intake to accept", LIMIT, || async {
        Ok(Some(citizen.reports(&answers).await?))
    })
    .await?;
    receipts.push(more);
    receipts.extend(report(&citizen, &answers, 9).await?);
    drop(alone);

    assert!(
        stack.up_within(5).await.is_err(),
        "intake became ready with a log that is not its stream's"
    );
    until_saying(&stack, "intake", "log recover").await?;
    stack.kill("INTAKE")?;
    let said = stack.service("intake", &["log", "recover"]).await?;
    assert!(said.contains("7 events taken back, 10 moved"), "{said}");
    stack.up().await?;
    let report = stack.verify().await?;
    assert_eq!(report.checked("every accepted report is in the log once"), 22);
    each_has_its_case(&stack, &receipts).await?;
    for receipt in &receipts {
        stack.citizen()?.status(receipt).await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_older_log_whose_stream_is_gone_as_well_is_refused_and_says_what_is_lost() -> Told {
    let stack = Stack::start(&[]).await?;
    let citizen = stack.citizen()?;
    let answers = citizen.answers("crime").await?;
    report(&citizen, &answers, 3).await?;
    stack.verify().await?;
    let older = dump(&stack, "intake")?;
    report(&citizen, &answers, 5).await?;
    stack.verify().await?;

    stack.kill("INTAKE")?;
    stack.kill("NATS")?;
    std::fs::remove_dir_all(stack.dir().join("nats"))?;
    restore(&stack, "intake", &older)?;
    // It may seem whole until the followers' streams are filled again.
    stack.up_within(5).await.ok();
    let why = "up to 8, but log and stream end at 3";
    until_saying(&stack, "intake", why).await?;
    assert!(stack.log_lines()?.contains("the events in between are lost"));

    stack.kill("INTAKE")?;
    let said = stack.service("intake", &["log", "recover"]).await;
    assert!(said.is_err_and(|why| why.to_string().contains("Restore a newer copy")));
    Ok(())
}
