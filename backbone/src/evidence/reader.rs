use std::ops::Range;

use aws_lc_rs::digest;
use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream;
use uuid::Uuid;

use super::piece::Chunks;
use super::{FileKey, Store, StoreError, Stored};

/// Why an original cannot be had as it was sent.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Away(#[from] StoreError),
    /// Pieces are missing, or there is something that does not belong there.
    #[error("the file is not whole")]
    NotWhole,
    /// A chunk was changed, stands in another place than its own, or the key is another file's.
    #[error("a part of the file is not what was written")]
    NotOpened,
    /// Each part is one that was written, and all of them are another file.
    #[error("the file is not the one that was sent")]
    NotTheOriginal,
}

/// A file whose pieces are all there, ready to be read.
#[derive(Debug, Clone)]
pub struct Original {
    store: Store,
    file_id: Uuid,
    key: FileKey,
    pieces: Vec<Stored>,
    size: u64,
}

impl Original {
    /// Sees that the pieces follow one another and make up `size` bytes.
    pub async fn find(
        store: &Store,
        file_id: Uuid,
        key: FileKey,
        size: u64,
    ) -> Result<Self, ReadError> {
        let pieces = store.pieces(file_id).await?.ok_or(ReadError::NotWhole)?;
        let mut end = 0;
        for piece in &pieces {
            if piece.start != end {
                return Err(ReadError::NotWhole);
            }
            end += piece.bytes;
        }
        if end != size {
            return Err(ReadError::NotWhole);
        }
        Ok(Self { store: store.clone(), file_id, key, pieces, size })
    }

    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The whole of it, chunk by chunk. If the digest of all that came is not `sha256`, an error stands at the
    /// end: what was read until then was written for this file and place, but is not what was sent.
    pub fn read(
        &self,
        sha256: [u8; 32],
    ) -> impl Stream<Item = Result<Bytes, ReadError>> + Send + use<> {
        self.chunks(0..self.size, Some(sha256))
    }

    /// A part of it, as for a player that jumps. Each chunk is proved, the whole is not.
    pub fn read_range(
        &self,
        range: Range<u64>,
    ) -> impl Stream<Item = Result<Bytes, ReadError>> + Send + use<> {
        self.chunks(range.start..range.end.min(self.size), None)
    }

    fn chunks(
        &self,
        range: Range<u64>,
        sha256: Option<[u8; 32]>,
    ) -> impl Stream<Item = Result<Bytes, ReadError>> + Send + use<> {
        let digest = sha256.map(|is| (is, digest::Context::new(&digest::SHA256)));
        let at = self.pieces.partition_point(|piece| piece.start + piece.bytes <= range.start);
        let reading = Reading { of: self.clone(), at, range, chunks: None, digest };
        stream::try_unfold(reading, |mut reading| async move {
            Ok(reading.next().await?.map(|bytes| (bytes, reading)))
        })
    }
}

struct Reading {
    of: Original,
    /// The next piece.
    at: usize,
    range: Range<u64>,
    /// Those of the piece before it that are left.
    chunks: Option<Chunks>,
    digest: Option<([u8; 32], digest::Context)>,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>, ReadError> {
        loop {
            if let Some(chunk) = self.chunks.as_mut().and_then(Chunks::next) {
                let bytes = chunk.map_err(|_| ReadError::NotOpened)?;
                if let Some((_, digest)) = &mut self.digest {
                    digest.update(&bytes);
                }
                return Ok(Some(bytes));
            }
            let next = self.of.pieces.get(self.at).filter(|piece| piece.start < self.range.end);
            let Some(piece) = next.copied() else { break };
            self.at += 1;
            self.chunks = Some(self.open(piece).await?);
        }
        let Some((sent, read)) = self.digest.take() else { return Ok(None) };
        if read.finish().as_ref() == sent { Ok(None) } else { Err(ReadError::NotTheOriginal) }
    }

    async fn open(&self, piece: Stored) -> Result<Chunks, ReadError> {
        let Original { store, file_id, key, .. } = &self.of;
        let sealed = store.piece(*file_id, piece.start).await?.ok_or(ReadError::NotWhole)?;
        let from = self.range.start.saturating_sub(piece.start);
        let to = (self.range.end - piece.start).min(piece.bytes);
        Ok(Chunks::of(*file_id, key, piece.start, sealed, from..to))
    }
}
