//! What blocks hold that several kinds use, over every form that asks them.

use super::Over::Every;
use super::Then::{
    Advises, Asks, AsksNot, Ends, MayLeaveOut, Needs, Next, Raises, RaisesOnly, Says, Stops,
    StopsNot,
};
use super::rules;
use crate::domain::form::Flag::{
    EmergencyCannotCall, EmergencyDeclared, Priority1, Priority2, Restricted, Safeguarding,
};

rules! { Every;
    // The gate: danger now is for 999, and nobody meets a stop who is in none.
    it_still_happens_leads_to_999: { "now": "yes" } => Stops("call_999"), Next("emergency");
    danger_leads_to_999: { "danger": "yes" } => Stops("call_999"), Next("emergency");
    danger_that_may_be_leads_to_999: { "danger": "unsure" } => Stops("call_999"), Next("emergency");
    not_knowing_who_is_near_stops_nobody: { "now": "unsure", "danger": "no" } => StopsNot("call_999");
    the_stop_says_what_those_do_who_cannot_speak: { "danger": "yes" } => Stops("call_999"), Says("55"), Says("18000"), Says("BSL");
    having_called_999_is_told: { "danger": "yes", "emergency": "called" } => Raises(&[EmergencyDeclared, Priority2]);
    an_emergency_that_is_over_is_told: { "danger": "yes", "emergency": "over" } => Raises(&[EmergencyDeclared, Priority2]);
    whoever_cannot_call_comes_first: { "danger": "yes", "emergency": "cannot_call" } =>
        Raises(&[EmergencyDeclared, EmergencyCannotCall, Priority1]), Asks(&["what", "reach"]), MayLeaveOut("reach"),
        AsksNot(&["identity", "truth", "afraid", "evidence", "know_who"]);

    // The role: a child comes first, and a call puts nobody at risk.
    somebody_under_18_is_put_first: { "role": "me", "young": "yes" } => Raises(&[Priority2, Safeguarding]), Asks(&["adult", "safe_visit"]);
    somebody_under_18_who_is_afraid_comes_before_all: { "role": "me", "young": "yes", "afraid": "yes" } => Raises(&[Priority1]);
    a_child_whom_another_speaks_for_is_put_first: { "role": "someone", "victim_age": "under_13" } => Raises(&[Priority2, Safeguarding]);
    a_young_person_whom_another_speaks_for_is_put_first: { "role": "someone", "victim_age": "13_17" } => Raises(&[Priority2, Safeguarding]);
    a_child_somebody_is_afraid_for_comes_before_all: { "role": "someone", "victim_age": "under_13", "afraid": "yes" } => Raises(&[Priority1]);
    whom_it_is_not_safe_to_contact_is_kept_safe: { "role": "someone", "victim_safe_contact": "no" } => Raises(&[Safeguarding]);
    whom_it_may_not_be_safe_to_contact_is_kept_safe: { "role": "someone", "victim_safe_contact": "unsure" } => Raises(&[Safeguarding]);

    // Who did it: somebody close may be near when we write or call.
    a_partner_who_did_it_may_be_near: { "know_who": "yes", "relationship": "partner" } => Raises(&[Safeguarding]), Asks(&["safe_visit"]);
    an_ex_partner_who_did_it_may_be_near: { "know_who": "yes", "relationship": "ex_partner" } => Raises(&[Safeguarding]), Asks(&["safe_visit"]);
    family_that_did_it_may_be_near: { "know_who": "yes", "relationship": "family" } => Raises(&[Safeguarding]), Asks(&["safe_visit"]);
    somebody_in_the_same_home_who_did_it_may_be_near: { "know_who": "yes", "relationship": "lives_with" } => Raises(&[Safeguarding]), Asks(&["safe_visit"]);
    a_carer_who_did_it_may_be_near: { "know_who": "yes", "relationship": "carer" } => Raises(&[Safeguarding]), Asks(&["safe_visit"]);
    a_weapon_at_hand_comes_first: { "know_who": "yes", "armed": "yes" } => Raises(&[Priority1]);
    who_did_it_hears_nothing_of_this_first: { "know_who": "yes" } => Says("We will not contact this person before we have spoken with you");
    a_colleague_of_the_police_is_read_by_few: { "police_link": "yes" } => Raises(&[Restricted]), Says("Independent Office for Police Conduct");
    a_possible_colleague_of_the_police_is_read_by_few: { "police_link": "unsure" } => Raises(&[Restricted]);

    // Evidence and safety.
    a_recording_that_is_soon_wiped_is_urgent: { "evidence": ["cctv"], "wiped": "days" } => Raises(&[Priority2]);
    being_afraid_is_urgent_and_keeps_contact_safe: { "afraid": "yes" } => Raises(&[Priority2, Safeguarding]), Asks(&["safe_visit"]);
    hate_is_asked_what_it_was_about: { "hate": "yes" } => Asks(&["hate_why"]), MayLeaveOut("hate_why");
    a_visit_that_is_not_safe_is_known: { "afraid": "yes", "safe_visit": "no" } => Raises(&[Safeguarding]);
    a_visit_that_may_not_be_safe_is_known: { "afraid": "yes", "safe_visit": "unsure" } => Raises(&[Safeguarding]);

    // Contact: each address is asked whether it is private, and a message that could do harm is asked for.
    an_email_address_is_asked_if_it_is_private: { "channel": "email" } => Needs(&["email", "safe_email"]), AsksNot(&["phone", "address"]);
    a_number_for_texts_is_asked_if_it_is_private: { "channel": "text" } => Needs(&["phone", "safe_phone"]), AsksNot(&["email", "address"]);
    a_number_for_calls_is_asked_if_it_is_private: { "channel": "telephone" } => Needs(&["phone", "safe_phone"]), AsksNot(&["email", "address"]);
    an_address_for_letters_is_asked_if_it_is_private: { "channel": "post" } => Needs(&["address", "safe_post"]), AsksNot(&["email", "phone"]);
    a_second_way_by_text_is_asked_if_it_is_private: { "channel": "post", "second_channel": "text" } => Needs(&["address", "safe_post", "phone", "safe_phone"]);
    a_second_way_by_call_is_asked_if_it_is_private: { "channel": "email", "second_channel": "telephone" } => Needs(&["email", "safe_email", "phone", "safe_phone"]);
    a_second_way_by_email_is_asked_if_it_is_private: { "channel": "telephone", "second_channel": "email" } => Needs(&["phone", "safe_phone", "email", "safe_email"]);
    whoever_wants_no_contact_gives_no_address: { "channel": "none", "second_channel": "text" } => AsksNot(&["email", "phone", "address"]);
    whoever_is_anonymous_gives_nothing_that_names_them: { "identity": "anonymous" } => AsksNot(&["name", "email", "phone", "address", "channel"]);
    a_message_that_could_do_harm_is_asked_for: { "afraid": "yes", "channel": "email", "safe_email": "yes" } => Needs(&["acknowledge"]);
    a_text_that_could_do_harm_is_asked_for: { "afraid": "yes", "channel": "email", "safe_email": "no", "second_channel": "text", "safe_phone": "yes" } => Needs(&["acknowledge"]);
    no_message_to_an_address_that_is_not_private: { "afraid": "yes", "channel": "email", "safe_email": "no" } => AsksNot(&["acknowledge"]);
    no_message_where_only_a_call_is_safe: { "afraid": "yes", "channel": "email", "safe_email": "no", "second_channel": "telephone" } => AsksNot(&["acknowledge"]);
    no_message_where_somebody_calls: { "afraid": "yes", "channel": "telephone", "safe_phone": "yes", "second_channel": "email" } => AsksNot(&["acknowledge"]);
    no_message_where_a_letter_goes: { "afraid": "yes", "channel": "post", "safe_post": "yes", "second_channel": "text" } => AsksNot(&["acknowledge"]);
    no_message_where_none_is_wanted: { "afraid": "yes", "channel": "none" } => AsksNot(&["acknowledge"]);
    no_message_to_somebody_anonymous: { "afraid": "yes", "identity": "anonymous" } => AsksNot(&["acknowledge"]);

    // What is told behind the gate may need a call as well: nobody is stopped twice.
    having_called_for_what_came_later_is_told: { "emergency_late": "called" } => Raises(&[EmergencyDeclared, Priority2]);
    what_came_later_and_is_over_is_told: { "emergency_late": "over" } => Raises(&[EmergencyDeclared, Priority2]);
    whoever_cannot_call_for_what_came_later_comes_first: { "emergency_late": "cannot_call" } =>
        Raises(&[EmergencyDeclared, EmergencyCannotCall, Priority1]), Asks(&["where", "what", "reach"]), MayLeaveOut("reach"),
        AsksNot(&["name", "truth", "evidence", "know_who"]);

    // What is in a vehicle.
    a_child_in_a_vehicle_leads_to_999: { "contents": ["child"] } => Stops("call_999"), Next("call"), Says("55"), Says("18000"), Says("BSL");
    an_animal_in_a_vehicle_leads_to_999: { "contents": ["animal"] } => Stops("call_999"), Next("call");
    a_child_among_other_things_leads_to_999: { "contents": ["keys", "child"] } => Stops("call_999");
    a_child_in_a_vehicle_comes_first_when_999_was_called: { "contents": ["child"], "emergency_late": "called" } => RaisesOnly(&[EmergencyDeclared, Priority1, Priority2]);
    an_animal_in_a_vehicle_is_urgent_when_999_was_called: { "contents": ["animal"], "emergency_late": "called" } => RaisesOnly(&[EmergencyDeclared, Priority2]);
    whoever_has_spoken_of_999_is_not_stopped_for_a_child_again: { "danger": "yes", "emergency": "called", "contents": ["child"] } => AsksNot(&["emergency_late"]), Raises(&[EmergencyDeclared, Priority1]);
    a_weapon_in_a_vehicle_comes_first: { "contents": ["weapon"] } => RaisesOnly(&[Priority1]), StopsNot("call_999");
    chemicals_in_a_vehicle_come_first: { "contents": ["chemicals"] } => RaisesOnly(&[Priority1]), StopsNot("call_999");
    a_key_in_a_vehicle_is_urgent: { "contents": ["keys"] } => RaisesOnly(&[Priority2]), Advises("have the lock changed");
    medicine_in_a_vehicle_is_no_emergency: { "contents": ["medicine"] } => RaisesOnly(&[]), Advises("call 111");
    papers_in_a_vehicle_are_no_emergency: { "contents": ["papers"] } => RaisesOnly(&[]), Advises("call your bank now");
    nothing_known_in_a_vehicle_stops_nobody: { "contents": ["unsure"] } => RaisesOnly(&[]), StopsNot("call_999");

    // Who else may have a vehicle. A sign-post says why and how, and shuts no door.
    a_towed_vehicle_may_be_told_to_us_as_well: { "towed_on": "on" } => RaisesOnly(&[]), Says("Newtown Council"), Says("come back");
    a_towed_vehicle_that_is_asked_for_elsewhere_is_not_sent: { "towed_on": "elsewhere" } => Ends;
    a_vehicle_taken_back_may_be_told_to_us_as_well: { "finance_on": "on" } => RaisesOnly(&[]), Says("Ring the company first"), Says("not a crime");
    a_vehicle_taken_back_that_is_asked_for_elsewhere_is_not_sent: { "finance_on": "elsewhere" } => Ends;
}
