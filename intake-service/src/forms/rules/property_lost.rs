//! What must follow from the answers about something that was lost.

use super::Over::Form;
use super::Then::{Advises, Asks, AsksNot, Ends, Next, Pages, RaisesOnly, Says, Stops, StopsNot};
use super::rules;
use crate::domain::form::Flag::{EmergencyCannotCall, EmergencyDeclared, Priority1, Priority2};

rules! { Form("property-lost");
    a_lost_wallet_is_told_in_few_pages: { "thing": "wallet", "channel": "email" } => Pages(&["now", "thing", "where", "what", "identity", "channel", "email", "truth"]), RaisesOnly(&[]);
    nobody_who_did_it_is_near_a_thing_that_is_lost: { "thing": "wallet" } => AsksNot(&["now"]);
    whoever_is_in_danger_and_has_called_is_told_of: { "danger": "yes", "emergency": "called" } => RaisesOnly(&[EmergencyDeclared, Priority2]);
    whoever_lost_something_and_cannot_call_sends_what_there_is: { "danger": "yes", "emergency": "cannot_call" } =>
        Pages(&["now", "emergency", "where", "what", "reach"]), RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1]);

    // Stolen things are a crime, and whoever is not sure goes on.
    a_stolen_thing_is_shown_to_be_a_crime: { "stolen": "yes" } => Stops("sign_post"), Next("taken"), Says("Tell us as a crime");
    a_stolen_thing_is_told_as_a_crime: { "stolen": "yes", "stolen_on": "crime" } => Ends;
    a_thing_that_may_be_lost_goes_on: { "stolen": "yes", "stolen_on": "on" } => RaisesOnly(&[]);
    a_thing_that_may_be_stolen_goes_on: { "stolen": "unsure" } => StopsNot("sign_post");

    // Each class is treated as the force says.
    a_passport_is_cancelled_by_its_office: { "thing": "passport" } => Stops("sign_post"), Next("first-passport"), Says("HM Passport Office"), Says("so that nobody else can use it");
    a_passport_may_be_told_to_us_as_well: { "thing": "passport", "passport_on": "on" } => RaisesOnly(&[]);
    a_passport_told_elsewhere_is_not_sent: { "thing": "passport", "passport_on": "elsewhere" } => Ends;
    a_licence_is_replaced_by_the_dvla: { "thing": "licence" } => Stops("sign_post"), Next("first-licence"), Says("DVLA");
    a_licence_may_be_told_to_us_as_well: { "thing": "licence", "licence_on": "on" } => RaisesOnly(&[]);
    a_licence_told_elsewhere_is_not_sent: { "thing": "licence", "licence_on": "elsewhere" } => Ends;
    a_phone_is_blocked_by_its_network: { "thing": "phone" } => Stops("sign_post"), Next("first-phone"), Says("your phone network"), Says("IMEI");
    a_phone_may_be_told_to_us_as_well: { "thing": "phone", "phone_on": "on" } => RaisesOnly(&[]), Advises("Lock it from another device");
    a_phone_told_elsewhere_is_not_sent: { "thing": "phone", "phone_on": "elsewhere" } => Ends;
    papers_of_another_country_are_for_its_embassy: { "thing": "foreign" } => Stops("sign_post"), Next("first-foreign"), Says("the embassy of that country");
    papers_of_another_country_may_be_told_to_us_as_well: { "thing": "foreign", "foreign_on": "on" } => RaisesOnly(&[]);
    papers_of_another_country_told_elsewhere_are_not_sent: { "thing": "foreign", "foreign_on": "elsewhere" } => Ends;
    a_bank_card_is_for_the_bank_alone: { "thing": "card" } => Stops("sign_post"), Next("only-card"), Says("your bank"), Says("nothing is sent to us");
    an_animal_is_for_the_council_alone: { "thing": "animal" } => Stops("sign_post"), Next("only-animal"), Says("Newtown Council"), Says("dog warden");
    cash_is_taken: { "thing": "cash" } => StopsNot("sign_post"), RaisesOnly(&[]);
    something_else_is_taken: { "thing": "unsure" } => StopsNot("sign_post"), RaisesOnly(&[]);
    a_lost_wallet_may_hold_a_card: { "thing": "wallet" } => Advises("call your bank now");
    a_lost_key_may_open_a_door: { "thing": "keys" } => Advises("have the lock changed");

    // Who runs the place is asked first.
    a_thing_left_on_a_bus_is_asked_for_there: { "lost_where": "transport" } => Stops("sign_post"), Next("ask-there"), Says("lost property");
    a_thing_left_in_a_taxi_is_asked_for_there: { "lost_where": "taxi" } => Stops("sign_post"), Next("ask-there"), Says("call its company");
    a_thing_left_in_a_shop_is_asked_for_there: { "lost_where": "shop" } => Stops("sign_post"), Next("ask-there");
    a_thing_left_in_a_pub_is_asked_for_there: { "lost_where": "pub" } => Stops("sign_post"), Next("ask-there");
    what_the_operator_does_not_have_is_sent_to_us: { "lost_where": "transport", "operator_on": "on" } => RaisesOnly(&[]), Asks(&["what", "identity"]);
    what_is_asked_for_there_is_not_sent: { "lost_where": "transport", "operator_on": "elsewhere" } => Ends;
    a_thing_lost_in_a_street_has_no_operator: { "lost_where": "street" } => StopsNot("sign_post");
}
