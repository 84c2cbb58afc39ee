//! A promise of 24 hours; times are told in hours since the submission.

use jiff::ToSpan as _;

use super::*;
use crate::domain::case::{Event, Kept};
use crate::domain::decision::{Decision, DecisionKind};
use crate::domain::words::{ContactHow, ContactOutcome};

const EMAIL: Plan = Plan {
    channel: Some(Channel::Email),
    second_channel: None,
    email_is_safe: true,
    phone_is_safe: false,
    post_is_safe: false,
    anonymous: false,
};
const TELEPHONE: Plan = Plan { channel: Some(Channel::Telephone), phone_is_safe: true, ..EMAIL };
const ANONYMOUS: Plan = Plan { anonymous: true, ..EMAIL };
const TASK: Uuid = Uuid::from_u128(7);
const MESSAGE: Uuid = Uuid::from_u128(1);

fn hour(hour: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + hour.hours()
}

/// What happened, in the words of a test.
enum Happened {
    Case(Event),
    Fact(Fact),
    /// The clock looks, and says what is due.
    Clock(i64),
}

fn decided(at: i64, number: u32) -> Happened {
    Happened::Case(Event::Decided(Box::new(Decided {
        by: "t".into(),
        at: hour(at),
        number,
        assessment: 0,
        decision: Decision {
            kind: DecisionKind::Allocate,
            reason: "response".into(),
            team: "response".into(),
            officer: String::new(),
        },
        words: Kept::Sealed,
    })))
}

fn replied(at: i64) -> Happened {
    Happened::Case(Event::ReplyReceived { at: hour(at), flags: vec![], finished: false })
}

fn files(at: i64) -> Happened {
    Happened::Case(Event::EvidenceReceived { at: hour(at), files: 1 })
}

fn found(at: i64) -> Happened {
    Happened::Case(Event::FoundReported { at: hour(at) })
}

fn stopped(at: i64) -> Happened {
    Happened::Case(Event::StopReceived { at: hour(at) })
}

fn contacted(at: i64, how: ContactHow, outcome: ContactOutcome) -> Happened {
    let contact = Contact { by: "t".into(), at: hour(at), how, outcome, note: Kept::Sealed };
    Happened::Case(Event::ContactRecorded(contact))
}

fn message(what: MessageWhat, decision: u32, state: ContactState) -> Happened {
    let message = Message { id: MESSAGE, what, decision, again_by: None, state };
    Happened::Fact(Fact::Message { message, at: hour(0) })
}

/// A holding message that names the 48th hour.
fn holding(state: ContactState) -> Happened {
    let again_by = Some(hour(48));
    let message = Message { id: MESSAGE, what: MessageWhat::Holding, decision: 0, again_by, state };
    Happened::Fact(Fact::Message { message, at: hour(20) })
}

fn given(plan: Plan, history: Vec<Happened>) -> Promise {
    let mut promise = Promise::new(&Opened {
        reference: "R".into(),
        kind: "crime".into(),
        submitted_at: hour(0),
        contact_by: hour(24),
        plan,
        flags: vec![],
        continues: false,
    });
    for happened in history {
        match happened {
            Happened::Case(event) => promise.evolve(&event),
            Happened::Fact(fact) => promise.learn(&fact),
            Happened::Clock(at) => {
                for fact in promise.follow_up(hour(at), TASK) {
                    promise.learn(&fact);
                }
            }
        }
    }
    promise
}

/// Given a plan and a history: what is next due when, and what is due at `at`?
#[track_caller]
fn check(plan: Plan, history: Vec<Happened>, next: Option<i64>, at: i64, due: &[Fact]) {
    let promise = given(plan, history);
    assert_eq!(promise.next_at(), next.map(hour));
    assert_eq!(promise.follow_up(hour(at), TASK), due);
}

fn at_risk(due: i64) -> Fact {
    Fact::AtRisk { due: hour(due) }
}

fn task(why: TaskWhy, due: i64) -> Fact {
    Fact::TaskOpened { task: TASK, why, due: hour(due) }
}

#[test]
fn without_a_decision_it_is_at_risk_at_18_and_a_persons_task_at_22() {
    check(EMAIL, vec![], Some(18), 17, &[]);
    check(EMAIL, vec![], Some(18), 18, &[at_risk(24)]);
    check(EMAIL, vec![Happened::Clock(18)], Some(22), 21, &[]);
    check(EMAIL, vec![Happened::Clock(18)], Some(22), 22, &[task(TaskWhy::NotDelivered, 24)]);
    check(EMAIL, vec![Happened::Clock(22)], None, 24, &[]);
}

#[test]
fn a_decision_in_time_leaves_only_the_telling_to_watch() {
    check(EMAIL, vec![decided(2, 1)], Some(22), 18, &[]);
    let accepted = message(MessageWhat::NextSteps, 1, ContactState::Accepted);
    check(EMAIL, vec![decided(2, 1), accepted], None, 24, &[]);
}

#[test]
fn a_failed_message_leaves_the_task_to_come() {
    let failed = message(MessageWhat::NextSteps, 1, ContactState::Failed);
    let due = [task(TaskWhy::NotDelivered, 24)];
    check(EMAIL, vec![decided(2, 1), failed], Some(22), 23, &due);
}

#[test]
fn the_time_that_a_holding_message_names_is_watched_like_the_first() {
    let told = || vec![Happened::Clock(18), holding(ContactState::Accepted)];
    check(EMAIL, told(), Some(46), 45, &[]);
    check(EMAIL, told(), Some(46), 46, &[task(TaskWhy::NotDelivered, 48)]);
    let and = |then| told().into_iter().chain([then]).collect();
    check(EMAIL, and(Happened::Clock(46)), None, 48, &[]);
    check(EMAIL, and(contacted(23, ContactHow::Telephone, ContactOutcome::Told)), None, 48, &[]);
}

#[test]
fn a_holding_message_that_has_not_gone_or_names_no_time_changes_nothing() {
    for state in [ContactState::Owed, ContactState::Sending, ContactState::Failed] {
        check(EMAIL, vec![Happened::Clock(18), holding(state)], Some(22), 21, &[]);
    }
    let timeless = message(MessageWhat::Holding, 0, ContactState::Accepted);
    check(EMAIL, vec![Happened::Clock(18), timeless], Some(22), 21, &[]);
}

#[test]
fn a_decision_after_a_holding_message_is_owed_by_the_earlier_of_both_times() {
    let told =
        |decision| vec![Happened::Clock(18), holding(ContactState::Accepted), decided(decision, 1)];
    check(EMAIL, told(23), Some(45), 45, &[task(TaskWhy::NotDelivered, 47)]);
    check(EMAIL, told(30), Some(46), 46, &[task(TaskWhy::NotDelivered, 48)]);
    let next_steps = message(MessageWhat::NextSteps, 1, ContactState::Accepted);
    check(EMAIL, told(23).into_iter().chain([next_steps]).collect(), None, 48, &[]);
}

#[test]
fn a_holding_message_that_arrives_behind_the_decision_ends_nothing() {
    let late = || holding(ContactState::Accepted);
    check(EMAIL, vec![decided(19, 1), late()], Some(22), 21, &[]);
    let told = message(MessageWhat::NextSteps, 1, ContactState::Accepted);
    check(EMAIL, vec![decided(2, 1), told, replied(10), late()], Some(28), 27, &[]);
}

#[test]
fn a_holding_message_does_not_take_a_task_away() {
    let history = || vec![Happened::Clock(22), holding(ContactState::Accepted)];
    check(EMAIL, history(), None, 47, &[]);
    assert_eq!(given(EMAIL, history()).task.map(|task| task.id), Some(TASK));
}

#[test]
fn a_reply_after_a_person_has_told_the_undecided_is_owed_an_answer() {
    let told = contacted(12, ContactHow::Telephone, ContactOutcome::Told);
    let history = vec![told, replied(13), Happened::Clock(18)];
    check(EMAIL, history, Some(35), 35, &[task(TaskWhy::NotDelivered, 37)]);
}

#[test]
fn what_a_person_has_told_undecided_is_owed_anew_with_the_decision() {
    let told = || contacted(23, ContactHow::Telephone, ContactOutcome::Told);
    let done = Happened::Fact(Fact::TaskDone { task: TASK, how: TaskHow::ByPerson });
    check(EMAIL, vec![Happened::Clock(22), told(), done, decided(23, 1)], Some(45), 44, &[]);
}

#[test]
fn the_acknowledgement_keeps_nothing() {
    let accepted = message(MessageWhat::Acknowledgement, 0, ContactState::Accepted);
    check(EMAIL, vec![accepted], Some(18), 22, &[at_risk(24), task(TaskWhy::NotDelivered, 24)]);
}

#[test]
fn telephone_chosen_is_a_task_at_the_decision() {
    check(TELEPHONE, vec![], Some(18), 17, &[]);
    check(TELEPHONE, vec![decided(2, 1)], Some(0), 2, &[task(TaskWhy::TelephoneChosen, 24)]);
    check(TELEPHONE, vec![decided(2, 1), Happened::Clock(2)], None, 22, &[]);
}

#[test]
fn a_task_ends_when_somebody_has_spoken_with_the_reporter() {
    let told = |how| contacted(23, how, ContactOutcome::Told);
    let by_person = [Fact::TaskDone { task: TASK, how: TaskHow::ByPerson }];
    check(EMAIL, vec![Happened::Clock(22), told(ContactHow::Telephone)], None, 23, &by_person);
    check(EMAIL, vec![Happened::Clock(22), told(ContactHow::Post)], None, 23, &[]);
    let left = contacted(23, ContactHow::Visit, ContactOutcome::MessageLeft);
    check(EMAIL, vec![Happened::Clock(22), left], None, 23, &[]);
}

#[test]
fn a_task_ends_when_the_next_steps_arrive_after_all() {
    let late = message(MessageWhat::NextSteps, 1, ContactState::Accepted);
    let delivered = [Fact::TaskDone { task: TASK, how: TaskHow::Delivered }];
    check(EMAIL, vec![decided(2, 1), Happened::Clock(22), late], None, 23, &delivered);
}

#[test]
fn a_message_about_an_older_decision_tells_nothing_about_the_newer() {
    let first = message(MessageWhat::NextSteps, 1, ContactState::Accepted);
    let promise = given(EMAIL, vec![decided(2, 1), decided(3, 2), first]);
    assert_eq!((promise.contact, promise.next_at()), (ContactState::Owed, Some(hour(22))));
}

#[test]
fn one_more_entry_of_a_diary_is_no_promise() {
    let entry = || Happened::Case(Event::EntryKept { at: hour(10) });
    let told = || message(MessageWhat::NextSteps, 1, ContactState::Accepted);
    let before = || vec![decided(2, 1), told()];
    let after = before().into_iter().chain([entry()]).collect();
    assert_eq!(given(EMAIL, after), given(EMAIL, before()));
    assert_eq!(given(EMAIL, vec![entry()]), given(EMAIL, vec![]));
}

#[test]
fn a_reply_is_a_promise_of_its_own() {
    let told = || message(MessageWhat::NextSteps, 1, ContactState::Accepted);
    check(EMAIL, vec![decided(2, 1), told(), replied(10)], Some(28), 28, &[at_risk(34)]);
    // So is what is said to be found; that the reporter has told all is owed nothing.
    check(EMAIL, vec![decided(2, 1), told(), found(10)], Some(28), 28, &[at_risk(34)]);
    check(EMAIL, vec![decided(2, 1), told(), files(10)], Some(28), 28, &[at_risk(34)]);
    let finished = Happened::Case(Event::WritingFinished { at: hour(10) });
    check(EMAIL, vec![decided(2, 1), told(), finished], None, 28, &[]);
    // The answer to the first decision may arrive after the reply: the reply is still owed.
    check(EMAIL, vec![decided(2, 1), replied(10), told()], Some(28), 28, &[at_risk(34)]);
    // Something added before any decision is covered by the first promise, and by the time that a
    // holding message names.
    check(EMAIL, vec![replied(10)], Some(18), 17, &[]);
    let holding = holding(ContactState::Accepted);
    check(EMAIL, vec![Happened::Clock(18), replied(19), holding], Some(46), 45, &[]);
}

#[test]
fn a_later_decision_is_owed_within_d_of_it() {
    let told = message(MessageWhat::NextSteps, 1, ContactState::Accepted);
    let due = [task(TaskWhy::NotDelivered, 74)];
    check(EMAIL, vec![decided(2, 1), told, decided(50, 2)], Some(72), 72, &due);
}

#[test]
fn nobody_is_told_where_nothing_is_owed_but_a_decision_is() {
    check(ANONYMOUS, vec![], Some(18), 24, &[at_risk(24)]);
    check(ANONYMOUS, vec![decided(2, 1)], None, 24, &[]);
    assert_eq!(given(ANONYMOUS, vec![decided(2, 1)]).contact, ContactState::NotOwed);
}

#[test]
fn only_a_safe_way_is_a_way() {
    let unsafe_email = Plan { email_is_safe: false, ..EMAIL };
    assert_eq!(unsafe_email.way(), Way::NotOwed);
    let second = Plan { second_channel: Some(Channel::Text), phone_is_safe: true, ..unsafe_email };
    assert_eq!(second.way(), Way::Message);
    assert_eq!(TELEPHONE.way(), Way::Person(TaskWhy::TelephoneChosen));
    assert_eq!(Plan { phone_is_safe: false, ..TELEPHONE }.way(), Way::NotOwed);
    let post = Plan { channel: Some(Channel::Post), post_is_safe: true, ..EMAIL };
    assert_eq!(post.way(), Way::Person(TaskWhy::PostChosen));
    assert_eq!(Plan { post_is_safe: false, ..post }.way(), Way::NotOwed);
    assert_eq!(Plan { channel: Some(Channel::Nothing), ..EMAIL }.way(), Way::NotOwed);
}

#[test]
fn after_a_stop_a_supervisor_looks_for_a_safe_way_at_once_and_nobody_rings() {
    let seek = |due| task(TaskWhy::FindSafeWay, due);
    check(EMAIL, vec![stopped(3)], Some(3), 3, &[seek(24)]);
    check(EMAIL, vec![stopped(3), Happened::Clock(3)], Some(18), 17, &[]);
    // What is decided stands on the status page: nothing is owed, and the supervisor goes on.
    let decided_after = || vec![stopped(3), Happened::Clock(3), decided(4, 1)];
    check(EMAIL, decided_after(), None, 48, &[]);
    let promise = given(EMAIL, decided_after());
    assert_eq!((promise.contact, promise.due()), (ContactState::Stopped, None));
    assert_eq!(promise.task.map(|task| task.why), Some(TaskWhy::FindSafeWay));
    // A reply is owed a decision, and no telling.
    let replied_after = decided_after().into_iter().chain([replied(30)]).collect();
    check(EMAIL, replied_after, Some(48), 48, &[at_risk(54)]);
    let late = |at| decided_after().into_iter().chain([decided(at, 2)]).collect();
    check(EMAIL, late(50), None, 99, &[]);
}

#[test]
fn a_task_that_would_ring_ends_with_a_stop() {
    let over = Fact::TaskDone { task: TASK, how: TaskHow::Stopped };
    let rings = || vec![decided(2, 1), Happened::Clock(2)];
    let then = || rings().into_iter().chain([stopped(5)]).collect::<Vec<_>>();
    check(TELEPHONE, then(), Some(5), 5, &[over, task(TaskWhy::FindSafeWay, 24)]);
    let both = then().into_iter().chain([Happened::Clock(5)]).collect();
    check(TELEPHONE, both, None, 48, &[]);
}

#[test]
fn a_stop_when_nothing_is_owed_gives_the_supervisor_a_whole_promise() {
    let told = message(MessageWhat::NextSteps, 1, ContactState::Accepted);
    let due = [task(TaskWhy::FindSafeWay, 54)];
    check(EMAIL, vec![decided(2, 1), told, stopped(30)], Some(30), 30, &due);
}

#[test]
fn what_was_with_the_provider_when_contact_was_stopped_ends_nothing() {
    let history = || {
        let accepted = message(MessageWhat::NextSteps, 1, ContactState::Accepted);
        vec![decided(2, 1), stopped(3), Happened::Clock(3), accepted]
    };
    let promise = given(EMAIL, history());
    assert_eq!(promise.contact, ContactState::Stopped);
    assert_eq!(promise.task.map(|task| task.why), Some(TaskWhy::FindSafeWay));
    exhausted(EMAIL, history(), 24, &[]);
}

#[test]
fn a_supervisor_is_done_when_somebody_has_spoken_with_the_reporter() {
    let told = contacted(6, ContactHow::Visit, ContactOutcome::Told);
    let by_person = [Fact::TaskDone { task: TASK, how: TaskHow::ByPerson }];
    check(EMAIL, vec![stopped(3), Happened::Clock(3), told], Some(18), 6, &by_person);
}

#[test]
fn a_stop_where_no_way_was_used_is_shown_and_is_nobodys_task() {
    check(ANONYMOUS, vec![stopped(3)], Some(18), 17, &[]);
    let decided = vec![stopped(3), decided(4, 1)];
    assert_eq!(given(ANONYMOUS, decided).contact, ContactState::Stopped);
}

fn next_steps(decision: u32, state: ContactState) -> Message {
    Message { id: MESSAGE, what: MessageWhat::NextSteps, decision, again_by: None, state }
}

#[track_caller]
fn notices(history: Vec<Happened>, messages: &[Message], notice: Notice, then: &[ContactState]) {
    let facts = given(EMAIL, history).notice(messages, notice, hour(3), TASK).unwrap();
    let states: Vec<ContactState> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Message { message, .. } => Some(message.state),
            Fact::AtRisk { .. } | Fact::TaskOpened { .. } | Fact::TaskDone { .. } => None,
        })
        .collect();
    assert_eq!(states, then);
}

#[test]
fn a_message_goes_from_owed_to_accepted_and_says_each_thing_once() {
    let next = |state| next_steps(1, state);
    let (owed, sending) = (next(ContactState::Owed), next(ContactState::Sending));
    let accepted = next(ContactState::Accepted);
    let (what, again_by) = (MessageWhat::NextSteps, None);
    let planned = Notice::Planned { id: MESSAGE, what, decision: 1, again_by };
    notices(vec![decided(1, 1)], &[], planned, &[ContactState::Owed]);
    notices(vec![decided(1, 1)], &[owed], planned, &[]);
    notices(vec![], &[owed], Notice::Sending { id: MESSAGE }, &[ContactState::Sending]);
    notices(vec![], &[sending], Notice::Sending { id: MESSAGE }, &[]);
    notices(vec![], &[sending], Notice::Accepted { id: MESSAGE }, &[ContactState::Accepted]);
    notices(vec![], &[accepted], Notice::Accepted { id: MESSAGE }, &[]);
    notices(vec![], &[accepted], Notice::GivenUp { id: MESSAGE }, &[]);
    notices(vec![], &[sending], Notice::GivenUp { id: MESSAGE }, &[ContactState::Failed]);
    notices(vec![decided(1, 1)], &[accepted], Notice::Kept, &[ContactState::Delivered]);
    notices(vec![decided(1, 1), decided(2, 2)], &[accepted], Notice::Kept, &[]);
}

#[test]
fn a_cancelled_message_does_not_end_what_is_owed() {
    let next = |state| next_steps(1, state);
    let owed = [next(ContactState::Owed)];
    let cancelled = Notice::Cancelled { id: MESSAGE };
    notices(vec![decided(1, 1)], &owed, cancelled, &[ContactState::NotOwed]);
    let gone = || message(MessageWhat::NextSteps, 1, ContactState::NotOwed);
    check(EMAIL, vec![decided(1, 1), gone()], Some(22), 21, &[]);
    assert_eq!(given(EMAIL, vec![decided(1, 1), gone()]).contact, ContactState::Owed);
}

#[test]
fn an_attempt_needs_a_plan() {
    let told = given(EMAIL, vec![]).notice(&[], Notice::Accepted { id: MESSAGE }, hour(3), TASK);
    assert_eq!(told, Err(NeverPlanned));
}

/// Given a plan and a history: what follows from there being no channel left for what is `due`?
#[track_caller]
fn exhausted(plan: Plan, history: Vec<Happened>, due: i64, then: &[Fact]) {
    let notice = Notice::Exhausted { due: hour(due) };
    let facts = given(plan, history).notice(&[], notice, hour(3), TASK);
    assert_eq!(facts.as_deref(), Ok(then));
}

#[test]
fn when_no_channel_is_left_a_person_takes_over_at_once() {
    exhausted(EMAIL, vec![], 24, &[task(TaskWhy::ChannelsExhausted, 24)]);
    exhausted(EMAIL, vec![Happened::Clock(22)], 24, &[]);
    exhausted(ANONYMOUS, vec![], 24, &[]);
}

#[test]
fn that_no_channel_is_left_for_what_has_ended_opens_nothing_for_what_is_newer() {
    let told = || vec![contacted(12, ContactHow::Telephone, ContactOutcome::Told), replied(13)];
    exhausted(EMAIL, told(), 24, &[]);
    exhausted(EMAIL, told(), 37, &[task(TaskWhy::ChannelsExhausted, 37)]);
    let named = || vec![Happened::Clock(18), holding(ContactState::Accepted)];
    exhausted(EMAIL, named(), 24, &[]);
    exhausted(EMAIL, named(), 48, &[task(TaskWhy::ChannelsExhausted, 48)]);
}
