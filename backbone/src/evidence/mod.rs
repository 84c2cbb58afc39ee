//! Where evidence rests: whole, sealed, byte for byte what was sent.
//!
//! A file is a row of pieces, one object each: `<file id>/<where it begins>`. A piece is a row of chunks,
//! each sealed under the file's own key and bound to the file and to its place in it. So a file can be
//! written as it comes, over any number of connections, and what is missing, swapped, cut or changed does
//! not open. Neither writing nor reading holds more than one piece in memory.

mod key; // the key of a file
mod piece; // chunks sealed into a piece, and opened
mod store; // pieces in a folder or in S3
mod reader; // the original, from its pieces
pub mod settings; // where that is

pub use key::FileKey;
pub use piece::{PIECE_BYTES_MAX, Piece};
pub use reader::{Original, ReadError};
pub use store::{Store, StoreError, Stored};

#[cfg(test)]
mod tests;
