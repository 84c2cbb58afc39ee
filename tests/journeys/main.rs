//! Stories of people, on real programs: a stack for each story, and the proof of every invariant at
//! its end.
#![expect(clippy::indexing_slicing, reason = "a story that cannot be told has failed")]

mod report_to_message; // from the form to the delivered decision, and back with a reply
mod every_kind; // of each, some that chance has answered
mod comes_back; // it is no longer safe, or it has got worse
mod somebody_is_missing; // the first part at once, the rest after it, and the end of a search
mod diary; // what goes on is told time after time
mod saved_link; // where a saved form is, for who wants to be told
mod one_key_one_report; // sending twice is sending once
mod control_room; // somebody cannot call 999: told at once, until somebody has it
mod evidence; // files: in pieces, whole, refused, swept
mod told_afterwards; // extras, and messages that could harm
mod bad_input; // every refusal says what to do and changes nothing
mod current_broker; // nats-server 2.15 beside 2.9.10
mod timed; // the promise and the mail, by the clock
mod one_trace; // spans and metrics, where somebody asks for them
mod nothing_personal; // planted data is found nowhere in the clear
mod who_has_read; // what staff read is on record
mod evidence_for_staff; // files handed out, looked at, and put away
mod viewing_copy; // pictures are drawn where nothing can be lost
mod contract; // the public API against its own document
mod receipts; // what a reporter can show, checked here and without us
mod open311; // partners pass reports on, and read their own
mod documents; // what the documents tell people to type
mod programs; // help, missing secrets, missing servers

use std::time::Duration;

/// Longer than anything may take that is not broken.
const LIMIT: Duration = Duration::from_secs(20);

type Told = anyhow::Result<()>;
