use serde_json::{Value, json};
use tests::citizen::{Answer, Citizen, Receipt, new_key};
use tests::stack::Stack;
use tests::wait;

use crate::{LIMIT, Told};

#[tokio::test]
async fn a_report_becomes_a_case_a_decision_and_a_delivered_message() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    let reference = receipt.reference.as_str();

    let item = officer.sees(reference, "the case in the list", LIMIT, |_| true).await?;
    assert_eq!(item["kind"], "crime");
    assert_eq!(item["status"], "received");
    assert_eq!(item["contact_by"], receipt.contact_by.as_str());
    let acknowledged = mailbox.gets(&[reference], LIMIT).await?;
    assert!(acknowledged.text.contains("999"), "{}", acknowledged.text);
    assert_eq!(citizen.status(&receipt).await?["status"], "received");

    officer.acts(reference, "claim", &json!({})).await?.into::<Value>(200)?;
    officer.assesses(reference).await?;
    officer.files(reference, "The camera shows nobody that could be known.").await?;
    let told = mailbox.gets(&[reference, "The camera shows nobody"], LIMIT).await?;
    assert_ne!(told.file, acknowledged.file);
    officer
        .sees(reference, "the delivery in the list", LIMIT, |item| {
            ["accepted", "delivered"].contains(&item["contact_state"].as_str().unwrap_or_default())
        })
        .await?;
    wait::until("the status page to say so", LIMIT, || async {
        Ok((citizen.status(&receipt).await?["status"] == "no_further_action").then_some(()))
    })
    .await?;
    // Somebody looks at it again: what was decided stays decided.
    for act in ["release", "claim"] {
        officer.acts(reference, act, &json!({})).await?.into::<Value>(200)?;
    }
    assert_eq!(officer.in_list(reference).await?.unwrap()["status"], "no_further_action");
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn a_question_is_asked_answered_once_and_brings_the_case_back() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    let reference = receipt.reference.as_str();
    officer.sees(reference, "the case", LIMIT, |_| true).await?;

    let asking = json!({
        "decision": "request_details", "reason": "when",
        "rationale": "The time is not known.",
        "message": "We need one thing before we can decide.",
        "questions": [
            { "label": "About what time did you leave home?", "kind": "text" },
            { "label": "Where had you left the key?", "kind": "place" },
            { "label": "When did you see it last?", "kind": "approximate_date" },
        ],
    });
    officer.acts(reference, "decisions", &asking).await?.into::<Value>(200)?;
    mailbox.gets(&[reference, "About what time did you leave home?"], LIMIT).await?;
    let asked = wait::until("the question on the status page", LIMIT, || async {
        let status = citizen.status(&receipt).await?;
        Ok((status["status"] == "needs_reply").then_some(status))
    })
    .await?;
    let questions = &asked["asked"];
    assert_eq!(questions[0]["label"], "About what time did you leave home?");
    assert_eq!(questions[0]["limits"], json!({ "max_length": 200 }));
    assert_eq!((&questions[1]["id"], &questions[1]["kind"]), (&json!("q2"), &json!("place")));
    assert_eq!(questions[2]["limits"]["not_after"], "today");
    assert!(questions[2]["example"].is_object());

    refuses_what_was_not_asked(&citizen, &receipt).await?;

    let date = json!({ "known": "exact", "date": "2026-03-27" });
    let reply = json!({ "answers": { "q1": "At about half past six", "q3": date } });
    let key = new_key();
    let first = citizen.adds(&receipt, &key, &reply).await?;
    assert_eq!(first.status, 201, "{}", first.body);
    let second = citizen.adds(&receipt, &key, &reply).await?;
    assert_eq!((second.status, &second.body), (201, &first.body));
    let replayed = |answer: &Answer| answer.headers.contains_key("idempotent-replayed");
    assert_eq!((replayed(&first), replayed(&second)), (false, true));
    let other = citizen.adds(&receipt, &key, &json!({ "text": "Something else" })).await?;
    assert_eq!((other.status, other.code()), (422, "idempotency_key_reused"));

    officer
        .sees(reference, "the case to come back", LIMIT, |item| item["status"] == "assessing")
        .await?;
    wait::until("the question to be gone", LIMIT, || async {
        Ok((citizen.status(&receipt).await?["asked"] == json!([])).then_some(()))
    })
    .await?;
    // Nothing is asked any more, and the same request still has the same answer.
    let third = citizen.adds(&receipt, &key, &reply).await?;
    assert_eq!((third.status, &third.body), (201, &first.body));
    let (case, _) = officer.opens(reference).await?;
    assert_eq!(case["replies"].as_array().map(Vec::len), Some(1), "{case}");
    let answers = &case["replies"][0]["answers"];
    assert_eq!(answers[0]["value"], "At about half past six");
    assert_eq!((&answers[1]["question"], &answers[1]["value"]), (&json!("q3"), &date), "{answers}");
    assert_eq!(answers[1]["display"], "27 March 2026");
    let history: Value = officer.get(&format!("cases/{reference}/history")).await?.into(200)?;
    assert!(history.to_string().contains("reply.received"), "{history}");
    stack.verify().await?;
    Ok(())
}

/// Answers of another kind, or to what is not asked, are pointed at.
async fn refuses_what_was_not_asked(citizen: &Citizen, receipt: &Receipt) -> Told {
    let wrong = [
        (json!({ "q1": { "a": 1 } }), "/answers/q1", "wrong_type"),
        (json!({ "q1": "x".repeat(201) }), "/answers/q1", "too_long"),
        (json!({ "q2": "at home" }), "/answers/q2", "wrong_type"),
        (json!({ "q2": { "postcode": "X" } }), "/answers/q2/postcode", "not_a_postcode"),
        (
            json!({ "q3": { "known": "exact", "date": "2999-01-01" } }),
            "/answers/q3/date",
            "in_the_future",
        ),
        (json!({ "q1": "yes", "q4": "no" }), "/answers/q4", "unknown_question"),
        (json!({ "q01": "yes" }), "/answers/q01", "unknown_question"),
        (json!({ "a/b~c": "yes" }), "/answers/a~1b~0c", "unknown_question"),
        (json!({ "q1": " " }), "/text", "missing"),
    ];
    for (answers, pointer, code) in wrong {
        let refused =
            citizen.adds(receipt, &new_key(), &json!({ "answers": answers.clone() })).await?;
        assert_eq!((refused.status, refused.code()), (422, "answers_wrong"), "{answers}");
        let faults: Value = refused.body["errors"].clone();
        assert_eq!((&faults[0]["pointer"], &faults[0]["code"]), (&json!(pointer), &json!(code)));
    }
    Ok(())
}

#[tokio::test]
async fn somebody_anonymous_is_owed_nothing_and_reads_the_answer_with_the_code() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let mut answers = citizen.answers("crime").await?;
    answers.insert("identity".to_owned(), json!("anonymous"));
    for personal in
        ["name", "channel", "email", "safe_email", "phone", "safe_phone", "second_channel", "needs"]
    {
        answers.remove(personal);
    }
    let receipt = citizen.reports(&answers).await?;
    let reference = receipt.reference.as_str();
    let item = officer.sees(reference, "the case", LIMIT, |_| true).await?;
    assert_eq!(item["contact_state"], "not_owed");
    officer.assesses(reference).await?;
    officer.files(reference, "Nothing more can be done.").await?;
    wait::until("the status page to say so", LIMIT, || async {
        Ok((citizen.status(&receipt).await?["status"] == "no_further_action").then_some(()))
    })
    .await?;
    stack.verify().await?;
    assert_eq!(mailbox.all()?, []);
    Ok(())
}

#[tokio::test]
async fn a_letter_is_a_way_only_where_nobody_else_opens_it() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let mut references = vec![];
    for (private, state) in [("no", "not_owed"), ("yes", "owed")] {
        let mut answers = citizen.answers("crime").await?;
        for other in ["email", "safe_email", "phone", "safe_phone", "second_channel"] {
            answers.remove(other);
        }
        answers.insert("channel".to_owned(), json!("post"));
        answers.insert("address".to_owned(), json!({ "line1": "14 Station Road" }));
        answers.insert("safe_post".to_owned(), json!(private));
        let receipt = citizen.reports(&answers).await?;
        let reference = receipt.reference.as_str();
        let item = officer.sees(reference, "the case", LIMIT, |_| true).await?;
        assert_eq!(item["contact_state"], state);
        officer.assesses(reference).await?;
        officer.files(reference, "Nothing more can be done.").await?;
        let (case, _) = officer.opens(reference).await?;
        assert_eq!(case["plan"]["post_is_safe"], private == "yes");
        references.push(receipt.reference);
    }
    let tasks = wait::until("somebody to be asked to write", LIMIT, || async {
        let tasks: Value = officer.get("tasks").await?.into(200)?;
        Ok((tasks["items"] != json!([])).then_some(tasks))
    })
    .await?;
    assert_eq!(tasks["items"][0]["reference"], references[1].as_str());
    assert_eq!(tasks["items"].as_array().map(Vec::len), Some(1), "{tasks}");
    stack.verify().await?;
    assert_eq!(mailbox.all()?, []);
    Ok(())
}

#[tokio::test]
async fn a_wish_to_withdraw_brings_the_case_back_and_deletes_nothing() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    officer.sees(&receipt.reference, "the case", LIMIT, |_| true).await?;
    let asking = json!({
        "decision": "request_details", "reason": "when",
        "rationale": "The time is not known.", "message": "We need one thing.",
        "questions": [{ "label": "When did you leave home?", "kind": "time" }],
    });
    officer.acts(&receipt.reference, "decisions", &asking).await?.into::<Value>(200)?;
    wait::until("the question on the status page", LIMIT, || async {
        Ok((citizen.status(&receipt).await?["status"] == "needs_reply").then_some(()))
    })
    .await?;
    let key = new_key();
    for replayed in [false, true] {
        let answer = citizen.withdraws(&receipt, &key).await?;
        let is_marked = answer.headers.contains_key("idempotent-replayed");
        assert_eq!((answer.status, is_marked), (201, replayed));
    }
    officer
        .sees(&receipt.reference, "the case to come back", LIMIT, |item| {
            item["status"] == "assessing"
        })
        .await?;
    let status = wait::until("the status page to say so", LIMIT, || async {
        let status = citizen.status(&receipt).await?;
        Ok((status["status"] == "assessing").then_some(status))
    })
    .await?;
    assert_eq!(status["asked"], json!([]), "who wants it to end is asked nothing");
    assert!(status["timeline"].to_string().contains("your wish to withdraw"), "{status}");
    let (case, _) = officer.opens(&receipt.reference).await?;
    assert!(case.to_string().contains("withdraw"), "{case}");
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn two_people_on_one_case_see_each_other_and_lose_nothing() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    officer.sees(&receipt.reference, "the case", LIMIT, |_| true).await?;
    let (_, etag) = officer.opens(&receipt.reference).await?;
    let path = format!("cases/{}/notes", receipt.reference);
    let note = |text: &str| json!({ "text": text });
    assert_eq!(officer.post(&path, Some(&etag), &note("the first")).await?.status, 200);
    let stale = officer.post(&path, Some(&etag), &note("the second")).await?;
    assert_eq!((stale.status, stale.body["current_version"].as_u64()), (412, Some(2)));
    let missing = officer.post(&path, None, &note("the third")).await?;
    assert_eq!(missing.status, 428);
    let (case, now) = officer.opens(&receipt.reference).await?;
    assert_eq!(now, "\"v2\"");
    assert!(case.to_string().contains("the first") && !case.to_string().contains("the second"));
    stack.verify().await?;
    Ok(())
}
