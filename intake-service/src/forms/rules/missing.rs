//! What must follow from the answers about somebody who is missing.

use super::Over::Form;
use super::Then::{
    Advises, Asks, AsksNot, MayLeaveOut, Next, Pages, Raises, RaisesOnly, Says, Stops, StopsNot,
};
use super::rules;
use crate::domain::form::Flag::{EmergencyCannotCall, EmergencyDeclared, Priority1, Priority2};

rules! { Form("missing");
    // Whatever is answered it comes first, and the first part is short.
    somebody_missing_comes_first_in_no_danger_at_all: { "now": "no", "danger": "no", "m_danger": ["none"] } =>
        RaisesOnly(&[Priority1]), StopsNot("call_999");
    the_first_part_is_what_a_search_needs: { "sighting": "missing", "channel": "telephone" } =>
        Pages(&["now", "person", "where", "what", "identity", "channel", "phone", "truth"]),
        Asks(&["missing_name", "missing_age", "wearing", "where", "when", "what", "checked", "name", "phone", "safe_phone"]);
    whoever_wants_an_email_is_asked_for_a_number_too: { "sighting": "missing", "channel": "email" } => Asks(&["call_on"]), MayLeaveOut("call_on");
    whoever_wants_no_contact_is_asked_for_no_number_while_we_look: { "sighting": "missing", "channel": "none" } => AsksNot(&["call_on", "phone"]);

    // The gate, and what makes the person easy to harm: all of it is for 999.
    whoever_is_seen_now_or_has_just_gone_is_for_999: { "now": "yes", "m_danger": ["none"] } => Stops("call_999"), Next("emergency");
    danger_is_for_999_whoever_is_missing: { "danger": "yes", "m_danger": ["none"] } => Stops("call_999"), Next("emergency");
    danger_that_may_be_is_for_999_whoever_is_missing: { "danger": "unsure", "m_danger": ["none"] } => Stops("call_999"), Next("emergency");
    who_may_be_hurt_is_for_999: { "m_danger": ["hurt"] } => Stops("call_999"), Next("emergency");
    who_may_harm_themselves_is_for_999: { "m_danger": ["self_harm"] } => Stops("call_999"), Next("emergency");
    who_may_harm_others_is_for_999: { "m_danger": ["harm_others"] } => Stops("call_999"), Next("emergency");
    who_was_taken_is_for_999: { "m_danger": ["taken"] } => Stops("call_999"), Next("emergency");
    a_child_who_is_missing_is_for_999: { "m_danger": ["child"] } => Stops("call_999"), Next("emergency");
    who_gets_confused_is_for_999: { "m_danger": ["confused"] } => Stops("call_999"), Next("emergency");
    who_needs_medicine_soon_is_for_999: { "m_danger": ["medicine"] } => Stops("call_999"), Next("emergency");
    who_is_out_in_bad_weather_is_for_999: { "m_danger": ["weather"] } => Stops("call_999"), Next("emergency");
    not_knowing_the_danger_is_for_999: { "m_danger": ["unsure"] } => Stops("call_999"), Next("emergency");
    several_dangers_are_for_999: { "m_danger": ["child", "weather"] } => Stops("call_999"), Next("emergency");
    the_stop_of_a_search_says_what_those_do_who_cannot_speak: { "m_danger": ["child"] } =>
        Stops("call_999"), Says("fastest way to have people look"), Says("55"), Says("18000"), Says("BSL");
    having_called_999_about_somebody_missing_is_told: { "m_danger": ["child"], "emergency": "called" } => RaisesOnly(&[EmergencyDeclared, Priority1, Priority2]);
    whoever_goes_on_after_the_stop_is_told_apart: { "m_danger": ["child"], "emergency": "over" } => RaisesOnly(&[EmergencyDeclared, Priority1, Priority2]);
    whoever_cannot_call_about_somebody_missing_tells_where_and_what: { "m_danger": ["child"], "emergency": "cannot_call" } =>
        Pages(&["now", "emergency", "where", "what", "reach"]), RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1]),
        Raises(&[EmergencyDeclared, EmergencyCannotCall, Priority1]), Says("Keep trying to reach 999");

    // A sighting is short, and nobody has to say who they are.
    a_sighting_is_where_when_and_how_sure: { "sighting": "seen" } => RaisesOnly(&[Priority1]), Asks(&["where", "when", "what", "how_sure"]),
        AsksNot(&["checked", "call_on"]), MayLeaveOut("missing_name"), MayLeaveOut("missing_age");
    who_saw_somebody_need_not_say_who_they_are: { "sighting": "seen", "identity": "anonymous" } =>
        Pages(&["now", "person", "where", "what", "identity", "truth"]), AsksNot(&["name", "channel", "needs"]);
    who_misses_somebody_says_who_they_are: { "sighting": "missing" } => Asks(&["name"]), AsksNot(&["identity"]);

    // Once it is sent: the way by phone again, and no waiting.
    whoever_sent_it_is_told_to_call_as_well: { "sighting": "missing" } => Advises("Call 101 at any hour and say that someone is missing"),
        Advises("Do not wait to hear from us"), Advises("We go on until we have seen them");
    whoever_saw_somebody_is_told_to_call_as_well: { "sighting": "seen" } => Advises("Call 101 at any hour"), Advises("if you see the person");
    whoever_cannot_call_is_told_how_all_the_same: { "m_danger": ["child"], "emergency": "cannot_call" } => Advises("Call 101 at any hour");
}
