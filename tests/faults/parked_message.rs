use anyhow::Context as _;
use aws_lc_rs::hmac;
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use tests::citizen::new_key;
use tests::officer::Officer;
use tests::stack::Stack;
use tests::urls::Urls;
use tests::verify::{Event, read_log};
use tests::wait;

use crate::{LIMIT, Told};

/// Appends to intake's log what a broken version of it would have: an event with a body that nobody
/// can read, with the right hash and tag.
async fn append_unreadable(stack: &Stack) -> Told {
    let urls = stack.urls()?;
    let url = urls.get("INTAKE_DATABASE_URL")?;
    let before = read_log(url).await?.pop().context("an empty log")?;
    let settings = Urls::read(&stack.dir().join("intake.env"))?;
    let key = hex::decode(std::fs::read_to_string(settings.get("INTAKE_LOG_KEY_FILE")?)?.trim())?;
    let mut event = Event {
        position: before.position + 1,
        version: before.version + 1,
        kind: "details.added".to_owned(),
        body: vec![0xff; 40],
        ..before.clone()
    };
    event.hash = event.computed(&before.hash);
    event.tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &event.hash).as_ref().to_vec();
    let mut conn = PgConnection::connect(url).await?;
    let mut tx = conn.begin().await?;
    sqlx::query(
        "insert into event select $1, stream, $2, $3, recorded_at, meta, $4, $5, $6
         from event where position = $7",
    )
    .bind(i64::try_from(event.position)?)
    .bind(i32::try_from(event.version)?)
    .bind(&event.kind)
    .bind(&event.body)
    .bind(&event.hash)
    .bind(&event.tag)
    .bind(i64::try_from(before.position)?)
    .execute(&mut *tx)
    .await?;
    sqlx::query("update log_head set position = $1, hash = $2")
        .bind(i64::try_from(event.position)?)
        .bind(&event.hash)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Waits until staff see that `count` of intake's messages are put aside.
async fn until_parked(officer: &Officer, count: usize) -> Told {
    wait::until(&format!("{count} messages to be parked"), LIMIT, || async {
        let parked: Value = officer.get("parked").await?.into(200)?;
        let items = parked.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        // What the notifier says of the report waits behind it too; how much that is, is its affair.
        let ours = items.iter().filter(|item| item.get("stream") == Some(&json!("INTAKE")));
        Ok((ours.count() == count).then_some(()))
    })
    .await
}

#[tokio::test]
async fn one_that_was_refused_is_released_in_order_when_it_can_be_stored() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    let answers = citizen.answers("crime").await?;
    let mut bureau = PgConnection::connect(stack.urls()?.get("BUREAU_DATABASE_URL")?).await?;
    bureau
        .execute(
            "alter table triage_queue add constraint no_crime check (kind <> 'crime') not valid",
        )
        .await?;
    let receipt = citizen.reports(&answers).await?;
    until_parked(&officer, 1).await?;
    let later = json!({ "text": "I remember something else" });
    assert_eq!(citizen.adds(&receipt, &new_key(), &later).await?.status, 201);
    until_parked(&officer, 2).await?;
    let release = || stack.service_command("bureau", &["parked", "release"]);
    assert_eq!(release()?.output()?.status.code(), Some(3));
    assert!(officer.in_list(&receipt.reference).await?.is_none());

    bureau.execute("alter table triage_queue drop constraint no_crime").await?;
    let released = release()?.output()?;
    let said = String::from_utf8(released.stdout)?;
    assert!(released.status.success(), "{said}");
    assert!(said.lines().filter(|line| line.ends_with("released")).count() >= 2, "{said}");
    officer.sees(&receipt.reference, "the case", LIMIT, |_| true).await?;
    let (case, _) = officer.opens(&receipt.reference).await?;
    assert!(case.to_string().contains("I remember something else"), "{case}");
    // Nothing is missing or doubled, and nothing is parked any more.
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn one_that_still_fails_keeps_later_ones_of_its_report_and_no_others() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    let answers = citizen.answers("crime").await?;
    let mut bureau = PgConnection::connect(stack.urls()?.get("BUREAU_DATABASE_URL")?).await?;
    bureau
        .execute("alter table triage_queue add constraint refused check (reference = '') not valid")
        .await?;
    let (first, second) = (citizen.reports(&answers).await?, citizen.reports(&answers).await?);
    let later = json!({ "text": "I remember something else" });
    for receipt in [&first, &second] {
        assert_eq!(citizen.adds(receipt, &new_key(), &later).await?.status, 201);
    }
    until_parked(&officer, 4).await?;

    // The first report is still refused; the second can be stored.
    let release = async || -> anyhow::Result<(Option<i32>, String)> {
        let output = stack.service_command("bureau", &["parked", "release"])?.output()?;
        Ok((output.status.code(), String::from_utf8(output.stdout)?))
    };
    let reference = &first.reference;
    bureau
        .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "alter table triage_queue drop constraint refused;
             alter table triage_queue add constraint refused check (reference <> '{reference}') not valid"
        ))))
        .await?;
    let (code, said) = release().await?;
    assert_eq!(code, Some(3), "{said}");
    let ours = |how: &str| {
        said.lines().filter(|line| line.starts_with("INTAKE") && line.contains(how)).count()
    };
    let counts = ["still fails", "waits behind", "released"].map(ours);
    assert_eq!(counts, [1, 1, 2], "{said}");
    until_parked(&officer, 2).await?;
    officer.sees(&second.reference, "the second case", LIMIT, |_| true).await?;
    assert!(officer.in_list(&first.reference).await?.is_none());

    bureau.execute("alter table triage_queue drop constraint refused").await?;
    let (code, said) = release().await?;
    assert_eq!(code, Some(0), "{said}");
    for receipt in [&first, &second] {
        let (case, _) = officer.opens(&receipt.reference).await?;
        assert!(case.to_string().contains("I remember something else"), "{case}");
    }
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn an_unreadable_one_is_parked_and_later_ones_of_its_report_wait_behind_it() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    let answers = citizen.answers("crime").await?;
    let receipt = citizen.reports(&answers).await?;
    officer.sees(&receipt.reference, "the case", LIMIT, |_| true).await?;
    stack.verify().await?;
    append_unreadable(&stack).await?;

    until_parked(&officer, 1).await?;
    let later = json!({ "text": "I remember something else" });
    assert_eq!(citizen.adds(&receipt, &new_key(), &later).await?.status, 201);
    until_parked(&officer, 2).await?;
    // Another report goes its way.
    let other = citizen.reports(&answers).await?;
    officer.sees(&other.reference, "another case", LIMIT, |_| true).await?;

    let told = stack.service("bureau", &["parked", "list"]).await?;
    assert_eq!(told.matches("INTAKE ").count(), 2, "{told}");
    let release = stack.service_command("bureau", &["parked", "release"])?.output()?;
    let said = String::from_utf8(release.stdout)?;
    assert_eq!(release.status.code(), Some(3), "{said}");
    assert!(said.contains("still fails"), "{said}");
    assert!(stack.log_lines()?.contains("alarm: a message is parked"));
    Ok(())
}
