//! Pictures of strangers are drawn by a process with nothing to lose.

use std::io::Write as _;
use std::process::{Command, Stdio};

use bureau_service::viewing::{NoCopy, Picture, Viewing};
use bytes::Bytes;
use futures_util::stream;
use tests::stack::program;
use tests::wait;

use crate::{LIMIT, Told};

/// A picture of one grey point.
pub(crate) const POINT: &[u8] = &[
    0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 10, b'I', b'D', b'A', b'T', 0x78, 0x9c,
    0x63, 0x68, 0, 0, 0, 0x82, 0, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0, 0, 0, 0, b'I', b'E', b'N', b'D',
    0xae, 0x42, 0x60, 0x82,
];

#[tokio::test]
async fn a_picture_is_drawn_and_what_is_none_is_not() -> Told {
    let viewing = Viewing::with(program("viewing-copy")?);
    let parts =
        |bytes: &'static [u8]| stream::iter(bytes.chunks(7).map(|part| Ok(Bytes::from(part))));
    let drawn = viewing.copy(Picture::Png, parts(POINT)).await?;
    assert!(drawn.starts_with(b"\x89PNG"));
    let none = viewing.copy(Picture::Jpeg, parts(b"MZ this is a program")).await;
    assert!(matches!(none, Err(NoCopy::NotAPicture)), "{none:?}");
    let cut = viewing.copy(Picture::Png, stream::iter([Err(std::io::Error::other("cut"))])).await;
    assert!(matches!(cut, Err(NoCopy::Original(_))), "{cut:?}");
    let absent = Viewing::with("/nowhere".into()).copy(Picture::Png, parts(POINT)).await;
    assert!(matches!(absent, Err(NoCopy::Failed(_))), "{absent:?}");
    Ok(())
}

/// It has given up what it does not need before it reads a byte.
#[tokio::test]
async fn the_process_that_draws_can_open_and_start_nothing() -> Told {
    let mut child = Command::new(program("viewing-copy")?)
        .arg("png")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let limits = format!("/proc/{}/limits", child.id());
    let kept = wait::until("the limits to be set", LIMIT, async || {
        let limits = std::fs::read_to_string(&limits)?;
        let hard = |name: &str| {
            let line = limits.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().rev().nth(1).map(str::to_owned)
        };
        let all = ["Max open files", "Max processes", "Max file size", "Max cpu time"].map(hard);
        Ok((all[3].as_deref() == Some("20")).then_some(all))
    })
    .await?;
    assert_eq!(kept.map(Option::unwrap_or_default), ["0", "0", "0", "20"]);
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(POINT)?;
    drop(input);
    assert!(child.wait_with_output()?.stdout.starts_with(b"\x89PNG"));
    Ok(())
}
