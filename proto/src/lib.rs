//! The contracts between the services: events by service, the row of a log, streams and subjects.
//!
//! A field is never renumbered, never changes its type, and is reserved when it goes; `golden/`
//! holds bytes of every event ever published, and a test reads each of them.

pub mod topology; // every stream and subject, with its publisher: data

/// What every numbered log shares.
pub mod log {
    pub mod v1 {
        include!(concat!(env!("OUT_DIR"), "/log.v1.rs"));
    }
}
/// What the public did.
pub mod intake {
    #[expect(clippy::pedantic, reason = "generated; the .proto file documents it")]
    pub mod v1 {
        include!(concat!(env!("OUT_DIR"), "/intake.v1.rs"));
    }
}
/// What the bureau did.
pub mod bureau {
    #[expect(clippy::pedantic, reason = "generated; the .proto file documents it")]
    pub mod v1 {
        include!(concat!(env!("OUT_DIR"), "/bureau.v1.rs"));
    }
}
/// What was owed to reporters, and done about it.
pub mod notifier {
    #[expect(clippy::pedantic, reason = "generated; the .proto file documents it")]
    pub mod v1 {
        include!(concat!(env!("OUT_DIR"), "/notifier.v1.rs"));
    }
}
