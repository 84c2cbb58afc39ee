//! What carries all three services: the numbered log with everything that moves its events, and the
//! chassis that a service runs on.
//!
//! A library of functions and not a framework: PostgreSQL and JetStream are named, payloads are
//! bytes, every write takes the caller's connection, and no word of the business stands here.
//! Modules stand in the order in which an event passes through them.

// The durable part.
pub mod chain; // hash and tag: what makes a number believable
pub mod event_log; // append and load, inside the caller's transaction
pub mod append; // the one statement that writes events, and what stands beside them
pub mod writer; // many callers, one task, one commit: the public path
pub mod jetstream; // connect; a stream as it must be; one message by its number
pub mod relay; // log -> stream, from the stream's own last sequence on
pub mod follower; // stream -> handler and position in one transaction
pub mod parked; // messages put aside with a reason; released in order
pub mod verify; // is the log whole?
pub mod recover; // a restored log takes back what its stream still has
pub mod sealing; // personal data, one key a report
pub mod key_stock; // keys that are made ahead
pub mod evidence; // files that people send: in pieces, sealed, in a folder or in S3
mod xchacha; // the cipher that seals

// The chassis.
pub mod service; // settings, pool, broker, log, keys, both ports: the ground of a service
pub mod cli; // the commands that every service has
pub mod http; // bodies with limits, panics as problems, safe headers
pub mod multipart; // forms that carry files, part after part as they come
pub mod serve; // a port: connections with limits, until the service ends
pub mod read_audit; // who of staff has read what
pub mod admin; // /livez /readyz /metrics /quiesce
pub mod said; // times as people say them
pub mod clock; // what time it is, so that a test can move it
pub mod config; // settings from the environment, all faults at once
pub mod force; // does a force use it, or is it a demonstration?
pub mod token; // staff tokens: one rule
pub mod db; // pools, migrations, one leader among the replicas
pub mod problem; // the one error format
pub mod shutdown; // one token, all tasks waited for
pub mod telemetry; // logs, traces, metrics
