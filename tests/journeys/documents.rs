use serde_json::json;
use tests::citizen::{Receipt, new_key};
use tests::documents::follow;
use tests::stack::Stack;

use crate::Told;

#[tokio::test]
async fn what_the_documents_say_can_be_typed() -> Told {
    let stack = Stack::start(&[]).await?;
    let citizen = stack.citizen()?;
    let sent = json!({ "kind": "crime", "answers": citizen.answers("crime").await? });
    let receipt: Receipt = citizen.send(Some(&new_key()), &sent).await?.into(201)?;
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("receipt.txt"), receipt.receipt + "\n")?;
    std::fs::write(folder.path().join("submission.json"), sent.to_string())?;
    let urls = stack.urls()?;
    let said =
        follow("receipts.md", folder.path(), &[("INTAKE_URL", urls.get("INTAKE_URL")?)]).await?;
    assert!(said.contains("Signature Verified Successfully"), "{said}");
    assert!(said.contains(&format!("reference {}", receipt.reference)), "{said}");
    let partner =
        [("INTAKE_URL", urls.get("INTAKE_URL")?), ("OPEN311_KEY", urls.get("OPEN311_KEY")?)];
    let said = follow("open311.md", folder.path(), &partner).await?;
    assert!(said.contains("<service_requests><request>"), "{said}");
    assert!(said.contains("\"status\":\"open\""), "{said}");
    Ok(())
}
