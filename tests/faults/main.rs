//! What happens when things die, forget, or come back older. Real processes, `kill -9`, and the proof
//! of every invariant at the end.
#![expect(clippy::print_stdout, reason = "a campaign tells its counts")]

mod numbered_log; // the log and its relay alone
mod key_stock; // keys that are made ahead
mod read_in_parts; // a log with large events, and one that grows while it is read
mod lost_answer; // a commit whose answer never comes
mod readiness; // what a replica says of itself when its lead or its writer is gone
mod campaign; // reports under load while everything is killed in turn
mod restored_log; // a log from an older copy, and what is taken back
mod edited_row; // somebody edits the log by hand
mod parked_message; // what cannot be handled: put aside, visible, released in order
mod unreadable_key; // one report's key is spoilt: the others go on
mod stranger; // a message in a stream that nobody of us sent

use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);

type Told = anyhow::Result<()>;
