#![expect(clippy::cast_possible_truncation, reason = "files of tests are small")]

use aws_lc_rs::digest;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::ObjectStoreExt as _;
use uuid::Uuid;

use super::settings::Settings;
use super::store::path;
use super::*;
use crate::config::Reader;

const ID: Uuid = Uuid::from_u128(1);
const CANARY: &[u8] = b"Zqevidence planted";

struct Kept {
    folder: tempfile::TempDir,
    store: Store,
    key: FileKey,
    original: Vec<u8>,
}

/// Writes `bytes` that begin with the canary, in pieces that end at each of `cuts`.
async fn kept(bytes: usize, cuts: &[u64]) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Settings::folder(folder.path().join("evidence"))).unwrap();
    let key = FileKey::random();
    let original: Vec<u8> = CANARY.iter().copied().cycle().take(bytes).collect();
    let mut start = 0;
    for end in cuts.iter().copied().chain([bytes as u64]) {
        let part = start as usize..end as usize;
        let mut left = Bytes::copy_from_slice(&original[part]);
        let mut piece = Piece::begin(ID, &key, start);
        piece.fill(&mut left);
        assert!(left.is_empty() && piece.end() == end, "{piece:?}");
        store.put(piece).await.unwrap();
        start = end;
    }
    Kept { folder, store, key, original }
}

impl Kept {
    fn sha256(&self) -> [u8; 32] {
        digest::digest(&digest::SHA256, &self.original).as_ref().try_into().unwrap()
    }

    async fn find(&self) -> Result<Original, ReadError> {
        Original::find(&self.store, ID, self.key.clone(), self.original.len() as u64).await
    }

    /// What a reader gets of it.
    async fn read(&self) -> Result<Vec<u8>, ReadError> {
        let read: Vec<Bytes> = self.find().await?.read(self.sha256()).try_collect().await?;
        Ok(read.concat())
    }

    async fn bytes_of(&self, start: u64) -> Vec<u8> {
        let found = self.store.objects().get(&path(ID, start)).await.unwrap();
        found.bytes().await.unwrap().to_vec()
    }

    async fn lay(&self, start: u64, bytes: Vec<u8>) {
        self.store.objects().put(&path(ID, start), bytes.into()).await.unwrap();
    }
}

const CHUNK: u64 = 64 * 1024;

#[tokio::test]
async fn what_was_sent_comes_back_however_it_was_cut() {
    for (bytes, cuts) in [
        (1, vec![]),
        (CHUNK, vec![]),
        (CHUNK + 1, vec![1, CHUNK]),
        (3 * CHUNK, vec![CHUNK, CHUNK + 7]),
        (PIECE_BYTES_MAX + 9, vec![PIECE_BYTES_MAX]),
    ] {
        let kept = kept(usize::try_from(bytes).unwrap(), &cuts).await;
        assert_eq!(kept.read().await.unwrap(), kept.original, "{bytes} {cuts:?}");
    }
}

#[tokio::test]
async fn any_part_can_be_read_by_itself() {
    let kept = kept(300_000, &[7, 100_000]).await;
    let found = kept.find().await.unwrap();
    for range in [0..1, 6..8, 7..100_000, 99_999..100_001, 65_536..200_000, 299_999..300_000] {
        let read: Vec<Bytes> = found.read_range(range.clone()).try_collect().await.unwrap();
        let wanted = range.start as usize..range.end as usize;
        assert!(read.concat() == kept.original[wanted], "{range:?}");
    }
}

#[tokio::test]
async fn nothing_rests_in_the_clear_and_all_of_it_can_be_deleted() {
    let kept = kept(200_000, &[5]).await;
    for start in [0, 5] {
        let sealed = kept.bytes_of(start).await;
        assert!(!sealed.windows(5).any(|bytes| bytes == &CANARY[..5]));
    }
    assert_eq!(kept.store.files().await.unwrap(), [ID]);
    assert!(kept.store.written_at(ID).await.unwrap().is_some());
    kept.store.delete(ID).await.unwrap();
    kept.store.delete(ID).await.unwrap();
    assert_eq!(kept.store.files().await.unwrap(), Vec::<Uuid>::new());
    assert_eq!(std::fs::read_dir(kept.folder.path().join("evidence")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_piece_that_is_sent_again_takes_the_place_of_the_first() {
    let kept = kept(100, &[50]).await;
    let mut again = Piece::begin(ID, &kept.key, 50);
    again.fill(&mut Bytes::copy_from_slice(&kept.original[50..]));
    kept.store.put(again).await.unwrap();
    assert_eq!(kept.read().await.unwrap(), kept.original);
}

#[tokio::test]
async fn what_is_changed_swapped_cut_or_missing_is_refused() {
    // A byte changed.
    let changed = kept(200_000, &[100_000]).await;
    let mut bytes = changed.bytes_of(100_000).await;
    *bytes.last_mut().unwrap() ^= 1;
    changed.lay(100_000, bytes).await;
    assert!(matches!(changed.read().await, Err(ReadError::NotOpened)));
    // Two pieces of one length swapped.
    let swapped = kept(200_000, &[100_000]).await;
    let (first, second) = (swapped.bytes_of(0).await, swapped.bytes_of(100_000).await);
    swapped.lay(0, second).await;
    swapped.lay(100_000, first).await;
    assert!(matches!(swapped.read().await, Err(ReadError::NotOpened)));
    // Two chunks of one piece swapped.
    let shuffled = kept(2 * CHUNK as usize, &[]).await;
    let mut bytes = shuffled.bytes_of(0).await;
    let half = bytes.len() / 2;
    bytes.rotate_left(half);
    shuffled.lay(0, bytes).await;
    assert!(matches!(shuffled.read().await, Err(ReadError::NotOpened)));
    // The last chunk cut off, and the last bytes.
    for gone in [CHUNK as usize + 40, 1] {
        let cut = kept(2 * CHUNK as usize, &[]).await;
        let mut bytes = cut.bytes_of(0).await;
        bytes.truncate(bytes.len() - gone);
        cut.lay(0, bytes).await;
        assert!(matches!(cut.read().await, Err(ReadError::NotWhole)), "{gone}");
    }
    // A piece gone, and one too many.
    let missing = kept(300, &[100, 200]).await;
    missing.store.objects().delete(&path(ID, 100)).await.unwrap();
    assert!(matches!(missing.read().await, Err(ReadError::NotWhole)));
    let more = kept(300, &[100]).await;
    more.lay(300, more.bytes_of(100).await).await;
    assert!(matches!(more.read().await, Err(ReadError::NotWhole)));
    // Another file's key.
    let mut other = kept(300, &[]).await;
    other.key = FileKey::random();
    assert!(matches!(other.read().await, Err(ReadError::NotOpened)));
    // All of it sealed well, and not what was sent.
    let mut replaced = kept(300, &[]).await;
    replaced.original[0] ^= 1;
    assert!(matches!(replaced.read().await, Err(ReadError::NotTheOriginal)));
}

#[test]
fn a_place_for_evidence_is_named_and_only_one() {
    let faults = |values: &[(&'static str, &'static str)]| {
        let mut reader = Reader::new(values.iter().copied());
        Settings::read(&mut reader);
        reader.finish(()).map_err(|faults| faults.to_string())
    };
    let (dir, bucket) = (("EVIDENCE_DIR", "/x"), ("EVIDENCE_S3_BUCKET", "x"));
    assert!(faults(&[dir]).is_ok());
    assert!(faults(&[]).unwrap_err().contains("one of them is needed"));
    assert!(faults(&[dir, bucket]).unwrap_err().contains("choose one of them"));
    assert!(faults(&[bucket]).unwrap_err().contains("EVIDENCE_S3_SECRET_KEY_FILE"));
}
