//! What must follow from an answer: a test for each rule about emergencies, about keeping people safe,
//! and about who else can help. A rule's name is its test's name: `cargo test forms::rules` shows them.
//!
//! To add a kind: a file `my_kind.rs` beside `crime.rs`, and its `mod` and its place in `FILES` below.
//!
//! ```ignore
//! rules! { Form("my-kind");
//!     a_child_in_the_car_leads_to_999: { "contents": ["child"] } => Stops("call_999"), Says("999");
//!     papers_in_the_car_are_no_emergency: { "contents": ["papers"] } => StopsNot("call_999"), Raises(&[]);
//! }
//! ```
//!
//! Give only the answers that the rule is about, and those that lead to them: every other question that
//! has to be answered gets its example, a stop too unless the rule `Stops` there. An answer that is then
//! not asked for is a fault of the rule. What does not `Stops` or `Ends` has to be taken as a report.
//!
//! What blocks hold that several kinds use stands in `shared.rs` alone, and is run over every form that
//! asks the same: a new form is covered by using them. Two tests at the end (`table.rs`) print the table
//! of rule and test, and name each stop, each flag and each end of a form that has no rule yet.

mod seen; // a rule, run over a form
mod table; // all of them, and what is still without one

mod shared; // blocks that several kinds use
mod crime;
mod property_found;
mod property_lost;
mod thanks;
mod dissatisfaction;
mod rtc;
mod vehicle_lost;
mod vehicle_stolen;
mod asb;
mod diary;
mod fraud;

use std::sync::LazyLock;

use serde_json::Value;

use super::{Forms, load, sample_words};
use crate::domain::form::Flag;

/// The rules of each file.
const FILES: &[fn() -> Vec<Rule>] = &[
    shared::rules,
    crime::rules,
    property_lost::rules,
    property_found::rules,
    thanks::rules,
    dissatisfaction::rules,
    rtc::rules,
    vehicle_lost::rules,
    vehicle_stolen::rules,
    asb::rules,
    diary::rules,
    fraud::rules,
];

struct Rule {
    name: &'static str,
    over: Over,
    given: Value,
    then: &'static [Then],
}

/// The forms over which a rule holds.
#[derive(Debug, Clone, Copy)]
enum Over {
    /// The form of this kind.
    Form(&'static str),
    /// Every form that asks all of `given`, by itself or after one or two other choices.
    Every,
}

/// What must follow.
#[derive(Debug, Clone, Copy)]
enum Then {
    /// An interruption with this code waits, and nothing can be sent.
    Stops(&'static str),
    /// No interruption with this code is on the way.
    StopsNot(&'static str),
    /// Somebody chose to go elsewhere: nothing is sent.
    Ends,
    /// And goes on with a report of this kind.
    GoesTo(&'static str),
    /// At least these, of all that the answers raise; the first priority is more than the second.
    Raises(&'static [Flag]),
    /// These and no others.
    RaisesOnly(&'static [Flag]),
    Asks(&'static [&'static str]),
    /// They are asked, and have to be answered.
    Needs(&'static [&'static str]),
    AsksNot(&'static [&'static str]),
    /// It is asked, and need not be answered.
    MayLeaveOut(&'static str),
    /// The page that comes behind the last answer given.
    Next(&'static str),
    /// All pages, from the first to the last.
    Pages(&'static [&'static str]),
    /// A title, stop, question or hint on the way has these words.
    Says(&'static str),
    /// So has what is said once it is sent.
    Advises(&'static str),
}

/// One test for each rule, and `rules()` with all of them.
macro_rules! rules {
    ($over:expr; $($name:ident: $given:tt => $($then:expr),+;)+) => {
        $(
            #[test]
            fn $name() {
                let name = stringify!($name);
                let rule = rules().into_iter().find(|rule| rule.name == name);
                super::seen::check(&rule.unwrap());
            }
        )+

        pub(super) fn rules() -> Vec<super::Rule> {
            vec![$(super::Rule {
                name: stringify!($name),
                over: $over,
                given: serde_json::json!($given),
                then: &[$($then),+],
            }),+]
        }
    };
}
use rules;

fn forms() -> &'static Forms {
    static READ: LazyLock<Forms> = LazyLock::new(|| load(&sample_words()).unwrap());
    &READ
}
