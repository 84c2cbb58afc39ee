//! A piece: chunks of 64 KiB, the last one shorter, each sealed by itself.

use std::ops::Range;

use bytes::Bytes;
use uuid::Uuid;

use super::FileKey;
use crate::sealing::random;
use crate::xchacha::{Cipher, NONCE_BYTES, TAG_BYTES};

const CHUNK_BYTES: u64 = 64 * 1024;
/// What a chunk has besides what was sent.
const EXTRA_BYTES: u64 = (NONCE_BYTES + TAG_BYTES) as u64;
const CHUNK_SEALED_BYTES: u64 = CHUNK_BYTES + EXTRA_BYTES;
/// So much of an original one piece holds at most: what writing or reading a file keeps in memory.
pub const PIECE_BYTES_MAX: u64 = 32 * CHUNK_BYTES;

/// Tells the chunks of one file, piece and place from all others.
fn bound_to(file_id: Uuid, piece: u64, chunk: u64) -> Vec<u8> {
    let (piece, chunk) = (piece.to_be_bytes(), chunk.to_be_bytes());
    [b"evidence 1".as_slice(), file_id.as_bytes(), &piece, &chunk].concat()
}

/// A piece that is being filled.
pub struct Piece {
    file_id: Uuid,
    cipher: Cipher,
    start: u64,
    /// Bytes of the original that are sealed already.
    done: u64,
    /// Those that do not fill a chunk yet.
    open: Vec<u8>,
    sealed: Vec<u8>,
}

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file_id, start, done, .. } = self;
        write!(f, "Piece({file_id} from {start}, {done} sealed)")
    }
}

impl Piece {
    /// One that begins at `start` of its file.
    #[must_use]
    pub fn begin(file_id: Uuid, key: &FileKey, start: u64) -> Self {
        Self { file_id, cipher: key.cipher(), start, done: 0, open: vec![], sealed: vec![] }
    }

    /// How many bytes of the original it has.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.done + self.open.len() as u64
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[must_use]
    pub fn is_full(&self) -> bool {
        self.len() == PIECE_BYTES_MAX
    }

    /// Where in its file the piece ends so far.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.start + self.len()
    }

    /// Takes as much of `bytes` as there is room for, and leaves the rest in it.
    pub fn fill(&mut self, bytes: &mut Bytes) {
        while !bytes.is_empty() && !self.is_full() {
            let room = usize::try_from(CHUNK_BYTES).unwrap_or(usize::MAX) - self.open.len();
            self.open.extend_from_slice(&bytes.split_to(room.min(bytes.len())));
            if self.open.len() as u64 == CHUNK_BYTES {
                self.seal();
            }
        }
    }

    fn seal(&mut self) {
        if self.sealed.is_empty() && self.open.len() as u64 == CHUNK_BYTES {
            // More will follow: once is enough.
            let all = PIECE_BYTES_MAX / CHUNK_BYTES * CHUNK_SEALED_BYTES;
            self.sealed.reserve_exact(usize::try_from(all).unwrap_or(0));
        }
        let mut nonce = [0; NONCE_BYTES];
        random(&mut nonce);
        let aad = bound_to(self.file_id, self.start, self.done);
        self.sealed.extend_from_slice(&nonce);
        self.sealed.extend_from_slice(&self.cipher.seal(&nonce, &aad, &self.open));
        self.done += self.open.len() as u64;
        self.open.clear();
    }

    /// The piece as it rests, and where it begins.
    pub(super) fn finish(mut self) -> (Uuid, u64, Vec<u8>) {
        if !self.open.is_empty() {
            self.seal();
        }
        (self.file_id, self.start, self.sealed)
    }
}

/// How much of the original a piece holds whose object has `size` bytes; None where no piece has that.
pub(super) fn plain_bytes(size: u64) -> Option<u64> {
    let (whole, rest) = (size / CHUNK_SEALED_BYTES, size % CHUNK_SEALED_BYTES);
    let rest =
        if rest == 0 { 0 } else { rest.checked_sub(EXTRA_BYTES).filter(|rest| *rest > 0)? };
    let plain = whole * CHUNK_BYTES + rest;
    (1..=PIECE_BYTES_MAX).contains(&plain).then_some(plain)
}

/// A chunk is not what was written there.
pub(super) struct NotOpened;

/// The chunks of a piece that have any of `wanted`, which counts from the piece's beginning: each with
/// its number, to be opened one after the other.
pub(super) struct Chunks {
    file_id: Uuid,
    cipher: Cipher,
    start: u64,
    sealed: Bytes,
    next: u64,
    wanted: Range<u64>,
}

impl Chunks {
    pub(super) fn of(
        file_id: Uuid,
        key: &FileKey,
        start: u64,
        sealed: Bytes,
        wanted: Range<u64>,
    ) -> Self {
        let next = wanted.start / CHUNK_BYTES;
        Self { file_id, cipher: key.cipher(), start, sealed, next, wanted }
    }

    /// What is wanted of the next chunk.
    pub(super) fn next(&mut self) -> Option<Result<Bytes, NotOpened>> {
        let at = self.next * CHUNK_BYTES;
        if at >= self.wanted.end {
            return None;
        }
        self.next += 1;
        Some(self.open(at).ok_or(NotOpened))
    }

    fn open(&self, at: u64) -> Option<Bytes> {
        let from = usize::try_from(at / CHUNK_BYTES * CHUNK_SEALED_BYTES).ok()?;
        let rest = self.sealed.get(from..)?;
        let most = usize::try_from(CHUNK_SEALED_BYTES).ok()?;
        let sealed = rest.get(..most.min(rest.len()))?;
        let (nonce, data) = sealed.split_at_checked(NONCE_BYTES)?;
        let aad = bound_to(self.file_id, self.start, at);
        let plain = Bytes::from(self.cipher.open(nonce.try_into().ok()?, &aad, data)?);
        let within = |place: u64| {
            let place = usize::try_from(place.saturating_sub(at)).unwrap_or(usize::MAX);
            place.min(plain.len())
        };
        Some(plain.slice(within(self.wanted.start)..within(self.wanted.end)))
    }
}
