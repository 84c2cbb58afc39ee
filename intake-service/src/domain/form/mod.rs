//! A form is data; a journey through it is computed from the answers and stored nowhere.

mod model; // form, page, question
mod limits; // what a form does not say about them
mod raised; // what the answers so far raise
mod condition; // when a page or question is asked
mod error; // one vocabulary of what may be wrong
mod answer; // one answer, read by the kind of its question
mod asked; // what staff ask later, outside any form
mod walk; // the one pass over form and answers
mod journey; // the pass, as a client sees it
mod extra; // what may be told once a report was sent
mod whole; // does a form hold together?
mod carried; // what is kept of it in another kind of report
mod examples; // a full set of answers made of the questions' examples

pub use answer::Answer;
pub use asked::answers_to;
pub use carried::carried_over;
pub use condition::{Condition, Test};
pub use error::{ErrorCode, FieldError};
pub use examples::examples;
pub use extra::{Told, advice, continues, extras_offered, read_extra};
pub use journey::{Journey, PageView, QuestionView, extra_journey, journey};
pub use model::{
    Check, Choice, Day, Extra, Flag, Form, Kind, Known, Limits, Page, Purpose, Question, Raise,
    Regime, Stop, Wording,
};
pub use raised::Raised;
pub use walk::Entry;
pub use whole::{ExtraOutline, Fault, Outline, Problem};

pub(crate) use answer::{free_words, is_mobile, iso_date};
pub(crate) use walk::{Walk, walk};

#[cfg(test)]
mod paths; // the proof of what holds on every way through a form
#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
pub(crate) mod ways; // ways through a form, for tests of all forms
