//! The intake: the public reports what happened, and gets a receipt.
//!
//! Modules stand in the order in which an answer passes through them.

pub mod config; // what it is told
pub mod force; // the force that the pages speak for
pub mod partners; // who passes on what somebody told them
pub mod http; // routes: the table of contents of the public site
pub mod templates; // the pages' templates, and what they may call
pub mod assets; // what the pages are dressed with
pub mod domain; // what is asked, what may be sent: pure
pub mod forms; // the form files, read once at start
pub mod form_json; // forms and journeys as JSON
pub mod identity; // ids, references, codes
pub mod drafts; // what was typed and not sent yet
pub mod pages; // pages made of the forms
pub mod receipts; // what a reporter can show for a report
pub mod evidence; // files that people send
pub mod files_answered; // the files that answers name
pub mod submit; // a report into the log, once for each key
pub mod saved_link; // the wish to be told where a saved form is, into the log
pub mod returning; // the reporter comes back
pub mod codec; // reports to contract messages
pub mod projections; // what the status page reads
pub mod incoming; // what bureau and notifier say
