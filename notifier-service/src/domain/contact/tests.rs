use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::*;
use crate::domain::emergency::{self, Alert, Room};
use crate::domain::plan::{Channel, Ids, Means, Submission, Way, Wishes};
use crate::domain::saved_link::{Asked, Hours, Terms};

const MEANS: Means = Means { email: true, text: true };
const ROOM: Room =
    Room { webhook: true, email: true, on_call: 0, patience: SignedDuration::from_mins(5) };
const DAY: i64 = 86_400;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// The n-th cause makes the ids 10n, 10n + 1 and 10n + 2.
fn ids(cause: u128) -> Ids {
    Ids { obligation: id(cause * 10), message: id(cause * 10 + 1), holding: id(cause * 10 + 2) }
}

const ACKNOWLEDGEMENT: u128 = 11;
const HOLDING: u128 = 12;
const NEXT_STEPS: u128 = 21;

fn by_email() -> Wishes {
    Wishes { first: Way::Email, email_is_safe: true, ..Wishes::default() }
}

fn submission(wishes: Wishes) -> Submission {
    Submission {
        reference: "7K4M-2TQ9".to_owned(),
        submitted_at: at(0),
        contact_by: at(DAY),
        wishes,
        is_sensitive: false,
        acknowledge: false,
        contact: Some(Sealed(vec![1])),
        alert: None,
    }
}

fn submit(wishes: Wishes) -> Command {
    Command::Submit { new: submission(wishes), ids: ids(1) }
}

fn next_steps(number: u32) -> What {
    What::NextSteps {
        decision_number: number,
        decision: "allocate".to_owned(),
        words: Some(Sealed(vec![2])),
    }
}

fn decide_at(seconds: i64, number: u32) -> Command {
    let ids = ids(u128::from(number) + 1);
    Command::Decide { what: next_steps(number), at: at(seconds), seen: 1, ids }
}

fn intend(message: u128) -> Command {
    Command::Intend { message: id(message), provider: "smtp", can_be_asked: false }
}

fn ended(message: u128, attempt: u32, outcome: Outcome) -> Command {
    let detail = String::new();
    Command::End { message: id(message), attempt, outcome, detail, again: id(99) }
}

fn accepted() -> Outcome {
    Outcome::Accepted { provider_reference: "250".to_owned() }
}

/// A contact after commands, each with its time; the first is always the submission, whose message
/// is at position 1 of INTAKE.
fn after(commands: &[(i64, Command)]) -> Contact {
    let mut contact = Contact::default();
    for (seconds, command) in commands {
        let given = Given { now: at(*seconds), means: MEANS, room: ROOM };
        let cause = match command {
            Command::Submit { .. } | Command::SendLink { .. } => {
                Some(Cause { source: Source::Intake, position: 1 })
            }
            Command::Reply { .. } => Some(Cause { source: Source::Intake, position: 2 }),
            Command::Decide { .. }
            | Command::Told { .. }
            | Command::Hold { .. }
            | Command::Resume { .. }
            | Command::Stop { .. }
            | Command::Intend { .. }
            | Command::End { .. }
            | Command::GiveUp { .. }
            | Command::Review
            | Command::Emergency(_) => None,
        };
        for event in decide(&contact, command, given).expect("the history is possible") {
            contact.evolve(&event, cause);
        }
    }
    contact
}

#[track_caller]
fn check(
    given: &[(i64, Command)],
    (seconds, command): (i64, Command),
    then: Result<&[&str], Rejection>,
) {
    let answer =
        decide(&after(given), &command, Given { now: at(seconds), means: MEANS, room: ROOM });
    let said = answer.map(|events| events.iter().map(say).collect::<Vec<_>>());
    let then = then.map(|events| events.iter().map(|event| (*event).to_owned()).collect());
    assert_eq!(said, then);
}

/// An event in a few words.
fn say(event: &Event) -> String {
    match event {
        Event::ObligationOpened { id, why, due_at, owed, .. } => {
            let owed = if *owed { "owed" } else { "not owed" };
            let due = due_at.duration_since(at(0)).as_secs();
            format!("opened {} {why:?} {owed} by {due}", id.as_u128())
        }
        Event::ObligationKept { id, how, .. } => format!("kept {} {how:?}", id.as_u128()),
        Event::ChannelsExhausted { obligation, why, .. } => {
            format!("exhausted {} {why}", obligation.as_u128())
        }
        Event::MessagePlanned(new) => {
            let first = new.first_at.duration_since(at(0)).as_secs();
            let due = new.due_at.duration_since(at(0)).as_secs();
            format!("planned {} {:?} {first}..{due}", new.id.as_u128(), new.channel)
        }
        Event::MessageGivenUp { id, why, .. } => format!("given up {} {why}", id.as_u128()),
        Event::MessageCancelled { id, why, .. } => format!("cancelled {} {why}", id.as_u128()),
        Event::AttemptIntended { message, attempt, .. } => {
            format!("intended {}/{attempt}", message.as_u128())
        }
        Event::AttemptEnded { message, attempt, outcome, is_resend, .. } => {
            let outcome = format!("{outcome:?}");
            let outcome = outcome.split(' ').next().unwrap_or_default();
            let resend = if *is_resend { " resend" } else { "" };
            format!("ended {}/{attempt} {outcome}{resend}", message.as_u128())
        }
        Event::SendingHeld { .. } => "held".to_owned(),
        Event::SendingResumed { .. } => "resumed".to_owned(),
        Event::SendingStopped { .. } => "stopped".to_owned(),
        Event::Emergency(event) => match event {
            emergency::Event::Raised(raised) => format!("raised {:?} {:?}", raised.of, raised.ways),
            emergency::Event::Intended(_)
            | emergency::Event::Ended { .. }
            | emergency::Event::Acknowledged { .. }
            | emergency::Event::Alarmed { .. } => "emergency".to_owned(),
        },
    }
}

#[test]
fn a_report_owes_next_steps_and_an_acknowledgement_at_once() {
    check(
        &[],
        (1, submit(by_email())),
        Ok(&[
            "opened 10 Submitted owed by 86400",
            "planned 11 Email 0..86400",
            "planned 12 Email 72000..86400",
        ]),
    );
}

#[test]
fn a_sensitive_report_is_not_acknowledged() {
    let new = Submission { is_sensitive: true, ..submission(by_email()) };
    check(
        &[],
        (1, Command::Submit { new, ids: ids(1) }),
        Ok(&["opened 10 Submitted owed by 86400", "planned 12 Email 72000..86400"]),
    );
}

#[test]
fn a_sensitive_report_is_acknowledged_if_the_reporter_asks_for_it() {
    let new = Submission { is_sensitive: true, acknowledge: true, ..submission(by_email()) };
    check(
        &[],
        (1, Command::Submit { new, ids: ids(1) }),
        Ok(&[
            "opened 10 Submitted owed by 86400",
            "planned 11 Email 0..86400",
            "planned 12 Email 72000..86400",
        ]),
    );
}

#[test]
fn the_control_room_is_told_of_a_report_and_of_an_addition_whatever_is_held() {
    let alert = || Some(Alert { id: id(90), content: None });
    let wishes = Wishes::default();
    let new = Submission { is_sensitive: true, alert: alert(), ..submission(wishes) };
    let submit = Command::Submit { new, ids: ids(1) };
    let raised = "raised Report [Webhook, Email]";
    check(&[], (1, submit.clone()), Ok(&["opened 10 Submitted not owed by 86400", raised]));
    let held = [(1, submit), (2, Command::Hold { at: at(2) })];
    let intend = emergency::Command::Intend {
        id: id(90),
        way: emergency::Way::Email,
        provider: "smtp",
        letter: id(90),
    };
    check(&held, (3, Command::Emergency(intend)), Ok(&["emergency"]));
    let added = Command::Reply { at: at(3), id: id(30), alert: alert() };
    let reply = "opened 30 Replied not owed by 86403";
    check(&held, (3, added), Ok(&[reply, "raised Details [Webhook, Email]"]));
}

#[test]
fn an_anonymous_report_owes_nothing_and_is_published_when_decided() {
    let anonymous = Wishes { anonymous: true, ..by_email() };
    check(&[], (1, submit(anonymous)), Ok(&["opened 10 Submitted not owed by 86400"]));
    check(&[(1, submit(anonymous))], (60, decide_at(60, 1)), Ok(&["kept 10 Published"]));
}

#[test]
fn a_text_without_means_is_for_a_person_at_once() {
    let text = Wishes { first: Way::Text, phone_is_safe: true, ..Wishes::default() };
    let means = Means { email: true, text: false };
    let events =
        decide(&Contact::default(), &submit(text), Given { now: at(1), means, room: ROOM })
            .unwrap();
    let said: Vec<String> = events.iter().map(say).collect();
    assert_eq!(said, ["opened 10 Submitted owed by 86400", "exhausted 10 no_channel"]);
}

#[test]
fn a_telephone_call_is_asked_for_when_there_is_something_to_say() {
    let phone = Wishes { first: Way::Telephone, phone_is_safe: true, ..Wishes::default() };
    check(&[], (1, submit(phone)), Ok(&["opened 10 Submitted owed by 86400"]));
    check(&[(1, submit(phone))], (60, decide_at(60, 1)), Ok(&["exhausted 10 person_wished"]));
}

#[test]
fn the_same_report_twice_changes_nothing() {
    check(&[(1, submit(by_email()))], (2, submit(by_email())), Ok(&[]));
}

#[test]
fn a_decision_plans_next_steps_and_the_holding_message_goes_no_more() {
    check(
        &[(1, submit(by_email()))],
        (60, decide_at(60, 1)),
        Ok(&["cancelled 12 decided", "planned 21 Email 60..86400"]),
    );
}

#[test]
fn accepted_next_steps_keep_what_is_owed() {
    check(
        &[(1, submit(by_email())), (60, decide_at(60, 1)), (61, intend(NEXT_STEPS))],
        (62, ended(NEXT_STEPS, 1, accepted())),
        Ok(&["ended 21/1 Accepted", "kept 10 Delivered"]),
    );
}

#[test]
fn a_decision_with_nothing_open_opens_its_own() {
    let kept = [
        (1, submit(by_email())),
        (60, decide_at(60, 1)),
        (61, intend(NEXT_STEPS)),
        (62, ended(NEXT_STEPS, 1, accepted())),
    ];
    check(
        &kept,
        (100, decide_at(100, 2)),
        Ok(&["opened 30 Decided owed by 86500", "planned 31 Email 100..86500"]),
    );
}

#[test]
fn a_reply_is_owed_an_answer_which_an_earlier_decision_does_not_give() {
    let replied = (50, Command::Reply { at: at(50), id: id(70), alert: None });
    let given = [(1, submit(by_email())), replied];
    check(&given[..1], given[1].clone(), Ok(&["opened 70 Replied owed by 86450"]));
    // The bureau had seen INTAKE up to 1: the report, and not the reply.
    let mut decided = given.to_vec();
    decided.extend([(60, decide_at(60, 1)), (61, intend(NEXT_STEPS))]);
    check(
        &decided,
        (62, ended(NEXT_STEPS, 1, accepted())),
        Ok(&["ended 21/1 Accepted", "kept 10 Delivered"]),
    );
}

#[test]
fn a_person_who_told_the_reporter_keeps_the_promise() {
    check(
        &[(1, submit(by_email()))],
        (90, Command::Told { at: at(90), seen: 1 }),
        Ok(&["cancelled 12 told", "kept 10 ByPerson"]),
    );
}

#[test]
fn nothing_goes_while_a_hold_stands() {
    let held = (5, Command::Hold { at: at(5) });
    let given = [(1, submit(by_email())), held];
    check(&given, (6, intend(ACKNOWLEDGEMENT)), Err(Rejection::NotDue));
    let mut resumed = given.to_vec();
    resumed.push((7, Command::Resume { at: at(7) }));
    check(&resumed, (8, intend(ACKNOWLEDGEMENT)), Ok(&["intended 11/1"]));
}

fn stop(seconds: i64) -> (i64, Command) {
    (seconds, Command::Stop { at: at(seconds) })
}

#[test]
fn when_the_reporter_says_stop_nothing_that_waits_goes() {
    let given = [(1, submit(by_email())), stop(5)];
    let then = ["stopped", "cancelled 11 stopped", "cancelled 12 stopped"];
    check(&given[..1], stop(5), Ok(&then));
    check(&given, stop(6), Ok(&[]));
    check(&given, (6, intend(ACKNOWLEDGEMENT)), Err(Rejection::NotDue));
    check(&given, (72_000, intend(HOLDING)), Err(Rejection::NotDue));
}

#[test]
fn after_a_stop_what_is_decided_is_published_and_nobody_is_asked_to_ring() {
    let given = [(1, submit(by_email())), stop(5)];
    check(&given, (79_200, Command::Review), Ok(&[]));
    check(&given, (60, decide_at(60, 1)), Ok(&["kept 10 Published"]));
    let reply = (50, Command::Reply { at: at(50), id: id(70), alert: None });
    check(&given, reply, Ok(&["opened 70 Replied not owed by 86450"]));
    let phone = Wishes { first: Way::Telephone, phone_is_safe: true, ..Wishes::default() };
    check(&[(1, submit(phone)), stop(5)], (60, decide_at(60, 1)), Ok(&["kept 10 Published"]));
}

#[test]
fn next_steps_that_wait_when_the_reporter_says_stop_are_on_the_status_page() {
    let mut given = vec![(1, submit(by_email())), (60, decide_at(60, 1))];
    let then = ["stopped", "cancelled 11 stopped", "cancelled 21 stopped", "kept 10 Published"];
    check(&given, stop(61), Ok(&then));
    // In retry as well.
    given.extend([
        (61, intend(NEXT_STEPS)),
        (62, ended(NEXT_STEPS, 1, Outcome::Unavailable)),
        stop(63),
    ]);
    check(&given, (900, intend(NEXT_STEPS)), Err(Rejection::NotDue));
}

#[test]
fn what_a_person_was_to_tell_when_the_reporter_says_stop_is_on_the_status_page() {
    let phone = Wishes { first: Way::Telephone, phone_is_safe: true, ..Wishes::default() };
    let rings = [(1, submit(phone)), (60, decide_at(60, 1))];
    check(&rings, stop(61), Ok(&["stopped", "kept 10 Published"]));
    let refused = [
        (1, submit(by_email())),
        (60, decide_at(60, 1)),
        (61, intend(NEXT_STEPS)),
        (62, ended(NEXT_STEPS, 1, Outcome::Refused)),
    ];
    let then = ["stopped", "cancelled 11 stopped", "kept 10 Published"];
    check(&refused, stop(63), Ok(&then));
}

#[test]
fn releasing_a_hold_does_not_undo_the_reporters_stop() {
    let given = [
        (1, submit(by_email())),
        (2, Command::Hold { at: at(2) }),
        stop(3),
        (4, Command::Resume { at: at(4) }),
    ];
    check(&given, (5, intend(ACKNOWLEDGEMENT)), Err(Rejection::NotDue));
    check(&given, (60, decide_at(60, 1)), Ok(&["kept 10 Published"]));
}

#[test]
fn what_is_with_the_provider_when_the_reporter_says_stop_is_told_as_it_ends_and_goes_once() {
    let given =
        [(1, submit(by_email())), (60, decide_at(60, 1)), (61, intend(NEXT_STEPS)), stop(62)];
    let then = |outcome| (63, ended(NEXT_STEPS, 1, outcome));
    check(&given, then(accepted()), Ok(&["ended 21/1 Accepted", "kept 10 Delivered"]));
    for (outcome, said) in [
        (Outcome::Unavailable, "ended 21/1 Unavailable"),
        (Outcome::NotSent, "ended 21/1 NotSent"),
        (Outcome::Refused, "ended 21/1 Refused"),
    ] {
        check(&given, then(outcome), Ok(&[said, "cancelled 21 stopped", "kept 10 Published"]));
    }
    check(&given, then(Outcome::InDoubt), Ok(&["ended 21/1 InDoubt"]));
}

#[test]
fn what_is_in_doubt_when_the_reporter_says_stop_is_asked_about_and_not_sent_again() {
    let given = [
        (1, submit(by_email())),
        (60, decide_at(60, 1)),
        (61, intend(NEXT_STEPS)),
        (62, ended(NEXT_STEPS, 1, Outcome::InDoubt)),
        stop(63),
    ];
    let ask = Command::Intend { message: id(NEXT_STEPS), provider: "folder", can_be_asked: true };
    check(&given, (70, ask), Err(Rejection::AskFirst));
    let called_off = ["cancelled 21 stopped", "kept 10 Published"];
    check(&given, (70, intend(NEXT_STEPS)), Ok(&called_off));
    // The address is safe no more, so no message is made of it.
    let unmade = Command::GiveUp { message: id(NEXT_STEPS), why: "no_address".to_owned() };
    check(&given, (70, unmade), Ok(&called_off));
    let found = (70, ended(NEXT_STEPS, 1, accepted()));
    check(&given, found, Ok(&["ended 21/1 Accepted", "kept 10 Delivered"]));
}

#[test]
fn a_stop_stands_though_the_submission_is_told_again() {
    let mut contact = after(&[(1, submit(by_email())), stop(2)]);
    let given = Given { now: at(1), means: MEANS, room: ROOM };
    for event in decide(&Contact::default(), &submit(by_email()), given).unwrap() {
        contact.evolve(&event, None);
    }
    assert!(!contact.wishes.email_is_safe && contact.stopped == Some(at(2)));
}

#[test]
fn one_attempt_at_a_time() {
    check(
        &[(1, submit(by_email())), (2, intend(ACKNOWLEDGEMENT))],
        (3, intend(ACKNOWLEDGEMENT)),
        Err(Rejection::NotDue),
    );
}

#[test]
fn an_unavailable_provider_is_tried_again_on_schedule() {
    let given = [
        (1, submit(by_email())),
        (2, intend(ACKNOWLEDGEMENT)),
        (3, ended(ACKNOWLEDGEMENT, 1, Outcome::Unavailable)),
    ];
    check(&given, (7, intend(ACKNOWLEDGEMENT)), Err(Rejection::NotDue));
    check(&given, (8, intend(ACKNOWLEDGEMENT)), Ok(&["intended 11/2"]));
}

#[test]
fn a_refusal_is_final_and_calls_for_a_person() {
    check(
        &[(1, submit(by_email())), (2, intend(ACKNOWLEDGEMENT))],
        (3, ended(ACKNOWLEDGEMENT, 1, Outcome::Refused)),
        Ok(&["ended 11/1 Refused", "given up 11 refused", "exhausted 10 refused"]),
    );
}

#[test]
fn doubt_is_resolved_by_one_counted_resend() {
    let doubted = [
        (1, submit(by_email())),
        (2, intend(ACKNOWLEDGEMENT)),
        (3, ended(ACKNOWLEDGEMENT, 1, Outcome::InDoubt)),
        (8, intend(ACKNOWLEDGEMENT)),
    ];
    check(&doubted[..3], (8, intend(ACKNOWLEDGEMENT)), Ok(&["intended 11/2"]));
    check(
        &doubted,
        (9, ended(ACKNOWLEDGEMENT, 2, accepted())),
        Ok(&["ended 11/2 Accepted resend"]),
    );
    check(
        &doubted,
        (9, ended(ACKNOWLEDGEMENT, 2, Outcome::InDoubt)),
        Ok(&["ended 11/2 InDoubt resend", "given up 11 in_doubt"]),
    );
}

#[test]
fn a_resend_that_could_not_leave_is_tried_again_as_the_same_resend() {
    let doubted = [
        (1, submit(by_email())),
        (2, intend(ACKNOWLEDGEMENT)),
        (3, ended(ACKNOWLEDGEMENT, 1, Outcome::InDoubt)),
        (8, intend(ACKNOWLEDGEMENT)),
        (9, ended(ACKNOWLEDGEMENT, 2, Outcome::Unavailable)),
        (60, intend(ACKNOWLEDGEMENT)),
    ];
    check(
        &doubted,
        (61, ended(ACKNOWLEDGEMENT, 3, Outcome::InDoubt)),
        Ok(&["ended 11/3 InDoubt resend", "given up 11 in_doubt"]),
    );
}

#[test]
fn a_provider_that_can_be_asked_is_asked_and_not_sent_to() {
    let doubted = [
        (1, submit(by_email())),
        (2, intend(ACKNOWLEDGEMENT)),
        (3, ended(ACKNOWLEDGEMENT, 1, Outcome::InDoubt)),
    ];
    let ask =
        Command::Intend { message: id(ACKNOWLEDGEMENT), provider: "folder", can_be_asked: true };
    check(&doubted, (8, ask.clone()), Err(Rejection::AskFirst));
    let not_there = (8, ended(ACKNOWLEDGEMENT, 1, Outcome::NotSent));
    check(&doubted, not_there.clone(), Ok(&["ended 11/1 NotSent"]));
    let mut known = doubted.to_vec();
    known.push(not_there);
    check(&known, (9, ask), Ok(&["intended 11/2"]));
}

#[test]
fn next_steps_that_stay_in_doubt_are_for_a_person() {
    let doubted = [
        (1, submit(by_email())),
        (60, decide_at(60, 1)),
        (61, intend(NEXT_STEPS)),
        (62, ended(NEXT_STEPS, 1, Outcome::InDoubt)),
        (67, intend(NEXT_STEPS)),
    ];
    check(
        &doubted,
        (68, ended(NEXT_STEPS, 2, Outcome::InDoubt)),
        Ok(&["ended 21/2 InDoubt resend", "given up 21 in_doubt", "exhausted 10 in_doubt"]),
    );
}

#[test]
fn an_outcome_that_is_told_twice_counts_once() {
    let given = [
        (1, submit(by_email())),
        (2, intend(ACKNOWLEDGEMENT)),
        (3, ended(ACKNOWLEDGEMENT, 1, accepted())),
    ];
    check(&given, (4, ended(ACKNOWLEDGEMENT, 1, accepted())), Ok(&[]));
}

#[test]
fn an_undecided_report_gets_a_holding_message_whose_time_is_owed() {
    let given = [(1, submit(by_email()))];
    check(&given, (71_999, intend(HOLDING)), Err(Rejection::NotDue));
    let mut intended = given.to_vec();
    intended.push((72_000, intend(HOLDING)));
    check(
        &intended,
        (72_001, ended(HOLDING, 1, accepted())),
        Ok(&["ended 12/1 Accepted", "opened 99 Holding owed by 172800"]),
    );
}

#[test]
fn a_decision_after_the_holding_message_keeps_both_obligations() {
    let given = [
        (1, submit(by_email())),
        (72_000, intend(HOLDING)),
        (72_001, ended(HOLDING, 1, accepted())),
        (73_000, decide_at(73_000, 1)),
        (73_001, intend(NEXT_STEPS)),
    ];
    check(
        &given,
        (73_002, ended(NEXT_STEPS, 1, accepted())),
        Ok(&["ended 21/1 Accepted", "kept 10 Delivered", "kept 99 Delivered"]),
    );
}

#[test]
fn a_holding_message_that_waited_too_long_is_not_sent() {
    let given = [(1, submit(by_email()))];
    check(&given, (DAY, intend(HOLDING)), Ok(&["given up 12 time_over"]));
}

#[test]
fn at_22_of_24_a_person_takes_over_what_no_message_has_told() {
    let given = [(1, submit(by_email()))];
    check(&given, (79_199, Command::Review), Ok(&[]));
    check(&given, (79_200, Command::Review), Ok(&["exhausted 10 time_short"]));
    let told = [
        (1, submit(by_email())),
        (72_000, intend(HOLDING)),
        (72_001, ended(HOLDING, 1, accepted())),
    ];
    check(&told, (79_200, Command::Review), Ok(&[]));
}

#[test]
fn the_time_that_a_holding_message_named_is_watched_in_its_place() {
    let told = |reply: i64| {
        [
            (1, submit(by_email())),
            (reply, Command::Reply { at: at(reply), id: id(30), alert: None }),
            (72_000, intend(HOLDING)),
            (72_001, ended(HOLDING, 1, accepted())),
        ]
    };
    // What was written before is answered by it as well.
    check(&told(36_000), (165_599, Command::Review), Ok(&[]));
    check(&told(36_000), (165_600, Command::Review), Ok(&["exhausted 99 time_short"]));
    let later = Command::Reply { at: at(73_000), id: id(31), alert: None };
    let since = told(36_000).into_iter().chain([(73_000, later)]).collect::<Vec<_>>();
    check(&since, (73_000 + 79_200, Command::Review), Ok(&["exhausted 31 time_short"]));
}

#[test]
fn a_reply_that_the_decision_had_not_seen_is_watched_again_when_the_named_time_is_kept() {
    let given = [
        (1, submit(by_email())),
        (71_000, Command::Reply { at: at(71_000), id: id(30), alert: None }),
        (72_000, intend(HOLDING)),
        (72_001, ended(HOLDING, 1, accepted())),
        (73_000, decide_at(73_000, 1)),
        (73_001, intend(NEXT_STEPS)),
        (73_002, ended(NEXT_STEPS, 1, accepted())),
    ];
    check(&given, (71_000 + 79_199, Command::Review), Ok(&[]));
    check(&given, (71_000 + 79_200, Command::Review), Ok(&["exhausted 30 time_short"]));
}

#[test]
fn late_next_steps_are_still_sent_but_not_for_ever() {
    let given = [(1, submit(by_email())), (60, decide_at(60, 1))];
    check(&given, (DAY + 1, intend(NEXT_STEPS)), Ok(&["intended 21/1"]));
    check(
        &given,
        (2 * DAY, intend(NEXT_STEPS)),
        Ok(&["given up 21 time_over", "exhausted 10 time_over"]),
    );
}

#[test]
fn words_are_forgotten_when_nobody_needs_them() {
    let contact = after(&[
        (1, submit(by_email())),
        (60, decide_at(60, 1)),
        (61, intend(NEXT_STEPS)),
        (62, ended(NEXT_STEPS, 1, accepted())),
    ]);
    let words = &contact.message(id(NEXT_STEPS)).unwrap().new.what;
    assert!(matches!(words, What::NextSteps { words: None, .. }));
}

#[test]
fn what_was_handled_is_known_by_its_cause() {
    let contact = after(&[(1, submit(by_email()))]);
    assert!(contact.has_seen(Cause { source: Source::Intake, position: 1 }));
    assert!(!contact.has_seen(Cause { source: Source::Intake, position: 2 }));
    assert!(!contact.has_seen(Cause { source: Source::Bureau, position: 1 }));
}

#[test]
fn the_fold_of_a_duplicated_history_is_the_same() {
    let mut events = vec![];
    let mut contact = Contact::default();
    for command in [submit(by_email()), decide_at(60, 1)] {
        for event in
            decide(&contact, &command, Given { now: at(60), means: MEANS, room: ROOM }).unwrap()
        {
            contact.evolve(&event, None);
            events.push(event);
        }
    }
    let mut again = contact.clone();
    for event in &events {
        again.evolve(event, None);
    }
    assert_eq!(again, contact);
}

#[test]
fn an_unknown_report_is_nobodys() {
    check(&[], (60, decide_at(60, 1)), Err(Rejection::NotKnown));
}

const LINK: u128 = 51;

fn send_link(channel: Channel) -> Command {
    let contact = Some(Sealed(vec![7]));
    let minute = 12 * 60;
    let asked = Asked { channel, at: at(0), minute, kept_until: at(7 * DAY), contact };
    let text_hours = Hours::parse("08:00-21:00").unwrap();
    let terms = Terms { text_hours, within: jiff::SignedDuration::from_hours(1) };
    Command::SendLink { asked, terms, id: id(LINK) }
}

#[test]
fn where_a_saved_form_is_is_told_once_to_the_way_that_is_private_and_owes_nothing() {
    for channel in [Channel::Email, Channel::Text] {
        let given = [(1, send_link(channel))];
        let contact = after(&given);
        assert!(contact.is_known() && !contact.is_of_a_report());
        assert!(contact.obligations.is_empty());
        let is_email = channel == Channel::Email;
        let wishes = contact.wishes;
        assert_eq!((wishes.email_is_safe, wishes.phone_is_safe), (is_email, !is_email));
        assert_eq!(contact.contact, Some(Sealed(vec![7])));
        check(&given, (2, send_link(channel)), Ok(&[]));
        check(&given, (2, intend(LINK)), Ok(&["intended 51/1"]));
        check(&given, (2 * DAY, Command::Review), Ok(&[]));
        let sent = [given[0].clone(), (2, intend(LINK))];
        check(&sent, (3, ended(LINK, 1, accepted())), Ok(&["ended 51/1 Accepted"]));
    }
}

#[test]
fn where_a_saved_form_is_is_tried_for_an_hour_and_then_nobody_is_asked() {
    let mut given = vec![(1, send_link(Channel::Email))];
    given.push((1, intend(LINK)));
    given.push((2, ended(LINK, 1, Outcome::Unavailable)));
    check(&given, (6, intend(LINK)), Err(Rejection::NotDue));
    check(&given, (7, intend(LINK)), Ok(&["intended 51/2"]));
    check(&given, (3_599, intend(LINK)), Ok(&["intended 51/2"]));
    check(&given, (3_600, intend(LINK)), Ok(&["given up 51 time_over"]));
    let given = [(1, send_link(Channel::Email)), (1, intend(LINK))];
    let refused = ended(LINK, 1, Outcome::Refused);
    check(&given, (2, refused), Ok(&["ended 51/1 Refused", "given up 51 refused"]));
}
