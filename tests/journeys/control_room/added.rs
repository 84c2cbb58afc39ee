use anyhow::Context as _;
use aws_lc_rs::hmac;
use backbone::sealing::Keys;
use prost::Message as _;
use proto::intake::v1::{DetailsAdded, DetailsContent, Flag, ReportSubmitted};
use serde_json::json;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnection, PgPool};
use tests::control_room::{ControlRoom, Mode};
use tests::stack::Stack;
use tests::urls::Urls;
use tests::verify::{Event, read_log};

use super::{AT_ONCE, letter, stack};
use crate::Told;

/// The key in the file that a setting of intake names.
fn key(stack: &Stack, setting: &str) -> anyhow::Result<Vec<u8>> {
    let settings = Urls::read(&stack.dir().join("intake.env"))?;
    Ok(hex::decode(std::fs::read_to_string(settings.get(setting)?)?.trim())?)
}

/// Appends to intake's log that the reporter of the last report cannot call 999 now.
pub(super) async fn adds(stack: &Stack, text: &str) -> Told {
    let urls = stack.urls()?;
    let url = urls.get("INTAKE_DATABASE_URL")?;
    let before = read_log(url).await?.pop().context("an empty log")?;
    let sealed = ReportSubmitted::decode(before.body.as_slice())?.content.context("no content")?;
    let keys = PgPool::connect(urls.get("KEYS_DATABASE_URL")?).await?;
    let keys = Keys::new(&key(stack, "MASTER_KEY_FILE")?, keys)?;
    let content = DetailsContent { text: text.to_owned(), ..DetailsContent::default() };
    let content = content.encode_to_vec();
    let added = DetailsAdded {
        content: Some(keys.of(before.stream, &sealed).await?.seal("details.content", &content)),
        added_at_us: before.recorded_at_us,
        act_id: vec![7; 16].into(),
        flags: vec![Flag::EmergencyCannotCall.into(), Flag::Priority1.into()],
        held: vec![],
    };
    let mut event = Event {
        position: before.position + 1,
        version: before.version + 1,
        kind: "details.added".to_owned(),
        body: added.encode_to_vec(),
        ..before.clone()
    };
    event.hash = event.computed(&before.hash);
    let tag = hmac::Key::new(hmac::HMAC_SHA256, &key(stack, "INTAKE_LOG_KEY_FILE")?);
    event.tag = hmac::sign(&tag, &event.hash).as_ref().to_vec();
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

#[tokio::test]
async fn who_cannot_call_later_is_told_of_with_what_they_added() -> Told {
    let room = ControlRoom::start(Mode::Answer(200, r#"{"acknowledged": true}"#))?;
    let stack = stack(&room, &[], 1).await?;
    let citizen = stack.citizen()?;
    let answers = citizen.answers("crime").await?;
    let receipt = citizen.reports(&answers).await?;
    adds(&stack, "Zqshe is back and I am in the shed").await?;
    let told = room.hears(1, AT_ONCE).await?;
    let data = &told[0].body["data"];
    assert_eq!(data["reference"], receipt.reference.as_str());
    assert_eq!(data["what"], "Zqshe is back and I am in the shed");
    assert_eq!(data["added_to_earlier_report"], true);
    assert_eq!(data["name"], answers["name"], "{data}");
    assert_eq!((&answers["safe_phone"], &data["phone"]), (&json!("yes"), &json!("+447700900123")));
    let mail = letter(&stack, &receipt, AT_ONCE).await?;
    assert!(mail.text.contains("This was added to an earlier report."), "{}", mail.text);
    stack.verify().await?;
    Ok(())
}
