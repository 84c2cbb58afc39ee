//! The read models: written from the state that the events have left, in the events' transaction.

pub mod rows; // state -> rows
pub mod due; // what has to be done now
pub mod contact_page; // what staff see of one reporter
pub mod emergencies; // who cannot call 999: what has to be told, what staff see
mod emergency_rows; // state -> rows of these
