use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tests::citizen::{Citizen, Receipt, new_key};
use tests::officer::Officer;
use tests::stack::Stack;
use tests::wait;

use crate::{LIMIT, Told};

/// From the answer to a report to its case in the list of the bureau.
const AT_ONCE: Duration = Duration::from_secs(1);

async fn reports_somebody_missing(citizen: &Citizen) -> anyhow::Result<Receipt> {
    citizen.reports_of("missing", &citizen.answers("missing").await?).await
}

/// References as the queue has them, the first first.
async fn queue(officer: &Officer) -> anyhow::Result<Vec<String>> {
    let list: Value = officer.get("cases?sort=due&limit=200").await?.into(200)?;
    let items = list["items"].as_array().cloned().unwrap_or_default();
    Ok(items.iter().filter_map(|item| Some(item["reference"].as_str()?.to_owned())).collect())
}

#[tokio::test]
async fn the_first_part_is_a_case_at_once_and_the_rest_comes_to_it_until_it_is_finished() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    // What a start costs once is no report's.
    let before = citizen.reports(&citizen.answers("crime").await?).await?;
    officer.sees(&before.reference, "a case before it", LIMIT, |_| true).await?;
    let answers = citizen.answers("missing").await?;
    let walked = citizen.journey("missing", &answers).await?;
    assert_eq!((&walked["complete"], &walked["may_submit"]), (&json!(true), &json!(true)));
    assert!(walked["extras"].as_array().is_some_and(|extras| extras.len() > 5), "{walked}");

    // What else the machine is busy with is no report's: the quickest of three counts.
    let (mut took, mut sent) = (vec![], vec![]);
    for _ in 0..3 {
        let receipt = citizen.reports_of("missing", &answers).await?;
        let answered = Instant::now();
        officer.sees(&receipt.reference, "the case", LIMIT, |_| true).await?;
        took.push(answered.elapsed());
        sent.push(receipt);
    }
    assert!(took.iter().min() < Some(&AT_ONCE), "{took:?}");
    let receipt = sent.remove(0);
    let reference = receipt.reference.as_str();
    let item = officer.in_list(reference).await?.unwrap_or_default();
    assert_eq!((&item["kind"], &item["status"]), (&json!("missing"), &json!("received")));
    assert_eq!(item["still_being_written"], true, "{item}");
    assert_eq!(item["flags"], json!(["priority_1"]));

    for more in [
        json!({ "answers": { "build": "Tall and slim", "their_picture": "yes" } }),
        json!({ "text": "She may be at the lake.", "answers": { "health": ["medicine"] } }),
    ] {
        citizen.adds(&receipt, &new_key(), &more).await?.into::<Value>(201)?;
    }
    let replies = |case: &Value| case["replies"].as_array().map_or(0, Vec::len);
    let case = wait::until("what was added", LIMIT, || async {
        let (case, _) = officer.opens(reference).await?;
        Ok((replies(&case) == 2).then_some(case))
    })
    .await?;
    assert_eq!(
        (&case["still_being_written"], &case["reference"]),
        (&json!(true), &json!(reference))
    );
    assert_eq!(case["replies"][0]["answers"][0]["value"], "Tall and slim");

    finishes(&citizen, &receipt).await?;
    officer
        .sees(reference, "it to be finished", LIMIT, |item| item["still_being_written"] == false)
        .await?;
    let (case, _) = officer.opens(reference).await?;
    assert_eq!((replies(&case), &case["still_being_written"]), (2, &json!(false)), "{case}");
    let history: Value = officer.get(&format!("cases/{reference}/history")).await?.into(200)?;
    assert!(history.to_string().contains("writing.finished"), "{history}");
    // What is thought of later is taken all the same.
    let later = json!({ "text": "Her sister lives in Leeds.", "finished": true });
    citizen.adds(&receipt, &new_key(), &later).await?.into::<Value>(201)?;
    wait::until("what was thought of later", LIMIT, || async {
        Ok((replies(&officer.opens(reference).await?.0) == 3).then_some(()))
    })
    .await?;
    stack.verify().await?;
    Ok(())
}

/// Says twice that this is all, with one key, and nothing that is no end of this report.
async fn finishes(citizen: &Citizen, receipt: &Receipt) -> Told {
    let (key, all) = (new_key(), json!({ "finished": true }));
    let first = citizen.adds(receipt, &key, &all).await?;
    assert_eq!(first.status, 201, "{}", first.body);
    let second = citizen.adds(receipt, &key, &all).await?;
    assert_eq!((second.status, &second.body), (201, &first.body));
    assert!(second.headers.contains_key("idempotent-replayed"));
    let other = citizen.adds(receipt, &key, &json!({ "text": "More", "finished": true })).await?;
    assert_eq!((other.status, other.code()), (422, "idempotency_key_reused"));
    // A report that was sent whole has no end to be told.
    let whole = citizen.reports(&citizen.answers("crime").await?).await?;
    for body in [&all, &json!({ "text": "More", "finished": true })] {
        let refused = citizen.adds(&whole, &new_key(), body).await?;
        assert_eq!((refused.status, refused.code()), (422, "answers_wrong"), "{body}");
        let fault = &refused.body["errors"][0];
        assert_eq!(
            (&fault["pointer"], &fault["code"]),
            (&json!("/finished"), &json!("not_on_path"))
        );
    }
    Ok(())
}

/// Answers of a crime that comes first, or of one that can wait.
async fn crime(citizen: &Citizen, urgent: bool) -> anyhow::Result<Map<String, Value>> {
    let mut answers = citizen.answers("crime").await?;
    if urgent {
        for (id, answer) in [("know_who", "yes"), ("armed", "yes"), ("relationship", "stranger")] {
            answers.insert(id.to_owned(), json!(answer));
        }
    }
    Ok(answers)
}

#[tokio::test]
async fn left_unfinished_it_stays_on_top_of_thirty_others_until_somebody_decides() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    // Sent before it, and so due before it.
    let (urgent, usual) = (crime(&citizen, true).await?, crime(&citizen, false).await?);
    let mut others = vec![];
    for place in 0..30 {
        if place == 15 {
            others.push(reports_somebody_missing(&citizen).await?);
        }
        let answers = if place % 2 == 0 { &urgent } else { &usual };
        others.push(citizen.reports(answers).await?);
    }
    let missing = others.remove(15);
    wait::until("all in the list", LIMIT, || async {
        Ok((queue(&officer).await?.len() == 31).then_some(()))
    })
    .await?;
    let top = officer.in_list(&others[0].reference).await?.unwrap_or_default();
    assert!(top["flags"].to_string().contains("priority_1"), "{top}");
    assert_eq!(queue(&officer).await?[0], missing.reference);

    // Only who is in danger and cannot call goes before it.
    let danger = json!({
        "now": "yes", "danger": "yes", "emergency": "cannot_call",
        "where": { "line1": "14 Station Road" }, "what": "He is at the door.",
    });
    let danger = danger.as_object().cloned().unwrap_or_default();
    let danger = citizen.reports(&danger).await?;
    officer.sees(&danger.reference, "who cannot call", LIMIT, |_| true).await?;
    assert_eq!(queue(&officer).await?[..2], [danger.reference.clone(), missing.reference.clone()]);

    // Somebody looks at it: that decides nothing, and it is still not finished.
    officer.acts(&missing.reference, "claim", &json!({})).await?.into::<Value>(200)?;
    officer.assesses(&missing.reference).await?;
    let item = officer.in_list(&missing.reference).await?.unwrap_or_default();
    assert_eq!(item["still_being_written"], true, "{item}");
    assert_eq!(queue(&officer).await?[1], missing.reference);
    let allocate = json!({
        "decision": "allocate", "reason": "missing_unit", "team": "missing_unit",
        "rationale": "They look for her.", "message": "An officer will speak with you.",
    });
    officer.acts(&missing.reference, "decisions", &allocate).await?.into::<Value>(200)?;
    let item = officer.in_list(&missing.reference).await?.unwrap_or_default();
    assert_eq!(item["still_being_written"], true, "it is told apart from one that was finished");
    assert!(!queue(&officer).await?[..5].contains(&missing.reference));
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn what_is_found_comes_first_goes_to_staff_alone_and_ends_nothing() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let missing = reports_somebody_missing(&citizen).await?;
    let reference = missing.reference.as_str();
    officer.sees(reference, "the case", LIMIT, |_| true).await?;
    let allocate = json!({
        "decision": "allocate", "reason": "missing_unit", "team": "missing_unit",
        "rationale": "They look for her.", "message": "An officer will speak with you.",
    });
    officer.acts(reference, "decisions", &allocate).await?.into::<Value>(200)?;
    wait::until("the decision on the status page", LIMIT, || async {
        Ok((citizen.status(&missing).await?["status"] == "with_officer").then_some(()))
    })
    .await?;
    let mut urgent = citizen.answers("crime").await?;
    urgent.extend(crime(&citizen, true).await?);
    let urgent = citizen.reports(&urgent).await?;
    officer.sees(&urgent.reference, "another that cannot wait", LIMIT, |_| true).await?;
    assert_eq!(queue(&officer).await?[0], urgent.reference);

    let (key, found) = (new_key(), json!({ "where": " With her aunt in Elm Lane. " }));
    let first = citizen.finds(&missing, &key, Some(&found)).await?;
    assert_eq!(first.status, 201, "{}", first.body);
    assert!(first.body["detail"].as_str().is_some_and(|detail| detail.contains("for ourselves")));
    let second = citizen.finds(&missing, &key, Some(&found)).await?;
    assert_eq!((second.status, &second.body), (201, &first.body));
    assert!(second.headers.contains_key("idempotent-replayed"));
    let other = citizen.finds(&missing, &key, None).await?;
    assert_eq!((other.status, other.code()), (422, "idempotency_key_reused"));
    refuses_what_is_wrong(&citizen, &missing).await?;

    let item = officer
        .sees(reference, "that she is found", LIMIT, |item| item["found_reported"] == true)
        .await?;
    assert_eq!(item["status"], "assessing", "nothing ends by it: {item}");
    assert!(item["flags"].to_string().contains("priority_1"), "{item}");
    assert_eq!(queue(&officer).await?[0], reference);
    let (case, _) = officer.opens(reference).await?;
    let told = case["found_reports"].as_array().cloned().unwrap_or_default();
    assert_eq!(told.len(), 1, "{case}");
    assert_eq!(told[0]["where"], "With her aunt in Elm Lane.");
    let history: Value = officer.get(&format!("cases/{reference}/history")).await?.into(200)?;
    assert!(history.to_string().contains("found.reported"), "{history}");

    let status = wait::until("the status page to say so", LIMIT, || async {
        let status = citizen.status(&missing).await?;
        Ok((status["status"] == "assessing").then_some(status))
    })
    .await?;
    let shown = status.to_string().to_lowercase();
    assert!(shown.contains("we have what you told us"), "{shown}");
    for word in ["aunt", "elm", "missing", "found", "vehicle"] {
        assert!(!shown.contains(word), "{word} in {shown}");
    }
    let urls = stack.urls()?;
    let staff = Officer::new(urls.get("NOTIFIER_URL")?, urls.get("STAFF_TOKEN_SUPERVISOR")?)?;
    let owed: Value = staff.get(&format!("contacts/{reference}")).await?.into(200)?;
    assert!(owed["obligations"].to_string().contains("replied"), "{owed}");

    officer.acts(reference, "decisions", &allocate).await?.into::<Value>(200)?;
    let item = officer.in_list(reference).await?.unwrap_or_default();
    assert_eq!(item["found_reported"], false, "it was decided: {item}");
    mailbox.gets(&[reference, "An officer will speak with you."], LIMIT).await?;
    for mail in mailbox.all()? {
        let text = mail.text.to_lowercase();
        assert!(!text.contains("missing") && !text.contains("aunt"), "{text}");
    }
    stack.verify().await?;
    Ok(())
}

async fn refuses_what_is_wrong(citizen: &Citizen, receipt: &Receipt) -> Told {
    let long = json!({ "where": "x".repeat(501) });
    let refused = citizen.finds(receipt, &new_key(), Some(&long)).await?;
    assert_eq!((refused.status, refused.code()), (422, "answers_wrong"));
    assert_eq!(refused.body["errors"][0]["pointer"], "/where");
    let unknown = citizen.finds(receipt, &new_key(), Some(&json!({ "place": "x" }))).await?;
    assert_eq!(unknown.status, 422, "{}", unknown.body);
    let stranger = Receipt { return_code: "0000-0000-0000-0000".to_owned(), ..receipt.clone() };
    let refused = citizen.finds(&stranger, &new_key(), None).await?;
    assert_eq!((refused.status, refused.code()), (404, "not_opened"));
    Ok(())
}
