//! What must follow from the answers about something that was found.

use super::Over::Form;
use super::Then::{
    Advises, Asks, AsksNot, Ends, MayLeaveOut, Next, Pages, RaisesOnly, Says, Stops, StopsNot,
};
use super::rules;
use crate::domain::form::Flag::{EmergencyCannotCall, EmergencyDeclared, Priority1, Priority2};

rules! { Form("property-found");
    found_cash_is_told_in_few_pages: { "thing": "cash", "channel": "email" } => Pages(&["now", "thing", "where", "what", "identity", "channel", "email", "truth"]), RaisesOnly(&[]);
    nobody_who_did_it_is_near_a_thing_that_is_found: { "thing": "cash" } => AsksNot(&["now"]);
    whoever_found_something_and_cannot_call_sends_what_there_is: { "danger": "yes", "emergency": "cannot_call" } =>
        Pages(&["now", "emergency", "where", "what", "reach"]), RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1]);

    // What could hurt somebody: a call, and nobody touches it.
    what_may_explode_leads_to_999: { "danger_item": "explosive" } => Stops("call_999"), Next("emergency");
    a_gun_leads_to_999: { "danger_item": "gun" } => Stops("call_999"), Next("emergency");
    a_bag_out_of_place_leads_to_999: { "danger_item": "bag" } => Stops("call_999"), Next("emergency");
    a_chemical_leads_to_999: { "danger_item": "chemical" } => Stops("call_999"), Next("emergency");
    what_999_knows_of_is_told_without_a_class: { "danger_item": "gun", "emergency": "called" } => RaisesOnly(&[EmergencyDeclared, Priority2]), AsksNot(&["thing", "only_owner", "owner"]), Advises("Do not touch it");
    whoever_found_a_bag_and_cannot_call_comes_first: { "danger_item": "bag", "emergency": "cannot_call" } => Pages(&["now", "emergency", "where", "what", "reach"]), RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1]);
    a_knife_is_left_where_it_is: { "danger_item": "knife" } => Stops("sign_post"), Next("leave-it"), Says("Do not touch it, move it or bring it to us"), Says("Call 101"), Says("call 999");
    a_knife_is_urgent: { "danger_item": "knife", "leave_on": "on" } => RaisesOnly(&[Priority2]), Says("Do not go back to look");
    drugs_are_left_where_they_are: { "danger_item": "drugs" } => Stops("sign_post"), Next("leave-it");
    drugs_are_urgent: { "danger_item": "drugs", "leave_on": "on" } => RaisesOnly(&[Priority2]), AsksNot(&["thing"]), Advises("Do not touch it");
    a_needle_is_left_where_it_is: { "danger_item": "needle" } => Stops("sign_post"), Next("leave-it");
    a_needle_raises_nothing: { "danger_item": "needle", "leave_on": "on" } => RaisesOnly(&[]);
    what_may_be_dangerous_is_left_where_it_is: { "danger_item": "unsure" } => Stops("sign_post"), Next("leave-it");
    what_may_be_dangerous_is_urgent: { "danger_item": "unsure", "leave_on": "on" } => RaisesOnly(&[Priority2]), Asks(&["thing"]);
    a_dangerous_thing_told_by_phone_is_not_sent: { "danger_item": "knife", "leave_on": "elsewhere" } => Ends;

    // What may have to do with a crime is taken, whatever it is and wherever it was.
    what_may_be_stolen_is_urgent: { "crime_link": "yes" } => RaisesOnly(&[Priority2]);
    what_may_have_to_do_with_a_crime_is_taken_in_any_class: { "thing": "card", "crime_link": "yes", "found_where": "shop" } => StopsNot("sign_post"), RaisesOnly(&[Priority2]);
    nobody_keeps_what_may_be_evidence_of_a_crime_in_their_hands: { "crime_link": "yes", "now_where": "left" } => Advises("Leave it as it is");

    // Each class is treated as the force says.
    a_found_passport_is_for_its_office: { "thing": "passport" } => Stops("sign_post"), Next("first-passport"), Says("HM Passport Office"), Says("Office Road");
    a_found_passport_may_be_told_to_us_as_well: { "thing": "passport", "passport_on": "on" } => RaisesOnly(&[]);
    a_found_passport_told_elsewhere_is_not_sent: { "thing": "passport", "passport_on": "elsewhere" } => Ends;
    a_found_licence_is_for_the_dvla: { "thing": "licence" } => Stops("sign_post"), Next("first-licence"), Says("DVLA");
    a_found_licence_may_be_told_to_us_as_well: { "thing": "licence", "licence_on": "on" } => RaisesOnly(&[]);
    a_found_licence_told_elsewhere_is_not_sent: { "thing": "licence", "licence_on": "elsewhere" } => Ends;
    what_may_be_a_crime_is_never_refused: { "thing": "card", "crime_link": "unsure" } => StopsNot("sign_post");
    what_may_be_dangerous_is_not_brought: { "danger_item": "unsure", "leave_on": "on", "now_where": "with_me" } => Advises("Do not touch it");
    whoever_called_999_is_asked_what_it_is: { "danger": "yes", "emergency": "called", "danger_item": "gun" } => AsksNot(&["thing"]), Advises("Do not touch it");
    a_found_card_is_for_the_bank_alone: { "thing": "card" } => Stops("sign_post"), Next("only-card"), Says("the bank");
    a_found_animal_is_for_the_council_alone: { "thing": "animal" } => Stops("sign_post"), Next("only-animal"), Says("Newtown Council");
    papers_of_another_country_are_taken: { "thing": "foreign" } => StopsNot("sign_post"), RaisesOnly(&[]);

    // Staff of the place come first: whoever lost it looks there.
    a_thing_found_on_a_bus_is_for_its_staff: { "found_where": "transport" } => Stops("sign_post"), Next("give-there"), Says("looks there first");
    a_thing_found_in_a_taxi_is_for_its_driver: { "found_where": "taxi" } => Stops("sign_post"), Next("give-there"), Says("the driver");
    a_thing_found_in_a_shop_is_for_its_staff: { "found_where": "shop" } => Stops("sign_post"), Next("give-there");
    a_thing_found_in_a_pub_or_hotel_is_for_its_staff: { "found_where": "pub" } => Stops("sign_post"), Next("give-there");
    a_thing_found_in_a_school_is_for_its_staff: { "found_where": "school" } => Stops("sign_post"), Next("give-there");
    a_thing_found_on_private_land_is_for_whoever_owns_it: { "found_where": "private" } => Stops("sign_post"), Next("give-there"), Says("owns the place");
    what_staff_do_not_take_is_sent_to_us: { "found_where": "shop", "operator_on": "on" } => RaisesOnly(&[]), Asks(&["what", "owner", "now_where"]);
    what_is_given_to_staff_is_not_sent: { "found_where": "shop", "operator_on": "elsewhere" } => Ends;
    a_thing_found_in_a_street_has_no_staff: { "found_where": "street" } => StopsNot("sign_post");
    a_dangerous_thing_is_given_to_nobody: { "danger_item": "knife", "leave_on": "on", "found_where": "shop" } => AsksNot(&["operator_on"]);

    what_only_its_owner_knows_may_be_left_out: { "thing": "jewellery" } => MayLeaveOut("only_owner"), Says("Only our staff see it");
    whoever_has_it_is_told_where_to_bring_it: { "now_where": "with_me" } => Advises("the station in Mill Lane");
}
