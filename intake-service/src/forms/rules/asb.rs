//! What must follow from the answers about antisocial behaviour.

use super::Over::Form;
use super::Then::{
    Advises, Asks, AsksNot, Ends, MayLeaveOut, Next, Pages, Raises, RaisesOnly, Says, Stops,
    StopsNot,
};
use super::rules;
use crate::domain::form::Flag::{
    EmergencyCannotCall, EmergencyDeclared, Priority1, Priority2, Safeguarding,
};

rules! { Form("asb");
    rowdy_people_raise_nothing: { "happening": ["groups"] } => RaisesOnly(&[]), StopsNot("sign_post"), StopsNot("call_999"),
        Pages(&["now", "happening", "role", "pattern", "where", "what", "people", "know-who", "who", "colleague", "evidence", "recording", "identity", "channel", "email", "truth"]);
    whoever_cannot_call_is_asked_where_what_and_how_to_reach_them: { "danger": "yes", "emergency": "cannot_call" } =>
        Pages(&["now", "emergency", "where", "what", "reach"]), RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1]);

    whoever_is_near_and_does_no_harm_now_stops_nobody: { "now": "no" } => StopsNot("call_999"), Says("somebody who is still nearby");

    // What others end sooner: the council is shown, and nobody has to go there alone.
    noise_is_shown_to_the_council: { "happening": ["noise"] } => Stops("sign_post"), Next("council"), Says("Newtown Council"), Says("01632 960 100"), Says("picked on for who they are");
    rubbish_and_dog_mess_are_shown_to_the_council: { "happening": ["rubbish"] } => Stops("sign_post"), Next("council");
    parking_and_abandoned_cars_are_shown_to_the_council: { "happening": ["parking"] } => Stops("sign_post"), Next("council");
    a_boundary_is_shown_to_the_council: { "happening": ["boundary", "neighbours"] } => Stops("sign_post"), Next("council");
    noise_may_be_sent_to_us_as_well: { "happening": ["noise"], "council_on": "on" } => RaisesOnly(&[]), Asks(&["what"]);
    noise_told_to_the_council_is_not_sent: { "happening": ["noise"], "council_on": "elsewhere" } => Ends;
    noise_with_insults_is_ours: { "happening": ["noise", "abuse"] } => StopsNot("sign_post");
    a_sign_post_keeps_nobody_from_999: { "danger": "yes", "happening": ["noise"], "council_on": "elsewhere" } => Stops("call_999");

    // What may be a crime is asked about there, with what was answered, or here.
    threats_are_shown_the_form_for_crimes: { "happening": ["noise", "threats"] } => Stops("sign_post"), Next("form"), Says("What both forms ask is kept"), Says("call 111 now");
    damage_is_shown_the_form_for_crimes: { "happening": ["damage"] } => Stops("sign_post"), Next("form");
    hate_is_shown_the_form_for_crimes: { "happening": ["hate"] } => Stops("sign_post"), Next("form");
    threats_go_on_as_a_crime: { "happening": ["threats"], "crime_on": "crime" } => Ends;
    threats_that_are_told_here_are_urgent: { "happening": ["threats"], "crime_on": "on", "know_who": "no" } => RaisesOnly(&[Priority2]), Asks(&["police_link"]);
    damage_that_is_told_here_raises_nothing: { "happening": ["damage"], "crime_on": "on" } => RaisesOnly(&[]);

    // Whom it affects, and how often: a right to a review.
    what_is_aimed_at_one_home_is_asked_about: { "affected": "personal" } => Asks(&["targeted"]);
    what_affects_a_place_is_aimed_at_nobody: { "affected": "environmental" } => AsksNot(&["targeted"]);
    three_times_in_six_months_are_told_of_the_review: { "pattern": "sometimes", "times": "three" } => Says("a right to a review"), Advises("ASB Case Review");
    every_week_is_told_of_the_review: { "pattern": "weekly" } => AsksNot(&["times"]), Advises("ASB Case Review");
    every_day_is_told_of_the_review: { "pattern": "daily" } => Advises("ASB Case Review");
    once_is_not_asked_how_often: { "pattern": "once" } => AsksNot(&["times"]);
    what_goes_on_is_written_down: { "pattern": "weekly" } => Advises("with your return code");
    a_shared_home_keeps_contact_safe: { "where_kind": "home", "whose_home": "shared" } => RaisesOnly(&[Safeguarding]), Asks(&["safe_visit"]);

    // What it does to people.
    sleep_and_health_raise_nothing_by_themselves: { "effect": "health" } => RaisesOnly(&[]);
    being_afraid_at_home_is_urgent_and_keeps_contact_safe: { "effect": "afraid" } => RaisesOnly(&[Priority2, Safeguarding]), Asks(&["safe_visit"]);
    somebody_under_18_who_is_afraid_to_go_out_comes_first: { "role": "me", "young": "yes", "effect": "afraid" } => Raises(&[Priority1]);
    a_child_who_is_afraid_to_go_out_comes_first: { "role": "someone", "victim_age": "13_17", "effect": "afraid" } => Raises(&[Priority1]);
    a_visit_that_is_not_safe_is_known: { "effect": "afraid", "safe_visit": "no" } => Raises(&[Safeguarding]);
    a_visit_that_may_not_be_safe_is_known: { "effect": "afraid", "safe_visit": "unsure" } => Raises(&[Safeguarding]);
    thoughts_of_dying_get_help_first: { "effect": "self_harm" } => Stops("crisis"), Next("help-now"), Says("call 999"), Says("Newtown Listeners on 01632 960 300");
    thoughts_of_dying_come_first: { "effect": "self_harm", "crisis": "talked" } => RaisesOnly(&[Priority1, Safeguarding]), Advises("Newtown Listeners");
    whoever_cannot_call_for_help_sends_what_there_is: { "effect": "self_harm", "crisis": "cannot_call" } =>
        RaisesOnly(&[EmergencyDeclared, EmergencyCannotCall, Priority1, Safeguarding]), AsksNot(&["identity", "truth", "know_who", "evidence"]);
    somebody_alone_whom_it_keeps_happening_to_is_urgent: { "pattern": "weekly", "frail": ["alone"] } => RaisesOnly(&[Priority2]), MayLeaveOut("frail");
    somebody_disabled_whom_it_keeps_happening_to_is_urgent: { "pattern": "daily", "frail": ["disability"] } => RaisesOnly(&[Priority2]);
    somebody_older_whom_it_keeps_happening_to_is_urgent: { "pattern": "sometimes", "times": "few", "frail": ["older"] } => RaisesOnly(&[Priority2]);
    a_child_whom_it_may_keep_happening_to_is_urgent: { "pattern": "unsure", "times": "unsure", "frail": ["child"] } => RaisesOnly(&[Priority2]);
    somebody_alone_to_whom_it_happened_once_is_not: { "pattern": "once", "frail": ["alone"] } => RaisesOnly(&[]);

    // A name is not needed, and what that means is said.
    whoever_is_anonymous_hears_nothing_and_is_told_so: { "identity": "anonymous" } => Says("we cannot contact you"), AsksNot(&["channel"]);
}
