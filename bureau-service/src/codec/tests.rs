//! What is written is read again, and is sealed meanwhile.

use backbone::sealing::ReportKey;
use bytes::Bytes;
use jiff::Timestamp;
use prost::Message as _;
use proto::intake::v1 as intake;
use uuid::Uuid;

use super::{DecodeError, case_events, contact_facts, from_intake, from_notifier};
use crate::domain::assessment::{Assessment, Level, Part};
use crate::domain::case::{Assessed, Command, Contact, Decided, Event, Kept};
use crate::domain::decision::{Decision, DecisionKind, Question, Words};
use crate::domain::promise::{Fact, Message, Notice, Plan};
use crate::domain::words::{
    Channel, ContactHow, ContactOutcome, ContactState, Flag, Grade, MessageWhat, TaskHow, TaskWhy,
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const LATER: Timestamp = Timestamp::constant(86_400, 0);
const SECRET: &str = "Mrs Priya Kaur rang";

fn key() -> ReportKey {
    ReportKey::new(Uuid::from_u128(1), Uuid::from_u128(2), &[7; 32]).unwrap()
}

fn words() -> Kept<String> {
    Kept::Open(SECRET.into())
}

fn assessed() -> Event {
    let part = |level| Part { level, rationale: SECRET.into() };
    Event::Assessed(Box::new(Assessed {
        by: "ann".into(),
        at: NOW,
        number: 2,
        grade: Grade::Priority,
        assessment: Kept::Open(Assessment {
            threat: part(Level::High),
            harm: part(Level::Medium),
            risk: part(Level::Low),
            investigation: part(Level::Unknown),
            vulnerability: part(Level::Nothing),
            engagement: part(Level::Low),
            rationale: SECRET.into(),
        }),
    }))
}

fn decided() -> Event {
    Event::Decided(Box::new(Decided {
        by: "ann".into(),
        at: NOW,
        number: 1,
        assessment: 2,
        decision: Decision {
            kind: DecisionKind::RequestDetails,
            reason: "where".into(),
            team: "response".into(),
            officer: "pc-1".into(),
        },
        words: Kept::Open(Words {
            rationale: SECRET.into(),
            message: SECRET.into(),
            questions: vec![Question { label: SECRET.into(), kind: "text".into() }],
        }),
    }))
}

fn staff_events() -> Vec<Event> {
    let contact = Contact {
        by: "ann".into(),
        at: NOW,
        how: ContactHow::Visit,
        outcome: ContactOutcome::NoAnswer,
        note: words(),
    };
    vec![
        Event::Claimed { by: "ann".into() },
        Event::Released { by: "ann".into() },
        Event::NoteAdded { by: "ann".into(), at: NOW, note: words() },
        assessed(),
        decided(),
        Event::WithdrawalReceived { at: NOW },
        Event::StopReceived { at: NOW },
        Event::WritingFinished { at: NOW },
        Event::ContactRecorded(contact),
        Event::Held { by: "ann".into() },
        Event::HoldReleased { by: "ann".into() },
    ]
}

#[test]
fn acts_of_staff_come_back_as_they_were() {
    for event in staff_events() {
        let (kind, body) = case_events::encode(&event, Some(&key())).unwrap();
        assert_eq!(case_events::decode(kind, &body, Some(&key())).unwrap(), Some(event));
        assert!(!body.windows(SECRET.len()).any(|bytes| bytes == SECRET.as_bytes()), "{kind}");
        assert!(contact_facts::decode(kind, &body).unwrap().is_none());
        let known = proto::topology::STREAMS[1];
        assert!(known.name == "BUREAU" && known.kinds.contains(&kind), "{kind}");
    }
}

#[test]
fn without_the_key_words_stay_sealed_and_the_rest_is_read() {
    let (kind, body) = case_events::encode(&decided(), Some(&key())).unwrap();
    let read = case_events::decode(kind, &body, None).unwrap().unwrap();
    let Event::Decided(read) = read else { panic!("it was a decision") };
    assert_eq!((read.words, read.decision.reason.as_str()), (Kept::Sealed, "where"));
}

#[test]
fn facts_come_back_as_they_were() {
    let message = Message {
        id: Uuid::from_u128(3),
        what: MessageWhat::NextSteps,
        decision: 2,
        again_by: None,
        state: ContactState::Accepted,
    };
    let holding = Message { what: MessageWhat::Holding, again_by: Some(LATER), ..message };
    let task = Uuid::from_u128(4);
    for fact in [
        Fact::Message { message, at: NOW },
        Fact::Message { message: holding, at: NOW },
        Fact::AtRisk { due: NOW },
        Fact::TaskOpened { task, why: TaskWhy::PostChosen, due: NOW },
        Fact::TaskOpened { task, why: TaskWhy::FindSafeWay, due: NOW },
        Fact::TaskDone { task, how: TaskHow::Stopped },
        Fact::TaskDone { task, how: TaskHow::ByPerson },
    ] {
        let (kind, body) = contact_facts::encode(&fact);
        assert_eq!(contact_facts::decode(kind, &body).unwrap(), Some(fact));
        assert!(proto::topology::STREAMS[1].kinds.contains(&kind), "{kind}");
    }
}

fn submitted() -> intake::ReportSubmitted {
    intake::ReportSubmitted {
        reference: "4F7K2M9QX".into(),
        kind: "crime".into(),
        form_version: 1,
        submitted_at_us: 0,
        contact_by_us: 1,
        plan: Some(intake::ContactPlan {
            channel: intake::Channel::Email.into(),
            email_is_safe: true,
            post_is_safe: true,
            ..Default::default()
        }),
        flags: vec![intake::Flag::Priority2.into(), intake::Flag::Restricted.into()],
        content: Some(key().seal("report.content", b"")),
        contact: None,
        continues: true,
        partner: "a-council".into(),
        held: vec![],
    }
}

#[test]
fn a_submitted_report_asks_to_be_opened_as_it_came() {
    let asked = from_intake::read("report.submitted", &submitted().encode_to_vec()).unwrap();
    let Command::Open(opened) = asked.command else { panic!("it asks to open a case") };
    assert_eq!(opened.plan.channel, Some(Channel::Email));
    let Plan { email_is_safe, phone_is_safe, post_is_safe, .. } = opened.plan;
    assert_eq!((email_is_safe, phone_is_safe, post_is_safe), (true, false, true));
    assert_eq!(opened.flags, [Flag::Priority2, Flag::Restricted]);
    assert!(opened.continues);
    let read = case_events::decode(asked.kind, &asked.body, None).unwrap();
    assert_eq!(read, Some(Event::Opened(opened)));
}

#[test]
fn what_a_reply_raises_and_a_stop_go_on_as_they_came() {
    let details = intake::DetailsAdded {
        content: Some(key().seal("details.content", b"")),
        flags: vec![intake::Flag::Priority1.into(), intake::Flag::EmergencyDeclared.into()],
        ..Default::default()
    };
    let asked = from_intake::read("details.added", &details.encode_to_vec()).unwrap();
    let flags = vec![Flag::Priority1, Flag::EmergencyDeclared];
    let reply = Command::Reply { at: NOW, flags: flags.clone(), finished: false };
    assert_eq!(asked.command, reply);
    let read = case_events::decode(asked.kind, &asked.body, None).unwrap();
    assert_eq!(read, Some(Event::ReplyReceived { at: NOW, flags, finished: false }));
    let stopped = intake::ContactStopped::default().encode_to_vec();
    let asked = from_intake::read("contact.stopped", &stopped).unwrap();
    assert_eq!(asked.command, Command::Stop { at: NOW });
    let read = case_events::decode(asked.kind, &asked.body, None).unwrap();
    assert_eq!(read, Some(Event::StopReceived { at: NOW }));
}

#[test]
fn that_somebody_has_told_all_goes_on_with_what_they_add_or_by_itself() {
    let content = Some(key().seal("details.content", b""));
    let adds = intake::DetailsAdded { content, finished: true, ..Default::default() };
    let asked = from_intake::read("details.added", &adds.encode_to_vec()).unwrap();
    assert_eq!(asked.command, Command::Reply { at: NOW, flags: vec![], finished: true });
    let read = case_events::decode(asked.kind, &asked.body, None).unwrap();
    assert_eq!(read, Some(Event::ReplyReceived { at: NOW, flags: vec![], finished: true }));
    let alone = intake::DetailsAdded { content: None, ..adds };
    let asked = from_intake::read("details.added", &alone.encode_to_vec()).unwrap();
    assert_eq!(asked.command, Command::Finish { at: NOW });
    let read = case_events::decode(asked.kind, &asked.body, None).unwrap();
    assert_eq!(read, Some(Event::WritingFinished { at: NOW }));
    let empty = intake::DetailsAdded { finished: false, ..alone };
    refused("details.added", &empty.encode_to_vec(), "its field content has no meaning here");
}

#[test]
fn what_is_said_to_be_found_goes_on_sealed() {
    let plain = intake::FoundContent { found_where: SECRET.into(), ..Default::default() };
    let content = Some(key().seal("found.content", &plain.encode_to_vec()));
    let found = intake::FoundReported { content, ..Default::default() };
    let asked = from_intake::read("found.reported", &found.encode_to_vec()).unwrap();
    assert_eq!(asked.command, Command::Found { at: NOW });
    assert!(!asked.body.windows(SECRET.len()).any(|bytes| bytes == SECRET.as_bytes()));
    let read = case_events::decode(asked.kind, &asked.body, None).unwrap();
    assert_eq!(read, Some(Event::FoundReported { at: NOW }));
}

#[test]
fn one_more_entry_of_a_diary_is_kept_as_it_came() {
    let read = |diary: intake::Diary| {
        let details = intake::DetailsAdded {
            content: Some(key().seal("details.content", b"")),
            diary: diary.into(),
            ..Default::default()
        };
        let asked = from_intake::read("details.added", &details.encode_to_vec()).unwrap();
        let event = case_events::decode(asked.kind, &asked.body, None).unwrap().unwrap();
        (asked.command, event)
    };
    let kept = (Command::Keep { at: NOW }, Event::EntryKept { at: NOW });
    assert_eq!(read(intake::Diary::Kept), kept);
    let reply = Command::Reply { at: NOW, flags: vec![], finished: false };
    assert_eq!(read(intake::Diary::Told).0, reply);
    refused(
        "details.added",
        &intake::DetailsAdded { diary: 2, ..Default::default() }.encode_to_vec(),
        "its field content has no meaning here",
    );
}

#[track_caller]
fn refused(kind: &str, body: &[u8], why: &str) {
    assert_eq!(from_intake::read(kind, body).unwrap_err().to_string(), why);
}

#[test]
fn what_cannot_be_read_says_why() {
    refused("report.submitted", &[255; 9], "its body is not that of a report.submitted");
    refused("report.eaten", &[], "events of kind report.eaten are not known here");
    let timeless = intake::ReportSubmitted { contact_by_us: 0, ..submitted() };
    let why = "its field contact_by_us has no meaning here";
    refused("report.submitted", &timeless.encode_to_vec(), why);
    let channel = 99;
    let plan = intake::ContactPlan { channel, ..Default::default() };
    let unreachable = intake::ReportSubmitted { plan: Some(plan), ..submitted() };
    refused(
        "report.submitted",
        &unreachable.encode_to_vec(),
        "its field channel has no meaning here",
    );
}

#[test]
fn the_notifier_is_understood_or_refused() {
    let id = Uuid::from_u128(3);
    let ended = |outcome: &str| {
        let body = proto::notifier::v1::AttemptEnded {
            message_id: Bytes::copy_from_slice(id.as_bytes()),
            outcome: outcome.into(),
            ..Default::default()
        };
        from_notifier::read("attempt.ended", &body.encode_to_vec(), NOW)
    };
    assert_eq!(ended("accepted").unwrap(), (Notice::Accepted { id }, NOW));
    assert_eq!(ended("in_doubt").unwrap(), (Notice::Nothing, NOW));
    let planned = proto::notifier::v1::MessagePlanned {
        message_id: Bytes::copy_from_slice(id.as_bytes()),
        what: "holding".into(),
        again_by_us: LATER.as_microsecond(),
        ..Default::default()
    };
    let (what, again_by) = (MessageWhat::Holding, Some(LATER));
    assert_eq!(
        from_notifier::read("message.planned", &planned.encode_to_vec(), NOW).unwrap(),
        (Notice::Planned { id, what, decision: 0, again_by }, NOW)
    );
    let exhausted = proto::notifier::v1::ChannelsExhausted {
        due_at_us: LATER.as_microsecond(),
        ..Default::default()
    };
    assert_eq!(
        from_notifier::read("channels.exhausted", &exhausted.encode_to_vec(), NOW).unwrap(),
        (Notice::Exhausted { due: LATER }, NOW)
    );
    assert!(matches!(ended("lost"), Err(DecodeError::Field("outcome"))));
    for kind in proto::topology::STREAMS[2].kinds {
        let read = from_notifier::read(kind, &[255; 9], NOW);
        assert!(!matches!(read, Err(DecodeError::UnknownKind(_))), "{kind}");
    }
    let unknown = from_notifier::read("message.sung", &[], NOW);
    assert!(matches!(unknown, Err(DecodeError::UnknownKind(_))));
}
