use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig};
use uuid::Uuid;

use super::piece::{self, Piece};
use super::settings::{S3, Settings, Where};

/// The store does not answer, or not as it should.
#[derive(Debug, thiserror::Error)]
#[error("the store for evidence is away")]
pub struct StoreError(#[from] object_store::Error);

/// A storage that is away is told soon: whoever waits can come again.
const STORE_TIME: Duration = Duration::from_secs(15);

/// Pieces in a folder or in S3. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store(Arc<dyn ObjectStore>);

/// A piece as it rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Where in the original it begins.
    pub start: u64,
    /// How much of the original it holds.
    pub bytes: u64,
}

impl Store {
    /// A folder is made where it is not there yet; S3 is not asked before it is needed.
    pub fn open(settings: &Settings) -> Result<Self, StoreError> {
        Ok(Self(match &settings.place {
            Where::Folder(folder) => {
                private_folder(folder)?;
                let local = LocalFileSystem::new_with_prefix(folder)?;
                // What was acknowledged outlives a power cut; a folder whose pieces are gone goes too.
                Arc::new(local.with_fsync(true).with_automatic_cleanup(true))
            }
            Where::S3(s3) => Arc::new(s3_store(s3)?),
        }))
    }

    /// Keeps a piece. One that begins at the same place is replaced: of it, nothing was promised.
    pub async fn put(&self, piece: Piece) -> Result<(), StoreError> {
        let (file_id, start, sealed) = piece.finish();
        self.0.put(&path(file_id, start), sealed.into()).await?;
        Ok(())
    }

    /// The pieces of a file, in their order. None where something lies there that is no piece.
    pub async fn pieces(&self, file_id: Uuid) -> Result<Option<Vec<Stored>>, StoreError> {
        let found: Vec<_> = self.0.list(Some(&folder(file_id))).try_collect().await?;
        let read = found.iter().map(|object| {
            let start = object.location.filename()?.parse().ok()?;
            Some(Stored { start, bytes: piece::plain_bytes(object.size)? })
        });
        let pieces: Option<Vec<Stored>> = read.collect();
        Ok(pieces.map(|mut pieces| {
            pieces.sort_unstable_by_key(|piece| piece.start);
            pieces
        }))
    }

    /// One piece as it rests; None where there is none.
    pub(super) async fn piece(
        &self,
        file_id: Uuid,
        start: u64,
    ) -> Result<Option<Bytes>, StoreError> {
        match self.0.get(&path(file_id, start)).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes all of a file.
    pub async fn delete(&self, file_id: Uuid) -> Result<(), StoreError> {
        let found = self.0.list(Some(&folder(file_id))).map_ok(|object| object.location).boxed();
        let mut deleted = self.0.delete_stream(found);
        while let Some(deleted) = deleted.next().await {
            match deleted {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// The files of which a piece lies here.
    pub async fn files(&self) -> Result<Vec<Uuid>, StoreError> {
        let listed = self.0.list_with_delimiter(None).await?;
        let name = |prefix: &Path| prefix.filename().and_then(|name| Uuid::try_parse(name).ok());
        Ok(listed.common_prefixes.iter().filter_map(name).collect())
    }

    /// When the youngest piece of a file was written.
    pub async fn written_at(&self, file_id: Uuid) -> Result<Option<Timestamp>, StoreError> {
        let mut youngest = None;
        let mut found = self.0.list(Some(&folder(file_id)));
        while let Some(object) = found.try_next().await? {
            let at = Timestamp::from_second(object.last_modified.timestamp()).ok();
            youngest = youngest.max(at);
        }
        Ok(youngest)
    }

    #[cfg(test)]
    pub(super) fn objects(&self) -> &dyn ObjectStore {
        &*self.0
    }
}

fn folder(file_id: Uuid) -> Path {
    Path::from(file_id.to_string())
}

/// Zeros before it, so that whoever lists them has them in their order.
pub(super) fn path(file_id: Uuid, start: u64) -> Path {
    folder(file_id).join(format!("{start:020}"))
}

fn private_folder(folder: &std::path::Path) -> Result<(), StoreError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| {
        StoreError(object_store::Error::Generic { store: "folder", source: Box::new(error) })
    })
}

fn s3_store(s3: &S3) -> Result<impl ObjectStore + use<>, object_store::Error> {
    let retries = RetryConfig { retry_timeout: STORE_TIME, ..RetryConfig::default() };
    let client = ClientOptions::new().with_timeout(STORE_TIME).with_allow_http(s3.plain_http);
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&s3.bucket)
        .with_region(&s3.region)
        .with_access_key_id(&s3.access_key)
        .with_secret_access_key(s3.secret_key.text())
        .with_retry(retries)
        .with_client_options(client);
    if !s3.endpoint.is_empty() {
        builder = builder.with_endpoint(&s3.endpoint);
    }
    builder.build()
}
