//! What must follow from the answers about a stolen vehicle.

use super::Over::Form;
use super::Then::{
    Advises, Asks, AsksNot, MayLeaveOut, Next, Pages, Raises, RaisesOnly, Says, Stops, StopsNot,
};
use super::rules;
use crate::domain::form::Flag::{
    EmergencyCannotCall, EmergencyDeclared, Priority1, Priority2, Safeguarding,
};

rules! { Form("vehicle-stolen");
    a_vehicle_gone_from_where_it_stood_raises_nothing: { "how": "parked", "ruled_out": "none", "know_who": "no", "evidence": ["none"] } => RaisesOnly(&[]), StopsNot("call_999"), StopsNot("sign_post"),
        Pages(&["now", "inside", "how", "role", "which-vehicle", "where", "what", "know-who", "evidence", "identity", "channel", "email", "truth"]);
    whoever_cannot_call_is_asked_where_what_and_how_to_reach_them: { "tracker_live": "yes", "emergency": "cannot_call" } =>
        Pages(&["now", "emergency", "where", "what", "reach"]), RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1]);
    a_name_is_needed: { "how": "parked" } => Asks(&["name"]), AsksNot(&["identity"]);

    // A tracker: moving or known now is for 999, anything else comes first all the same.
    a_tracker_that_shows_it_now_leads_to_999: { "tracker_live": "yes" } => Stops("call_999"), Next("emergency"), Says("Do not go there yourself");
    a_tracker_that_shows_it_now_comes_first_when_999_was_called: { "tracker_live": "yes", "emergency": "called" } => RaisesOnly(&[EmergencyDeclared, Priority1, Priority2]);
    a_tracker_that_showed_it_before_comes_first: { "tracker_live": "old" } => RaisesOnly(&[Priority1]), StopsNot("call_999");
    a_tracker_that_may_show_it_stops_nobody: { "tracker_live": "unsure" } => RaisesOnly(&[]), StopsNot("call_999");

    // Where else it may be.
    a_vehicle_that_was_towed_is_asked_for_first: { "ruled_out": "towed" } => Stops("sign_post"), Next("towed"), Says("Newtown Council");
    a_vehicle_that_was_taken_back_is_no_crime: { "ruled_out": "finance" } => Stops("sign_post"), Next("finance"), Says("Ring the company first");
    a_vehicle_that_somebody_with_a_key_may_have_is_taken: { "ruled_out": "borrowed" } => RaisesOnly(&[]), Says("Ask anyone who has a key"), StopsNot("sign_post");
    where_else_it_is_is_not_asked_after_force: { "how": "forced" } => AsksNot(&["ruled_out"]);

    // How it went. Force is stopped by the gate alone.
    a_vehicle_taken_by_force_comes_first_and_stops_nobody: { "how": "forced" } => RaisesOnly(&[Priority1]), StopsNot("call_999"), StopsNot("medical_advice"), Asks(&["violence", "weapon", "afraid", "hate"]);
    somebody_hurt_by_force_comes_first: { "how": "forced", "violence": "yes" } => RaisesOnly(&[Priority1]), Asks(&["head_or_neck"]);
    a_blow_or_pressure_on_the_neck_comes_first: { "how": "forced", "violence": "yes", "head_or_neck": "yes" } => RaisesOnly(&[Priority1]), StopsNot("medical_advice");
    a_recent_blow_gets_medical_help_first: { "how": "forced", "violence": "yes", "head_or_neck": "yes", "unwell": "yes" } =>
        Stops("medical_advice"), Next("medical"), Says("Call 999 if breathing"), Says("call 111 now");
    a_blow_that_may_still_be_felt_gets_medical_help_first: { "how": "forced", "violence": "unsure", "head_or_neck": "unsure", "unwell": "unsure" } => Stops("medical_advice");
    whoever_cannot_call_for_medical_help_sends_what_there_is: { "how": "forced", "violence": "yes", "head_or_neck": "yes", "unwell": "yes", "medical": "cannot_call" } =>
        RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1]), AsksNot(&["name", "truth", "afraid"]);
    somebody_under_18_who_was_hurt_by_force_comes_first: { "how": "forced", "role": "me", "young": "yes", "violence": "yes" } => Raises(&[Priority1, Safeguarding]);
    keys_taken_in_a_break_in_are_urgent_and_the_break_in_is_told: { "how": "burglary" } => RaisesOnly(&[Priority2]), Asks(&["home_then", "secure_now", "afraid"]), Says("how they got in"), Advises("have the lock changed");
    somebody_inside_at_the_break_in_is_urgent: { "how": "burglary", "home_then": "yes" } => RaisesOnly(&[Priority2]);
    a_building_that_cannot_be_locked_is_urgent: { "how": "burglary", "secure_now": "no" } => RaisesOnly(&[Priority2]);
    a_lent_vehicle_may_be_with_somebody_to_be_afraid_of: { "how": "lent", "afraid": "yes" } => RaisesOnly(&[Priority2, Safeguarding]), Asks(&["safe_visit"]);
    an_ex_partner_who_took_it_may_be_near: { "how": "parked", "know_who": "yes", "relationship": "ex_partner" } => RaisesOnly(&[Safeguarding]), Asks(&["police_link", "afraid", "safe_visit", "acknowledge"]);
    plates_alone_are_no_vehicle: { "how": "plates" } => RaisesOnly(&[]), AsksNot(&["ruled_out"]), Advises("new plates");

    // Nobody is kept from telling us by a number that they do not know.
    a_number_plate_that_is_known_is_asked_for: { "plate": "yes" } => Asks(&["registration"]), MayLeaveOut("vehicle_is");
    a_number_plate_that_is_not_known_keeps_nobody: { "plate": "no" } => AsksNot(&["registration"]), MayLeaveOut("plate_part"), Asks(&["vehicle_is"]);
    a_vehicle_without_a_plate_is_described: { "plate": "none" } => AsksNot(&["registration", "plate_part"]), Asks(&["vehicle_is"]);

    // What comes after.
    what_a_crime_number_is_for_is_said: { "how": "parked" } => Advises("crime number"), Advises("DVLA"), MayLeaveOut("what");
    whoever_gets_it_back_tells_us_before_driving_it: { "how": "parked" } => Advises("before you drive it");
}
