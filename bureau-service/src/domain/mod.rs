//! What the bureau is about: pure, waits for nothing, knows no database and no wire format.

pub mod words; // the words that lists, events and people share
pub mod wrong; // what is wrong with something that somebody sent
pub mod assessment; // a THRIVE assessment
pub mod decision; // a decision and what goes with it
pub mod case; // command + state -> events
pub mod promise; // when is what due, and what became of it?
