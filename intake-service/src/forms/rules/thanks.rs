//! What must follow from thanks and from what somebody suggests.

use super::Over::Form;
use super::Then::{Advises, Asks, AsksNot, MayLeaveOut, Pages, RaisesOnly, StopsNot};
use super::rules;

rules! { Form("thanks");
    thanks_are_said_in_five_pages: { "which": "thank", "identity": "anonymous" } => Pages(&["which", "what", "who", "identity", "truth"]), RaisesOnly(&[]), Advises("We pass your thanks on");
    something_is_suggested_in_four_pages: { "which": "suggest", "identity": "anonymous" } => Pages(&["which", "what", "identity", "truth"]), AsksNot(&["thank_whom", "when"]);
    nobody_who_says_thanks_meets_a_gate: { "which": "thank" } => AsksNot(&["now", "danger"]), StopsNot("call_999");
    whom_the_thanks_are_for_may_be_unknown: { "which": "thank" } => MayLeaveOut("thank_whom"), MayLeaveOut("when"), MayLeaveOut("where_about"), MayLeaveOut("report");
    thanks_without_a_name_are_owed_no_answer: { "identity": "anonymous" } => AsksNot(&["name", "share_name", "reply", "channel", "email", "phone"]);
    thanks_without_a_reply_are_owed_no_answer: { "identity": "details", "reply": "no" } => Asks(&["name"]), AsksNot(&["channel", "email", "phone"]);
    whoever_wants_an_answer_says_where_it_is_safe: { "identity": "details", "reply": "yes", "channel": "email" } => Asks(&["email", "safe_email"]);
    a_name_is_passed_on_and_words_are_published_only_on_a_yes: { "identity": "details" } => MayLeaveOut("share_name"), MayLeaveOut("publish");
}
