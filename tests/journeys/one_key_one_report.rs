use futures_util::future::try_join_all;
use serde_json::json;
use tests::citizen::{Answer, Receipt, new_key};
use tests::stack::Stack;

use crate::{LIMIT, Told};

fn replayed(answer: &Answer) -> bool {
    answer.headers.contains_key("idempotent-replayed")
}

#[tokio::test]
async fn fifty_at_once_with_one_key_are_one_report_with_fifty_equal_answers() -> Told {
    let stack = Stack::start(&[]).await?;
    let citizen = stack.citizen()?;
    let answers = citizen.answers("crime").await?;
    let (key, body) = (new_key(), json!({ "kind": "crime", "answers": answers }));

    let sent = try_join_all((0..50).map(|_| citizen.send(Some(&key), &body))).await?;
    let first = sent[0].body.clone();
    for answer in &sent {
        assert_eq!((answer.status, &answer.body), (201, &first));
    }
    assert_eq!(sent.iter().filter(|answer| !replayed(answer)).count(), 1);

    let mut other = answers.clone();
    other.insert("what".to_owned(), json!("Something quite different happened."));
    let reused = citizen.send(Some(&key), &json!({ "kind": "crime", "answers": other })).await?;
    assert_eq!((reused.status, reused.code()), (422, "idempotency_key_reused"));
    let receipt: Receipt = serde_json::from_value(first)?;
    let said = reused.body.to_string();
    assert!(!said.contains(&receipt.reference) && !said.contains(&receipt.return_code), "{said}");

    let report = stack.verify().await?;
    assert_eq!(report.checked("every accepted report is in the log once"), 1);
    Ok(())
}

#[tokio::test]
async fn a_report_stays_accepted_whatever_else_is_wrong_with_the_request() -> Told {
    let stack = Stack::start(&[]).await?;
    let citizen = stack.citizen()?;
    let key = new_key();
    let wrong = json!({ "kind": "crime", "answers": { "what": 7 } });
    assert_eq!(citizen.send(Some(&key), &wrong).await?.code(), "answers_wrong");
    // Nothing was appended by the refusal, so the key is still free.
    let body = json!({ "kind": "crime", "answers": citizen.answers("crime").await? });
    assert_eq!(citizen.send(Some(&key), &body).await?.status, 201);
    let again = citizen.send(Some(&key), &wrong).await?;
    assert_eq!((again.status, again.code()), (422, "idempotency_key_reused"));
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn twins_of_an_act_of_staff_get_one_answer_also_where_it_changes_nothing() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    officer.sees(&receipt.reference, "the case", LIMIT, |_| true).await?;
    let path = format!("cases/{}/claim", receipt.reference);
    // The first claim changes the case; the later ones find it claimed, and append nothing.
    for _ in 0..5 {
        let (_, etag) = officer.opens(&receipt.reference).await?;
        let key = new_key();
        let headers = [("if-match", etag.as_str()), ("idempotency-key", key.as_str())];
        let body = json!({});
        let sent = try_join_all((0..10).map(|_| officer.send(&path, &headers, &body))).await?;
        for answer in &sent {
            assert_eq!((answer.status, &answer.body), (200, &sent[0].body));
        }
        assert_eq!(sent.iter().filter(|answer| !replayed(answer)).count(), 1);
    }
    stack.verify().await?;
    Ok(())
}
