//! The force's control room, for somebody who cannot call 999: a short path of its own, past queues,
//! quiet hours and holds. It keeps the rules of all sending: intent, call, outcome.

pub(crate) mod codec; // emergencies <-> contract messages
pub mod code; // the code that acknowledges a message
pub mod desk; // where the control room is, as it is set
pub mod webhook; // one signed request
pub mod words; // what the control room reads
pub mod tell; // intent, call, outcome; alarms
