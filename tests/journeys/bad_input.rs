use serde_json::{Map, Value, json};
use tests::citizen::{Answer, http, new_key};
use tests::officer::Officer;
use tests::stack::Stack;
use tests::wait;

use crate::{LIMIT, Told};

/// A reference that could be, and a code that opens nothing.
const UNKNOWN: &str = "7K4M-2TQ9-2";
const WRONG: &str = "AAAA-BBBB-CCCC-DDDD";

/// A problem answer: its own media type, a code, a sentence.
#[track_caller]
fn is_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.body);
    let kind = answer.headers.get("content-type").and_then(|value| value.to_str().ok());
    assert!(kind.unwrap_or_default().starts_with("application/problem+json"), "{kind:?}");
    assert!(answer.body["detail"].as_str().is_some_and(|detail| detail.len() > 10));
}

#[tokio::test]
async fn what_the_public_sends_wrong_is_refused_and_changes_nothing() -> Told {
    let stack = Stack::start(&[]).await?;
    let citizen = stack.citizen()?;
    let good = citizen.answers("crime").await?;
    let with = |id: &str, answer: Value| {
        let mut answers: Map<String, Value> = good.clone();
        answers.insert(id.to_owned(), answer);
        json!({ "kind": "crime", "answers": answers })
    };
    let body = json!({ "kind": "crime", "answers": good });

    is_problem(&citizen.send(None, &body).await?, 400, "idempotency_key_missing");
    is_problem(&citizen.send(Some("short"), &body).await?, 400, "idempotency_key_wrong");
    is_problem(&citizen.send(Some(&"k".repeat(129)), &body).await?, 400, "idempotency_key_wrong");
    let unknown = json!({ "kind": "tax", "answers": good });
    is_problem(&citizen.send(Some(&new_key()), &unknown).await?, 422, "unknown_kind");

    let wrong = [
        (with("no_such_question", json!("x")), "/answers/no_such_question", "unknown_question"),
        (with("what", json!("x".repeat(100_000))), "/answers/what", "too_long"),
        (with("what", json!(7)), "/answers/what", "wrong_type"),
        (
            with("when", json!({ "known": "exact", "date": "2999-01-01" })),
            "/answers/when/date",
            "in_the_future",
        ),
        (with("evidence", json!(["no such thing"])), "/answers/evidence/0", "not_a_choice"),
        (with("truth", json!(false)), "/answers/truth", ""),
        (with("email", json!("nobody")), "/answers/email", "not_an_email"),
        (with("emergency", json!("over")), "/answers/emergency", "not_on_path"),
        (with("address", json!("x")), "/answers/address", "not_on_path"),
    ];
    for (body, pointer, code) in wrong {
        let journey = citizen.journey("crime", body["answers"].as_object().unwrap()).await?;
        assert_eq!(journey["may_submit"], false, "{journey}");
        let answer = citizen.send(Some(&new_key()), &body).await?;
        is_problem(&answer, 422, "answers_wrong");
        let faults = answer.body["errors"].as_array().unwrap().clone();
        assert_eq!(journey["errors"], answer.body["errors"], "the journey says something else");
        let fault = faults.iter().find(|fault| fault["pointer"] == pointer);
        let fault = fault.unwrap_or_else(|| panic!("no fault at {pointer}: {}", answer.body));
        assert!(code.is_empty() || fault["code"] == code, "{fault}");
    }
    let mut missing = good.clone();
    missing.remove("where");
    let missing =
        citizen.send(Some(&new_key()), &json!({ "kind": "crime", "answers": missing })).await?;
    is_problem(&missing, 422, "answers_wrong");

    let json = "application/json";
    is_problem(&citizen.send_raw(json, b"{\"kind\": ".to_vec()).await?, 400, "malformed_json");
    is_problem(&citizen.send_raw(json, b"[]".to_vec()).await?, 422, "wrong_fields");
    let form = b"kind=crime".to_vec();
    let form = citizen.send_raw("application/x-www-form-urlencoded", form).await?;
    is_problem(&form, 415, "unsupported_media_type");
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000)).into_bytes();
    is_problem(&citizen.send_raw(json, deep).await?, 400, "nested_too_deep");
    let large = serde_json::to_vec(&with("what", json!("x".repeat(2_000_000))))?;
    for _ in 0..5 {
        is_problem(&citizen.send_raw(json, large.clone()).await?, 413, "body_too_large");
    }
    for _ in 0..8 {
        // A slip of the pen is nobody's guess at a code.
        is_problem(&citizen.open("nonsense", "AAAA-BBBB-CCCC-DDDD").await?, 404, "not_opened");
    }
    is_problem(&citizen.open("7K4M-2TQ9-X", "AAAA-BBBB-CCCC-DDDD").await?, 404, "not_opened");
    let url = format!("{}/api/v1/reports/{UNKNOWN}", stack.urls()?.get("INTAKE_URL")?);
    let without = Answer::read(http()?.get(url).send().await?).await?;
    is_problem(&without, 400, "return_code_missing");

    let report = stack.verify().await?;
    assert_eq!(report.checked("every accepted report"), 0, "a refusal was appended");
    Ok(())
}

#[tokio::test]
async fn wrong_return_codes_are_slowed_down_and_never_locked_out() -> Told {
    let stack = Stack::start(&[]).await?;
    let citizen = stack.citizen()?;
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    // One that does not exist has the same answers all the way.
    for reference in [receipt.reference.as_str(), UNKNOWN] {
        for _ in 0..5 {
            is_problem(&citizen.open(reference, WRONG).await?, 404, "not_opened");
        }
        let waits = wait::until("a wrong code to be slowed down", LIMIT, || async {
            let answer = citizen.open(reference, WRONG).await?;
            Ok((answer.status == 429).then_some(answer))
        })
        .await?;
        is_problem(&waits, 429, "wait");
        assert!(waits.headers.contains_key("retry-after"));
    }
    // A stranger's guesses make nobody wait who has the code, and looking gives no new guesses.
    assert_eq!(citizen.open(&receipt.reference, &receipt.return_code).await?.status, 200);
    wait::until("a wrong code to be slowed down again", LIMIT, || async {
        let answer = citizen.open(&receipt.reference, WRONG).await?;
        Ok((answer.status == 429).then_some(()))
    })
    .await?;
    assert_eq!(citizen.open(&receipt.reference, &receipt.return_code).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn every_refusal_is_a_problem_whatever_the_route() -> Told {
    let stack = Stack::start(&[]).await?;
    let urls = stack.urls()?;
    let token = urls.get("STAFF_TOKEN_TRIAGER")?;
    let client = http()?;
    let routes = [
        ("INTAKE", "GET forms/%FF"),
        ("INTAKE", "POST forms/%FF/journey"),
        ("INTAKE", "GET reports/%FF"),
        ("INTAKE", "POST reports/%FF/details"),
        ("INTAKE", "POST reports/%FF/withdraw"),
        ("INTAKE", "GET reports/7K4M-2TQ9-X/withdraw"),
        ("INTAKE", "POST reports"),
        ("INTAKE", "PUT reports"),
        ("INTAKE", "GET nowhere"),
        ("BUREAU", "GET cases?limit=%FF"),
        ("BUREAU", "GET cases?limit=x"),
        ("BUREAU", "GET cases/%FF"),
        ("BUREAU", "GET cases/%FF/history"),
        ("BUREAU", "POST cases/%FF/claim"),
        ("BUREAU", "POST cases/%FF/release"),
        ("BUREAU", "POST cases/%FF/notes"),
        ("BUREAU", "POST cases/%FF/assessments"),
        ("BUREAU", "POST cases/%FF/decisions"),
        ("BUREAU", "POST cases/%FF/contacts"),
        ("BUREAU", "POST cases/%FF/hold"),
        ("BUREAU", "POST cases/%FF/release-hold"),
        ("BUREAU", "GET cases/7K4M-2TQ9-X/claim"),
        ("BUREAU", "DELETE officers"),
        ("BUREAU", "GET nowhere"),
        ("NOTIFIER", "GET contacts/%FF"),
        ("NOTIFIER", "PUT contacts/7K4M-2TQ9-X"),
        ("NOTIFIER", "GET nowhere"),
    ];
    for (service, route) in routes {
        let (method, path) = route.split_once(' ').unwrap();
        let url = format!("{}/api/v1/{path}", urls.get(&format!("{service}_URL"))?);
        let request = client.request(method.parse()?, url).bearer_auth(token);
        let answer = Answer::read(request.header("if-match", "\"v1\"").send().await?).await?;
        assert!((400..500).contains(&answer.status), "{route}: {}", answer.status);
        is_problem(&answer, answer.status, answer.code());
        assert_ne!(answer.code(), "", "{route}");
    }
    for path in ["quiesce", "nowhere"] {
        let url = format!("{}/{path}", urls.get("INTAKE_ADMIN_URL")?);
        let answer = Answer::read(client.post(url).send().await?).await?;
        is_problem(&answer, answer.status, answer.code());
    }
    Ok(())
}

#[tokio::test]
async fn what_staff_send_wrong_is_refused_and_changes_nothing() -> Told {
    let stack = Stack::start(&[]).await?;
    let (citizen, officer) = (stack.citizen()?, stack.triager()?);
    let urls = stack.urls()?;
    let bureau = urls.get("BUREAU_URL")?;
    is_problem(&officer.get("cases/7K4M%00").await?, 404, "no_case");
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    officer.sees(&receipt.reference, "the case", LIMIT, |_| true).await?;
    let path = format!("cases/{}", receipt.reference);
    let claim = format!("{path}/claim");

    for token in ["", "not.a.token", &forged(urls.get("STAFF_TOKEN_TRIAGER")?)] {
        let stranger = Officer::new(bureau, token)?;
        is_problem(&stranger.get("cases").await?, 401, "unauthenticated");
        let refused = stranger.post(&claim, Some("\"v1\""), &json!({})).await?;
        is_problem(&refused, 401, "unauthenticated");
    }
    let auditor = Officer::new(bureau, urls.get("STAFF_TOKEN_AUDITOR")?)?;
    assert_eq!(auditor.get(&path).await?.status, 200);
    assert_eq!(auditor.post(&claim, Some("\"v1\""), &json!({})).await?.status, 403);

    assert_eq!(officer.post(&claim, None, &json!({})).await?.status, 428);
    assert_eq!(officer.post(&claim, Some("\"v7\""), &json!({})).await?.status, 412);
    assert_eq!(officer.post(&claim, Some("\"v01\""), &json!({})).await?.status, 412);
    let twice = [("if-match", "\"v1\""), ("if-match", "\"v1\"")];
    is_problem(&officer.send(&claim, &twice, &json!({})).await?, 400, "repeated_header");
    let packed = [("if-match", "\"v1\""), ("content-encoding", "gzip")];
    let packed = officer.send(&claim, &packed, &json!({})).await?;
    is_problem(&packed, 415, "unsupported_content_encoding");
    assert_eq!(officer.post(&claim, Some("nonsense"), &json!({})).await?.status, 412);
    assert_eq!(officer.post(&claim, Some("\"v1\""), &json!({ "x": 1 })).await?.status, 422);
    let file = json!({
        "decision": "file_for_information", "reason": "no_line_of_enquiry",
        "rationale": "None.", "message": "Nothing more can be done.",
    });
    let unassessed = officer.acts(&receipt.reference, "decisions", &file).await?;
    is_problem(&unassessed, 409, "assessment_missing");
    let wrong = json!({ "decision": "sing", "reason": "x", "rationale": "y", "message": "z" });
    assert_eq!(officer.acts(&receipt.reference, "decisions", &wrong).await?.status, 422);
    assert_eq!(officer.get("cases?sort=colour").await?.status, 400);
    assert_eq!(officer.get("cases?cursor=nonsense").await?.status, 400);
    // A time that is before all that the database knows: "due 2 -377705023201000000 000…".
    let ancient = "ZHVlIDIgLTM3NzcwNTAyMzIwMTAwMDAwMCAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA";
    assert_eq!(officer.get(&format!("cases?cursor={ancient}")).await?.status, 400);
    assert_eq!(officer.get("cases/2222-2222-2").await?.status, 404);

    let (_, etag) = officer.opens(&receipt.reference).await?;
    assert_eq!(etag, "\"v1\"", "a refusal was appended");
    stack.verify().await?;
    Ok(())
}

/// The token with another role in it and the old signature.
fn forged(token: &str) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    // {"alg":"none"} instead of what the token was signed with.
    format!("eyJhbGciOiJub25lIn0.{}.", parts[1])
}

#[tokio::test]
async fn one_client_too_many_is_slowed_with_the_telephone_number() -> Told {
    let settings = [("RATE_LIMIT_LOOPBACK", "on"), ("RATE_SUBMISSIONS_PER_HOUR", "3")];
    let stack = Stack::start(&settings).await?;
    let citizen = stack.citizen()?;
    let body = json!({ "kind": "crime", "answers": citizen.answers("crime").await? });
    for _ in 0..3 {
        assert_eq!(citizen.send(Some(&new_key()), &body).await?.status, 201);
    }
    let refused = citizen.send(Some(&new_key()), &body).await?;
    is_problem(&refused, 429, "too_many_requests");
    assert!(refused.headers.contains_key("retry-after"));
    assert!(refused.body["detail"].as_str().unwrap().contains("101"));
    Ok(())
}
