//! Files that people send, in the hands of staff.

use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use serde_json::{Value, json};
use tests::citizen::{Answer, Receipt, new_key};
use tests::officer::Officer;
use tests::stack::Stack;
use tests::uploads::{Part, Uploader};
use tests::wait;
use uuid::Uuid;

use crate::viewing_copy::POINT;
use crate::who_has_read::reads;
use crate::{LIMIT, Told};

const PDF: &[u8] = b"%PDF-1.7\nZqpdf planted";
const NAME: &str = "Zqname planted \u{fc}.jpg";

/// A grey picture of eight points by eight, and where it was taken in a segment that no eye sees.
fn jpeg() -> Vec<u8> {
    let head = b"\xff\xd8\xff\xe1\0\x21Exif\0\0Zqplace planted 52.6 -1.1";
    let steps = [&[0xff, 0xdb, 0, 67, 0], [1; 64].as_slice()].concat();
    let frame = [0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0];
    // Two tables with one word each: no difference, and no detail.
    let table = |number| {
        let counts = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        [&[0xff, 0xc4, 0, 20, number], counts.as_slice(), &[0]].concat()
    };
    let scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x3f, 0xff, 0xd9];
    [head.to_vec(), steps, frame.into(), table(0), table(0x10), scan.into()].concat()
}

/// A picture that says of itself that it has 50,000 points by 50,000.
fn enormous() -> Vec<u8> {
    let mut png = POINT.to_vec();
    png[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
    png[29..33].copy_from_slice(&[0x6e, 0xc4, 0x62, 0x16]);
    png
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

fn holds(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|window| window == words.as_bytes())
}

fn of_staff(stack: &Stack, role: &str) -> anyhow::Result<Officer> {
    let urls = stack.urls()?;
    Officer::new(urls.get("BUREAU_URL")?, urls.get(&format!("STAFF_TOKEN_{role}"))?)
}

fn uploader(stack: &Stack) -> anyhow::Result<Uploader> {
    Uploader::new(stack.urls()?.get("INTAKE_URL")?)
}

/// A report to which these files were added, as staff see it, and the files' ids.
async fn added(stack: &Stack, parts: &[Part<'_>]) -> anyhow::Result<(Receipt, Vec<String>)> {
    let citizen = stack.citizen()?;
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    let added: Value = uploader(stack)?.adds(&receipt, &new_key(), parts).await?.into(201)?;
    let files = added["files"].as_array().into_iter().flatten();
    let ids: Vec<String> =
        files.map(|file| file["file_id"].as_str().unwrap_or_default().to_owned()).collect();
    wait::until("the files to be with the case", LIMIT, || async {
        let answer = stack.triager()?.get(&format!("cases/{}", receipt.reference)).await?;
        let files = answer.body["evidence"].as_array().map_or(0, Vec::len);
        Ok((files == ids.len()).then_some(()))
    })
    .await?;
    Ok((receipt, ids))
}

/// Refused before the first byte, in the one format.
async fn refused(by: &Officer, path: &str, status: u16, code: &str) -> anyhow::Result<Answer> {
    let answer = by.get(path).await?;
    assert_eq!((answer.status, answer.code()), (status, code), "{path}: {}", answer.body);
    assert!(answer.headers["content-type"].as_bytes().starts_with(b"application/problem+json"));
    Ok(answer)
}

/// A case says of its picture all that is known, and holds no key.
fn shows(file: &Value, id: &str, original: &[u8]) {
    let mut file = file.clone();
    let added_at = file.as_object_mut().and_then(|file| file.remove("added_at"));
    assert!(added_at.is_some_and(|at| at.is_string()));
    let known = json!({
        "file_id": id, "name": NAME, "size": original.len(), "media_type": "image/jpeg",
        "sha256": sha256(original), "scan": "not_scanned",
        "why_not_scanned": "no scanner is configured", "about": "Zqabout planted", "label": null,
        "quarantined_at": null, "quarantined_by": null, "quarantine_reason": null,
    });
    assert_eq!(file, known);
}

#[tokio::test]
async fn a_file_is_handed_out_as_it_was_sent_and_a_picture_is_drawn_without_what_it_hides() -> Told
{
    let stack = Stack::start(&[]).await?;
    let (original, enormous) = (jpeg(), enormous());
    let parts = [
        Part::File(NAME, &original),
        Part::File("letter.pdf", PDF),
        Part::File("enormous.png", &enormous),
        Part::About("Zqabout planted"),
    ];
    let (receipt, ids) = added(&stack, &parts).await?;
    let triager = stack.triager()?;
    let reference = receipt.reference.as_str();
    let (case, _) = triager.opens(reference).await?;
    assert_eq!((&case["status"], &case["contact_state"]), (&json!("assessing"), &json!("owed")));
    shows(&case["evidence"][0], &ids[0], &original);

    let path = |id: &str| format!("cases/{reference}/evidence/{id}");
    let before = reads(&stack, "BUREAU", reference).await?.len();
    let response = triager.fetches(&path(&ids[0])).await?;
    assert_eq!(response.status(), 200);
    let headers = response.headers().clone();
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("content-length", original.len().to_string().as_str()),
        (
            "content-disposition",
            "attachment; filename=\"Zqname planted _.jpg\"; \
             filename*=UTF-8''Zqname%20planted%20%C3%BC.jpg",
        ),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    assert_eq!(sha256(&response.bytes().await?), sha256(&original));
    let letter = triager.fetches(&path(&ids[1])).await?;
    assert_eq!(letter.headers()["content-type"], "application/pdf");
    assert_eq!(letter.bytes().await?, PDF);

    let response = triager.fetches(&format!("{}/view", path(&ids[0]))).await?;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &headers["content-type"])
    );
    assert_eq!(response.headers()["content-disposition"], "inline");
    assert_eq!(response.headers()["content-security-policy"], "sandbox; default-src 'none'");
    let drawn = response.bytes().await?;
    assert!(holds(&original, "Zqplace planted") && drawn.starts_with(b"\xff\xd8\xff"));
    assert!(!holds(&drawn, "Zqplace planted") && !holds(&drawn, "Exif"));
    refused(&triager, &format!("{}/view", path(&ids[1])), 415, "no_view").await?;
    refused(&triager, &format!("{}/view", path(&ids[2])), 422, "picture_too_large").await?;

    let seen = reads(&stack, "BUREAU", reference).await?;
    let [first, second] = [0, 1].map(|at| format!("evidence {}", ids[at]));
    let [drawn, tried] = [0, 2].map(|at| format!("evidence view {}", ids[at]));
    assert_eq!(seen[before..], [first, second, drawn, tried]);

    // What is not there, is another's, or is nobody's to have.
    let (theirs, others) = added(&stack, &[Part::File("a.pdf", PDF)]).await?;
    for id in [others[0].clone(), Uuid::new_v4().to_string(), "x".to_owned()] {
        refused(&triager, &path(&id), 404, "no_file").await?;
        refused(&triager, &format!("{}/view", path(&id)), 404, "no_file").await?;
    }
    let unknown = format!("cases/AAAA-AAAA-A/evidence/{}", ids[0]);
    refused(&triager, &unknown, 404, "no_case").await?;
    let nobody = Officer::new(stack.urls()?.get("BUREAU_URL")?, "x")?;
    refused(&nobody, &path(&ids[0]), 401, "unauthenticated").await?;

    // The reporter reads that it is here, and not a word of it.
    let status = stack.citizen()?.status(&theirs).await?.to_string();
    assert!(status.contains("We have what you added") && !status.contains("a.pdf"), "{status}");
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn a_file_in_quarantine_is_handed_to_an_examiner_alone() -> Told {
    let stack = Stack::start(&[]).await?;
    let original = jpeg();
    let (receipt, ids) = added(&stack, &[Part::File(NAME, &original)]).await?;
    let triager = stack.triager()?;
    let reference = receipt.reference.as_str();
    let path = format!("cases/{reference}/evidence/{}", ids[0]);
    let act = format!("{path}/quarantine");
    let (_, etag) = triager.opens(reference).await?;

    let body = json!({ "reason": "Zqreason planted" });
    let unguarded = triager.post(&act, None, &body).await?;
    assert_eq!(unguarded.status, 428, "{}", unguarded.body);
    let elsewhere = format!("cases/{reference}/evidence/{}/quarantine", Uuid::new_v4());
    let elsewhere = triager.post(&elsewhere, Some(&etag), &body).await?;
    assert_eq!((elsewhere.status, elsewhere.code()), (404, "no_file"));
    let auditor = of_staff(&stack, "AUDITOR")?.post(&act, Some(&etag), &body).await?;
    assert_eq!((auditor.status, auditor.code()), (403, "wrong_role"));

    let key = new_key();
    let headers = [("if-match", etag.as_str()), ("idempotency-key", key.as_str())];
    let done: Value = triager.send(&act, &headers, &body).await?.into(200)?;
    assert_eq!(done["quarantined"], 1, "{done}");
    let again = triager.send(&act, &headers, &body).await?;
    assert_eq!((again.status, &again.body), (200, &done));
    // Pressed once more it changes nothing.
    let (case, etag) = triager.opens(reference).await?;
    let twice: Value = triager.post(&act, Some(&etag), &json!({})).await?.into(200)?;
    assert_eq!(twice["version"], done["version"]);

    let shown = &case["evidence"][0];
    assert!(shown["quarantined_at"].is_string(), "{shown}");
    assert_eq!(shown["quarantined_by"], "demo-triager");
    assert_eq!(shown["quarantine_reason"], "Zqreason planted");
    let history: Value = triager.get(&format!("cases/{reference}/history")).await?.into(200)?;
    let items = history["items"].as_array().expect("items");
    let entry = items.iter().find(|entry| entry["kind"] == "evidence.quarantined").expect("it");
    assert_eq!(
        (&entry["by"], &entry["about"]),
        (&json!("demo-triager"), &json!({"file_id": ids[0]}))
    );

    let before = reads(&stack, "BUREAU", reference).await?.len();
    for role in ["TRIAGER", "SUPERVISOR", "AUDITOR"] {
        let staff = of_staff(&stack, role)?;
        refused(&staff, &path, 409, "quarantined").await?;
        refused(&staff, &format!("{path}/view"), 409, "quarantined").await?;
    }
    let examiner = of_staff(&stack, "EXAMINER")?;
    assert_eq!(examiner.fetches(&path).await?.bytes().await?, original);
    assert_eq!(examiner.fetches(&format!("{path}/view")).await?.status(), 200);
    let seen = reads(&stack, "BUREAU", reference).await?;
    let handed = [format!("evidence {}", ids[0]), format!("evidence view {}", ids[0])];
    assert_eq!(seen[before..], handed);
    stack.verify().await?;
    Ok(())
}

/// The pieces of a file on the disk, in their order.
fn pieces(stack: &Stack, id: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut pieces = std::fs::read_dir(stack.dir().join("evidence").join(id))?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    pieces.sort();
    Ok(pieces)
}

fn change(piece: &Path) -> Told {
    let mut bytes = std::fs::read(piece)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    Ok(std::fs::write(piece, bytes)?)
}

#[tokio::test]
async fn a_file_that_is_not_what_was_sent_any_more_is_never_handed_out_whole() -> Told {
    let stack = Stack::start(&[]).await?;
    let (small, mut large) = (jpeg(), jpeg());
    large.resize(5 * 1024 * 1024, 7);
    let parts = [("small.jpg", &small), ("cut.jpg", &large), ("late.jpg", &large)];
    let phone = uploader(&stack)?;
    let mut tokens = vec![];
    for (name, bytes) in parts {
        tokens.push(phone.sent(name, bytes).await?);
    }
    let uploads: Vec<Part<'_>> = tokens.iter().map(|token| Part::Upload(token)).collect();
    let (receipt, ids) = added(&stack, &uploads).await?;
    let triager = stack.triager()?;
    let path = |at: usize| format!("cases/{}/evidence/{}", receipt.reference, ids[at]);
    assert_eq!(triager.fetches(&path(2)).await?.bytes().await?, large);

    change(&pieces(&stack, &ids[0])?[0])?;
    std::fs::remove_file(&pieces(&stack, &ids[1])?[1])?;
    for at in [0, 1] {
        refused(&triager, &path(at), 500, "evidence_damaged").await?;
        refused(&triager, &format!("{}/view", path(at)), 500, "evidence_damaged").await?;
    }
    let last = pieces(&stack, &ids[2])?;
    assert_eq!(last.len(), 3);
    change(&last[2])?;
    let response = triager.fetches(&path(2)).await?;
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err(), "it ended as if it were whole");
    refused(&triager, &format!("{}/view", path(2)), 500, "evidence_damaged").await?;
    let alarms = stack.log_lines()?.matches("alarm: a file of evidence cannot be read").count();
    assert_eq!(alarms, 6);
    Ok(())
}
