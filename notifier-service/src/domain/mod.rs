//! What is owed to a reporter, and what may be sent where and when: pure.
//!
//! Nothing here waits, reads a clock or makes an id: they come in as values.

pub mod times; // the promise's clock: all times are fractions of it
pub mod safe; // addresses that the reporter has marked safe
pub mod plan; // which event owes whom which message, and by when
pub mod saved_link; // where a saved form is, for who asked to be told
pub mod emergency; // somebody who cannot call 999, and who has been told
pub mod contact; // one reporter's obligations, messages and attempts
