//! What the control room reads: where, what, and how to reach the person safely. Here alone what they
//! wrote is opened. The rest of the report waits with the bureau.

use backbone::sealing::{KeyError, Keys, Unreadable};
use jiff::{SignedDuration, Timestamp};
use minijinja::context;
use prost::Message;
use proto::intake::v1::{Answer, ContactDetails, DetailsContent, ReportContent};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::desk::Desk;
use crate::codec;
use crate::domain::safe::SafePhone;
use crate::projections::emergencies::DueLetter;
use crate::render::{Email, Error, Renderer, grouped};

/// The questions whose answers are the message.
const WHERE: &str = "where";
const WHAT: &str = "what";
const REACH: &str = "reach";
/// Others that help whoever is sent, where they were asked.
const ALSO: [&str; 3] = ["now", "danger", "role"];

/// An answer as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Said {
    question: String,
    label: String,
    answer: String,
}

/// What is known of the person's need. `Debug` is not for what they wrote.
#[derive(Clone, Default)]
pub(super) struct Facts {
    pub(super) is_readable: bool,
    location: Option<String>,
    what: Option<String>,
    reach: Option<String>,
    also: Vec<Said>,
    name: Option<String>,
    phone: Option<String>,
}

/// Opens what the person wrote. What cannot be opened is left out: the reference alone is better than
/// no message. Waits only for a key database that is away.
pub(super) async fn open(keys: &Keys, due: &DueLetter) -> Result<Facts, KeyError> {
    let kind = if due.is_details { "details.content" } else { "report.content" };
    let opened = opened(keys, due.report_id, kind, due.content.as_deref()).await?;
    let contact = self::opened(keys, due.report_id, "report.contact", due.contact.as_deref());
    let contact = contact.await?.unwrap_or_default();
    let mut facts = match opened {
        Some(plain) if due.is_details => details(&plain),
        Some(plain) => ReportContent::decode(plain.as_slice()).ok().map(|read| said(read.answers)),
        None => None,
    }
    .unwrap_or_default();
    let details = ContactDetails::decode(contact.as_slice()).unwrap_or_default();
    let is_named = !details.name.is_empty() && !due.wishes.anonymous;
    facts.name = is_named.then_some(details.name);
    facts.phone =
        SafePhone::marked(&due.wishes, &details.phone).map(|safe| safe.number().to_owned());
    Ok(facts)
}

async fn opened(
    keys: &Keys,
    report_id: Uuid,
    kind: &str,
    sealed: Option<&[u8]>,
) -> Result<Option<Vec<u8>>, KeyError> {
    let Some(sealed) = sealed.and_then(|bytes| codec::unsealed(bytes).ok()) else {
        return Ok(None);
    };
    match keys.of(report_id, &sealed).await {
        Ok(key) => Ok(key.open(kind, &sealed).ok()),
        Err(KeyError::Unreadable(Unreadable::NoKey | Unreadable::NotOpened)) => Ok(None),
        Err(KeyError::Away(error)) => Err(KeyError::Away(error)),
    }
}

fn details(plain: &[u8]) -> Option<Facts> {
    let read = DetailsContent::decode(plain).ok()?;
    let mut facts = said(read.answers);
    let text = Some(read.text.trim().to_owned()).filter(|text| !text.is_empty());
    facts.what = match (facts.what, text) {
        (Some(what), Some(text)) => Some(format!("{what}\n{text}")),
        (what, text) => what.or(text),
    };
    Some(facts)
}

/// The answers that matter now.
fn said(answers: Vec<Answer>) -> Facts {
    let mut facts = Facts { is_readable: true, ..Facts::default() };
    for answer in answers {
        let shown = shown(&answer);
        let shown = Some(shown).filter(|shown| !shown.trim().is_empty());
        match answer.question.as_str() {
            WHERE => facts.location = shown,
            WHAT => facts.what = shown,
            REACH => facts.reach = shown,
            also if ALSO.contains(&also) => facts.also.extend(shown.map(|shown| Said {
                question: answer.question.clone(),
                label: answer.label.clone(),
                answer: shown,
            })),
            _ => {}
        }
    }
    facts
}

fn shown(answer: &Answer) -> String {
    if answer.display.is_empty() {
        serde_json::from_str(&answer.value_json).unwrap_or_default()
    } else {
        answer.display.clone()
    }
}

/// The email to the control room.
pub(super) fn email(
    renderer: &Renderer,
    desk: &Desk,
    due: &DueLetter,
    facts: &Facts,
) -> Result<Email, Error> {
    let also = facts.also.iter().map(|said| {
        context! { label => said.label.clone(), answer => said.answer.clone() }
    });
    let also: Vec<minijinja::Value> = also.collect();
    renderer.staff_email(
        "control_room",
        context! {
            reference => grouped(&due.reference),
            at => renderer.exact(due.raised_at),
            is_details => due.is_details,
            is_readable => facts.is_readable,
            location => facts.location.clone(),
            what => facts.what.clone(),
            reach => facts.reach.clone(),
            answers => also,
            name => facts.name.clone(),
            phone => facts.phone.clone(),
            page => desk.page(due.message_id),
            code => desk.codes.of(due.message_id),
            patience => patience(desk.patience),
        },
    )
}

/// The neutral email to a person on call: the reference, and nothing of what it is about.
pub(super) fn on_call(renderer: &Renderer, due: &DueLetter) -> Result<Email, Error> {
    renderer.staff_email(
        "on_call",
        context! {
            reference => grouped(&due.reference),
            at => renderer.exact(due.raised_at),
            has_no_way => due.has_no_way,
        },
    )
}

/// The body of the webhook. The same at every attempt.
pub(super) fn webhook(
    desk: &Desk,
    due: &DueLetter,
    facts: &Facts,
    is_live: bool,
) -> serde_json::Value {
    let id = due.message_id;
    json!({
        "type": "emergency.cannot_call",
        "timestamp": due.raised_at,
        "data": {
            "notice": "From the online report form: somebody has said that they cannot call 999. \
                       Nobody has been sent because of this message.",
            "demonstration": !is_live,
            "message_id": id,
            "reference": grouped(&due.reference),
            "sent_at": due.raised_at,
            "added_to_earlier_report": due.is_details,
            "readable": facts.is_readable,
            "where": facts.location,
            "what": facts.what,
            "reach": facts.reach,
            "answers": facts.also,
            "name": facts.name,
            "phone": facts.phone,
            "acknowledge": {
                "url": desk.api(id),
                "page": desk.page(id),
                "code": desk.codes.of(id),
            },
        },
    })
}

/// The page on which a person acknowledges a message.
pub(crate) fn page(
    renderer: &Renderer,
    done: Option<(&str, Timestamp)>,
    fault: Option<&str>,
) -> Result<String, Error> {
    renderer.page(
        "control_room/page.html",
        context! {
            done => done.is_some(),
            reference => done.map(|(reference, _)| grouped(reference)),
            at => done.map(|(_, at)| renderer.exact(at)),
            fault => fault,
        },
    )
}

fn patience(patience: SignedDuration) -> String {
    match (patience.as_secs(), patience.as_mins()) {
        (60, _) => "1 minute".to_owned(),
        (seconds, minutes) if seconds % 60 == 0 => format!("{minutes} minutes"),
        (seconds, _) => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control_room::code::Codes;
    use crate::domain::emergency::Way;
    use crate::domain::plan::Wishes;
    use crate::render::Sender;

    fn answer(question: &str, value: &str, display: &str) -> Answer {
        Answer {
            question: question.to_owned(),
            label: format!("{question}?"),
            value_json: value.to_owned(),
            display: display.to_owned(),
            ..Answer::default()
        }
    }

    fn facts() -> Facts {
        said(vec![
            answer("now", r#""yes""#, "Yes"),
            answer("where", r#"{"line1":"14 Station Road"}"#, "14 Station Road"),
            answer("what", r#""He is at the door & <shouting>""#, ""),
            answer("reach", r#""""#, ""),
            answer("taken", r#""yes""#, "Yes"),
        ])
    }

    fn renderer(is_live: bool) -> Renderer {
        Renderer::try_new(Sender {
            force_name: "Leicestershire Police".to_owned(),
            service_name: "Report to Leicestershire Police".to_owned(),
            report_address: "leics.police.uk/my-report".to_owned(),
            saved_address: "leics.police.uk/saved".to_owned(),
            is_live,
        })
        .unwrap()
    }

    fn desk() -> Desk {
        Desk {
            webhook: None,
            email: None,
            on_call: vec![],
            patience: SignedDuration::from_mins(5),
            address: "https://notifier.force.example".to_owned(),
            codes: Codes::new(&[7; 32]),
        }
    }

    fn due() -> DueLetter {
        DueLetter {
            message_id: Uuid::from_u128(1),
            way: Way::Email,
            report_id: Uuid::from_u128(2),
            reference: "7K4M2TQ9X".to_owned(),
            raised_at: "2026-11-24T18:04:22Z".parse().unwrap(),
            is_details: false,
            has_no_way: false,
            content: None,
            contact: None,
            wishes: Wishes::default(),
            traceparent: String::new(),
        }
    }

    #[test]
    fn what_matters_now_is_told_and_nothing_else() {
        let facts = facts();
        assert_eq!(facts.location.as_deref(), Some("14 Station Road"));
        assert_eq!(facts.what.as_deref(), Some("He is at the door & <shouting>"));
        assert_eq!(facts.reach, None);
        assert_eq!(facts.also.len(), 1, "{:?}", facts.also);
    }

    #[test]
    fn the_first_line_says_what_this_is_and_that_nobody_was_sent() {
        for is_live in [true, false] {
            let email = email(&renderer(is_live), &desk(), &due(), &facts()).unwrap();
            let first = email.text.lines().next().unwrap();
            assert!(first.starts_with("From the online report form"), "{first}");
            assert!(first.contains("cannot call 999. Nobody has been sent"), "{first}");
            assert_eq!(email.text.contains("Demonstration"), !is_live);
            for word in [
                "7K4M-2TQ9-X",
                "18:04:22 on Tuesday 24 November 2026",
                "Where: 14 Station Road",
                "He is at the door",
                "How to reach them safely: not said",
                "now? Yes",
                "/control-room/00000000-0000-0000-0000-000000000001\n",
                "within 5 minutes",
            ] {
                assert!(email.text.contains(word), "{word} is not in\n{}", email.text);
            }
            assert!(email.text.contains(&format!("Code: {}", desk().codes.of(Uuid::from_u128(1)))));
            assert!(email.html.contains("&lt;shouting&gt;"), "{}", email.html);
            assert!(!email.subject.contains("Station"), "{}", email.subject);
        }
    }

    #[test]
    fn what_cannot_be_opened_is_told_by_its_reference() {
        let email = email(&renderer(true), &desk(), &due(), &Facts::default()).unwrap();
        assert!(email.text.contains("What they wrote cannot be shown here"), "{}", email.text);
        assert!(email.text.contains("7K4M-2TQ9-X") && !email.text.contains("Where:"));
    }

    #[test]
    fn a_person_on_call_reads_the_reference_and_nothing_that_gives_it_away() {
        for has_no_way in [true, false] {
            let due = DueLetter { has_no_way, ..due() };
            let email = on_call(&renderer(true), &due).unwrap();
            assert!(email.subject.contains("7K4M-2TQ9-X") && email.text.contains("7K4M-2TQ9-X"));
            let all = format!("{} {} {}", email.subject, email.text, email.html).to_lowercase();
            for word in ["police", "999", "http", "crime", "emergency"] {
                assert!(!all.contains(word), "{word} is in {all}");
            }
        }
    }

    #[test]
    fn no_code_stands_in_an_address() {
        let code = desk().codes.of(Uuid::from_u128(1));
        let body = webhook(&desk(), &due(), &facts(), true);
        let acknowledge = &body["data"]["acknowledge"];
        assert_eq!(acknowledge["code"], code.as_str());
        for address in ["url", "page"] {
            let address = acknowledge[address].as_str().unwrap();
            assert!(!address.contains(&code) && !address.contains(&code.replace('-', "")));
        }
        assert_eq!(body["data"]["where"], "14 Station Road");
    }

    #[test]
    fn details_are_what_is_happening() {
        let content = DetailsContent { text: "He is back".to_owned(), ..DetailsContent::default() };
        let facts = details(&content.encode_to_vec()).unwrap();
        assert_eq!(facts.what.as_deref(), Some("He is back"));
        assert!(facts.is_readable);
    }
}
