use backbone::evidence::{FileKey, Piece};
use bytes::Bytes;
use serde_json::Value;
use sqlx::postgres::PgPool;
use tests::citizen::new_key;
use tests::stack::Stack;
use tests::uploads::Part;
use tests::verify::read_log;
use tests::wait;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use uuid::Uuid;

use super::{JPEG, last_files, original, reported, store, uploader};
use crate::{LIMIT, Told};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn what_is_not_taken_says_what_to_do_and_leaves_nothing() -> Told {
    let stack = Stack::start(&[]).await?;
    let (receipt, phone) = (reported(&stack).await?, uploader(&stack)?);
    let log = stack.urls()?.get("INTAKE_DATABASE_URL")?.to_owned();
    let before = read_log(&log).await?.len();

    for (size, status, code) in [(0, 422, "file_empty"), (501 * MIB, 413, "file_too_big")] {
        let refused = phone.begins("a.jpg", size).await?;
        assert_eq!((refused.status, refused.code()), (status, code), "{}", refused.body);
        assert_eq!(refused.body["errors"][0]["code"], code);
    }
    // A program and an archive that call themselves pictures; a picture as large as a video.
    for (head, size, status, code) in [
        (b"MZ\x90\0".as_slice(), 20_000, 415, "file_type"),
        (b"PK\x03\x04\x14\0\0\0holiday.jpg", 20_000, 415, "file_type"),
        (JPEG, 26 * MIB, 413, "file_too_big"),
    ] {
        let token = phone.begun("holiday.jpg", size).await?;
        let mut bytes = head.to_vec();
        bytes.resize(20_000, 0);
        let refused = phone.sends(&token, 0, &bytes).await?;
        assert_eq!((refused.status, refused.code()), (status, code), "{}", refused.body);
        let shown: Value = phone.looks(&token).await?.into(200)?;
        assert_eq!((&shown["state"], &shown["problem"]["code"]), (&"refused".into(), &code.into()));
        let refused = phone.adds(&receipt, &new_key(), &[Part::Upload(&token)]).await?;
        assert_eq!(refused.body["errors"][0]["code"], code, "{}", refused.body);
    }
    // A program behind a page of words is found when all of it is read.
    let mut words = vec![b'a'; 100_000];
    words[90_000] = 0;
    let token = phone.begun("a.txt", words.len()).await?;
    assert_eq!(phone.sends(&token, 0, &words).await?.code(), "file_type");

    // Small pieces tell what it is all the same; too much, or from elsewhere, is refused.
    let token = phone.begun("a.jpg", JPEG.len()).await?;
    assert_eq!(phone.sends(&token, 0, &JPEG[..2]).await?.status, 204);
    assert_eq!(phone.sends(&token, 0, JPEG).await?.code(), "upload_offset");
    let unfinished = phone.adds(&receipt, &new_key(), &[Part::Upload(&token)]).await?;
    assert_eq!(unfinished.body["errors"][0]["code"], "file_unfinished", "{}", unfinished.body);
    assert_eq!(phone.sends(&token, 2, &JPEG[2..]).await?.status, 204);
    assert_eq!(phone.deletes(&token).await?.status, 204);
    assert_eq!(phone.looks(&token).await?.status, 404);

    let unknown = Uuid::new_v4().simple().to_string().repeat(2);
    for (parts, code) in [
        (vec![Part::Upload(&unknown)], "file_unknown"),
        (vec![Part::File("a.jpg", b"")], "file_empty"),
        (vec![Part::File("a.jpg", b"MZ\x90\0")], "file_type"),
        (vec![Part::File("a.jpg", JPEG), Part::File("b.jpg", b"")], "file_empty"),
        (vec![Part::File("a.jpg", JPEG); 11], "too_many_files"),
        (vec![Part::About("I have it.")], "missing"),
    ] {
        let refused = phone.adds(&receipt, &new_key(), &parts).await?;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert_eq!(refused.body["errors"][0]["code"], code, "{}", refused.body);
    }
    assert_eq!(store(&stack)?.files().await?, Vec::<Uuid>::new());
    assert_eq!(read_log(&log).await?.len(), before);
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn what_no_report_took_is_swept_and_what_one_has_is_not() -> Told {
    let stack = Stack::start(&[("EVIDENCE_KEPT", "4s")]).await?;
    let (receipt, phone, store) = (reported(&stack).await?, uploader(&stack)?, store(&stack)?);
    let unfinished = phone.begun("b.jpg", 100).await?;
    phone.sends(&unfinished, 0, JPEG).await?;
    phone.sent("c.jpg", JPEG).await?;
    // A piece that no row knows.
    let mut piece = Piece::begin(Uuid::new_v4(), &FileKey::random(), 0);
    piece.fill(&mut Bytes::from_static(JPEG));
    store.put(piece).await?;
    let kept = phone.adds(&receipt, &new_key(), &[Part::File("a.jpg", JPEG)]).await?;
    let kept: Value = kept.into(201)?;
    assert_eq!(store.files().await?.len(), 4);

    let left = wait::until("the sweep", 2 * LIMIT, || async {
        let files = store.files().await?;
        Ok((files.len() == 1).then_some(files))
    })
    .await?;
    assert_eq!(kept["files"][0]["file_id"], left[0].to_string());
    assert_eq!(phone.looks(&unfinished).await?.status, 404);
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn what_is_only_promised_keeps_nobody_out() -> Told {
    let stack = Stack::start(&[("EVIDENCE_WAITING_MB", "30")]).await?;
    let (receipt, phone) = (reported(&stack).await?, uploader(&stack)?);
    let size = 20 * MIB;
    let mut picture = JPEG.to_vec();
    picture.resize(size, 7);
    let mut promised = vec![];
    for _ in 0..5 {
        promised.push(phone.begun("a.jpg", size).await?);
    }
    assert_eq!(phone.sends(&promised[0], 0, &picture).await?.status, 204);
    // Now there is no room for a second, whenever it was promised.
    for refused in
        [phone.begins("b.jpg", size).await?, phone.sends(&promised[1], 0, &picture).await?]
    {
        assert_eq!((refused.status, refused.code()), (503, "no_room"), "{}", refused.body);
    }
    assert_eq!(phone.deletes(&promised[1]).await?.status, 204);
    let added = phone.adds(&receipt, &new_key(), &[Part::Upload(&promised[0])]).await?;
    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!(phone.sends(&promised[2], 0, &picture).await?.status, 204);
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn a_connection_that_was_superseded_takes_nothing_away() -> Told {
    let stack = Stack::start(&[]).await?;
    let (receipt, phone) = (reported(&stack).await?, uploader(&stack)?);
    let token = phone.begun("a.jpg", JPEG.len()).await?;
    let address = stack.urls()?.get("INTAKE_URL")?.replace("http://", "");
    let mut old = TcpStream::connect(&address).await?;
    let head = format!(
        "PATCH /api/v1/uploads/{token} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/offset+octet-stream\r\ntus-resumable: 1.0.0\r\n\
         upload-offset: 0\r\ncontent-length: {}\r\n\r\nMZ",
        JPEG.len()
    );
    old.write_all(head.as_bytes()).await?;
    let pool = PgPool::connect(stack.urls()?.get("INTAKE_DATABASE_URL")?).await?;
    wait::until("the connection to be the one that writes", LIMIT, || async {
        let writers: i64 =
            sqlx::query_scalar("select count(holder) from upload").fetch_one(&pool).await?;
        Ok((writers == 1).then_some(()))
    })
    .await?;
    assert_eq!(phone.sends(&token, 0, JPEG).await?.status, 204);
    // What the old one brings is no file at all.
    old.write_all(&vec![0; JPEG.len() - 2]).await?;
    let mut said = String::new();
    old.read_to_string(&mut said).await?;
    assert!(said.starts_with("HTTP/1.1 409"), "{said}");
    let added = phone.adds(&receipt, &new_key(), &[Part::Upload(&token)]).await?;
    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!(original(&stack, &last_files(&stack).await?[0]).await?, JPEG);
    stack.verify().await?;
    Ok(())
}
