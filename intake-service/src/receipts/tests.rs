use serde_json::json;

use super::*;

fn receipts(seed: u8, before: PublicKeys) -> Receipts {
    let since = "2026-11-24T09:00:00Z".parse().ok();
    Receipts::new(&Secret::new(vec![seed; 32]), "A Force".to_owned(), since, before).unwrap()
}

fn signed(by: &Receipts) -> String {
    by.sign(&Subject {
        reference: "7K4M-2TQ9-2",
        report_id: Uuid::from_u128(1),
        kind: "crime",
        submitted_at: "2026-11-24T17:30:00.123456Z".parse().unwrap(),
        content: Content::of([7; 16], b"{}"),
    })
}

#[test]
fn what_was_signed_is_known_again_and_is_the_same_every_time() {
    let receipts = receipts(1, PublicKeys::default());
    let receipt = signed(&receipts);
    assert_eq!(receipt, signed(&receipts));
    let issued = receipts.verify(&receipt).unwrap();
    assert_eq!((issued.reference.as_str(), issued.issuer.as_str()), ("7K4M-2TQ9-2", "A Force"));
    assert_eq!(issued.report_id, Uuid::from_u128(1).to_string());
    assert_eq!(issued.submitted_at.to_string(), "2026-11-24T17:30:00.123456Z");
    // As an email or a narrow window breaks it.
    let (first, rest) = receipt.split_at(76);
    assert_eq!(receipts.verify(&format!(" {first}\r\n{rest}\n")), Some(issued));
}

#[test]
fn the_message_is_read_by_people() {
    let receipt = signed(&receipts(1, PublicKeys::default()));
    let message = URL_SAFE_NO_PAD.decode(receipt.split('.').next().unwrap()).unwrap();
    let message = String::from_utf8(message).unwrap();
    let lines: Vec<&str> = message.lines().collect();
    let hash = hex::encode(digest(&SHA256, b"07070707070707070707070707070707{}"));
    assert_eq!(
        lines,
        [
            "receipt 1",
            "issuer A Force",
            "reference 7K4M-2TQ9-2",
            "report 00000000-0000-0000-0000-000000000001",
            "kind crime",
            "submitted 2026-11-24T17:30:00.123456Z",
            &format!("content sha256 07070707070707070707070707070707 {hash}"),
        ]
    );
}

#[test]
fn any_character_that_is_changed_is_found() {
    let receipts = receipts(1, PublicKeys::default());
    let receipt = signed(&receipts);
    for at in 0..receipt.len() {
        for other in [b'A', b'b', b'7', b'.', b'_'] {
            let mut changed = receipt.clone().into_bytes();
            changed[at] = other;
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(receipts.verify(&changed).is_some(), changed == receipt, "{changed}");
        }
    }
    for wrong in ["", ".", "..", "...", &receipt.replace('.', ""), &format!("{receipt}.x")] {
        assert_eq!(receipts.verify(wrong), None, "{wrong}");
    }
    assert_eq!(receipts.verify(&format!("{receipt}{}", " ".repeat(CHARS_MAX))), None);
}

#[test]
fn a_receipt_of_before_is_known_after_the_key_was_changed() {
    let old = receipts(1, PublicKeys::default());
    let receipt = signed(&old);
    let served = serde_json::to_string(&old.keys()).unwrap();
    let new = receipts(2, serde_json::from_str(&served).unwrap());
    assert!(new.verify(&receipt).is_some());
    assert_ne!(signed(&new), receipt);
    assert_eq!(new.keys().items.last(), old.keys().items.first());
    assert_eq!(receipts(2, PublicKeys::default()).verify(&receipt), None);
    // Whoever forgets to take the present key out of the list has it once.
    assert_eq!(receipts(1, old.keys()).keys().items.len(), 1);
}

#[test]
fn what_is_no_key_is_refused() {
    let check = |seed: usize, issuer: &str, pem: &str| {
        let pem = pem.to_owned();
        let items = vec![PublicKey { id: String::new(), pem, since: None }];
        let seed = Secret::new(vec![1; seed]);
        Receipts::new(&seed, issuer.to_owned(), None, PublicKeys { items }).err()
    };
    let good = receipts(1, PublicKeys::default()).keys().items.remove(0).pem;
    assert_eq!(check(32, "A Force", &good), None);
    assert!(check(31, "A Force", &good).is_some() && check(33, "A Force", &good).is_some());
    assert!(check(32, "", &good).is_some() && check(32, "A\nkind x", &good).is_some());
    assert!(check(32, "A Force", "nonsense").is_some());
    assert!(check(32, "A Force", &good.replace("MCow", "MCoA")).is_some());
}

#[test]
fn a_submission_has_one_spelling() {
    let answers: Map<String, Value> =
        serde_json::from_str(r#"{ "b": {"d": 1, "c": "é\u0001/"}, "a": [true] }"#).unwrap();
    let spelt = String::from_utf8(canonical("crime", &answers)).unwrap();
    assert_eq!(
        spelt,
        "{\"answers\":{\"a\":[true],\"b\":{\"c\":\"é\\u0001/\",\"d\":1}},\"kind\":\"crime\"}"
    );
    // As any value of this shape would be written.
    assert_eq!(spelt, json!({ "kind": "crime", "answers": answers }).to_string());
}

#[test]
fn the_same_answers_have_another_hash_in_another_report() {
    let of = |salt| Content::of([salt; 16], b"{}").hash;
    assert_ne!(of(1), of(2));
    assert_eq!(of(1), of(1));
}
