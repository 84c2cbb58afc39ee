//! What comes first in the list; times are told in hours since the submission.

use jiff::ToSpan as _;

use super::*;
use crate::domain::case::{Decided, Kept, Opened};
use crate::domain::decision::{Decision, DecisionKind};
use crate::domain::words::Kind;

const NOBODY: Uuid = Uuid::nil();

fn hour(hour: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + hour.hours()
}

fn withdrawn(at: i64) -> Event {
    Event::WithdrawalReceived { at: hour(at) }
}

fn replied(at: i64, flags: &[Flag]) -> Event {
    Event::ReplyReceived { at: hour(at), flags: flags.to_vec(), finished: false }
}

fn decided(at: i64) -> Event {
    Event::Decided(Box::new(Decided {
        by: "t".into(),
        at: hour(at),
        number: 1,
        assessment: 0,
        decision: Decision {
            kind: DecisionKind::Allocate,
            reason: "response".into(),
            team: "response".into(),
            officer: String::new(),
        },
        words: Kept::Sealed,
    }))
}

/// The rank of a case with these flags after these acts, when the clock has looked at `at`.
#[track_caller]
fn check(flags: &[Flag], acts: &[Event], at: i64, then: Rank) {
    check_of(Kind::Crime, flags, acts, at, then);
}

#[track_caller]
fn check_of(kind: Kind, flags: &[Flag], acts: &[Event], at: i64, then: Rank) {
    let opened = Opened {
        reference: "R".into(),
        kind: kind.as_str().into(),
        submitted_at: hour(0),
        contact_by: hour(24),
        plan: Plan {
            channel: None,
            second_channel: None,
            email_is_safe: false,
            phone_is_safe: false,
            post_is_safe: false,
            anonymous: true,
        },
        flags: flags.to_vec(),
        continues: true,
    };
    let mut promise = Promise::new(&opened);
    let mut open = Open::new(&opened);
    for act in acts {
        promise.evolve(act);
        open.evolve(act);
    }
    for fact in promise.follow_up(hour(at), NOBODY) {
        promise.learn(&fact);
    }
    assert_eq!(Rank::of(&open, &promise), then);
}

#[test]
fn what_cannot_wait_goes_before_what_is_at_risk_and_that_before_a_withdrawal() {
    for urgent in [Flag::EmergencyDeclared, Flag::Priority1] {
        check(&[urgent], &[], 1, Rank::Urgent);
        check(&[urgent], &[withdrawn(1)], 18, Rank::Urgent);
    }
    check(&[Flag::Priority2, Flag::Safeguarding], &[], 1, Rank::Owed);
    check(&[], &[], 17, Rank::Owed);
    check(&[], &[], 18, Rank::AtRisk);
    check(&[], &[withdrawn(1)], 18, Rank::AtRisk);
    check(&[], &[withdrawn(1)], 17, Rank::CameBack);
}

#[test]
fn what_is_decided_is_on_top_no_more_until_something_new_comes() {
    check(&[Flag::Priority1], &[withdrawn(1), decided(2)], 18, Rank::Settled);
    check(&[], &[decided(2), withdrawn(3)], 4, Rank::CameBack);
    check(&[], &[decided(2), replied(3, &[])], 4, Rank::Owed);
    check(&[Flag::Priority1], &[decided(2), replied(3, &[])], 4, Rank::Urgent);
}

#[test]
fn what_has_got_worse_is_on_top_until_it_is_decided_anew() {
    check(&[], &[decided(2), replied(3, &[Flag::Priority2])], 4, Rank::CameBack);
    let danger = [Flag::EmergencyDeclared, Flag::EmergencyCannotCall, Flag::Priority1];
    check(&[], &[decided(2), replied(3, &danger)], 4, Rank::CannotCall);
    check(&[], &[replied(3, &danger), decided(4)], 5, Rank::Settled);
    check(&[], &[replied(3, &[Flag::Priority2]), decided(4), replied(5, &[])], 6, Rank::Owed);
}

#[test]
fn somebody_missing_goes_before_all_but_who_cannot_call_however_long_it_stays_unfinished() {
    let (missing, p1) = (Kind::Missing, [Flag::Priority1]);
    check(&[Flag::EmergencyCannotCall], &[], 1, Rank::CannotCall);
    check_of(missing, &[Flag::Priority1, Flag::EmergencyCannotCall], &[], 1, Rank::CannotCall);
    for at in [1, 18, 48] {
        check_of(missing, &p1, &[], at, Rank::LookedFor);
        check_of(missing, &p1, &[withdrawn(1), replied(2, &[])], at, Rank::LookedFor);
    }
    let finished = Event::WritingFinished { at: hour(1) };
    check_of(missing, &p1, std::slice::from_ref(&finished), 2, Rank::LookedFor);
    check_of(missing, &p1, &[decided(2)], 3, Rank::Settled);
    check_of(missing, &p1, &[decided(2), finished], 3, Rank::Settled);
}

#[test]
fn what_is_looked_for_and_said_to_be_found_is_on_top_until_it_is_decided() {
    let found = |at| Event::FoundReported { at: hour(at) };
    for (kind, rank) in [
        (Kind::Missing, Rank::LookedFor),
        (Kind::VehicleStolen, Rank::LookedFor),
        (Kind::Crime, Rank::CameBack),
    ] {
        check_of(kind, &[], &[decided(2), found(3)], 4, rank);
        check_of(kind, &[], &[found(3), decided(4)], 5, Rank::Settled);
    }
    // What somebody adds after that is as urgent as the case.
    let later = [found(3), decided(4), replied(5, &[])];
    check_of(Kind::VehicleStolen, &[], &later, 6, Rank::Urgent);
}

#[test]
fn the_numbers_that_rows_and_cursors_have_are_in_the_order_of_the_ranks() {
    assert!(Rank::ALL.is_sorted_by_key(|rank| rank.number()) && Rank::ALL.is_sorted());
}
