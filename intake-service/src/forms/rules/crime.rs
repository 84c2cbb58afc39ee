//! What must follow from the answers about a crime.

use super::Over::Form;
use super::Then::{
    Advises, Asks, AsksNot, Ends, GoesTo, MayLeaveOut, Next, Pages, Raises, RaisesOnly, Says,
    Stops, StopsNot,
};
use super::rules;
use crate::domain::form::Flag::{
    EmergencyCannotCall, EmergencyDeclared, Priority1, Priority2, Safeguarding,
};

rules! { Form("crime");
    a_common_theft_raises_nothing: { "type": "stolen" } => RaisesOnly(&[]), StopsNot("call_999"), StopsNot("sign_post"), AsksNot(&["safe_visit", "acknowledge"]);
    not_being_sure_of_fear_raises_nothing: { "afraid": "unsure" } => RaisesOnly(&[]), AsksNot(&["safe_visit"]);
    nobody_of_the_police_raises_nothing: { "know_who": "yes", "police_link": "no" } => RaisesOnly(&[]);
    whoever_cannot_call_is_asked_where_what_and_how_to_reach_them: { "danger": "yes", "emergency": "cannot_call" } =>
        Pages(&["now", "emergency", "where", "what", "reach"]), RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1]);

    // What kind: harm that somebody close may do, and what others take better or sooner.
    something_sexual_comes_first: { "type": "sexual" } => RaisesOnly(&[Priority1, Safeguarding]), MayLeaveOut("what"), Asks(&["police_link", "safe_visit"]);
    something_sexual_is_told_of_the_centre_that_keeps_evidence: { "type": "sexual" } => Asks(&["recent"]), Says("Newtown Centre"), Says("Washing or changing clothes may lose traces");
    harm_at_home_keeps_contact_safe: { "type": "home" } => RaisesOnly(&[Safeguarding]), MayLeaveOut("what"), Asks(&["police_link", "safe_visit"]);
    a_device_that_others_check_is_warned_of_after_threats: { "type": "threatened" } => Asks(&["device_safe"]), MayLeaveOut("device_safe");
    a_device_that_others_check_is_warned_of_at_home: { "type": "home" } => Asks(&["device_safe"]);
    a_device_that_others_check_is_warned_of_online: { "type": "online" } => Asks(&["device_safe"]);
    nobody_touches_a_weapon: { "type": "drugs_weapons" } => Says("Do not touch a weapon");
    fraud_is_shown_to_those_who_act_on_it: { "type": "fraud" } => Stops("sign_post"), Next("money"), Says("Report Fraud"), Says("0300 123 2040"), Says("call your bank first"), Says("call 999");
    fraud_may_be_told_as_a_crime: { "type": "fraud", "money_on": "on" } => RaisesOnly(&[]);
    fraud_goes_on_with_its_own_form: { "type": "fraud", "money_on": "fraud" } => Ends;
    fraud_told_elsewhere_is_not_sent: { "type": "fraud", "money_on": "elsewhere" } => Ends;
    a_whole_vehicle_is_better_called_in: { "type": "vehicle" } => Stops("sign_post"), Next("vehicle"), Says("number plate ready"), Says("Do not go there yourself");
    a_whole_vehicle_has_a_form_of_its_own: { "type": "vehicle", "vehicle_on": "stolen" } => GoesTo("vehicle-stolen");
    a_whole_vehicle_may_be_told_here: { "type": "vehicle", "vehicle_on": "on" } => Asks(&["registration"]), MayLeaveOut("registration");
    a_whole_vehicle_told_elsewhere_is_not_sent: { "type": "vehicle", "vehicle_on": "elsewhere" } => Ends;
    nuisance_is_shown_to_the_council: { "type": "nuisance" } => Stops("sign_post"), Next("nuisance"), Says("Newtown Council"), Says("picked on for who they are");
    nuisance_may_be_told_as_a_crime: { "type": "nuisance", "nuisance_on": "on" } => RaisesOnly(&[]);
    nuisance_goes_on_with_its_own_form: { "type": "nuisance", "nuisance_on": "asb" } => Ends;
    nuisance_told_elsewhere_is_not_sent: { "type": "nuisance", "nuisance_on": "elsewhere" } => Ends;
    a_sign_post_keeps_nobody_from_999: { "danger": "yes", "type": "fraud", "money_on": "elsewhere" } => Stops("call_999");
    a_spiked_drink_is_urgent: { "type": "hurt", "hurt_how": "spiked" } => RaisesOnly(&[Priority2]);

    // Where: a home shared with the person who did it.
    a_shared_home_keeps_contact_safe: { "type": "hurt", "where_kind": "home", "whose_home": "shared" } => RaisesOnly(&[Safeguarding]), Asks(&["safe_visit"]);
    the_own_home_raises_nothing: { "type": "hurt", "where_kind": "home", "whose_home": "mine" } => RaisesOnly(&[]);
    a_break_in_is_not_asked_whose_home: { "type": "break_in", "where_kind": "home" } => AsksNot(&["whose_home"]);

    // What was taken, and a building that is open.
    a_key_that_is_gone_is_urgent: { "taken": "yes", "taken_kinds": ["keys"] } => RaisesOnly(&[Priority2]), Advises("have the lock changed");
    a_bank_card_that_is_gone_is_for_the_bank: { "taken": "yes", "taken_kinds": ["cards"] } => RaisesOnly(&[]), Says("call your bank now"), Advises("call your bank now");
    a_phone_that_is_gone_is_locked_from_elsewhere: { "taken": "yes", "taken_kinds": ["phone"] } => Advises("lock it from another device");
    somebody_inside_at_a_break_in_is_urgent: { "type": "break_in", "home_then": "yes" } => RaisesOnly(&[Priority2]);
    a_building_that_cannot_be_locked_is_urgent: { "type": "break_in", "secure_now": "no" } => RaisesOnly(&[Priority2]);
    nobody_goes_into_a_building_where_somebody_may_be: { "now": "unsure", "type": "break_in" } => Advises("Do not go in");
    what_is_left_behind_is_left_where_it_is: { "evidence": ["left_behind"] } => Advises("Leave what was left behind where it is");

    // How people are. Medical help comes first where harm shows later.
    a_blow_to_the_head_comes_first: { "type": "hurt", "violence": "yes", "injury": ["head"] } => RaisesOnly(&[Priority1]), StopsNot("medical_advice");
    pressure_on_the_neck_comes_first: { "type": "hurt", "violence": "yes", "injury": ["choked"] } => RaisesOnly(&[Priority1]);
    passing_out_comes_first: { "type": "hurt", "violence": "yes", "injury": ["unconscious"] } => RaisesOnly(&[Priority1]);
    a_bruise_raises_nothing: { "type": "hurt", "violence": "yes", "injury": ["bruise"] } => RaisesOnly(&[]), AsksNot(&["unwell"]);
    a_recent_blow_to_the_head_gets_medical_help_first: { "type": "hurt", "violence": "yes", "injury": ["head"], "unwell": "yes" } =>
        Stops("medical_advice"), Next("medical"), Says("Call 999 if breathing"), Says("call 111 now");
    pressure_on_the_neck_that_may_still_be_felt_gets_medical_help_first: { "type": "hurt", "violence": "yes", "injury": ["choked"], "unwell": "unsure" } => Stops("medical_advice");
    whoever_cannot_call_for_medical_help_sends_what_there_is: { "type": "hurt", "violence": "yes", "injury": ["head"], "unwell": "yes", "medical": "cannot_call" } =>
        RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1]), AsksNot(&["identity", "truth", "afraid"]);
    somebody_under_18_who_was_hurt_comes_first: { "role": "me", "young": "yes", "type": "hurt", "violence": "yes" } => RaisesOnly(&[Priority1, Priority2, Safeguarding]);
    a_child_who_was_hurt_comes_first: { "role": "someone", "victim_age": "13_17", "type": "hurt", "violence": "yes" } => Raises(&[Priority1]);
    a_child_who_was_hurt_at_home_comes_first: { "role": "someone", "victim_age": "under_13", "type": "home", "violence": "yes" } => Raises(&[Priority1]);
    a_child_at_home_comes_first_hurt_or_not: { "role": "me", "young": "yes", "type": "home", "violence": "no" } => Raises(&[Priority1]);
    a_child_at_home_comes_first_where_nobody_knows: { "role": "me", "young": "yes", "type": "home", "violence": "unsure" } => Raises(&[Priority1]);
    what_still_goes_on_is_urgent: { "type": "threatened", "still": "yes" } => RaisesOnly(&[Priority2]);
    fear_of_what_comes_next_comes_first: { "type": "threatened", "fear": "yes" } => RaisesOnly(&[Priority1, Safeguarding]);
    going_against_an_order_comes_first: { "type": "threatened", "order": "yes" } => RaisesOnly(&[Priority1]);

    threats_of_a_stranger_alone_are_not_asked_about_a_visit: { "type": "threatened", "know_who": "no" } => RaisesOnly(&[]), AsksNot(&["safe_visit"]);

    // Painful questions are offered, and may all be skipped.
    nobody_has_to_answer_painful_questions: { "type": "home", "ask_more": "no" } => AsksNot(&["choked_before", "threat_to_kill", "pregnant", "children"]);
    painful_questions_may_be_skipped_one_by_one: { "type": "home", "ask_more": "yes" } => MayLeaveOut("choked_before"), MayLeaveOut("threat_to_kill"), MayLeaveOut("pregnant"), MayLeaveOut("children");
    a_neck_held_before_comes_first: { "type": "home", "ask_more": "yes", "choked_before": "yes" } => RaisesOnly(&[Priority1, Safeguarding]);
    a_threat_to_kill_comes_first: { "type": "home", "ask_more": "yes", "threat_to_kill": "yes" } => RaisesOnly(&[Priority1, Safeguarding]);
    pregnancy_comes_first: { "type": "home", "ask_more": "yes", "pregnant": "yes" } => RaisesOnly(&[Priority1, Safeguarding]);
    children_in_the_home_come_first: { "type": "home", "ask_more": "yes", "children": "yes" } => RaisesOnly(&[Priority1, Safeguarding]);

    // Whoever is known, or may come back, may work for the police.
    a_colleague_is_asked_about_where_somebody_is_known: { "know_who": "yes" } => Asks(&["police_link"]);
    a_colleague_is_asked_about_after_threats: { "type": "threatened", "know_who": "no" } => Asks(&["police_link"]);
    a_colleague_is_not_asked_about_where_nobody_is_known: { "type": "stolen", "know_who": "no" } => AsksNot(&["police_link"]);
}
