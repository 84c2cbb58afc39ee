use serde_json::{Value, json};
use tests::citizen::new_key;
use tests::stack::Stack;
use tests::uploads::Part;
use tests::wait;

use super::{JPEG, last_files, original, reported, sha256, store, uploader};
use crate::nothing_personal::found;
use crate::{LIMIT, Told};

#[tokio::test]
async fn files_of_one_form_are_kept_as_they_came_once_and_nowhere_in_the_clear() -> Told {
    let stack = Stack::start(&[("RUST_LOG", "debug")]).await?;
    let (receipt, phone) = (reported(&stack).await?, uploader(&stack)?);
    let docx = [
        b"PK\x03\x04\x14\0\x06\0word/document.xml".as_slice(),
        // An archive that would be a thousand times as large: nobody unpacks it.
        &vec![0; 1_000_000],
    ]
    .concat();
    let parts = [
        Part::File("Zqname planted.jpg", JPEG),
        Part::File("letter.docx", &docx),
        Part::About("Zqabout planted"),
    ];
    let key = new_key();
    let first: Value = phone.adds(&receipt, &key, &parts).await?.into(201)?;
    assert_eq!(first["files"][0]["media_type"], "image/jpeg", "{first}");
    assert_eq!(first["files"][0]["name"], "Zqname planted.jpg");
    assert_eq!(first["files"][0]["sha256"], sha256(JPEG));
    assert_eq!(first["files"][0]["scan"], "not_scanned");
    assert_eq!(first["files"][1]["size"], docx.len());

    let again = phone.adds(&receipt, &key, &parts).await?;
    assert_eq!((again.status, &again.body), (201, &first));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let other = phone.adds(&receipt, &key, &parts[..1]).await?;
    assert_eq!((other.status, other.code()), (422, "idempotency_key_reused"));

    let files = last_files(&stack).await?;
    assert_eq!(files.len(), 2);
    assert_eq!(files[0].why_not_scanned, "no scanner is configured");
    assert!(
        original(&stack, &files[0]).await? == JPEG && original(&stack, &files[1]).await? == docx
    );
    // The same once more, and what was refused, left nothing behind.
    assert_eq!(store(&stack)?.files().await?.len(), 2);
    let planted = ["Zqpicture planted", "Zqname planted", "Zqabout planted"].map(str::to_owned);
    for folder in ["evidence", "pg", "nats", "log"] {
        let hits = found(&stack.dir().join(folder), &planted);
        assert!(hits.is_empty(), "{}", hits.join("\n"));
    }

    // A report has ten files, over all that its reporter sends.
    let mut tokens = vec![];
    for at in 0..9 {
        tokens.push(phone.sent(&format!("{at}.jpg"), JPEG).await?);
    }
    let nine: Vec<Part<'_>> = tokens.iter().map(|token| Part::Upload(token)).collect();
    let eleven = phone.adds(&receipt, &new_key(), &nine).await?;
    assert_eq!((eleven.status, eleven.code()), (422, "files_wrong"), "{}", eleven.body);
    assert_eq!(eleven.body["errors"][0]["pointer"], "/files/8");
    assert_eq!(eleven.body["errors"][0]["code"], "too_many_files");
    // Two acts at once cannot both take the last places.
    let (one_key, other_key) = (new_key(), new_key());
    let (one, other) = tokio::join!(
        phone.adds(&receipt, &one_key, &nine[..5]),
        phone.adds(&receipt, &other_key, &nine[5..])
    );
    let mut both = [one?.status, other?.status];
    both.sort_unstable();
    assert!(both == [201, 422] || both == [201, 503], "{both:?}");
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn a_file_has_one_report_and_an_answer_names_it_by_its_upload() -> Told {
    let stack = Stack::start(&[]).await?;
    let (mine, theirs) = (reported(&stack).await?, reported(&stack).await?);
    let (phone, officer, citizen) = (uploader(&stack)?, stack.triager()?, stack.citizen()?);
    let token = phone.sent("door.jpg", JPEG).await?;
    let shown: Value = phone.looks(&token).await?.into(200)?;
    assert_eq!((&shown["state"], &shown["sha256"]), (&json!("ready"), &json!(sha256(JPEG))));

    officer.sees(&mine.reference, "the case", LIMIT, |_| true).await?;
    officer.assesses(&mine.reference).await?;
    let question = json!([{ "label": "Send us a picture of the door", "kind": "files" }]);
    let asks = json!({
        "decision": "request_details", "reason": "evidence_upload", "rationale": "The door.",
        "message": "We need one thing.", "questions": question,
    });
    let asked = officer.acts(&mine.reference, "decisions", &asks).await?;
    assert_eq!(asked.status, 200, "{}", asked.body);
    wait::until("the question", LIMIT, || async {
        let status = citizen.status(&mine).await?;
        Ok(status["asked"].as_array().is_some_and(|asked| !asked.is_empty()).then_some(()))
    })
    .await?;
    let wrong = json!({ "answers": { "q1": [token, "00"] } });
    let wrong = citizen.adds(&mine, &new_key(), &wrong).await?;
    assert_eq!((wrong.status, wrong.code()), (422, "answers_wrong"), "{}", wrong.body);
    assert_eq!(wrong.body["errors"][0]["pointer"], "/answers/q1/1");
    let (key, answer) = (new_key(), json!({ "answers": { "q1": [token] } }));
    let told = citizen.adds(&mine, &key, &answer).await?;
    assert_eq!(told.status, 201, "{}", told.body);
    let again = citizen.adds(&mine, &key, &answer).await?;
    assert_eq!(again.body, told.body);
    let files = last_files(&stack).await?;
    assert_eq!(original(&stack, &files[0]).await?, JPEG);

    let shown: Value = phone.looks(&token).await?.into(200)?;
    assert_eq!(shown["state"], "taken");
    for report in [&mine, &theirs] {
        let again = phone.adds(report, &new_key(), &[Part::Upload(&token)]).await?;
        assert_eq!(again.body["errors"][0]["code"], "file_sent_already", "{}", again.body);
    }
    // What a report has stays, whatever its sender does with the upload.
    phone.deletes(&token).await?;
    assert_eq!(original(&stack, &files[0]).await?, JPEG);
    stack.verify().await?;
    Ok(())
}

/// Many rounds, since what is looked for lies between two steps of another request.
#[tokio::test]
async fn the_same_twice_at_once_is_one_and_nothing_is_discarded_that_a_report_takes() -> Told {
    let stack = Stack::start(&[]).await?;
    let phone = uploader(&stack)?;
    for _ in 0..12 {
        let receipt = reported(&stack).await?;
        let (same, other) = (phone.sent("a.jpg", JPEG).await?, phone.sent("b.jpg", JPEG).await?);
        let (key, parts) = (new_key(), [Part::Upload(&same)]);
        let (first, second, third) = tokio::join!(
            phone.adds(&receipt, &key, &parts),
            phone.adds(&receipt, &key, &parts),
            phone.adds(&receipt, &key, &parts)
        );
        for answer in [first?, second?, third?] {
            assert_eq!(answer.status, 201, "{}", answer.body);
        }
        let (key, parts) = (new_key(), [Part::Upload(&other)]);
        let (added, deleted) =
            tokio::join!(phone.adds(&receipt, &key, &parts), phone.deletes(&other));
        deleted?;
        if added?.status == 201 {
            assert_eq!(original(&stack, &last_files(&stack).await?[0]).await?, JPEG);
        }
    }
    stack.verify().await?;
    Ok(())
}
