//! Files that people send.

mod large; // a video over a slow line that is cut
mod refused; // what is not taken, and what to do about it
mod scanned; // a real scanner, and one that is away
mod small; // in one form, in answers, once

use anyhow::Context as _;
use aws_lc_rs::digest;
use backbone::evidence::settings::Settings;
use backbone::evidence::{FileKey, Original, Store};
use backbone::sealing::Keys;
use futures_util::TryStreamExt as _;
use prost::Message as _;
use proto::intake::v1::{DetailsAdded, DetailsContent, EvidenceAdded, EvidenceContent, File};
use sqlx::postgres::PgPool;
use tests::citizen::Receipt;
use tests::stack::Stack;
use tests::uploads::Uploader;
use tests::urls::Urls;
use tests::verify::read_log;

const JPEG: &[u8] = b"\xff\xd8\xff\xe1\0\x18Exif\0\0Zqpicture planted";

fn uploader(stack: &Stack) -> anyhow::Result<Uploader> {
    Uploader::new(stack.urls()?.get("INTAKE_URL")?)
}

async fn reported(stack: &Stack) -> anyhow::Result<Receipt> {
    let citizen = stack.citizen()?;
    citizen.reports(&citizen.answers("crime").await?).await
}

fn store(stack: &Stack) -> anyhow::Result<Store> {
    Ok(Store::open(&Settings::folder(stack.dir().join("evidence")))?)
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

/// The files of the last event in intake's log, opened as the bureau opens them.
async fn last_files(stack: &Stack) -> anyhow::Result<Vec<File>> {
    let urls = stack.urls()?;
    let event = read_log(urls.get("INTAKE_DATABASE_URL")?).await?.pop().context("an empty log")?;
    let (kind, sealed) = match event.kind.as_str() {
        "evidence.added" => {
            ("evidence.content", EvidenceAdded::decode(event.body.as_slice())?.content)
        }
        "details.added" => {
            ("details.content", DetailsAdded::decode(event.body.as_slice())?.content)
        }
        other => anyhow::bail!("{other} has no files"),
    };
    let sealed = sealed.context("no content")?;
    let keys = PgPool::connect(urls.get("KEYS_DATABASE_URL")?).await?;
    let settings = Urls::read(&stack.dir().join("intake.env"))?;
    let master = std::fs::read_to_string(settings.get("MASTER_KEY_FILE")?)?;
    let keys = Keys::new(&hex::decode(master.trim())?, keys)?;
    let content = keys.of(event.stream, &sealed).await?.open(kind, &sealed)?;
    Ok(if kind == "evidence.content" {
        EvidenceContent::decode(content.as_slice())?.files
    } else {
        DetailsContent::decode(content.as_slice())?.files
    })
}

/// The original of a file, from the store: an error unless it is what was sent.
async fn original(stack: &Stack, file: &File) -> anyhow::Result<Vec<u8>> {
    let key = FileKey::new(&file.key).context("no key")?;
    let found = Original::find(&store(stack)?, file.file_id.parse()?, key, file.size).await?;
    let read = found.read(file.sha256.as_ref().try_into()?);
    Ok(read
        .try_fold(vec![], async |mut all, part| {
            all.extend_from_slice(&part);
            Ok(all)
        })
        .await?)
}
