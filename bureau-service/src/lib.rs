//! The bureau: staff read reports, assess, decide and keep the promise of an answer.
//!
//! Modules stand in the order in which data passes through them.

#[macro_use]
mod spelt; // enums with one spelling a variant

pub mod config; // what it needs from its environment
pub mod run; // the parts put together; what the command line asks for
pub mod incoming; // messages of intake and notifier -> what follows from them
pub mod http; // routes of the staff's API, one use case a file
pub mod officers; // who a case can be allocated to
pub mod domain; // command + state -> events; the promise's clock: pure
pub mod codec; // domain <-> contract messages
pub mod execute; // an act of staff: load, decide, append, project
pub mod answered; // the same request gets the same answer
pub mod record; // append and project, in the caller's transaction
pub mod clock_watch; // what is due, said in time
pub mod projections; // the read models: events -> tables, and their queries
pub mod rebuild; // the read models made anew from the log
pub mod case_file; // all of one case, opened
pub mod originals; // files as they were sent
pub mod viewing; // pictures drawn anew, by a process that can do nothing else
