//! The notifier: what is owed to reporters, and the messages that keep it.
//!
//! Modules stand in the order in which an event passes through them.

pub mod config; // what it needs from the environment
pub mod incoming; // other services' events -> commands
pub mod domain; // what is owed, what may be sent where and when: pure
pub mod codec; // domain events <-> contract messages
pub mod history; // the log's events, folded
pub mod execute; // load, decide, append, project: one transaction
pub mod projections; // what is due, what staff see
pub mod render; // templates and facts -> words
pub mod channels; // where messages go
pub mod control_room; // somebody cannot call 999: told at once, until it is acknowledged
pub mod dispatch; // intent, call, outcome
pub mod rebuild; // read models from the log
pub mod http; // what staff may ask
pub mod run; // the commands

/// Brings the notifier's own tables to their newest form.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
