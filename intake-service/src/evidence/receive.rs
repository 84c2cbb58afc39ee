use std::time::Duration;

use backbone::evidence::{Original, PIECE_BYTES_MAX, Piece};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use tokio::time::Instant;
use uuid::Uuid;

use super::{Evidence, EvidenceError, Refused, Upload};
use crate::domain::file_type::{FileType, HEAD_BYTES};

/// A connection that says nothing for so long is cut. What it brought is kept.
const STALL: Duration = Duration::from_secs(30);
/// And one that trickles: whoever is slow comes again and goes on where they were.
const CONNECTION_TIME: Duration = Duration::from_mins(10);
/// A file in more pieces than this was not sent by anything that people use.
const PIECES_MAX: i32 = 5_000;

/// How a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    /// The connection was cut, by whomever.
    Cut,
}

/// One connection that brings bytes of an upload.
struct Receiving<'e> {
    evidence: &'e Evidence,
    holder: Uuid,
    upload: Upload,
    piece: Piece,
    /// The first bytes of the file, until they tell what it is.
    head: Vec<u8>,
}

impl Evidence {
    /// Takes what `body` brings, however far it comes, and answers with the upload as it is kept then. A file
    /// whose size was not known is whole when its body is.
    pub async fn receive<E: Send>(
        &self,
        upload: Upload,
        body: impl Stream<Item = Result<Bytes, E>> + Send + Unpin,
    ) -> Result<Upload, EvidenceError> {
        let holder = Uuid::new_v4();
        if !self.hold(&upload, holder).await? {
            return Err(EvidenceError::Offset);
        }
        let head = self.head_so_far(&upload).await?;
        let piece = Piece::begin(upload.file_id, &upload.key, upload.received);
        let mut receiving = Receiving { evidence: self, holder, upload, piece, head };
        match receiving.run(body).await {
            Err(EvidenceError::Refused(why)) => {
                let is_ours = self.refuse(&receiving.upload, Some(holder), why).await?;
                // Else another connection writes by now, and may have completed it.
                Err(if is_ours { EvidenceError::Refused(why) } else { EvidenceError::Offset })
            }
            Err(error) => Err(error),
            Ok(()) => Ok(receiving.upload),
        }
    }

    /// What was kept of a file while its first bytes did not tell yet what it is.
    async fn head_so_far(&self, upload: &Upload) -> Result<Vec<u8>, EvidenceError> {
        let known = upload.about.media_type.is_some();
        if known || upload.received == 0 {
            return Ok(vec![]);
        }
        let (id, key) = (upload.file_id, upload.key.clone());
        let lost = |_| EvidenceError::Unavailable;
        let kept = Original::find(&self.store, id, key, upload.received).await.map_err(lost)?;
        let head = kept.read_range(0..HEAD_BYTES as u64);
        let head: Vec<Bytes> = head.try_collect().await.map_err(lost)?;
        Ok(head.concat())
    }
}

impl Receiving<'_> {
    async fn run<E: Send>(
        &mut self,
        mut body: impl Stream<Item = Result<Bytes, E>> + Send + Unpin,
    ) -> Result<(), EvidenceError> {
        let until = Instant::now() + CONNECTION_TIME;
        let token = self.evidence.tasks.token();
        let end = loop {
            let patience = until.min(Instant::now() + STALL);
            let came = tokio::select! {
                () = token.cancelled() => break End::Cut,
                came = tokio::time::timeout_at(patience, body.next()) => came,
            };
            match came {
                Ok(Some(Ok(bytes))) => self.take(bytes).await?,
                Ok(None) => break End::Whole,
                Ok(Some(Err(_))) | Err(_) => break End::Cut,
            }
        };
        if !self.piece.is_empty() {
            self.keep().await?;
        }
        if self.upload.size.is_none() && end == End::Whole {
            self.evidence.ended(&mut self.upload).await?;
        }
        if self.upload.is_whole() {
            if self.upload.received == 0 {
                return Err(EvidenceError::Refused(Refused::Empty));
            }
            self.find_type()?;
        }
        Ok(())
    }

    async fn take(&mut self, mut bytes: Bytes) -> Result<(), EvidenceError> {
        let end = self.piece.end() + bytes.len() as u64;
        if self.upload.size.is_some_and(|size| end > size) || end > self.max() {
            return Err(EvidenceError::Refused(Refused::TooBig));
        }
        if self.upload.about.media_type.is_none() {
            let room = HEAD_BYTES.saturating_sub(self.head.len()).min(bytes.len());
            self.head.extend_from_slice(bytes.get(..room).unwrap_or_default());
            if self.head.len() == HEAD_BYTES || self.upload.size == Some(end) {
                self.find_type()?;
            }
        }
        while !bytes.is_empty() {
            self.piece.fill(&mut bytes);
            if self.piece.is_full() {
                self.keep().await?;
            }
        }
        Ok(())
    }

    /// How large the file may be, as far as is known what it is.
    fn max(&self) -> u64 {
        let settings = &self.evidence.settings;
        self.upload.file_type().map_or(settings.largest(), |known| settings.max(known.class))
    }

    fn find_type(&mut self) -> Result<(), EvidenceError> {
        if self.upload.about.media_type.is_some() {
            return Ok(());
        }
        let found = FileType::of(&self.head).ok_or(EvidenceError::Refused(Refused::Type))?;
        self.upload.about.media_type = Some(found.media_type.to_owned());
        self.head = vec![];
        let size = self.upload.size.unwrap_or(self.piece.end());
        if size > self.max() {
            return Err(EvidenceError::Refused(Refused::TooBig));
        }
        Ok(())
    }

    /// Puts the piece into the store, and only then says so.
    async fn keep(&mut self) -> Result<(), EvidenceError> {
        if self.upload.pieces >= PIECES_MAX {
            return Err(EvidenceError::Refused(Refused::Lost));
        }
        if !self.evidence.holds(&self.upload, self.holder).await? {
            return Err(EvidenceError::Offset);
        }
        let end = self.piece.end();
        self.evidence.see_that_there_is_room(end - self.upload.received).await?;
        let next = Piece::begin(self.upload.file_id, &self.upload.key, end);
        self.evidence.store.put(std::mem::replace(&mut self.piece, next)).await?;
        debug_assert!(end - self.upload.received <= PIECE_BYTES_MAX, "a piece has its limit");
        let moved = self.evidence.advance(&mut self.upload, self.holder, end).await?;
        if moved { Ok(()) } else { Err(EvidenceError::Offset) }
    }
}
