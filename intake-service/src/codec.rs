//! Reports to contract messages: the only file that names both.

use backbone::event_log::Recorded;
use backbone::sealing::ReportKey;
use jiff::Timestamp;
use prost::{Message as _, encoding};
use proto::intake::v1 as wire;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::domain::form::Told;
use crate::domain::link::Link;
use crate::domain::report::{Channel, Contact, Flags, Identity, Priority, Report};
use crate::evidence::Taken;
use crate::projections::{Beside, Held, Through};
use crate::receipts::Content;

/// What the sealed parts are bound to.
pub const CONTENT: &str = "report.content";
pub const CONTACT: &str = "report.contact";
pub const DETAILS: &str = "details.content";
pub const FOUND: &str = "found.content";
pub const EVIDENCE: &str = "evidence.content";
pub const LINK: &str = "link.contact";

/// What most reports fit in.
const CONTENT_BYTES_USUAL: usize = 4096;

/// What intake itself adds to a report.
#[derive(Debug, Clone)]
pub struct Receipt {
    pub reference: String,
    pub submitted_at: Timestamp,
    pub contact_by: Timestamp,
    pub fingerprint: [u8; 32],
    /// Of what was sent, as the reporter's receipt has it.
    pub content: Content,
    /// Who passed it on, where the reporter did not send it themselves.
    pub partner: Option<String>,
}

/// The body of `report.submitted`, personal parts sealed.
#[must_use]
pub fn submitted(
    report: &Report<'_>,
    taken: &Taken,
    receipt: &Receipt,
    key: &ReportKey,
) -> wire::ReportSubmitted {
    let contact = wire::ContactDetails {
        name: report.contact.name.clone().unwrap_or_default(),
        email: report.contact.email.clone().unwrap_or_default(),
        phone: report.contact.phone.clone().unwrap_or_default(),
    };
    wire::ReportSubmitted {
        reference: receipt.reference.clone(),
        kind: report.kind.to_owned(),
        form_version: report.form_version,
        submitted_at_us: receipt.submitted_at.as_microsecond(),
        contact_by_us: receipt.contact_by.as_microsecond(),
        plan: Some(plan(&report.contact)),
        flags: flags(report.flags),
        content: Some(key.seal(CONTENT, &content(report, taken, receipt))),
        contact: Some(key.seal(CONTACT, &contact.encode_to_vec())),
        continues: report.continues,
        partner: receipt.partner.clone().unwrap_or_default(),
        held: held(taken),
    }
}

/// `ReportContent`, written from where its texts stand: the generated type wants a copy of each, and
/// there are five to a question.
fn content(report: &Report<'_>, taken: &Taken, receipt: &Receipt) -> Vec<u8> {
    let mut content = Vec::with_capacity(CONTENT_BYTES_USUAL);
    let mut answer = Vec::with_capacity(CONTENT_BYTES_USUAL);
    let mut value = Vec::with_capacity(CONTENT_BYTES_USUAL);
    for answered in &report.answers {
        answer.clear();
        value.clear();
        serde_json::to_writer(&mut value, &answered.value).ok();
        put(1, answered.id.as_bytes(), &mut answer);
        put(2, answered.label.as_bytes(), &mut answer);
        put(3, answered.kind.as_str().as_bytes(), &mut answer);
        put(4, &value, &mut answer);
        put(5, answered.shown().unwrap_or_default().as_bytes(), &mut answer);
        put(1, &answer, &mut content);
    }
    put(2, &receipt.fingerprint, &mut content);
    put(3, &receipt.content.hash, &mut content);
    for file in &taken.files {
        put(4, &file.encode_to_vec(), &mut content);
    }
    content
}

/// What is told outside the seal of files: that they are the report's.
fn held(taken: &Taken) -> Vec<wire::Held> {
    let held = taken.held.iter().map(|held| wire::Held {
        file_id: bytes::Bytes::copy_from_slice(held.file_id.as_bytes()),
        size: held.size,
        number: held.number,
    });
    held.collect()
}

fn held_again(held: &[wire::Held]) -> Option<Vec<Held>> {
    let held = held.iter().map(|held| {
        let file_id = Uuid::from_slice(&held.file_id).ok()?;
        Some(Held { file_id, size: held.size, number: held.number })
    });
    held.collect()
}

/// Writes a field of text, bytes or message.
fn put(field: u32, bytes: &[u8], to: &mut Vec<u8>) {
    if !bytes.is_empty() {
        encoding::encode_key(field, encoding::WireType::LengthDelimited, to);
        encoding::encode_varint(bytes.len() as u64, to);
        to.extend_from_slice(bytes);
    }
}

fn plan(contact: &Contact) -> wire::ContactPlan {
    wire::ContactPlan {
        channel: channel(contact.channel).into(),
        second_channel: contact.second_channel.map_or(wire::Channel::Unspecified, channel).into(),
        email_is_safe: contact.email.is_some() && contact.safe_email == Some(true),
        phone_is_safe: contact.phone.is_some() && contact.safe_phone == Some(true),
        anonymous: contact.identity == Identity::Anonymous,
        post_is_safe: contact.safe_post == Some(true),
        acknowledge: contact.acknowledge,
    }
}

fn channel(channel: Channel) -> wire::Channel {
    match channel {
        Channel::Email => wire::Channel::Email,
        Channel::Text => wire::Channel::Text,
        Channel::Telephone => wire::Channel::Telephone,
        Channel::Post => wire::Channel::Post,
        Channel::None => wire::Channel::None,
    }
}

fn flags(flags: Flags) -> Vec<i32> {
    let raised = [
        (flags.emergency_declared, wire::Flag::EmergencyDeclared),
        (flags.emergency_cannot_call, wire::Flag::EmergencyCannotCall),
        (flags.priority == Some(Priority::P1), wire::Flag::Priority1),
        (flags.priority == Some(Priority::P2), wire::Flag::Priority2),
        (flags.safeguarding, wire::Flag::Safeguarding),
        (flags.restricted, wire::Flag::Restricted),
    ];
    raised.into_iter().filter(|(is, _)| *is).map(|(_, flag)| flag.into()).collect()
}

/// What a reporter adds later, before it is sealed.
#[derive(Debug, Clone)]
pub struct Added<'asked> {
    pub text: String,
    /// What staff asked and what the form offers once a report was sent, as far as it is answered.
    pub answers: Vec<Told<'asked>>,
    /// It is all that they can tell.
    pub finished: bool,
    pub fingerprint: [u8; 32],
}

/// The body of `details.added`.
#[must_use]
pub fn details(
    added: Added<'_>,
    taken: &Taken,
    act_id: Uuid,
    at: Timestamp,
    key: &ReportKey,
) -> wire::DetailsAdded {
    let answer = |(question, label, answer): Told<'_>| {
        let (value, shown) = answer.into_parts();
        wire::Answer {
            question: question.id.clone(),
            label: label.to_owned(),
            kind: question.kind.as_str().to_owned(),
            value_json: value.to_string(),
            display: shown.unwrap_or_default(),
        }
    };
    let finished = added.finished;
    let content = wire::DetailsContent {
        text: added.text,
        answers: added.answers.into_iter().map(answer).collect(),
        fingerprint: bytes::Bytes::copy_from_slice(&added.fingerprint),
        files: taken.files.clone(),
    };
    let body = details_added(&content, Flags::default(), act_id, at, key);
    wire::DetailsAdded { finished, held: held(taken), ..body }
}

/// The body of `details.added` where somebody has told all, and adds nothing by it.
#[must_use]
pub fn finished(act_id: Uuid, at: Timestamp) -> wire::DetailsAdded {
    wire::DetailsAdded {
        added_at_us: at.as_microsecond(),
        act_id: bytes::Bytes::copy_from_slice(act_id.as_bytes()),
        finished: true,
        ..Default::default()
    }
}

/// The body of `details.added` where somebody tells what has got worse or happened again.
#[must_use]
pub fn again(
    report: &Report<'_>,
    diary: wire::Diary,
    fingerprint: &[u8],
    act_id: Uuid,
    at: Timestamp,
    key: &ReportKey,
) -> wire::DetailsAdded {
    let answers = report.answers.iter().map(|answered| wire::Answer {
        question: answered.id.to_owned(),
        label: answered.label.to_owned(),
        kind: answered.kind.as_str().to_owned(),
        value_json: answered.value.to_string(),
        display: answered.shown().unwrap_or_default().to_owned(),
    });
    let content = wire::DetailsContent {
        text: String::new(),
        answers: answers.collect(),
        fingerprint: bytes::Bytes::copy_from_slice(fingerprint),
        files: vec![],
    };
    // The diary asks whether it has got worse.
    let raised = match diary {
        wire::Diary::Unspecified => report.flags.of_worse(),
        wire::Diary::Told | wire::Diary::Kept => report.flags,
    };
    let body = details_added(&content, raised, act_id, at, key);
    wire::DetailsAdded { diary: diary.into(), ..body }
}

fn details_added(
    content: &wire::DetailsContent,
    raised: Flags,
    act_id: Uuid,
    at: Timestamp,
    key: &ReportKey,
) -> wire::DetailsAdded {
    wire::DetailsAdded {
        content: Some(key.seal(DETAILS, &content.encode_to_vec())),
        added_at_us: at.as_microsecond(),
        act_id: bytes::Bytes::copy_from_slice(act_id.as_bytes()),
        flags: flags(raised),
        finished: false,
        diary: wire::Diary::Unspecified.into(),
        held: vec![],
    }
}

/// What is looked for is found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where, in the reporter's words; may be empty.
    pub found_where: String,
    pub fingerprint: [u8; 32],
}

/// The body of `found.reported`, the words sealed.
#[must_use]
pub fn found(found: &Found, act_id: Uuid, at: Timestamp, key: &ReportKey) -> wire::FoundReported {
    let content = wire::FoundContent {
        found_where: found.found_where.clone(),
        fingerprint: bytes::Bytes::copy_from_slice(&found.fingerprint),
    };
    wire::FoundReported {
        content: Some(key.seal(FOUND, &content.encode_to_vec())),
        at_us: at.as_microsecond(),
        act_id: bytes::Bytes::copy_from_slice(act_id.as_bytes()),
    }
}

/// The body of `evidence.added`.
#[must_use]
pub fn evidence(
    about: String,
    taken: &Taken,
    fingerprint: &[u8],
    (act_id, at): (Uuid, Timestamp),
    key: &ReportKey,
) -> wire::EvidenceAdded {
    let content = wire::EvidenceContent {
        files: taken.files.clone(),
        fingerprint: bytes::Bytes::copy_from_slice(fingerprint),
        about,
    };
    wire::EvidenceAdded {
        content: Some(key.seal(EVIDENCE, &content.encode_to_vec())),
        added_at_us: at.as_microsecond(),
        act_id: bytes::Bytes::copy_from_slice(act_id.as_bytes()),
        files: u32::try_from(taken.files.len()).unwrap_or(u32::MAX),
        held: held(taken),
    }
}

/// The body of `withdrawal.asked`.
#[must_use]
pub fn withdrawal(act_id: Uuid, at: Timestamp) -> wire::WithdrawalAsked {
    wire::WithdrawalAsked {
        asked_at_us: at.as_microsecond(),
        act_id: bytes::Bytes::copy_from_slice(act_id.as_bytes()),
    }
}

/// The body of `contact.stopped`.
#[must_use]
pub fn contact_stopped(act_id: Uuid, at: Timestamp) -> wire::ContactStopped {
    wire::ContactStopped {
        stopped_at_us: at.as_microsecond(),
        act_id: bytes::Bytes::copy_from_slice(act_id.as_bytes()),
    }
}

/// The answers of a report that was sent, by their questions' ids.
#[must_use]
pub fn sent_answers(content: wire::ReportContent) -> Map<String, Value> {
    let answers = content.answers.into_iter().filter_map(|answer| {
        Some((answer.question, serde_json::from_str(&answer.value_json).ok()?))
    });
    answers.collect()
}

/// The body of `link.asked`, the address sealed.
#[must_use]
pub fn link_asked(
    link: &Link,
    at: Timestamp,
    kept_until: Timestamp,
    key: &ReportKey,
) -> wire::LinkAsked {
    let (channel, email, phone) = match link {
        Link::Email(address) => (wire::Channel::Email, address.clone(), String::new()),
        Link::Text(number) => (wire::Channel::Text, String::new(), number.clone()),
    };
    let contact = wire::ContactDetails { name: String::new(), email, phone };
    wire::LinkAsked {
        channel: channel.into(),
        asked_at_us: at.as_microsecond(),
        kept_until_us: kept_until.as_microsecond(),
        contact: Some(key.seal(LINK, &contact.encode_to_vec())),
    }
}

/// What stands beside an event, read back from it.
#[must_use]
pub fn beside(event: &Recorded) -> Option<Beside> {
    let act = |id: &[u8], held: &[wire::Held]| {
        Some(Beside::Act { act_id: Uuid::from_slice(id).ok()?, held: held_again(held)? })
    };
    match event.kind.as_str() {
        "report.submitted" => {
            let submitted = wire::ReportSubmitted::decode(event.body.clone()).ok()?;
            let partner = Some(submitted.partner).filter(|partner| !partner.is_empty());
            Some(Beside::Report {
                reference: submitted.reference,
                submitted_at: Timestamp::from_microsecond(submitted.submitted_at_us).ok()?,
                contact_by: Timestamp::from_microsecond(submitted.contact_by_us).ok()?,
                through: partner.map(|partner| Through { partner, kind: submitted.kind }),
                held: held_again(&submitted.held)?,
            })
        }
        "details.added" => {
            let added = wire::DetailsAdded::decode(event.body.clone()).ok()?;
            act(&added.act_id, &added.held)
        }
        "evidence.added" => {
            let added = wire::EvidenceAdded::decode(event.body.clone()).ok()?;
            act(&added.act_id, &added.held)
        }
        "found.reported" => act(&wire::FoundReported::decode(event.body.clone()).ok()?.act_id, &[]),
        "contact.stopped" => {
            act(&wire::ContactStopped::decode(event.body.clone()).ok()?.act_id, &[])
        }
        "withdrawal.asked" => {
            act(&wire::WithdrawalAsked::decode(event.body.clone()).ok()?.act_id, &[])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::report::check;

    #[test]
    fn what_is_written_by_hand_is_what_the_contract_says() {
        let forms = crate::forms::load(&crate::forms::sample_words()).unwrap();
        let form = forms.get("crime").unwrap();
        let sample = include_str!("../../deploy/local/samples/bicycle.json");
        let sample: Map<String, Value> = serde_json::from_str(sample).unwrap();
        let answers = sample["answers"].as_object().unwrap();
        let report = check(form, answers, jiff::civil::date(2026, 11, 25).at(12, 0, 0, 0)).unwrap();

        let receipt = Receipt {
            reference: String::new(),
            submitted_at: Timestamp::UNIX_EPOCH,
            contact_by: Timestamp::UNIX_EPOCH,
            fingerprint: [7; 32],
            content: Content::of([8; 16], b"{}"),
            partner: None,
        };
        let file = wire::File { name: "IMG 1.jpg".to_owned(), size: 7, ..wire::File::default() };
        let taken = Taken { files: vec![file.clone()], held: vec![] };

        let read =
            wire::ReportContent::decode(content(&report, &taken, &receipt).as_slice()).unwrap();

        assert_eq!(read.fingerprint.as_ref(), receipt.fingerprint);
        assert_eq!(read.content_hash.as_ref(), receipt.content.hash);
        assert_eq!(read.files, [file]);
        assert_eq!(read.answers.len(), report.answers.len());
        for (read, answered) in read.answers.iter().zip(&report.answers) {
            assert_eq!(read.question, answered.id);
            assert_eq!(read.label, answered.label);
            assert_eq!(read.kind, answered.kind.as_str());
            assert_eq!(serde_json::from_str::<Value>(&read.value_json).unwrap(), answered.value);
            assert_eq!(Some(read.display.as_str()).filter(|s| !s.is_empty()), answered.shown());
        }
        let display = |id: &str| {
            let answer = read.answers.iter().find(|answer| answer.question == id).unwrap();
            (answer.value_json.clone(), answer.display.clone())
        };
        assert_eq!(display("name"), (json!("Jo Sample").to_string(), String::new()));
        assert_ne!(display("type").1, "");
        // What is offered afterwards is chosen by these.
        let sent = sent_answers(read);
        assert!(report.answers.iter().all(|told| sent[told.id] == told.value), "{sent:?}");
    }

    #[test]
    fn what_the_answers_raise_and_wish_is_told_outside_the_seal() {
        let forms = crate::forms::load(&crate::forms::sample_words()).unwrap();
        let form = forms.get("crime").unwrap();
        let now = jiff::civil::date(2026, 11, 25).at(12, 0, 0, 0);
        for wished in ["yes", "no"] {
            let given = json!({ "afraid": "yes", "police_link": "unsure", "acknowledge": wished });
            let given = given.as_object().unwrap().clone();
            let given = crate::domain::form::tests::finished(form, given);
            let report = check(form, &given, now).unwrap();
            let raised = [wire::Flag::Priority2, wire::Flag::Safeguarding, wire::Flag::Restricted];
            assert_eq!(flags(report.flags), raised.map(i32::from));
            assert_eq!(plan(&report.contact).acknowledge, wished == "yes");
        }
    }

    #[test]
    fn what_has_got_worse_carries_its_questions_as_they_were_asked_and_what_they_raise() {
        let forms = crate::forms::load(&crate::forms::sample_words()).unwrap();
        let form = forms.find("again").unwrap();
        let now = jiff::civil::date(2026, 11, 25).at(12, 0, 0, 0);
        let key = ReportKey::new(Uuid::from_u128(1), Uuid::from_u128(2), &[7; 32]).unwrap();
        let sent = |given: Value| {
            let report = check(form, given.as_object().unwrap(), now).unwrap();
            let none = wire::Diary::Unspecified;
            let body = again(&report, none, &[7; 32], Uuid::nil(), Timestamp::UNIX_EPOCH, &key);
            let content = key.open(DETAILS, body.content.as_ref().unwrap()).unwrap();
            let flags: Vec<wire::Flag> = body.flags().collect();
            (wire::DetailsContent::decode(content.as_slice()).unwrap(), flags)
        };
        let (content, flags) = sent(json!({ "now": "no", "danger": "no", "what": "Again." }));
        let last = content.answers.last().unwrap();
        assert_eq!(last.label, "Tell us what has got worse or happened again");
        assert_eq!(
            (last.value_json.as_str(), content.fingerprint.as_ref()),
            ("\"Again.\"", &[7; 32][..])
        );
        assert_eq!(flags, [wire::Flag::Priority2]);
        let (content, flags) = sent(json!({
            "now": "no", "danger": "yes", "emergency": "cannot_call", "what": "At the door",
        }));
        let asked: Vec<&str> =
            content.answers.iter().map(|answer| answer.question.as_str()).collect();
        assert_eq!(asked, ["now", "danger", "emergency", "what"]);
        assert_eq!(
            flags,
            [wire::Flag::EmergencyDeclared, wire::Flag::EmergencyCannotCall, wire::Flag::Priority1]
        );
    }

    #[test]
    fn only_a_way_that_was_said_to_be_private_is_safe() {
        let forms = crate::forms::load(&crate::forms::sample_words()).unwrap();
        let form = forms.get("crime").unwrap();
        let now = jiff::civil::date(2026, 11, 25).at(12, 0, 0, 0);
        for said in ["yes", "no"] {
            let mut answers = crate::domain::form::examples(form);
            answers.retain(|id, _| !["email", "safe_email", "second_channel"].contains(&&**id));
            answers.retain(|id, _| !["phone", "safe_phone"].contains(&&**id));
            answers.insert("channel".to_owned(), json!("post"));
            answers.insert("address".to_owned(), json!({ "line1": "14 Station Road" }));
            answers.insert("safe_post".to_owned(), json!(said));
            let plan = plan(&check(form, &answers, now).unwrap().contact);
            assert_eq!(plan.channel(), wire::Channel::Post);
            assert_eq!(plan.post_is_safe, said == "yes");
            assert!(!plan.email_is_safe && !plan.phone_is_safe);
        }
    }
}
