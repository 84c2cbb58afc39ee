//! The local stack: PostgreSQL, NATS and the three services on one machine, private to one folder.
//!
//! `make run`, `make up` and `make down` are this program, and the tests start their private stacks
//! with it, so that there is one way of starting the product by hand. Modules stand in the order in
//! which `up` goes through them; the last ones are what all of them use.

pub mod up; // everything below, in order; idempotent
pub mod run; // up, stay in the foreground, down
pub mod down; // stop what runs, in the other order
mod servers; // where PostgreSQL and nats-server are
mod install; // ... or how they get here
mod secrets; // keys and passwords, made once
mod ports; // addresses, chosen once and kept
mod account; // the user that PostgreSQL runs as
mod postgres; // the server: start, readiness
mod cluster; // its data: initdb, settings, roles, databases
mod nats; // the broker: start, readiness
mod nats_config; // ... and who may do what there
mod services; // intake, bureau, notifier: settings, migrations, start, readiness
mod tokens; // staff tokens for the demonstration
pub mod urls; // urls.env, what the world reads
mod samples; // a few reports to look at
mod state; // stack.json, what this program remembers
mod process; // processes that outlive their starter, and who they are
mod http; // one request, one answer
mod layout; // where everything lies
mod environment; // what the caller's environment says

pub use layout::Layout;
pub use up::Stack;
