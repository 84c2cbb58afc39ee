//! What goes on for weeks is told time after time: each is kept, and an answer is owed where it matters.

use serde_json::{Value, json};
use tests::citizen::new_key;
use tests::officer::Officer;
use tests::stack::Stack;
use tests::wait;

use crate::{LIMIT, Told};

/// An entry of the diary.
fn entry(what: &str, worse: &str) -> Value {
    json!({ "now": "no", "danger": "no", "date": "2026-09-27", "time": "23:30", "what": what, "worse": worse })
}

#[tokio::test]
async fn the_first_entry_of_a_diary_and_a_change_are_owed_a_reply_and_the_others_are_kept() -> Told
{
    let stack = Stack::start(&[]).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let receipt = citizen.reports_of("asb", &citizen.answers("asb").await?).await?;
    let reference = receipt.reference.as_str();
    let replies = |case: &Value| case["replies"].as_array().map_or(0, Vec::len);
    let owed = || async {
        let urls = stack.urls()?;
        let staff = Officer::new(urls.get("NOTIFIER_URL")?, urls.get("STAFF_TOKEN_SUPERVISOR")?)?;
        let contact: Value = staff.get(&format!("contacts/{reference}")).await?.into(200)?;
        anyhow::Ok(contact["obligations"].to_string().matches("replied").count())
    };
    let files = |times: usize| {
        let officer = &officer;
        async move {
            wait::until("the case with its entry", LIMIT, || async {
                let (case, _) = officer.opens(reference).await?;
                Ok((replies(&case) == times).then_some(()))
            })
            .await?;
            anyhow::Ok(())
        }
    };
    mailbox.gets(&[reference], LIMIT).await?;

    // The form of its own kind is asked, and no other.
    let others = json!({ "now": "no", "danger": "no", "what": "Again." });
    let refused = citizen.tells_again(&receipt, &new_key(), &others).await?;
    assert_eq!((refused.status, refused.code()), (422, "answers_wrong"), "{}", refused.body);

    let first = citizen.tells_again(&receipt, &new_key(), &entry("Shouting.", "no")).await?;
    assert_eq!((first.status, &first.body["reply_owed"]), (201, &json!(true)), "{}", first.body);
    files(1).await?;
    officer.assesses(reference).await?;
    officer.files(reference, "We have told the patrol.").await?;
    mailbox.gets(&[reference, "We have told the patrol."], LIMIT).await?;
    let before = owed().await?;

    // One more of the same: kept, and the case stays as it was decided.
    let key = new_key();
    let second = citizen.tells_again(&receipt, &key, &entry("Shouting again.", "no")).await?;
    assert_eq!((second.status, &second.body["reply_owed"]), (201, &json!(false)));
    let twin = citizen.tells_again(&receipt, &key, &entry("Shouting again.", "no")).await?;
    assert_eq!((twin.status, &twin.body), (201, &second.body));
    files(2).await?;
    let (case, _) = officer.opens(reference).await?;
    assert_eq!(case["status"], "no_further_action", "{case}");
    let status = wait::until("the status page to say that it is here", LIMIT, || async {
        let status = citizen.status(&receipt).await?;
        Ok((status["timeline"].to_string().matches("We have what you added").count() == 2)
            .then_some(status))
    })
    .await?;
    assert_eq!(status["status"], "no_further_action", "{status}");
    assert_eq!(owed().await?, before);

    // A change is looked at, and answered.
    let third = citizen.tells_again(&receipt, &new_key(), &entry("A brick.", "yes")).await?;
    assert_eq!((third.status, &third.body["reply_owed"]), (201, &json!(true)));
    let item = officer
        .sees(reference, "the case to come back", LIMIT, |item| item["status"] == "assessing")
        .await?;
    assert!(item["flags"].to_string().contains("priority_2"), "{item}");
    wait::until("a reply to be owed", LIMIT, || async {
        Ok((owed().await? == before + 1).then_some(()))
    })
    .await?;
    officer.files(reference, "An officer comes to see you.").await?;
    mailbox.gets(&[reference, "An officer comes to see you."], LIMIT).await?;
    stack.verify().await?;
    Ok(())
}
