//! Stories that measure time: `make test` tells them alone, one after the other.

mod promise; // decided in time, not decided, not delivered
mod mail; // a real mail server, willing and not
