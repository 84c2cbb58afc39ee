use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::state::retry_after;
use super::*;
use crate::domain::contact::Rejection;

const ID: Uuid = Uuid::from_u128(1);
const BOTH: Room =
    Room { webhook: true, email: true, on_call: 2, patience: SignedDuration::from_mins(5) };

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000 + millis).unwrap()
}

fn intend(way: Way) -> Command {
    Command::Intend { id: ID, way, provider: "webhook", letter: ID }
}

fn end(way: Way, attempt: u32, outcome: Outcome) -> Command {
    let detail = String::new();
    Command::End { id: ID, way, attempt, outcome, detail, acknowledged: false }
}

fn acknowledge(by: &str) -> Command {
    Command::Acknowledge { id: ID, by: by.to_owned() }
}

const ALARM: Command = Command::Alarm { id: ID };

/// What `commands` leave, each at its time.
fn after(room: Room, commands: &[(i64, Command)]) -> Vec<Emergency> {
    let mut emergencies = vec![];
    let alert = Alert { id: ID, content: None };
    evolve(&mut emergencies, &raise(&alert, Of::Report, "7K4M-2TQ9", at(0), room));
    for (millis, command) in commands {
        for event in decide(&emergencies, command, at(*millis), room).unwrap() {
            evolve(&mut emergencies, &event);
        }
    }
    emergencies
}

fn answer(
    room: Room,
    given: &[(i64, Command)],
    millis: i64,
    command: &Command,
) -> Result<Vec<Event>, Rejection> {
    decide(&after(room, given), command, at(millis), room)
}

fn next_at(emergencies: &[Emergency], way: Way) -> Option<Timestamp> {
    emergencies[0].letter(way).unwrap().next_at
}

#[test]
fn every_way_that_is_set_is_used_at_once() {
    let both = after(BOTH, &[]);
    assert_eq!(next_at(&both, Way::Webhook), Some(at(0)));
    assert_eq!(next_at(&both, Way::Email), Some(at(0)));
    let one = after(Room { webhook: false, ..BOTH }, &[]);
    assert_eq!(one[0].raised.ways, [Way::Email]);
}

#[test]
fn one_attempt_runs_at_a_time_by_each_way() {
    let running = [(0, intend(Way::Webhook))];
    assert_eq!(answer(BOTH, &running, 1, &intend(Way::Webhook)), Err(Rejection::NotDue));
    assert_eq!(answer(BOTH, &running, 1, &intend(Way::Email)).map(|events| events.len()), Ok(1));
}

#[test]
fn what_failed_or_is_in_doubt_is_tried_again_until_it_is_delivered() {
    for outcome in [Outcome::Failed, Outcome::InDoubt] {
        let given = [(0, intend(Way::Webhook)), (10, end(Way::Webhook, 1, outcome))];
        assert_eq!(next_at(&after(BOTH, &given), Way::Webhook), Some(at(510)));
        assert_eq!(answer(BOTH, &given, 509, &intend(Way::Webhook)), Err(Rejection::NotDue));
        let again = answer(BOTH, &given, 510, &intend(Way::Webhook)).unwrap();
        assert!(matches!(&again[..], [Event::Intended(Intended { attempt: 2, .. })]));
    }
    let given = [(0, intend(Way::Webhook)), (10, end(Way::Webhook, 1, Outcome::Delivered))];
    let delivered = after(BOTH, &given);
    assert_eq!(next_at(&delivered, Way::Webhook), None);
    assert_eq!(next_at(&delivered, Way::Email), Some(at(0)), "the other way is used all the same");
    assert!(!delivered[0].is_nowhere() && delivered[0].acknowledged.is_none());
}

#[test]
fn retries_come_quickly_and_do_not_end() {
    let waits: Vec<i128> =
        [1, 2, 3, 4, 5, 240, 241, u32::MAX].map(|n| retry_after(n).as_millis()).to_vec();
    assert_eq!(waits, [500, 1_000, 2_000, 5_000, 15_000, 15_000, 300_000, 300_000]);
}

#[test]
fn what_was_in_doubt_may_turn_out_to_have_been_delivered() {
    let lost = [(0, intend(Way::Webhook)), (10, end(Way::Webhook, 1, Outcome::InDoubt))];
    let late = answer(BOTH, &lost, 20, &end(Way::Webhook, 1, Outcome::Delivered)).unwrap();
    assert_eq!(late.len(), 1);
    assert_eq!(answer(BOTH, &lost, 20, &end(Way::Webhook, 1, Outcome::Failed)), Ok(vec![]));
}

#[test]
fn an_acknowledgement_ends_everything_and_the_first_one_stands() {
    let given = [
        (0, intend(Way::Webhook)),
        (20, acknowledge("triager-1")),
        (30, end(Way::Webhook, 1, Outcome::Failed)),
    ];
    let over = after(BOTH, &given);
    assert_eq!(over[0].acknowledged, Some(("triager-1".to_owned(), at(20))));
    assert_eq!((next_at(&over, Way::Webhook), next_at(&over, Way::Email)), (None, None));
    assert_eq!(over[0].waits_since(), None);
    assert_eq!(answer(BOTH, &given, 40, &acknowledge("control_room")), Ok(vec![]));
    assert_eq!(answer(BOTH, &given, 900_000, &ALARM), Ok(vec![]));
}

#[test]
fn the_control_rooms_system_acknowledges_in_its_answer() {
    let answered = Command::End {
        id: ID,
        way: Way::Webhook,
        attempt: 1,
        outcome: Outcome::Delivered,
        detail: String::new(),
        acknowledged: true,
    };
    let over = after(BOTH, &[(0, intend(Way::Webhook)), (9, answered)]);
    assert_eq!(over[0].acknowledged, Some(("control_room".to_owned(), at(9))));
}

#[test]
fn without_an_acknowledgement_the_alarm_is_raised_again_and_again() {
    assert_eq!(answer(BOTH, &[], 299_999, &ALARM), Ok(vec![]));
    let first = [(300_000, ALARM)];
    let alarmed = after(BOTH, &first);
    assert_eq!(alarmed[0].alarms, 1);
    for person in [1, 2] {
        assert_eq!(next_at(&alarmed, Way::OnCall { round: 1, person }), Some(at(300_000)));
    }
    assert_eq!(answer(BOTH, &first, 599_999, &ALARM), Ok(vec![]));
    let second = after(BOTH, &[(300_000, ALARM), (600_000, ALARM)]);
    assert_eq!(next_at(&second, Way::OnCall { round: 1, person: 1 }), None);
    assert_eq!(next_at(&second, Way::OnCall { round: 2, person: 2 }), Some(at(600_000)));
}

#[test]
fn without_a_control_room_the_alarm_is_raised_at_once() {
    let none = Room { webhook: false, email: false, ..BOTH };
    let events = answer(none, &[], 0, &ALARM).unwrap();
    assert!(matches!(events[..], [Event::Alarmed { why: Why::NoControlRoom, number: 1, .. }]));
    assert_eq!(answer(none, &[(0, ALARM)], 1, &ALARM), Ok(vec![]));
    assert!(after(none, &[])[0].is_nowhere() && !after(none, &[(0, ALARM)])[0].is_nowhere());
}

#[test]
fn a_way_is_read_as_it_is_written() {
    for way in [Way::Webhook, Way::Email, Way::OnCall { round: 2, person: 1 }] {
        assert_eq!(Way::parse(&way.to_string()), Some(way));
    }
    assert_eq!(Way::parse("on_call/2"), None);
}
