//! What must follow from the answers about a vehicle that somebody cannot find.

use super::Over::Form;
use super::Then::{
    Advises, Asks, AsksNot, Ends, GoesTo, MayLeaveOut, Next, Pages, RaisesOnly, Says, Stops,
    StopsNot,
};
use super::rules;
use crate::domain::form::Flag::{EmergencyCannotCall, EmergencyDeclared, Priority1, Priority2};

rules! { Form("vehicle-lost");
    a_vehicle_that_was_left_somewhere_raises_nothing: { "which": "forgot", "worried_memory": "no" } => RaisesOnly(&[]), StopsNot("call_999"), StopsNot("sign_post"),
        Pages(&["now", "inside", "which", "which-vehicle", "where", "identity", "channel", "email", "truth"]);
    danger_is_the_only_thing_that_is_asked_first: { "danger": "no" } => AsksNot(&["now"]);
    whoever_cannot_call_is_asked_where_what_and_how_to_reach_them: { "danger": "yes", "emergency": "cannot_call" } =>
        Pages(&["now", "emergency", "where", "reach"]), RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1]);
    a_name_is_needed: { "which": "forgot" } => Asks(&["name"]), AsksNot(&["identity"]);

    // Somebody who is confused or missing comes before a vehicle.
    somebody_unwell_or_missing_comes_first: { "which": "forgot", "worried_memory": "yes" } => Stops("sign_post"), Next("wellbeing"), Says("Call 999 if they may come to harm"), Says("Nobody has to be missing for any length of time");
    somebody_who_may_be_unwell_or_missing_is_thought_of: { "which": "forgot", "worried_memory": "unsure" } => Stops("sign_post"), Next("wellbeing");
    somebody_missing_has_a_form_of_their_own: { "which": "forgot", "worried_memory": "yes", "wellbeing_on": "missing" } => GoesTo("missing");
    somebody_unwell_is_priority_also_when_they_are_safe: { "which": "forgot", "worried_memory": "yes", "wellbeing_on": "on" } => RaisesOnly(&[Priority1]);
    whoever_is_not_sure_that_somebody_is_safe_comes_first: { "which": "forgot", "worried_memory": "unsure", "wellbeing_on": "unsure" } => RaisesOnly(&[Priority1]);
    whoever_calls_for_somebody_sends_nothing: { "which": "forgot", "worried_memory": "yes", "wellbeing_on": "call" } => Ends;
    who_parked_it_is_asked_only_of_who_cannot_find_it: { "which": "unsure" } => AsksNot(&["worried_memory"]), RaisesOnly(&[]);

    // Who else may have it.
    a_towed_vehicle_is_asked_for_first: { "which": "towed" } => Stops("sign_post"), Next("towed"), Says("Newtown Council");
    a_vehicle_that_was_taken_back_is_no_crime: { "which": "finance" } => Stops("sign_post"), Next("finance"), Says("not a crime"), Says("Ring the company first");
    a_borrowed_vehicle_is_asked_for: { "which": "borrowed" } => RaisesOnly(&[]), Advises("Ask everyone who has a key");
    a_stolen_vehicle_is_better_called_in: { "which": "stolen" } => Stops("sign_post"), Next("vehicle"), Says("number plate ready"), Says("Do not go there yourself");
    a_stolen_vehicle_has_a_form_of_its_own: { "which": "stolen", "vehicle_on": "stolen" } => GoesTo("vehicle-stolen");
    a_stolen_vehicle_may_be_told_here: { "which": "stolen", "vehicle_on": "on" } => RaisesOnly(&[]), Asks(&["registration"]);
    a_stolen_vehicle_told_elsewhere_is_not_sent: { "which": "stolen", "vehicle_on": "elsewhere" } => Ends;
    a_sign_post_keeps_nobody_from_999: { "danger": "yes", "which": "stolen", "vehicle_on": "stolen" } => Stops("call_999");
    a_child_in_it_comes_before_a_sign_post: { "contents": ["child"], "which": "towed", "towed_on": "elsewhere" } => Stops("call_999");
    an_emergency_that_is_over_goes_on: { "danger": "unsure", "emergency": "over" } => RaisesOnly(&[EmergencyDeclared, Priority2]), Asks(&["which"]);

    what_comes_next_is_said: { "which": "forgot" } => Advises("taken to a pound"), Advises("learn that it was stolen"), MayLeaveOut("what");
}
