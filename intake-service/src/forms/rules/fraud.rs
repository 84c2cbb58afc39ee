//! What must follow from the answers about fraud: what calls for the force itself, and what the national body
//! takes better.

use super::Over::Form;
use super::Then::{
    Advises, Asks, AsksNot, Ends, MayLeaveOut, Next, Pages, Raises, RaisesOnly, Says, Stops,
    StopsNot,
};
use super::rules;
use crate::domain::form::Flag::{
    EmergencyCannotCall, EmergencyDeclared, Priority1, Priority2, Safeguarding,
};

rules! { Form("fraud");
    whoever_is_threatened_with_pictures_comes_first: { "fraud_kind": "blackmail" } => Raises(&[Priority1, Safeguarding]), Asks(&["police_link"]);
    nobody_is_told_to_delete_what_threatens_them: { "fraud_kind": "phishing" } => Says("pay nothing, do not delete it");
    // What is going on now is for 999, and the bank comes before the form.
    money_that_goes_now_leads_to_999: { "live": "yes" } => Stops("call_999"), Next("emergency");
    whoever_is_in_danger_is_not_asked_about_money_first: { "danger": "yes" } => Stops("call_999"), Next("emergency"), AsksNot(&["live"]);
    money_that_went_as_999_was_called_is_told: { "live": "yes", "emergency": "called" } => Raises(&[EmergencyDeclared, Priority2]);
    whoever_cannot_call_is_asked_where_what_and_how_to_reach_them: { "live": "yes", "emergency": "cannot_call" } =>
        Pages(&["now", "live", "emergency", "where", "what", "reach"]), RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1]);
    money_that_may_go_today_is_ours: { "live": "unsure", "know_who": "no" } => RaisesOnly(&[Priority2]), StopsNot("sign_post");
    the_bank_is_called_first: { "bank_told": "no" } => Stops("advice"), Next("bank"), Says("Call the number on the back of the card"), Says("Do not use a number from a message");
    a_bank_that_may_not_know_is_called_first: { "bank_told": "unsure" } => Stops("advice"), Next("bank");
    a_bank_that_knows_is_not_called_again: { "bank_told": "yes" } => AsksNot(&["bank_on"]);
    a_bank_that_is_called_later_is_said_again: { "bank_told": "no", "bank_on": "will" } => Advises("Call the bank now");

    // A message that cost nothing is passed to those who close its sender.
    a_message_is_passed_on: { "fraud_kind": "phishing" } => Stops("sign_post"), Next("messages"), Says("7726"), Says("report@phishing.example");
    a_message_that_is_passed_on_is_not_sent: { "fraud_kind": "phishing", "phishing_on": "elsewhere" } => Ends;
    a_message_may_be_sent_to_us_as_well: { "fraud_kind": "phishing", "phishing_on": "on", "know_who": "no" } => RaisesOnly(&[]), AsksNot(&["vulnerable", "decision_on"]);

    // What calls for the force itself is not sent away.
    somebody_at_the_door_is_ours: { "fraud_kind": "doorstep", "know_who": "no" } => RaisesOnly(&[Priority2]), Asks(&["where", "evidence"]), AsksNot(&["decision_on"]);
    somebody_older_is_ours: { "vulnerable": ["older"], "know_who": "no" } => RaisesOnly(&[Priority2]), AsksNot(&["decision_on"]);
    somebody_alone_and_frightened_is_ours: { "vulnerable": ["alone"], "know_who": "no" } => RaisesOnly(&[Priority2]), AsksNot(&["decision_on"]);
    somebody_in_care_is_ours: { "vulnerable": ["care"], "know_who": "no" } => RaisesOnly(&[Priority2]), AsksNot(&["decision_on"]);
    somebody_who_cannot_remember_is_ours: { "vulnerable": ["memory"], "know_who": "no" } => RaisesOnly(&[Priority2]), AsksNot(&["decision_on"]);
    somebody_in_need_is_ours: { "vulnerable": ["debt"], "know_who": "no" } => RaisesOnly(&[Priority2]), AsksNot(&["decision_on"]);
    somebody_under_18_is_ours: { "role": "me", "young": "yes", "know_who": "no" } => Raises(&[Priority2]), AsksNot(&["decision_on"]);
    a_child_is_ours: { "role": "someone", "victim_age": "under_13", "know_who": "no" } => Raises(&[Priority2]), AsksNot(&["decision_on"]);
    whom_it_is_not_safe_to_contact_is_ours: { "role": "someone", "victim_safe_contact": "no", "know_who": "no" } => RaisesOnly(&[Safeguarding]), AsksNot(&["decision_on"]);
    somebody_threatened_comes_first: { "vulnerable": ["threatened"], "know_who": "no" } => RaisesOnly(&[Priority1, Safeguarding]), Asks(&["safe_visit"]), AsksNot(&["decision_on"]);
    thoughts_of_dying_get_help_first: { "vulnerable": ["self_harm"] } => Stops("crisis"), Next("help-now"), Says("call 999"), Says("Newtown Listeners");
    thoughts_of_dying_come_first: { "vulnerable": ["self_harm"], "crisis": "talked" } => RaisesOnly(&[Priority1, Safeguarding]), AsksNot(&["decision_on"]), Advises("Newtown Listeners");
    whoever_cannot_call_for_help_sends_what_there_is: { "vulnerable": ["self_harm"], "crisis": "cannot_call" } =>
        RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1, Safeguarding]), Asks(&["where", "what", "reach"]), AsksNot(&["identity", "lost", "truth"]);
    who_is_known_is_ours: { "vulnerable": ["none"], "know_who": "yes" } => RaisesOnly(&[]), Asks(&["police_link", "evidence"]), AsksNot(&["decision_on"]);
    being_afraid_is_ours: { "know_who": "no", "afraid": "yes" } => RaisesOnly(&[Priority2, Safeguarding]), AsksNot(&["decision_on"]);

    // More may be lost.
    whoever_is_still_in_touch_is_told_to_stop: { "still_contact": "yes" } => Stops("advice"), Next("stop-now"), Says("Pay nothing more");
    whoever_is_still_in_touch_is_ours: { "still_contact": "yes", "stopped": "done", "know_who": "no" } => RaisesOnly(&[Priority2]), AsksNot(&["decision_on"]);
    a_device_that_is_open_is_taken_off_the_internet: { "remote": "yes" } => Stops("advice"), Next("stop-now"), Says("Turn off the internet");
    a_device_that_may_be_open_is_taken_off_the_internet: { "remote": "unsure" } => Stops("advice"), Next("stop-now");
    a_device_that_was_shut_is_not_ours: { "remote": "yes", "stopped": "done", "know_who": "no" } => RaisesOnly(&[]), Asks(&["decision_on"]);
    whoever_needs_help_to_stop_is_ours: { "remote": "yes", "stopped": "help", "know_who": "no" } => RaisesOnly(&[Priority2]), Advises("turn off the internet");

    // What calls for nobody here is shown to the national body, and may be sent here as well.
    what_calls_for_nobody_is_shown_to_the_national_body: { "know_who": "no", "afraid": "no" } => Stops("sign_post"), Next("decision"), Says("Report Fraud"), Says("0300 123 2040"), Says("your answers, to print"), AsksNot(&["evidence"]);
    what_the_national_body_gets_is_not_sent: { "know_who": "no", "decision_on": "elsewhere" } => Ends;
    it_may_be_sent_to_us_as_well: { "know_who": "no", "decision_on": "on" } => RaisesOnly(&[]), Asks(&["identity", "truth"]), Advises("Tell Report Fraud as well");
    what_the_national_body_has_is_not_sent_there_again: { "reported": "yes", "know_who": "no" } => Asks(&["reported_number"]), MayLeaveOut("reported_number"), AsksNot(&["decision_on"]);
    a_sign_post_keeps_nobody_from_999: { "danger": "yes", "fraud_kind": "phishing", "phishing_on": "elsewhere" } => Stops("call_999");
    a_second_fraud_is_warned_of: { "know_who": "no" , "decision_on": "on" } => Advises("get the money back for a fee");
}
