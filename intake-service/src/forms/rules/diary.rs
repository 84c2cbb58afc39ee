//! What must follow where somebody tells that it has happened again.

use super::Over::Form;
use super::Then::{MayLeaveOut, Pages, RaisesOnly};
use super::rules;
use crate::domain::form::Flag::Priority2;

rules! { Form("diary");
    once_more_the_same_raises_nothing: { "worse": "no" } => RaisesOnly(&[]), Pages(&["now", "again"]), MayLeaveOut("time");
    what_has_got_worse_is_urgent: { "worse": "yes" } => RaisesOnly(&[Priority2]);
    what_may_have_got_worse_is_urgent: { "worse": "unsure" } => RaisesOnly(&[Priority2]);
}
