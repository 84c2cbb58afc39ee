use serde_json::json;
use tests::citizen::{Receipt, new_key};
use tests::documents::follow;
use tests::stack::Stack;

use crate::Told;

#[tokio::test]
async fn the_guide_for_clients_can_be_typed() -> Told {
    let stack = Stack::start(&[]).await?;
    let folder = tempfile::tempdir()?;
    let urls = stack.urls()?;
    follow("api.md", folder.path(), &[("INTAKE_URL", urls.get("INTAKE_URL")?)]).await?;
    let report = stack.verify().await?;
    assert_eq!(report.checked("every accepted report"), 1);
    Ok(())
}

#[tokio::test]
async fn receipts_are_checked_as_their_page_says() -> Told {
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
