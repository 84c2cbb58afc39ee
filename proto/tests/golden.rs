//! Bytes of every event ever published, read for ever. `GOLDEN=add` writes the ones that are missing;
//! what stands there is never changed.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::unnecessary_wraps,
    reason = "bytes that cannot be read have failed; optional is what the fields are"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use prost::Message;
use proto::log::v1::{MessageParked, MessageReleased, Sealed};
use proto::topology::STREAMS;
use proto::{bureau::v1 as bureau, intake::v1 as intake, notifier::v1 as notifier};

fn file(kind: &str, publisher: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(format!("{publisher}.{kind}.v1.bin"))
}

/// The kind's golden bytes are those of `sample`, and read back as it.
fn check<M: Message + Default + PartialEq + std::fmt::Debug>(
    publisher: &str,
    kind: &str,
    sample: &M,
) -> String {
    let path = file(kind, publisher);
    #[expect(clippy::disallowed_methods, reason = "a person says that a new kind was added")]
    let add = std::env::var("GOLDEN").is_ok_and(|said| said == "add");
    if add && !path.exists() {
        std::fs::write(&path, sample.encode_to_vec()).unwrap();
    }
    let golden = std::fs::read(&path)
        .unwrap_or_else(|_| panic!("{kind} has no golden bytes: run the tests with GOLDEN=add"));
    assert_eq!(&M::decode(golden.as_slice()).unwrap(), sample, "{kind} no longer reads as it did");
    format!("{publisher}.{kind}")
}

fn sealed() -> Option<Sealed> {
    Some(Sealed {
        scheme: 1,
        key_id: vec![1; 16].into(),
        nonce: vec![2; 24].into(),
        data: vec![3; 40].into(),
    })
}

fn plan() -> Option<intake::ContactPlan> {
    Some(intake::ContactPlan {
        channel: intake::Channel::Email.into(),
        second_channel: intake::Channel::Text.into(),
        email_is_safe: true,
        phone_is_safe: true,
        anonymous: false,
        post_is_safe: false,
        acknowledge: false,
    })
}

const AT: i64 = 1_795_000_000_000_000;

fn of_intake() -> Vec<String> {
    let submitted = intake::ReportSubmitted {
        reference: "7K4M-2TQ9-X".into(),
        kind: "crime".into(),
        form_version: 1,
        submitted_at_us: AT,
        contact_by_us: AT + 86_400_000_000,
        plan: plan(),
        flags: vec![intake::Flag::Priority2.into()],
        content: sealed(),
        contact: sealed(),
        continues: false,
        partner: String::new(),
        held: vec![],
    };
    let first_part =
        intake::ReportSubmitted { kind: "missing".into(), continues: true, ..submitted.clone() };
    check("intake", "report.submitted.continues", &first_part);
    let by_post = intake::ReportSubmitted {
        plan: Some(intake::ContactPlan {
            channel: intake::Channel::Post.into(),
            post_is_safe: true,
            ..Default::default()
        }),
        ..submitted.clone()
    };
    check("intake", "report.submitted.post", &by_post);
    let restricted = intake::ReportSubmitted {
        plan: Some(intake::ContactPlan {
            channel: intake::Channel::Email.into(),
            email_is_safe: true,
            acknowledge: true,
            ..Default::default()
        }),
        flags: vec![intake::Flag::Safeguarding.into(), intake::Flag::Restricted.into()],
        ..submitted.clone()
    };
    check("intake", "report.submitted.restricted", &restricted);
    let passed_on =
        intake::ReportSubmitted { partner: "a-council".to_owned(), ..submitted.clone() };
    check("intake", "report.submitted.passed_on", &passed_on);
    let with_files = intake::ReportSubmitted { held: held(), ..submitted.clone() };
    check("intake", "report.submitted.files", &with_files);
    let mut all = vec![check("intake", "report.submitted", &submitted)];
    all.extend(of_reporters());
    all
}

/// What is done after a report was sent.
fn of_reporters() -> Vec<String> {
    let id = || vec![4; 16].into();
    let details = intake::DetailsAdded {
        content: sealed(),
        added_at_us: AT,
        act_id: id(),
        ..Default::default()
    };
    let finished = intake::DetailsAdded { finished: true, ..details.clone() };
    check("intake", "details.added.finished", &finished);
    let again =
        intake::DetailsAdded { flags: vec![intake::Flag::Priority1.into()], ..details.clone() };
    check("intake", "details.added.again", &again);
    let entry = intake::DetailsAdded { diary: intake::Diary::Kept.into(), ..details.clone() };
    check("intake", "details.added.kept", &entry);
    let evidence = intake::EvidenceAdded {
        content: sealed(),
        added_at_us: AT,
        act_id: id(),
        files: 1,
        held: held(),
    };
    let with_files = intake::DetailsAdded { held: held(), ..details.clone() };
    check("intake", "details.added.files", &with_files);
    let withdrawal = intake::WithdrawalAsked { asked_at_us: AT, act_id: id() };
    let stopped = intake::ContactStopped { stopped_at_us: AT, act_id: id() };
    let found = intake::FoundReported { content: sealed(), at_us: AT, act_id: id() };
    vec![
        check("intake", "details.added", &details),
        check("intake", "evidence.added", &evidence),
        check("intake", "withdrawal.asked", &withdrawal),
        check("intake", "contact.stopped", &stopped),
        check("intake", "found.reported", &found),
    ]
}

fn held() -> Vec<intake::Held> {
    vec![intake::Held { file_id: vec![6; 16].into(), size: 3_145_728, number: 1 }]
}

fn evidence_file() -> intake::File {
    intake::File {
        file_id: "06b1a0c2-0000-4000-8000-000000000001".into(),
        name: "IMG_0042.HEIC".into(),
        media_type: "image/heic".into(),
        size: 3_145_728,
        sha256: vec![6; 32].into(),
        key: vec![7; 32].into(),
        scan: "not_scanned".into(),
        why_not_scanned: "no scanner is configured".into(),
    }
}

/// What is sealed inside events is read for ever, too.
fn sealed_contents() {
    let evidence = intake::EvidenceContent {
        files: vec![evidence_file()],
        fingerprint: vec![5; 32].into(),
        about: "The back gate.".into(),
    };
    check("intake", "sealed.evidence_content", &evidence);
    let answer = intake::Answer {
        question: "what".into(),
        label: "What happened?".into(),
        kind: "long_text".into(),
        value_json: "\"It was red.\"".into(),
        display: String::new(),
    };
    let report = intake::ReportContent {
        answers: vec![answer.clone()],
        fingerprint: vec![5; 32].into(),
        content_hash: vec![].into(),
        files: vec![],
    };
    check("intake", "sealed.report_content", &report);
    let with_files = intake::ReportContent { files: vec![evidence_file()], ..report };
    check("intake", "sealed.report_content.files", &with_files);
    let details = intake::DetailsContent {
        text: "It was red.".into(),
        answers: vec![answer],
        fingerprint: vec![5; 32].into(),
        files: vec![],
    };
    check("intake", "sealed.details_content", &details);
    let with_files = intake::DetailsContent { files: vec![evidence_file()], ..details };
    check("intake", "sealed.details_content.files", &with_files);
}

fn parking(publisher: &str) -> Vec<String> {
    let parked = MessageParked {
        stream: "INTAKE".into(),
        position: 7,
        hash: vec![5; 32].into(),
        report_id: vec![6; 16].into(),
        reason: "its body cannot be read".into(),
    };
    let released =
        MessageReleased { stream: "INTAKE".into(), position: 7, actor: "operator".into() };
    vec![
        check(publisher, "message.parked", &parked),
        check(publisher, "message.released", &released),
    ]
}

fn of_bureau_case() -> Vec<String> {
    let by = || "triager-1".to_owned();
    let opened = bureau::CaseOpened {
        reference: "7K4M-2TQ9-X".into(),
        kind: "crime".into(),
        submitted_at_us: AT,
        contact_by_us: AT + 86_400_000_000,
        plan: plan(),
        flags: vec![intake::Flag::Priority2.into()],
        content: sealed(),
        contact: sealed(),
        continues: false,
        partner: String::new(),
    };
    let first_part =
        bureau::CaseOpened { kind: "missing".into(), continues: true, ..opened.clone() };
    check("bureau", "case.opened.continues", &first_part);
    let assessed = bureau::CaseAssessed {
        by: by(),
        assessment: 1,
        grade: bureau::Grade::Routine.into(),
        assessed: sealed(),
        at_us: AT,
    };
    let decided = bureau::CaseDecided {
        by: by(),
        decision_number: 1,
        decision: "allocate".into(),
        reason: "neighbourhood".into(),
        assessment: 1,
        team: "neighbourhood".into(),
        officer: String::new(),
        words: sealed(),
        at_us: AT,
    };
    let reply = bureau::ReplyReceived { content: sealed(), at_us: AT, ..Default::default() };
    let finished = bureau::ReplyReceived { finished: true, ..reply.clone() };
    check("bureau", "reply.received.finished", &finished);
    let again =
        bureau::ReplyReceived { flags: vec![intake::Flag::Priority1.into()], ..reply.clone() };
    check("bureau", "reply.received.again", &again);
    vec![
        check("bureau", "case.opened", &opened),
        check("bureau", "case.claimed", &bureau::CaseClaimed { by: by() }),
        check("bureau", "case.released", &bureau::CaseReleased { by: by() }),
        check("bureau", "case.assessed", &assessed),
        check("bureau", "case.decided", &decided),
        check("bureau", "note.added", &bureau::NoteAdded { by: by(), note: sealed(), at_us: AT }),
        check("bureau", "reply.received", &reply),
        check("bureau", "entry.kept", &bureau::EntryKept { content: sealed(), at_us: AT }),
        check("bureau", "withdrawal.received", &bureau::WithdrawalReceived { at_us: AT }),
        check("bureau", "contact.stop_received", &bureau::ContactStopReceived { at_us: AT }),
        check("bureau", "writing.finished", &bureau::WritingFinished { at_us: AT }),
        check("bureau", "found.reported", &bureau::FoundReported { content: sealed(), at_us: AT }),
    ]
}

fn of_bureau_contact() -> Vec<String> {
    let by = || "triager-1".to_owned();
    let recorded = bureau::ContactRecorded {
        by: by(),
        how: "telephone".into(),
        outcome: "told".into(),
        note: sealed(),
        at_us: AT,
    };
    let changed = bureau::ContactStateChanged {
        state: "accepted".into(),
        at_us: AT,
        what: "next_steps".into(),
        ..Default::default()
    };
    let task = || vec![7; 16].into();
    let opened = bureau::TaskOpened { task_id: task(), why: "not_delivered".into(), due_at_us: AT };
    let done = bureau::TaskDone { task_id: task(), how: "by_person".into() };
    vec![
        check("bureau", "contact.recorded", &recorded),
        check("bureau", "contact.held", &bureau::ContactHeld { by: by() }),
        check("bureau", "contact.hold_released", &bureau::ContactHoldReleased { by: by() }),
        check("bureau", "contact.state_changed", &changed),
        check("bureau", "promise.at_risk", &bureau::PromiseAtRisk { due_at_us: AT }),
        check("bureau", "task.opened", &opened),
        check("bureau", "task.done", &done),
    ]
}

fn of_notifier() -> Vec<String> {
    let id = || vec![8; 16].into();
    let opened = notifier::ObligationOpened {
        obligation_id: id(),
        reference: "7K4M-2TQ9-X".into(),
        why: "submitted".into(),
        opened_at_us: AT,
        due_at_us: AT,
        owed: true,
        plan: plan(),
        contact: sealed(),
    };
    let kept = notifier::ObligationKept { obligation_id: id(), how: "delivered".into(), at_us: AT };
    let planned = notifier::MessagePlanned {
        message_id: id(),
        what: "next_steps".into(),
        channel: intake::Channel::Email.into(),
        first_at_us: AT,
        due_at_us: AT,
        decision_number: 1,
        decision: "allocate".into(),
        words: sealed(),
        keeps: vec![vec![9; 16].into()],
        again_by_us: AT,
        contact: None,
    };
    let given_up = notifier::MessageGivenUp { message_id: id(), why: "refused".into(), at_us: AT };
    let intended = notifier::AttemptIntended {
        message_id: id(),
        attempt: 1,
        provider: "folder".into(),
        at_us: AT,
    };
    let ended = notifier::AttemptEnded {
        message_id: id(),
        attempt: 1,
        outcome: "accepted".into(),
        detail: "250".into(),
        provider_reference: "x".into(),
        at_us: AT,
        resend: true,
    };
    let exhausted = notifier::ChannelsExhausted {
        obligation_id: id(),
        due_at_us: AT,
        at_us: AT,
        why: "refused".into(),
    };
    let cancelled =
        notifier::MessageCancelled { message_id: id(), why: "decided".into(), at_us: AT };
    let held = notifier::SendingHeld { at_us: AT };
    let resumed = notifier::SendingResumed { at_us: AT };
    let stopped = notifier::SendingStopped { at_us: AT };
    vec![
        check("notifier", "message.cancelled", &cancelled),
        check("notifier", "sending.held", &held),
        check("notifier", "sending.resumed", &resumed),
        check("notifier", "sending.stopped", &stopped),
        check("notifier", "obligation.opened", &opened),
        check("notifier", "obligation.kept", &kept),
        check("notifier", "message.planned", &planned),
        check("notifier", "message.given_up", &given_up),
        check("notifier", "attempt.intended", &intended),
        check("notifier", "attempt.ended", &ended),
        check("notifier", "channels.exhausted", &exhausted),
    ]
}

fn of_emergencies() -> Vec<String> {
    let id = || vec![8; 16].into();
    let raised = notifier::EmergencyRaised {
        message_id: id(),
        reference: "7K4M-2TQ9-X".into(),
        of: "report".into(),
        raised_at_us: AT,
        ways: vec!["webhook".into(), "email".into()],
        content: sealed(),
    };
    let intended = notifier::EmergencyAttemptIntended {
        message_id: id(),
        way: "on_call/2/1".into(),
        attempt: 1,
        provider: "folder".into(),
        at_us: AT,
        letter_id: vec![9; 16].into(),
    };
    let ended = notifier::EmergencyAttemptEnded {
        message_id: id(),
        way: "webhook".into(),
        attempt: 1,
        outcome: "failed".into(),
        detail: "503".into(),
        at_us: AT,
    };
    let acknowledged =
        notifier::EmergencyAcknowledged { message_id: id(), by: "control_room".into(), at_us: AT };
    let alarmed = notifier::EmergencyAlarmed {
        message_id: id(),
        number: 1,
        why: "not_acknowledged".into(),
        on_call: 2,
        at_us: AT,
    };
    vec![
        check("notifier", "emergency.raised", &raised),
        check("notifier", "emergency.attempt_intended", &intended),
        check("notifier", "emergency.attempt_ended", &ended),
        check("notifier", "emergency.acknowledged", &acknowledged),
        check("notifier", "emergency.alarmed", &alarmed),
    ]
}

fn of_saved_forms() -> Vec<String> {
    let link = intake::LinkAsked {
        channel: intake::Channel::Text.into(),
        asked_at_us: AT,
        kept_until_us: AT + 604_800_000_000,
        contact: sealed(),
    };
    let saved_link = notifier::MessagePlanned {
        message_id: vec![8; 16].into(),
        what: "saved_link".into(),
        channel: intake::Channel::Text.into(),
        first_at_us: AT,
        due_at_us: AT,
        again_by_us: AT,
        contact: sealed(),
        ..Default::default()
    };
    check("notifier", "message.planned.saved_link", &saved_link);
    vec![check("intake", "link.asked", &link)]
}

#[test]
fn every_event_ever_published_still_reads_as_it_did() {
    sealed_contents();
    let checked: BTreeSet<String> = [
        of_intake(),
        of_saved_forms(),
        of_bureau_case(),
        of_bureau_contact(),
        parking("bureau"),
        of_notifier(),
        of_emergencies(),
        parking("notifier"),
    ]
    .concat()
    .into_iter()
    .collect();
    let kinds: BTreeSet<String> = STREAMS
        .iter()
        .flat_map(|stream| stream.kinds.iter().map(|kind| format!("{}.{kind}", stream.publisher)))
        .collect();
    assert_eq!(checked, kinds);
}
