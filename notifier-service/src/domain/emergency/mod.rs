//! Somebody who cannot call 999: the force's control room is told at once, by every way that is set,
//! until somebody there says that they have it. Quiet hours, holds and queues do not apply.

mod state; // events, and the state that they leave
mod decide; // commands, and the events that follow
#[cfg(test)]
mod tests;

pub use decide::{Alert, CONTROL_ROOM, Command, Room, decide, raise};
pub use state::{
    Attempt, AttemptState, Emergency, Event, Intended, Letter, Of, Outcome, Raised, Way, Why,
    evolve,
};
