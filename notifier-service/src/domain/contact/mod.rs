//! One reporter's obligations, messages and attempts: what happened, and what may happen next.

mod state; // events, and the state that they leave
mod decide; // commands, and the events that follow
#[cfg(test)]
mod tests;

pub use decide::{Command, Given, Rejection, check_at, decide};
pub use state::{
    Attempt, AttemptState, Cause, Contact, Event, Kept, Message, MessageState, NewMessage,
    Obligation, Outcome, PERSON_WISHED, Sealed, Source, What, Why,
};
