use serde_json::{Value, json};
use tests::citizen::{Answer, Citizen, Receipt, new_key};
use tests::officer::Officer;
use tests::stack::Stack;
use tests::wait;

use crate::{LIMIT, Told};

fn is_replayed(answer: &Answer) -> bool {
    answer.headers.contains_key("idempotent-replayed")
}

/// A report whose acknowledgement has arrived.
async fn acknowledged(stack: &Stack) -> anyhow::Result<Receipt> {
    let citizen = stack.citizen()?;
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    stack.mailbox()?.gets(&[&receipt.reference], LIMIT).await?;
    stack.triager()?.sees(&receipt.reference, "the case", LIMIT, |_| true).await?;
    Ok(receipt)
}

/// What the notifier says of a report's contact.
async fn contact(stack: &Stack, receipt: &Receipt) -> anyhow::Result<Value> {
    let urls = stack.urls()?;
    let staff = Officer::new(urls.get("NOTIFIER_URL")?, urls.get("STAFF_TOKEN_SUPERVISOR")?)?;
    staff.get(&format!("contacts/{}", receipt.reference)).await?.into(200)
}

/// Says it twice with one key, as somebody does who is not sure that it went.
async fn says_stop(citizen: &Citizen, receipt: &Receipt) -> Told {
    let key = new_key();
    let first = citizen.stops_contact(receipt, &key).await?;
    assert_eq!((first.status, is_replayed(&first)), (201, false), "{}", first.body);
    let detail = first.body["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("already on its way"), "{detail}");
    let second = citizen.stops_contact(receipt, &key).await?;
    assert_eq!((second.status, &second.body), (201, &first.body));
    assert!(is_replayed(&second));
    // The key of one act is no key of another.
    let other = citizen.withdraws(receipt, &key).await?;
    assert_eq!((other.status, other.code()), (422, "idempotency_key_reused"));
    let stranger = Receipt { return_code: "0000-0000-0000-0000".to_owned(), ..receipt.clone() };
    let refused = citizen.stops_contact(&stranger, &new_key()).await?;
    assert_eq!((refused.status, refused.code()), (404, "not_opened"));
    Ok(())
}

#[tokio::test]
async fn once_it_is_no_longer_safe_nothing_is_sent_and_the_page_shows_what_was_decided() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let (stopped, other) = (acknowledged(&stack).await?, acknowledged(&stack).await?);
    let reference = stopped.reference.as_str();
    says_stop(&citizen, &stopped).await?;

    let item = officer
        .sees(reference, "that it is not safe", LIMIT, |item| item["contact_state"] == "stopped")
        .await?;
    assert!(item["contact_stopped_at"].is_string() && item["channel"].is_null(), "{item}");
    let tasks = wait::until("the supervisor's task", LIMIT, || async {
        let tasks: Value = officer.get("tasks").await?.into(200)?;
        Ok((tasks["items"] != json!([])).then_some(tasks))
    })
    .await?;
    assert_eq!(tasks["items"].as_array().map(Vec::len), Some(1), "{tasks}");
    let task = &tasks["items"][0];
    assert_eq!((&task["why"], &task["for"]), (&json!("find_safe_way"), &json!("supervisor")));
    assert_eq!((&task["reference"], &task["channel"]), (&json!(reference), &Value::Null));
    let status = wait::until("the status page to say so", LIMIT, || async {
        let status = citizen.status(&stopped).await?;
        Ok((status["contact_stopped"] == true).then_some(status))
    })
    .await?;
    assert!(status["timeline"].to_string().contains("You asked us not to contact you"), "{status}");

    // A hold of the staff, and its release, leave what the reporter said as it is.
    for act in ["hold", "release-hold"] {
        officer.acts(reference, act, &json!({})).await?.into::<Value>(200)?;
    }
    for (receipt, message) in [(&stopped, "Nobody hears this."), (&other, "Nothing more.")] {
        officer.assesses(&receipt.reference).await?;
        officer.files(&receipt.reference, message).await?;
    }
    // The other's message was decided behind it, so whatever was to go for it has gone by then.
    mailbox.gets(&[&other.reference, "Nothing more."], LIMIT).await?;
    wait::until("the decision on the status page", LIMIT, || async {
        Ok((citizen.status(&stopped).await?["status"] == "no_further_action").then_some(()))
    })
    .await?;
    let proven = stack.verify().await?;
    assert_eq!(proven.checked("what a reporter has stopped"), 2);
    let about: Vec<_> =
        mailbox.all()?.into_iter().filter(|mail| mail.text.contains(reference)).collect();
    assert_eq!(about.len(), 1, "the acknowledgement and nothing else: {about:?}");

    let told = contact(&stack, &stopped).await?;
    assert!(told["stopped_at"].is_string() && told["held_at"].is_null(), "{told}");
    assert_eq!(told["obligations"][0]["kept"], "published", "{told}");
    let (case, _) = officer.opens(reference).await?;
    assert_eq!(case["contact_state"], "stopped");
    let plan = &case["plan"];
    assert!(plan["no_longer_safe_since"].is_string(), "{plan}");
    for way in ["email_is_safe", "phone_is_safe", "post_is_safe"] {
        assert_eq!(plan[way], false, "{plan}");
    }
    Ok(())
}

#[tokio::test]
async fn what_has_got_worse_asks_the_gate_again_and_brings_a_decided_case_to_the_top() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let receipt = acknowledged(&stack).await?;
    let reference = receipt.reference.as_str();
    officer.assesses(reference).await?;
    officer.files(reference, "Nothing more can be done.").await?;
    mailbox.gets(&[reference, "Nothing more can be done."], LIMIT).await?;
    let waits = acknowledged(&stack).await?;
    let first = || async {
        let list: Value = officer.get("cases?sort=due").await?.into(200)?;
        anyhow::Ok(list["items"][0].clone())
    };
    assert_eq!(first().await?["reference"], waits.reference.as_str());

    is_asked_only_of_who_comes_back(&citizen, &receipt).await?;
    let answers = json!({
        "now": "no", "danger": "yes", "emergency": "called", "what": "The door was kicked in.",
    });
    let key = new_key();
    let told = citizen.tells_again(&receipt, &key, &answers).await?;
    assert_eq!((told.status, is_replayed(&told)), (201, false), "{}", told.body);
    let twin = citizen.tells_again(&receipt, &key, &answers).await?;
    assert_eq!((twin.status, &twin.body, is_replayed(&twin)), (201, &told.body, true));
    let mut others = answers.clone();
    others["what"] = json!("Something else.");
    let refused = citizen.tells_again(&receipt, &key, &others).await?;
    assert_eq!((refused.status, refused.code()), (422, "idempotency_key_reused"));

    let item = officer
        .sees(reference, "the case to come back", LIMIT, |item| item["status"] == "assessing")
        .await?;
    assert_eq!(item["raised"], true, "{item}");
    let flags = item["flags"].to_string();
    assert!(flags.contains("emergency_declared") && flags.contains("priority_2"), "{flags}");
    assert_eq!(first().await?["reference"], reference);
    let (case, _) = officer.opens(reference).await?;
    let reply = &case["replies"][0];
    assert!(reply["flags"].to_string().contains("priority_2"), "{reply}");
    let what = reply["answers"].as_array().and_then(|answers| answers.last());
    assert_eq!(what.map(|what| &what["value"]), Some(&json!("The door was kicked in.")));
    let status = wait::until("the status page to say so", LIMIT, || async {
        let status = citizen.status(&receipt).await?;
        Ok((status["status"] == "assessing").then_some(status))
    })
    .await?;
    let shown = status.to_string();
    assert!(shown.contains("We have what you added") && !shown.contains("worse"), "{shown}");
    let owed = contact(&stack, &receipt).await?;
    assert!(owed["obligations"].to_string().contains("replied"), "{owed}");

    officer.files(reference, "An officer looked at the door.").await?;
    mailbox.gets(&[reference, "An officer looked at the door."], LIMIT).await?;
    assert_eq!(first().await?["reference"], waits.reference.as_str());
    stack.verify().await?;
    Ok(())
}

/// It is no kind of report, its gate stops like any other, and what is wrong is pointed at.
async fn is_asked_only_of_who_comes_back(citizen: &Citizen, receipt: &Receipt) -> Told {
    assert!(!citizen.kinds().await?.iter().any(|kind| kind == "again"));
    let answers = citizen.answers("again").await?;
    let report = json!({ "kind": "again", "answers": answers.clone() });
    let refused = citizen.send(Some(&new_key()), &report).await?;
    assert_eq!((refused.status, refused.code()), (422, "unknown_kind"));
    let wrong = [
        (json!({ "now": "no", "danger": "yes", "what": "x" }), "/answers/emergency", "missing"),
        (json!({ "now": "no", "danger": "no" }), "/answers/what", "missing"),
        (
            json!({ "now": "no", "danger": "no", "what": "x", "name": "Jo" }),
            "/answers/name",
            "unknown_question",
        ),
    ];
    for (answers, pointer, code) in wrong {
        let refused = citizen.tells_again(receipt, &new_key(), &answers).await?;
        assert_eq!((refused.status, refused.code()), (422, "answers_wrong"), "{answers}");
        let fault = &refused.body["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!(pointer), &json!(code)));
    }
    Ok(())
}

#[tokio::test]
async fn staff_are_told_to_speak_first_with_who_may_have_been_made_to_withdraw() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    let calm = acknowledged(&stack).await?;
    let danger = json!({
        "now": "yes", "danger": "yes", "emergency": "cannot_call",
        "where": { "line1": "14 Station Road" }, "what": "He is at the door.",
    });
    let danger = danger.as_object().cloned().unwrap_or_default();
    let afraid = citizen.reports(&danger).await?;
    officer.sees(&afraid.reference, "the case", LIMIT, |item| item["speak_first"] == false).await?;
    for (receipt, speak_first) in [(&calm, false), (&afraid, true)] {
        assert_eq!(citizen.withdraws(receipt, &new_key()).await?.status, 201);
        let item = officer
            .sees(&receipt.reference, "the wish", LIMIT, |item| item["withdrawal_asked"] == true)
            .await?;
        assert_eq!(item["speak_first"], speak_first, "{item}");
    }
    let told = json!({ "how": "visit", "outcome": "told", "note": "Spoke alone with them." });
    let item: Value = officer.acts(&afraid.reference, "contacts", &told).await?.into(200)?;
    assert_eq!((&item["speak_first"], &item["withdrawal_asked"]), (&json!(false), &json!(true)));
    stack.verify().await?;
    Ok(())
}
