use std::path::Path;
use std::process::Command;

use aws_lc_rs::digest;
use serde_json::Value;
use tests::citizen::new_key;
use tests::stack::{Stack, run};
use tests::uploads::Part;
use tests::wait;

use super::{last_files, original, reported, uploader};
use crate::{LIMIT, Told};

const BLOCK: usize = 1024 * 1024;
const BLOCKS: usize = 300;
const SIZE: usize = BLOCK * BLOCKS;
const HEAD: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42";

/// Block `number` of a video: its head in the first, and no two the same.
fn block(number: usize) -> Vec<u8> {
    let mut block = vec![0; BLOCK];
    for (at, byte) in block.iter_mut().enumerate().step_by(97) {
        *byte = u8::try_from((at ^ number) & 0xff).unwrap_or(0);
    }
    if number == 0 {
        block[..HEAD.len()].copy_from_slice(HEAD);
    }
    block
}

/// The video from `offset` on.
fn rest(offset: usize) -> impl Iterator<Item = Vec<u8>> {
    let first = offset / BLOCK;
    (first..BLOCKS).map(move |number| {
        let cut = if number == first { offset % BLOCK } else { 0 };
        block(number).split_off(cut)
    })
}

/// So much memory intake has had at most, in KiB.
fn memory(stack: &Stack) -> anyhow::Result<usize> {
    let pid = stack.urls()?.pid("PID_INTAKE")?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.unwrap_or_default().trim().trim_end_matches(" kB").parse()?)
}

#[tokio::test]
async fn a_video_over_a_slow_line_goes_on_after_a_cut() -> Told {
    let stack = Stack::start(&[]).await?;
    let phone = uploader(&stack)?;
    let memory_before = memory(&stack)?;
    let token = phone.begun("VID_0042.mp4", SIZE).await?;

    // Somebody walks out of the house in the middle of a block.
    let before_the_cut = rest(0).take(120).chain([block(120)[..BLOCK / 3].to_vec()]);
    phone.trickles(&token, 0, SIZE, before_the_cut).await?;
    let offset = wait::until("what arrived to be kept", LIMIT, || async {
        let offset = phone.offset(&token).await?;
        Ok((offset > 120 * BLOCK).then_some(offset))
    })
    .await?;
    assert_eq!(offset, 120 * BLOCK + BLOCK / 3);
    let shown: Value = phone.looks(&token).await?.into(200)?;
    assert_eq!((&shown["state"], &shown["received"]), (&"receiving".into(), &offset.into()));

    let said = phone.trickles(&token, offset, SIZE - offset, rest(offset)).await?;
    assert!(said.starts_with("HTTP/1.1 204"), "{said}");
    let shown = wait::until("the file to be read back", 3 * LIMIT, || async {
        let shown: Value = phone.looks(&token).await?.into(200)?;
        Ok((shown["state"] != "checking").then_some(shown))
    })
    .await?;
    let mut whole = digest::Context::new(&digest::SHA256);
    rest(0).for_each(|block| whole.update(&block));
    let sha256 = hex::encode(whole.finish());
    assert_eq!((&shown["state"], &shown["sha256"]), (&"ready".into(), &sha256.as_str().into()));
    assert_eq!(shown["media_type"], "video/mp4");
    let grown = memory(&stack)? - memory_before;
    assert!(grown < 64 * 1024, "intake took {grown} KiB more for a file of 300 MiB");

    // The report is sent, and takes it.
    let receipt = reported(&stack).await?;
    let added: Value =
        phone.adds(&receipt, &new_key(), &[Part::Upload(&token)]).await?.into(201)?;
    assert_eq!(added["files"][0]["sha256"], sha256);
    let files = last_files(&stack).await?;
    assert_eq!(original(&stack, &files[0]).await?.len(), SIZE);
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn a_client_that_people_use_already_sends_a_file() -> Told {
    let stack = Stack::start(&[]).await?;
    let bytes: Vec<u8> = rest(0).take(3).flatten().collect();
    let file = stack.dir().join("video");
    std::fs::write(&file, &bytes)?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/tus.mjs");
    let mut client = Command::new("node");
    let endpoint = format!("{}/api/v1/uploads", stack.urls()?.get("INTAKE_URL")?);
    client.arg(script).arg(endpoint).arg(file);
    let address = run(client).await?;
    let token = address.trim().rsplit('/').next().unwrap_or_default();
    let shown: Value = uploader(&stack)?.looks(token).await?.into(200)?;
    assert_eq!(shown["sha256"], super::sha256(&bytes), "{shown}");
    assert_eq!(shown["name"], "IMG 1.mp4");
    Ok(())
}
