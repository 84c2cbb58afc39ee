//! What must follow from the answers about a road collision, or about bad driving.

use super::Over::Form;
use super::Then::{
    Advises, Asks, AsksNot, Ends, MayLeaveOut, Next, Pages, RaisesOnly, Says, Stops, StopsNot,
};
use super::rules;
use crate::domain::form::Flag::{EmergencyCannotCall, EmergencyDeclared, Priority1, Priority2};

rules! { Form("rtc");
    a_collision_without_injury_raises_nothing: { "what_rtc": "in", "injury": "none", "exchanged": "no", "evidence": ["none"] } => RaisesOnly(&[]), StopsNot("call_999"), StopsNot("sign_post"),
        Pages(&["now", "kind", "people", "others", "which-vehicle", "other-vehicles", "where", "what", "evidence", "identity", "channel", "email", "truth"]);
    whoever_cannot_call_is_asked_where_what_and_how_to_reach_them: { "blocked": "yes", "emergency": "cannot_call" } =>
        Pages(&["now", "emergency", "where", "what", "reach"]), RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1]);
    a_name_is_needed_and_signs_the_statement: { "what_rtc": "in" } => Asks(&["name", "truth"]), AsksNot(&["identity"]), Says("my full name, as I typed it, is my signature");
    the_law_may_ask_for_more_than_this: { "what_rtc": "in" } => Advises("This report may not count for it");

    // The gate of the road.
    a_blocked_road_leads_to_999: { "blocked": "yes" } => Stops("call_999"), Next("emergency");
    a_road_that_may_be_blocked_stops_nobody: { "blocked": "unsure" } => StopsNot("call_999"), RaisesOnly(&[]);
    somebody_driving_dangerously_now_leads_to_999: { "now": "yes" } => Stops("call_999"), Says("driving dangerously right now");

    // Who was hurt.
    a_serious_injury_leads_to_999: { "what_rtc": "in", "injury": "serious" } => Stops("call_999"), Next("call"), Says("55");
    a_death_leads_to_999: { "what_rtc": "saw", "injury": "died" } => Stops("call_999"), Next("call");
    a_serious_injury_that_999_knows_of_goes_on: { "what_rtc": "in", "injury": "serious", "emergency_late": "called" } => RaisesOnly(&[EmergencyDeclared, Priority2]), Asks(&["truth"]);
    a_serious_injury_that_has_ended_goes_on: { "what_rtc": "in", "injury": "serious", "emergency_late": "over" } => RaisesOnly(&[EmergencyDeclared, Priority2]);
    whoever_has_spoken_of_999_is_not_stopped_for_an_injury_again: { "danger": "yes", "emergency": "called", "what_rtc": "in", "injury": "serious" } => AsksNot(&["emergency_late"]), RaisesOnly(&[EmergencyDeclared, Priority2]);
    a_slight_injury_is_urgent: { "what_rtc": "in", "injury": "slight" } => RaisesOnly(&[Priority2]), StopsNot("call_999"), Advises("Pain may come only later");
    an_injury_that_may_be_raises_nothing: { "what_rtc": "in", "injury": "unsure" } => RaisesOnly(&[]), Advises("Pain may come only later");

    // What the drivers did.
    alcohol_or_drugs_are_urgent: { "what_rtc": "in", "impaired": "yes" } => RaisesOnly(&[Priority2]);
    somebody_who_did_not_stop_is_no_case_for_reference_alone: { "what_rtc": "in", "injury": "none", "stopped": "no", "exchanged": "yes" } => StopsNot("sign_post");
    whoever_saw_it_is_not_asked_for_details_given: { "what_rtc": "saw" } => AsksNot(&["exchanged", "role_rtc", "registration"]), Asks(&["stopped", "impaired", "phone_use"]);

    // What needs no report may be recorded all the same.
    a_collision_that_needs_no_report_is_told_so: { "what_rtc": "in", "injury": "none", "stopped": "yes", "exchanged": "yes", "impaired": "no", "phone_use": "no" } =>
        Stops("sign_post"), Next("for-reference"), Says("Tell your insurer");
    a_wall_whose_owner_knows_needs_no_report: { "what_rtc": "property", "injury": "none", "stopped": "yes", "exchanged": "yes" } => Stops("sign_post"), Next("for-reference");
    what_needs_no_report_may_be_recorded: { "what_rtc": "in", "exchanged": "yes", "reference_on": "on" } => RaisesOnly(&[]), Asks(&["truth"]);
    what_needs_no_report_and_is_not_recorded_is_not_sent: { "what_rtc": "in", "exchanged": "yes", "reference_on": "elsewhere" } => Ends;
    a_sign_post_keeps_nobody_from_999: { "danger": "yes", "what_rtc": "offence", "how_long": "longer", "too_late_on": "elsewhere" } => Stops("call_999");

    // Bad driving without a collision: its clocks, and what it takes.
    bad_driving_is_asked_what_it_takes: { "what_rtc": "offence" } => Asks(&["how_long", "over_18", "court", "footage", "others"]), AsksNot(&["injury", "stopped", "registration", "evidence"]), Says("within 14 days"), Says("within 7"), Says("uncut"), Says("Do not put it online");
    bad_driving_in_the_last_week_goes_on: { "what_rtc": "offence", "how_long": "week" } => StopsNot("sign_post"), RaisesOnly(&[]);
    bad_driving_of_last_week_is_unlikely_to_be_acted_on: { "what_rtc": "offence", "how_long": "fortnight" } => Stops("sign_post"), Next("too-late"), Says("it is unlikely");
    bad_driving_of_long_ago_is_unlikely_to_be_acted_on: { "what_rtc": "offence", "how_long": "longer" } => Stops("sign_post"), Next("too-late"), Says("You can send it all the same");
    bad_driving_of_long_ago_is_taken: { "what_rtc": "offence", "how_long": "longer", "too_late_on": "on" } => RaisesOnly(&[]), Asks(&["truth"]);
    bad_driving_of_long_ago_may_be_kept_back: { "what_rtc": "offence", "how_long": "longer", "too_late_on": "elsewhere" } => Ends;
    whoever_is_under_18_may_tell_of_bad_driving: { "what_rtc": "offence", "over_18": "no" } => RaisesOnly(&[]), Says("You can tell us at any age");
    a_recording_is_kept_whole: { "what_rtc": "offence", "footage": "part" } => Advises("Keep the whole recording, uncut");

    // Whose vehicle.
    the_vehicle_of_a_driver_is_asked_for: { "what_rtc": "in", "role_rtc": "driver" } => Asks(&["plate", "registration", "vehicle_type"]);
    nobody_on_foot_is_asked_for_a_vehicle: { "what_rtc": "in", "role_rtc": "pedestrian" } => AsksNot(&["plate", "registration"]);
    no_cyclist_is_asked_for_a_plate: { "what_rtc": "in", "role_rtc": "cyclist" } => AsksNot(&["plate", "registration"]);
    other_vehicles_may_be_left_out_after_a_collision: { "what_rtc": "in" } => MayLeaveOut("others");

    // Animals.
    an_animal_is_asked_about: { "what_rtc": "animal" } => Asks(&["animal", "owner_told"]), AsksNot(&["stopped", "exchanged", "others"]), Says("have to be reported by law");
    an_animal_that_was_hit_raises_nothing: { "what_rtc": "animal", "animal": "sheep" } => RaisesOnly(&[]);
}
