//! What must follow from the answers of somebody who is unhappy with the force.

use super::Over::Form;
use super::Then::{
    Advises, Asks, AsksNot, Ends, MayLeaveOut, Next, Pages, RaisesOnly, Says, Stops, StopsNot,
};
use super::rules;
use crate::domain::form::Flag::{
    EmergencyCannotCall, EmergencyDeclared, Priority1, Priority2, Restricted,
};

rules! { Form("dissatisfaction");
    being_unhappy_is_told_in_nine_pages: { "which": "unhappy", "about": ["delay"], "channel": "email" } =>
        Pages(&["now", "which", "about", "where", "what", "identity", "channel", "email", "truth"]), RaisesOnly(&[Restricted]);
    whoever_is_in_danger_and_cannot_call_sends_what_there_is: { "danger": "yes", "emergency": "cannot_call" } =>
        Pages(&["now", "emergency", "where", "what", "reach"]), RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1, Restricted]);

    // A question about a report goes to those who have it.
    who_wants_an_update_is_shown_the_report: { "which": "update" } => Stops("sign_post"), Next("update"), Says("/my-report"), Says("return code"), Says("lost the code, call 101");
    who_opens_the_report_sends_nothing_here: { "which": "update", "update_on": "open" } => Ends;
    who_has_lost_the_code_calls_and_sends_nothing_here: { "which": "update", "update_on": "call" } => Ends;
    who_is_unhappy_about_a_report_goes_on: { "which": "update", "update_on": "on" } => RaisesOnly(&[Restricted]), Asks(&["report"]);
    an_update_keeps_nobody_from_999: { "danger": "yes", "which": "update", "update_on": "open" } => Stops("call_999");

    // Whatever somebody is unhappy with is a complaint: all are asked what would put it right.
    who_is_unhappy_is_asked_what_would_put_it_right: { "which": "unhappy" } => Asks(&["outcome", "handling"]), MayLeaveOut("outcome"), StopsNot("sign_post");
    who_complains_is_asked_what_would_put_it_right: { "which": "complaint" } => Asks(&["outcome", "handling"]);
    a_formal_complaint_is_read_by_few: { "which": "complaint" } => RaisesOnly(&[Restricted]);
    who_speaks_for_another_has_permission_in_writing: { "acting": "someone" } => Asks(&["permission"]), Says("in writing"), Advises("Keep the permission");
    a_parent_needs_no_permission: { "acting": "child" } => AsksNot(&["permission"]), RaisesOnly(&[Restricted]);
    nobody_is_too_young_to_complain: { "acting": "me" } => AsksNot(&["birth", "young", "permission"]);

    // What is serious is looked at soon, and by nobody who was there.
    force_used_is_urgent_and_read_by_few: { "about": ["force"] } => RaisesOnly(&[Priority2, Restricted]), Says("Independent Office for Police Conduct"), Advises("Independent Office for Police Conduct");
    discrimination_is_urgent_and_read_by_few: { "about": ["discrimination"] } => RaisesOnly(&[Priority2, Restricted]), Asks(&["hate_why"]), MayLeaveOut("hate_why"), Says("Independent Office for Police Conduct");
    an_injury_is_urgent_and_read_by_few: { "about": ["injury"] } => RaisesOnly(&[Priority2, Restricted]), Says("Independent Office for Police Conduct"), Advises("looked at by a doctor");
    a_death_is_urgent_and_read_by_few: { "about": ["death"] } => RaisesOnly(&[Priority2, Restricted]), Says("Independent Office for Police Conduct");
    how_somebody_behaved_is_read_by_few: { "about": ["rude"] } => RaisesOnly(&[Restricted]);
    a_search_is_read_by_few: { "about": ["search"] } => RaisesOnly(&[Restricted]);
    how_details_were_used_is_read_by_few: { "about": ["data"] } => RaisesOnly(&[Restricted]);
    a_delay_is_read_by_few: { "about": ["delay"] } => RaisesOnly(&[Restricted]);
    somebody_in_custody_or_at_risk_now_comes_first: { "held_now": "yes" } => RaisesOnly(&[Priority1, Restricted]);

    who_gives_no_name_can_complain_too: { "which": "complaint", "identity": "anonymous" } => AsksNot(&["name", "channel"]);
}
