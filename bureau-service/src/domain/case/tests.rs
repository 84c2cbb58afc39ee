//! History, command, consequence.

use jiff::{Timestamp, ToSpan as _};

use super::*;
use crate::domain::assessment::{Assessment, Level, Part};
use crate::domain::decision::{Decision, DecisionKind, Question, Words};
use crate::domain::words::{Channel, Flag, Kind, Status};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

#[track_caller]
fn check(given: &[Event], when: Command, then: Result<&[Event], Rejection>) {
    let case = given.iter().fold(Case::default(), Case::evolve);
    assert_eq!(decide(&case, when), then.map(<[Event]>::to_vec));
}

#[track_caller]
fn status(given: &[Event], status: Status) {
    let case = given.iter().fold(Case::default(), Case::evolve);
    assert!(matches!(case, Case::Open(open) if open.status == status));
}

fn opening() -> Opened {
    Opened {
        reference: "4F7K-2M9Q-X".into(),
        kind: Kind::Crime.as_str().into(),
        submitted_at: NOW,
        contact_by: NOW + 24.hours(),
        plan: Plan {
            channel: Some(Channel::Email),
            second_channel: None,
            email_is_safe: true,
            phone_is_safe: false,
            post_is_safe: false,
            anonymous: false,
        },
        flags: vec![],
        continues: false,
    }
}

fn opened() -> Event {
    Event::Opened(opening())
}

fn claimed(by: &str) -> Event {
    Event::Claimed { by: by.into() }
}

fn assessed(number: u32) -> Event {
    let part = || Part { level: Level::Low, rationale: String::new() };
    Event::Assessed(Box::new(Assessed {
        by: "ann".into(),
        at: NOW,
        number,
        grade: Grade::Routine,
        assessment: Kept::Open(Assessment {
            threat: part(),
            harm: part(),
            risk: part(),
            investigation: part(),
            vulnerability: part(),
            engagement: part(),
            rationale: String::new(),
        }),
    }))
}

fn replied(flags: &[Flag]) -> Event {
    Event::ReplyReceived { at: NOW, flags: flags.to_vec(), finished: false }
}

fn told() -> Event {
    Event::ContactRecorded(Contact {
        by: "ann".into(),
        at: NOW,
        how: ContactHow::Telephone,
        outcome: ContactOutcome::Told,
        note: Kept::Open(String::new()),
    })
}

#[track_caller]
fn open(given: &[Event]) -> Open {
    match given.iter().fold(Case::default(), Case::evolve) {
        Case::Open(open) => *open,
        Case::Unknown => panic!("there is no case"),
    }
}

fn decision(kind: DecisionKind) -> (Decision, Words) {
    let decision = Decision {
        kind,
        reason: kind.reasons()[0].into(),
        team: "response".into(),
        officer: String::new(),
    };
    let question = Question { label: "Where was it?".into(), kind: "text".into() };
    let words =
        Words { rationale: "because".into(), message: "we will".into(), questions: vec![question] };
    (decision, words)
}

fn decided_by(by: &str, kind: DecisionKind, number: u32, assessment: u32) -> Event {
    let (decision, words) = decision(kind);
    Event::Decided(Box::new(Decided {
        by: by.into(),
        at: NOW,
        number,
        assessment,
        decision,
        words: Kept::Open(words),
    }))
}

fn decided(kind: DecisionKind, number: u32) -> Event {
    decided_by("ann", kind, number, 0)
}

fn act(by: &str, act: Act) -> Command {
    Command::Staff { actor: Actor { id: by.into(), is_supervisor: false }, at: NOW, act }
}

fn supervisor(by: &str, act: Act) -> Command {
    Command::Staff { actor: Actor { id: by.into(), is_supervisor: true }, at: NOW, act }
}

fn deciding(kind: DecisionKind) -> Act {
    let (decision, words) = decision(kind);
    Act::Decide { decision, words }
}

fn taken_by(by: &str) -> Rejection {
    Rejection::ClaimedByOther { by: by.into() }
}

#[test]
fn a_report_becomes_a_case_once() {
    check(&[], Command::Open(opening()), Ok(&[opened()]));
    check(&[opened()], Command::Open(opening()), Ok(&[]));
    status(&[opened()], Status::Received);
}

#[test]
fn nothing_is_done_to_a_case_that_is_not_there() {
    check(&[], act("ann", Act::Claim), Err(Rejection::NoCase));
    let reply = Command::Reply { at: NOW, flags: vec![], finished: false };
    check(&[], reply, Err(Rejection::NoCase));
    check(&[], Command::Finish { at: NOW }, Err(Rejection::NoCase));
    check(&[], Command::Found { at: NOW }, Err(Rejection::NoCase));
}

#[test]
fn a_case_is_claimed_by_one() {
    check(&[opened()], act("ann", Act::Claim), Ok(&[claimed("ann")]));
    check(&[opened(), claimed("ann")], act("ann", Act::Claim), Ok(&[]));
    check(&[opened(), claimed("ann")], act("bob", Act::Claim), Err(taken_by("ann")));
    check(&[opened(), claimed("ann")], supervisor("sue", Act::Claim), Err(taken_by("ann")));
    status(&[opened(), claimed("ann")], Status::Assessing);
}

#[test]
fn releasing_is_for_the_claimant_or_a_supervisor() {
    let given = [opened(), claimed("ann")];
    check(&given, act("ann", Act::Release), Ok(&[Event::Released { by: "ann".into() }]));
    check(&given, act("bob", Act::Release), Err(taken_by("ann")));
    check(&given, supervisor("sue", Act::Release), Ok(&[Event::Released { by: "sue".into() }]));
    check(&[opened()], act("bob", Act::Release), Ok(&[]));
}

#[test]
fn a_decision_needs_no_claim() {
    let then = [decided(DecisionKind::Allocate, 1)];
    check(&[opened()], act("ann", deciding(DecisionKind::Allocate)), Ok(&then));
}

#[test]
fn what_somebody_works_on_is_decided_by_them_or_a_supervisor() {
    let given = [opened(), claimed("bob")];
    check(&given, act("ann", deciding(DecisionKind::Allocate)), Err(taken_by("bob")));
    let then = [decided_by("sue", DecisionKind::Allocate, 1, 0)];
    check(&given, supervisor("sue", deciding(DecisionKind::Allocate)), Ok(&then));
}

#[test]
fn filing_needs_an_assessment() {
    let file = || act("ann", deciding(DecisionKind::FileForInformation));
    check(&[opened()], file(), Err(Rejection::AssessmentMissing));
    let then = [decided_by("ann", DecisionKind::FileForInformation, 1, 1)];
    check(&[opened(), assessed(1)], file(), Ok(&then));
}

#[test]
fn what_is_filed_is_not_filed_again_before_something_new_comes() {
    let file = || act("ann", deciding(DecisionKind::FileForInformation));
    let filed = [opened(), assessed(1), decided(DecisionKind::FileForInformation, 1)];
    check(&filed, file(), Err(Rejection::AlreadyFiled));
    let [a, b, c] = filed;
    let then = [decided_by("ann", DecisionKind::FileForInformation, 2, 1)];
    check(&[a, b, c, replied(&[])], file(), Ok(&then));
}

#[test]
fn the_reporter_is_asked_twice_at_most() {
    let ask = || act("ann", deciding(DecisionKind::RequestDetails));
    let once = [opened(), decided(DecisionKind::RequestDetails, 1)];
    check(&once, ask(), Ok(&[decided(DecisionKind::RequestDetails, 2)]));
    let twice = [
        opened(),
        decided(DecisionKind::RequestDetails, 1),
        decided(DecisionKind::RequestDetails, 2),
    ];
    check(&twice, ask(), Err(Rejection::RoundsUsedUp));
}

#[test]
fn files_bring_the_case_back_as_a_reply_does_and_raise_nothing() {
    let files = || Event::EvidenceReceived { at: NOW, files: 2 };
    let adds = || Command::AddEvidence { at: NOW, files: 2 };
    check(&[], adds(), Err(Rejection::NoCase));
    for kind in [DecisionKind::RequestDetails, DecisionKind::FileForInformation] {
        let before = [opened(), assessed(1), decided(kind, 1)];
        check(&before, adds(), Ok(&[files()]));
        let after = |event| open(&before.iter().cloned().chain([event]).collect::<Vec<_>>());
        assert_eq!(after(files()), after(replied(&[])));
        assert_eq!(after(files()).status, Status::Assessing);
    }
}

#[test]
fn a_file_is_quarantined_once_by_anybody_at_any_time() {
    let file = Uuid::from_u128(7);
    let quarantine = |file| Act::Quarantine { file, reason: "Not for us.".into() };
    let quarantined = |by: &str, file| {
        let reason = Kept::Open("Not for us.".into());
        Event::EvidenceQuarantined(Quarantined { by: by.into(), at: NOW, file, reason })
    };
    let given = [opened(), claimed("bob"), decided(DecisionKind::FileForInformation, 1)];
    check(&given, act("ann", quarantine(file)), Ok(&[quarantined("ann", file)]));
    let given = [opened(), quarantined("ann", file)];
    check(&given, supervisor("sue", quarantine(file)), Ok(&[]));
    let other = Uuid::from_u128(8);
    check(&given, act("ann", quarantine(other)), Ok(&[quarantined("ann", other)]));
    // What was decided stays decided.
    let case = open(&[opened(), decided(DecisionKind::Allocate, 1), quarantined("ann", file)]);
    assert_eq!((case.status, case.quarantined), (Status::WithOfficer, vec![file]));
}

#[test]
fn one_more_entry_of_a_diary_leaves_the_case_as_it_stands() {
    let entry = || Event::EntryKept { at: NOW };
    check(&[opened()], Command::Keep { at: NOW }, Ok(&[entry()]));
    check(&[], Command::Keep { at: NOW }, Err(Rejection::NoCase));
    for before in [
        vec![opened()],
        vec![opened(), decided(DecisionKind::RequestDetails, 1)],
        vec![opened(), assessed(1), decided(DecisionKind::FileForInformation, 1)],
    ] {
        let after: Vec<Event> = before.iter().cloned().chain([entry()]).collect();
        assert_eq!(open(&after), open(&before));
    }
}

#[test]
fn a_reply_or_a_wish_to_withdraw_brings_the_case_back() {
    let asked = decided(DecisionKind::RequestDetails, 1);
    status(&[opened(), asked.clone()], Status::NeedsReply);
    status(&[opened(), asked, replied(&[])], Status::Assessing);
    let filed = decided(DecisionKind::FileForInformation, 1);
    let withdrawal = Event::WithdrawalReceived { at: NOW };
    status(&[opened(), filed, withdrawal.clone()], Status::Assessing);
    check(&[opened(), withdrawal], Command::Withdraw { at: NOW }, Ok(&[]));
}

#[test]
fn what_has_got_worse_raises_the_flags_of_the_case_and_brings_it_back() {
    let flags = vec![Flag::EmergencyDeclared, Flag::Priority2];
    let worse = Command::Reply { at: NOW, flags: flags.clone(), finished: false };
    check(&[opened()], worse, Ok(&[replied(&flags)]));
    let filed = decided(DecisionKind::FileForInformation, 1);
    let back = open(&[opened(), filed.clone(), replied(&flags), replied(&flags)]);
    assert_eq!((back.status, &back.flags, back.raised), (Status::Assessing, &flags, true));
    // Once decided it is no news any more, and the flags stay.
    let decided = open(&[opened(), replied(&flags), filed, replied(&[])]);
    assert_eq!((&decided.flags, decided.raised), (&flags, false));
}

#[test]
fn a_report_is_still_being_written_until_the_reporter_says_that_they_have_told_all() {
    let first = Event::Opened(Opened { continues: true, ..opening() });
    let finished = Event::WritingFinished { at: NOW };
    let last = Event::ReplyReceived { at: NOW, flags: vec![], finished: true };
    let writing = |then: &[Event]| {
        let given: Vec<Event> = std::iter::once(&first).chain(then).cloned().collect();
        open(&given).still_being_written
    };
    assert!(!open(&[opened()]).still_being_written);
    assert!(writing(&[]) && writing(&[replied(&[]), decided(DecisionKind::Allocate, 1)]));
    assert!(!writing(std::slice::from_ref(&finished)) && !writing(std::slice::from_ref(&last)));
    assert!(!writing(&[last, replied(&[])]), "what is added afterwards is a reply like any other");

    let finish = || Command::Finish { at: NOW };
    check(std::slice::from_ref(&first), finish(), Ok(std::slice::from_ref(&finished)));
    check(&[first.clone(), finished.clone()], finish(), Ok(&[]));
    check(&[opened()], finish(), Ok(&[]));
    // It adds nothing: what was decided stays decided.
    status(&[first, decided(DecisionKind::Allocate, 1), finished], Status::WithOfficer);
}

#[test]
fn what_is_looked_for_and_said_to_be_found_comes_first_and_nothing_ends_by_it() {
    let found = Event::FoundReported { at: NOW };
    for (kind, flag) in [
        (Kind::Missing, Flag::Priority1),
        (Kind::VehicleStolen, Flag::Priority1),
        (Kind::Crime, Flag::Priority2),
    ] {
        let of = || Event::Opened(Opened { kind: kind.as_str().into(), ..opening() });
        check(&[of()], Command::Found { at: NOW }, Ok(std::slice::from_ref(&found)));
        let filed = || decided(DecisionKind::FileForInformation, 1);
        let case = open(&[of(), filed(), found.clone()]);
        assert_eq!((case.status, case.found, case.raised), (Status::Assessing, true, true));
        assert_eq!(case.flags, [flag], "{kind:?}");
        assert!(!open(&[of(), found.clone(), filed()]).found);
    }
}

#[test]
fn somebody_speaks_first_with_who_may_have_been_made_to_withdraw() {
    let withdrawal = Event::WithdrawalReceived { at: NOW };
    let of = |flags: &[Flag]| Event::Opened(Opened { flags: flags.to_vec(), ..opening() });
    let asked = |flags: &[Flag]| open(&[of(flags), withdrawal.clone()]).speak_first;
    for flag in [Flag::Safeguarding, Flag::Priority1, Flag::EmergencyCannotCall] {
        assert!(asked(&[flag]), "{flag:?}");
        assert!(!open(&[of(&[flag])]).speak_first);
        assert!(open(&[of(&[]), withdrawal.clone(), replied(&[flag])]).speak_first);
    }
    assert!(!asked(&[Flag::Priority2, Flag::EmergencyDeclared]));
    let history = |then| [of(&[Flag::Safeguarding]), withdrawal.clone(), then];
    assert!(!open(&history(told())).speak_first);
    assert!(!open(&history(decided(DecisionKind::Allocate, 1))).speak_first);
}

#[test]
fn after_a_stop_no_way_is_safe_and_staff_cannot_undo_it() {
    let stopped = Event::StopReceived { at: NOW };
    check(&[opened()], Command::Stop { at: NOW }, Ok(std::slice::from_ref(&stopped)));
    check(&[opened(), stopped.clone()], Command::Stop { at: NOW }, Ok(&[]));
    check(&[opened(), stopped.clone()], act("ann", Act::ReleaseHold), Ok(&[]));
    let held = Event::Held { by: "ann".into() };
    let released = Event::HoldReleased { by: "ann".into() };
    let open = open(&[opened(), held, stopped, released]);
    assert_eq!((open.held, open.contact_stopped), (false, Some(NOW)));
    let Plan { channel, second_channel, email_is_safe, phone_is_safe, post_is_safe, .. } =
        open.plan;
    assert_eq!((channel, second_channel), (None, None));
    assert!(!email_is_safe && !phone_is_safe && !post_is_safe);
}

#[test]
fn assessing_again_does_not_undo_a_decision() {
    let allocated = decided(DecisionKind::Allocate, 1);
    status(&[opened(), assessed(1)], Status::Assessing);
    status(&[opened(), allocated, assessed(1)], Status::WithOfficer);
}

#[test]
fn a_hold_is_set_and_released_once() {
    let held = Event::Held { by: "ann".into() };
    check(&[opened()], act("ann", Act::Hold), Ok(std::slice::from_ref(&held)));
    check(&[opened(), held.clone()], act("bob", Act::Hold), Ok(&[]));
    let released = [Event::HoldReleased { by: "bob".into() }];
    check(&[opened(), held], act("bob", Act::ReleaseHold), Ok(&released));
    check(&[opened()], act("bob", Act::ReleaseHold), Ok(&[]));
}

#[test]
fn anybody_may_note_and_record_a_contact() {
    let given = [opened(), claimed("bob")];
    let note = Event::NoteAdded { by: "ann".into(), at: NOW, note: Kept::Open("seen".into()) };
    check(&given, act("ann", Act::Note { text: "seen".into() }), Ok(&[note]));
    let spoke = Act::RecordContact {
        how: ContactHow::Telephone,
        outcome: ContactOutcome::Told,
        note: "ok".into(),
    };
    let contact = Contact {
        by: "ann".into(),
        at: NOW,
        how: ContactHow::Telephone,
        outcome: ContactOutcome::Told,
        note: Kept::Open("ok".into()),
    };
    check(&given, act("ann", spoke), Ok(&[Event::ContactRecorded(contact)]));
}
