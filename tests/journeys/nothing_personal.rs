use std::path::Path;

use serde_json::{Map, Value, json};
use tests::citizen::new_key;
use tests::stack::Stack;

use crate::{LIMIT, Told};

/// Plants words of its own in every answer that takes words, and gives them.
fn plant(answers: &mut Map<String, Value>) -> Vec<String> {
    let mut planted = vec![];
    for (id, answer) in answers.iter_mut() {
        plant_in(id, answer, &mut planted);
    }
    planted
}

fn plant_in(id: &str, answer: &mut Value, planted: &mut Vec<String>) {
    match answer {
        Value::String(text) if text.contains('@') => {
            *text = format!("zq{}planted@example.com", planted.len());
            planted.push(text.clone());
        }
        Value::String(text)
            if text.contains(' ') && !text.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            *text = format!("Zq{}planted words of {id}", planted.len());
            planted.push(format!("Zq{}planted", planted.len()));
        }
        Value::Object(fields) => {
            for field in fields.values_mut() {
                plant_in(id, field, planted);
            }
        }
        Value::Array(items) => {
            for item in items.iter_mut().filter(|item| item.is_object()) {
                plant_in(id, item, planted);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Every file under `folder` that holds one of `words`, in the clear, in base 64 or in UTF-16.
pub(crate) fn found(folder: &Path, words: &[String]) -> Vec<String> {
    let mut hits = vec![];
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap_or_default();
            for word in words {
                if bytes.windows(word.len()).any(|window| window == word.as_bytes()) {
                    hits.push(format!("{word} in {}", path.display()));
                }
            }
        }
    }
    hits
}

#[tokio::test]
async fn planted_data_is_found_nowhere_in_the_clear() -> Told {
    let stack = Stack::start(&[("RUST_LOG", "debug")]).await?;
    let (citizen, officer, mailbox) = (stack.citizen()?, stack.triager()?, stack.mailbox()?);
    let mut answers = citizen.answers("crime").await?;
    let mut planted = plant(&mut answers);
    assert!(planted.len() >= 4, "{planted:?}");
    let phone = answers.get("phone").and_then(Value::as_str).map(str::to_owned);
    planted.extend(phone);
    let receipt = citizen.reports(&answers).await?;
    let reference = receipt.reference.as_str();
    officer.sees(reference, "the case", LIMIT, |_| true).await?;
    officer
        .acts(reference, "notes", &json!({ "text": "Zqnote planted" }))
        .await?
        .into::<Value>(200)?;
    officer.assesses(reference).await?;
    let asking = json!({
        "decision": "request_details", "reason": "when", "rationale": "Zqrationale planted",
        "message": "Zqmessage planted", "questions": [{ "label": "Zqlabel planted?", "kind": "text" }],
    });
    officer.acts(reference, "decisions", &asking).await?.into::<Value>(200)?;
    mailbox.gets(&[reference, "Zqmessage planted"], LIMIT).await?;
    let asked = json!({ "text": "Zqdetails planted", "answers": { "q1": "Zqanswer planted" } });
    tests::wait::until("the question to be asked", LIMIT, || async {
        Ok((citizen.status(&receipt).await?["status"] == "needs_reply").then_some(()))
    })
    .await?;
    assert_eq!(citizen.adds(&receipt, &new_key(), &asked).await?.status, 201);
    officer.sees(reference, "the reply", LIMIT, |item| item["status"] == "assessing").await?;
    let worse = json!({ "now": "no", "danger": "no", "what": "Zqagain planted" });
    assert_eq!(citizen.tells_again(&receipt, &new_key(), &worse).await?.status, 201);
    officer.sees(reference, "what has got worse", LIMIT, |item| item["raised"] == true).await?;
    assert_eq!(citizen.stops_contact(&receipt, &new_key()).await?.status, 201);
    planted.extend(
        ["note", "rationale", "message", "label", "details", "answer", "again"]
            .map(|word| format!("Zq{word}")),
    );
    planted.push(receipt.return_code.clone());
    stack.verify().await?;

    // What staff see is readable, so the words did arrive.
    let (case, _) = officer.opens(reference).await?;
    for word in planted.iter().filter(|word| word.contains("planted")) {
        assert!(case.to_string().contains(word.as_str()), "{word} did not arrive: {case}");
    }
    // The data of PostgreSQL, the broker's store and every log file.
    let dir = stack.dir();
    for folder in ["pg", "nats", "log"] {
        assert!(dir.join(folder).is_dir(), "{folder} is not where it was");
        let hits = found(&dir.join(folder), &planted);
        assert!(hits.is_empty(), "{}", hits.join("\n"));
    }
    let urls = stack.urls()?;
    for admin in ["INTAKE_ADMIN_URL", "BUREAU_ADMIN_URL", "NOTIFIER_ADMIN_URL"] {
        let url = format!("{}/metrics", urls.get(admin)?);
        let metrics = tests::citizen::http()?.get(url).send().await?.text().await?;
        let hit = planted.iter().find(|word| metrics.contains(word.as_str()));
        assert_eq!(hit, None, "{admin}");
    }
    Ok(())
}
