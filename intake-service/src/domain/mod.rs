//! The rules of the front counter. Nothing here waits, reads a clock or knows of HTTP or SQL.

#[macro_use]
mod words; // enums that have a spelling
pub mod form; // what is asked, and the way through it
pub mod report; // answers + form -> what is sent, or why it cannot be
pub mod reference; // what a report is called
pub mod link; // where to send the address of a saved form, if it is private
pub mod file_type; // what a file is, by its first bytes
pub mod upload; // how far a file is, and why one is not taken
pub mod worrying; // words that make us ask once more
