use std::io::Write as _;

use serde_json::Value;
use tests::citizen::new_key;
use tests::clamd::{Clamd, STREAM_BYTES_MAX, found_by_all, is_installed};
use tests::stack::Stack;
use tests::uploads::Part;

use super::{JPEG, last_files, reported, store, uploader};
use crate::Told;

#[tokio::test]
async fn a_scanner_keeps_out_what_it_knows_and_keeps_nobody_from_reporting() -> Told {
    if !is_installed() {
        #[expect(clippy::disallowed_methods, reason = "whoever runs all tests says so")]
        let is_ci = std::env::var("CI").is_ok_and(|said| said == "true");
        assert!(!is_ci, "clamd is not installed: run `make tools`");
        let said = "NOT TESTED: files that a scanner sees, since clamd is not installed\n";
        std::io::stderr().write_all(said.as_bytes())?;
        return Ok(());
    }
    let mut clamd = Clamd::start().await?;
    let stack = Stack::start(&[("CLAMD_ADDRESS", &clamd.address())]).await?;
    let (receipt, phone) = (reported(&stack).await?, uploader(&stack)?);

    let bad = found_by_all();
    let token = phone.begun("words.txt", bad.len()).await?;
    let refused = phone.sends(&token, 0, &bad).await?;
    assert_eq!((refused.status, refused.code()), (422, "file_infected"), "{}", refused.body);
    let within = phone.adds(&receipt, &new_key(), &[Part::File("words.txt", &bad)]).await?;
    assert_eq!(within.body["errors"][0]["code"], "file_infected", "{}", within.body);
    assert!(store(&stack)?.files().await?.is_empty());

    let mut large = JPEG.to_vec();
    large.resize(STREAM_BYTES_MAX + 100_000, 7);
    let small = phone.sent("small.jpg", JPEG).await?;
    let large = phone.sent("large.jpg", &large).await?;
    clamd.ends()?;
    let after = phone.sent("after.jpg", JPEG).await?;
    let parts = [Part::Upload(&small), Part::Upload(&large), Part::Upload(&after)];
    let added: Value = phone.adds(&receipt, &new_key(), &parts).await?.into(201)?;
    let said: Vec<&Value> = (0..3).map(|at| &added["files"][at]["scan"]).collect();
    assert_eq!(said, ["clean", "not_scanned", "not_scanned"]);
    let why: Vec<String> =
        last_files(&stack).await?.into_iter().map(|file| file.why_not_scanned).collect();
    assert_eq!(why, ["", "the file is larger than the scanner takes", "the scanner was away"]);
    stack.verify().await?;
    Ok(())
}
