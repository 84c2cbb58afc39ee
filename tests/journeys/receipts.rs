use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tests::citizen::{Answer, Receipt, http, new_key};
use tests::stack::Stack;

use crate::Told;

#[tokio::test]
async fn a_receipt_is_checked_by_who_gave_it_and_by_nobody_of_ours() -> Told {
    let stack = Stack::start(&[]).await?;
    let citizen = stack.citizen()?;
    let (body, key) =
        (json!({ "kind": "crime", "answers": citizen.answers("crime").await? }), new_key());
    let given: Receipt = citizen.send(Some(&key), &body).await?.into(201)?;
    let again: Receipt = citizen.send(Some(&key), &body).await?.into(201)?;
    let other: Receipt = citizen.send(Some(&new_key()), &body).await?.into(201)?;
    assert_eq!(given, again);
    let parts = Parts::of(&given)?;
    let (content, others) = (parts.message.lines().last(), Parts::of(&other)?.message);
    assert_ne!(content, others.lines().last(), "the same answers have the same hash");

    let urls = stack.urls()?;
    let intake = urls.get("INTAKE_URL")?;
    let url = format!("{intake}/api/v1/receipts/verify");
    let checks = async |receipt: &str| -> anyhow::Result<Value> {
        let sent = http()?.post(&url).json(&json!({ "receipt": receipt })).send().await?;
        Answer::read(sent).await?.into(200)
    };
    let known = checks(&given.receipt).await?;
    assert_eq!(known["valid"], true);
    assert_eq!(known["reference"], json!(given.reference));
    assert_eq!(known["submitted_at"], json!(given.submitted_at));
    assert!(!known.to_string().contains("crime"), "{known}");
    let changed = given.receipt.replace('.', "..");
    assert_eq!(checks(&changed).await?["valid"], false);

    let keys = http()?.get(format!("{intake}/api/v1/receipt-keys")).send().await?;
    let keys: Value = Answer::read(keys).await?.into(200)?;
    let pem = keys["items"][0]["pem"].as_str().unwrap_or_default();
    is_proved_by_openssl(pem, &parts)
}

/// What a receipt is made of.
struct Parts {
    message: String,
    signature: Vec<u8>,
}

impl Parts {
    fn of(receipt: &Receipt) -> anyhow::Result<Self> {
        let parts: Vec<&str> = receipt.receipt.split('.').collect();
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part);
        Ok(Self { message: String::from_utf8(bytes(parts[0])?)?, signature: bytes(parts[2])? })
    }
}

/// Another program says yes, and says no once any one byte is another.
fn is_proved_by_openssl(pem: &str, parts: &Parts) -> Told {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("key.pem"), pem)?;
    let (message, signature) = (parts.message.as_bytes(), parts.signature.as_slice());
    assert!(holds(folder.path(), message, signature)?);
    let changed = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    for at in 0..message.len() {
        assert!(!holds(folder.path(), &changed(message, at), signature)?, "message, byte {at}");
    }
    for at in 0..signature.len() {
        assert!(!holds(folder.path(), message, &changed(signature, at))?, "signature, byte {at}");
    }
    Ok(())
}

fn holds(folder: &Path, message: &[u8], signature: &[u8]) -> anyhow::Result<bool> {
    std::fs::write(folder.join("message"), message)?;
    std::fs::write(folder.join("signature"), signature)?;
    let verify = ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "key.pem"];
    let files = ["-in", "message", "-sigfile", "signature"];
    let said = Command::new("openssl").args(verify).args(files).current_dir(folder).output()?;
    Ok(said.status.success())
}

#[tokio::test]
async fn a_receipt_of_an_old_key_is_known_by_the_next() -> Told {
    let first = Stack::start(&[]).await?;
    let citizen = first.citizen()?;
    let given = citizen.reports(&citizen.answers("crime").await?).await?;
    let url = format!("{}/api/v1/receipt-keys", first.urls()?.get("INTAKE_URL")?);
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("old-keys.json");
    std::fs::write(&file, http()?.get(url).send().await?.bytes().await?)?;
    let file = file.display().to_string();
    // Another stack has another key.
    let next = Stack::start(&[("RECEIPT_OLD_KEYS_FILE", &file)]).await?;
    let url = format!("{}/api/v1/receipts/verify", next.urls()?.get("INTAKE_URL")?);
    let sent = http()?.post(url).json(&json!({ "receipt": given.receipt })).send().await?;
    let known: Value = Answer::read(sent).await?.into(200)?;
    assert_eq!((&known["valid"], &known["reference"]), (&json!(true), &json!(given.reference)));
    Ok(())
}
