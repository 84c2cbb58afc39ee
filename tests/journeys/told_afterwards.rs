//! What is told once a report was sent, and what a report says about being told.

use serde_json::{Map, Value, json};
use tests::citizen::{Citizen, new_key};
use tests::stack::Stack;

use crate::{LIMIT, Told};

/// The example report with some answers changed, and those that are null left out.
async fn changed(citizen: &Citizen, changes: Value) -> anyhow::Result<Map<String, Value>> {
    let mut answers = citizen.answers("crime").await?;
    for (id, value) in changes.as_object().into_iter().flatten() {
        answers.remove(id);
        if !value.is_null() {
            answers.insert(id.clone(), value.clone());
        }
    }
    Ok(answers)
}

#[tokio::test]
async fn extras_of_the_reports_own_form_are_taken_and_reach_the_bureau() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    let answers = citizen.answers("crime").await?;
    let offered = citizen.journey("crime", &answers).await?["extras"].clone();
    assert_eq!((&offered[0], &offered[1]), (&json!("serials"), &json!("bicycle")));
    let receipt = citizen.reports(&answers).await?;
    let reference = receipt.reference.as_str();
    officer.sees(reference, "the case", LIMIT, |_| true).await?;

    let wrong = [
        // This report was not of a break-in.
        (json!({ "entry": "back" }), "/answers/entry", "unknown_question"),
        (json!({ "q1": "yes" }), "/answers/q1", "unknown_question"),
        (json!({ "what": "Nothing" }), "/answers/what", "unknown_question"),
        (json!({ "safe_when": ["night"] }), "/answers/safe_when/0", "not_a_choice"),
        (json!({ "frame": 7, "safe_when": ["evening"] }), "/answers/frame", "wrong_type"),
        (json!({ "persons": [{ "hair": "grey" }] }), "/answers/persons/0/hair", "unknown_question"),
    ];
    for (answers, pointer, code) in wrong {
        let body = json!({ "text": "More", "answers": answers });
        let refused = citizen.adds(&receipt, &new_key(), &body).await?;
        assert_eq!((refused.status, refused.code()), (422, "answers_wrong"), "{body}");
        let fault = &refused.body["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!(pointer), &json!(code)));
    }

    let more = json!({ "answers": {
        "frame": " WTU 123 ", "registered": "no",
        "persons": [{ "looks": "Tall" }],
        "otherwise": "call",
    } });
    let key = new_key();
    for _ in 0..2 {
        let taken = citizen.adds(&receipt, &key, &more).await?;
        assert_eq!(taken.status, 201, "{}", taken.body);
    }
    officer.sees(reference, "the reply", LIMIT, |item| item["status"] == "assessing").await?;
    let (case, _) = officer.opens(reference).await?;
    assert_eq!(case["replies"].as_array().map(Vec::len), Some(1), "{case}");
    let answers = case["replies"][0]["answers"].as_array().cloned().unwrap_or_default();
    let told: Vec<(&str, &str)> = answers
        .iter()
        .filter_map(|answer| Some((answer["question"].as_str()?, answer["display"].as_str()?)))
        .collect();
    assert_eq!(
        told,
        [
            ("frame", "WTU 123"),
            ("registered", "No"),
            ("persons", "What they look like: Tall"),
            ("otherwise", "Called 101"),
        ]
    );
    assert_eq!(answers[0]["label"], "What is its frame number?");
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn a_message_that_could_harm_goes_at_once_only_if_it_is_asked_for() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let afraid = json!({ "afraid": "yes", "safe_visit": "yes", "police_link": "unsure" });
    let afraid = changed(&citizen, afraid).await?;
    let refused = json!({ "kind": "crime", "answers": afraid });
    let refused = citizen.send(Some(&new_key()), &refused).await?;
    assert_eq!(refused.body["errors"][0]["pointer"], "/answers/acknowledge", "{}", refused.body);
    // Whoever goes elsewhere sends nothing.
    let elsewhere = json!({ "type": "fraud", "money_on": "elsewhere" });
    let elsewhere = json!({ "kind": "crime", "answers": changed(&citizen, elsewhere).await? });
    let elsewhere = citizen.send(Some(&new_key()), &elsewhere).await?;
    assert_eq!((elsewhere.status, elsewhere.code()), (422, "answers_wrong"));
    assert_eq!(elsewhere.body["errors"][0]["code"], "stopped", "{}", elsewhere.body);
    for (wished, messages) in [("yes", 2), ("no", 1)] {
        let mut answers = afraid.clone();
        answers.insert("acknowledge".to_owned(), json!(wished));
        let receipt = citizen.reports(&answers).await?;
        let reference = receipt.reference.as_str();
        let item = officer.sees(reference, "the case", LIMIT, |_| true).await?;
        assert_eq!(item["flags"], json!(["priority_2", "safeguarding", "restricted"]));
        if wished == "yes" {
            mailbox.gets(&[reference], LIMIT).await?;
        }
        officer.assesses(reference).await?;
        officer.files(reference, "Nothing more can be done.").await?;
        mailbox.gets(&[reference, "Nothing more can be done."], LIMIT).await?;
        // What would have gone at once would have gone before the decision.
        let all = mailbox.all()?;
        let sent = all.iter().filter(|mail| mail.text.contains(reference)).count();
        assert_eq!(sent, messages, "acknowledge = {wished}");
    }
    stack.verify().await?;
    Ok(())
}
