//! Ways through a form as people go them: page by page, with whatever answer chance brings, back to an
//! earlier answer now and then, to the end. It asks what a client asks, and knows no form.

pub mod answers; // any answer that a question has to take
mod chance; // repeated by its seed
mod person; // goes one way
mod promises; // what must hold on each

pub use chance::Chance;
pub use person::{End, Person};
