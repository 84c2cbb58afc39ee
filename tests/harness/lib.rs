//! Speaks of people: a citizen reports, an officer decides, a mailbox fills. Behind them are the real
//! programs on a stack of their own, and after every story `verify` proves that nothing was lost.

pub mod stack; // a whole stack for one test, ended with it
pub mod urls; // what `make up` says of a stack
pub mod wait; // until something holds, and no longer than it may take
pub mod documents; // what they tell people to type, typed
pub mod ways; // any way through a form, by chance
pub mod citizen; // reports, returns, answers
pub mod partner; // passes on what somebody told it
pub mod uploads; // sends files
pub mod clamd; // a scanner that knows one thing
pub mod browser; // types into the pages
pub mod officer; // reads, assesses, decides
pub mod mailbox; // what was delivered
pub mod collector; // takes what services export over OTLP
pub mod control_room; // takes webhooks, and does as it is told
pub mod smtp_server; // a mail server that does as it is told
pub mod swallowing_proxy; // a way to PostgreSQL that loses the answer to a commit
pub mod verify; // logs, streams and read models, read with code of its own

/// What everything here returns.
pub type Result<T, E = anyhow::Error> = std::result::Result<T, E>;
