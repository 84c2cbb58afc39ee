mod added; // what is added to an earlier report
mod mail; // a mail server that is busy, or hangs up

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Map, Value, json};
use tests::citizen::{Answer, Receipt, http, new_key};
use tests::control_room::{ControlRoom, Mode};
use tests::mailbox::Mail;
use tests::stack::Stack;
use tests::verify::{Event, read_log};
use tests::wait;

use crate::{LIMIT, Told};

/// From the receipt to the control room.
const AT_ONCE: Duration = Duration::from_secs(5);

/// What somebody answers who cannot call 999, and no more.
fn cannot_call() -> Map<String, Value> {
    let answers = json!({
        "now": "yes", "danger": "yes", "emergency": "cannot_call",
        "where": { "line1": "14 Station Road", "town": "Newtown" },
        "what": "Zqman at the back door",
        "reach": "Text 07700 900123, do not ring",
    });
    answers.as_object().cloned().unwrap_or_default()
}

async fn stack(room: &ControlRoom, more: &[(&str, &str)], replicas: u8) -> anyhow::Result<Stack> {
    let (url, secret) = (room.url(), room.secret_file());
    let mut settings = vec![
        ("CONTROL_ROOM_WEBHOOK", url.as_str()),
        ("CONTROL_ROOM_WEBHOOK_SECRET_FILE", secret.as_str()),
    ];
    settings.extend(more);
    Stack::start_with(&settings, replicas).await
}

/// The events of these kinds in the notifier's log.
async fn events(stack: &Stack, kind: &str) -> anyhow::Result<Vec<Event>> {
    let log = read_log(stack.urls()?.get("NOTIFIER_DATABASE_URL")?).await?;
    Ok(log.into_iter().filter(|event| event.kind == kind).collect())
}

async fn until_acknowledged(stack: &Stack) -> Told {
    wait::until("the acknowledgement", LIMIT, || async {
        let acknowledged = events(stack, "emergency.acknowledged").await?;
        Ok((acknowledged.len() == 1).then_some(()))
    })
    .await
}

/// The email to the control room about this report.
async fn letter(stack: &Stack, receipt: &Receipt, limit: Duration) -> anyhow::Result<Mail> {
    let words = ["To: control-room@police.invalid", &receipt.reference];
    stack.mailbox()?.gets(&words, limit).await
}

/// The line of a message that begins with `start`, without it.
fn after<'m>(mail: &'m Mail, start: &str) -> anyhow::Result<&'m str> {
    let line = mail.text.lines().find_map(|line| line.strip_prefix(start));
    Ok(line.with_context(|| format!("{start} is not in {}", mail.text))?.trim())
}

async fn at_page(stack: &Stack, message: &str, code: Option<&str>) -> anyhow::Result<Answer> {
    let url = format!("{}/control-room/{message}", stack.urls()?.get("NOTIFIER_URL")?);
    let request = match code {
        Some(code) => http()?.post(url).form(&[("code", code)]),
        None => http()?.get(url),
    };
    Answer::read(request.send().await?).await
}

async fn by_api(stack: &Stack, message: &str, token: Option<&str>) -> anyhow::Result<Answer> {
    let notifier = stack.urls()?.get("NOTIFIER_URL")?.to_owned();
    let mut request = http()?.post(format!("{notifier}/api/v1/control-room/{message}/acknowledge"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    Answer::read(request.send().await?).await
}

/// What staff see of the contact about this report.
async fn contact(stack: &Stack, receipt: &Receipt) -> anyhow::Result<Value> {
    let urls = stack.urls()?;
    let url = format!("{}/api/v1/contacts/{}", urls.get("NOTIFIER_URL")?, receipt.reference);
    let request = http()?.get(url).bearer_auth(urls.get("STAFF_TOKEN_AUDITOR")?);
    Answer::read(request.send().await?).await?.into(200)
}

#[tokio::test]
async fn who_cannot_call_reaches_the_control_room_at_once_by_both_ways() -> Told {
    let room = ControlRoom::start(Mode::Answer(204, ""))?;
    let stack = stack(&room, &[("RUST_LOG", "debug")], 2).await?;
    let receipt = stack.citizen()?.reports(&cannot_call()).await?;
    let since = Instant::now();
    let told = room.hears(1, AT_ONCE).await?;
    let mail = letter(&stack, &receipt, AT_ONCE).await?;
    assert!(since.elapsed() < AT_ONCE, "{:?}", since.elapsed());

    let data = &told[0].body["data"];
    assert_eq!(told[0].body["type"], "emergency.cannot_call");
    assert_eq!(data["reference"], receipt.reference.as_str());
    assert_eq!(data["where"], "14 Station Road, Newtown");
    assert_eq!(data["what"], "Zqman at the back door");
    assert_eq!(data["reach"], "Text 07700 900123, do not ring");
    assert_eq!(data["answers"][0]["answer"], "Yes", "{data}");
    assert_eq!(data["demonstration"], true);
    let message = told[0].id.as_str();
    assert_eq!(mail.file, format!("{message}.eml"), "one message, known by one id");
    for word in ["Where: 14 Station Road, Newtown", "Zqman at the back door", "do not ring"] {
        assert!(mail.text.contains(word), "{word} is not in {}", mail.text);
    }
    let body = mail.text.split("quoted-printable\r\n\r\n").nth(1).context("no body")?;
    let first = body.trim_start();
    assert!(first.starts_with("From the online report form: somebody has said"), "{first}");
    for word in ["Station", "Zqman", "07700"] {
        assert!(!after(&mail, "Subject: ")?.contains(word));
    }

    // Mail scanners open links.
    assert_eq!(at_page(&stack, message, None).await?.status, 200);
    let wrong = at_page(&stack, message, Some("0000-0000-0000")).await?;
    assert_eq!(wrong.status, 403);
    assert!(wrong.body.to_string().contains("does not belong to this message"));
    assert!(events(&stack, "emergency.acknowledged").await?.is_empty());
    let code = after(&mail, "Code: ")?.to_owned();
    assert_eq!(data["acknowledge"]["code"], code.as_str());
    let done = at_page(&stack, message, Some(&code.to_lowercase().replace('-', " "))).await?;
    assert_eq!(done.status, 200);
    assert!(done.body.to_string().contains("This message is acknowledged"), "{}", done.body);
    let again: Value = by_api(&stack, message, Some(&code)).await?.into(200)?;
    assert_eq!(again["acknowledged_by"], "control_room");
    until_acknowledged(&stack).await?;

    let seen = contact(&stack, &receipt).await?;
    let emergency = &seen["emergencies"][0];
    assert_eq!(emergency["acknowledged_by"], "control_room", "{seen}");
    for (number, way) in [(0, "email"), (1, "webhook")] {
        let letter = &emergency["letters"][number];
        assert_eq!(
            (&letter["way"], &letter["attempts"][0]["outcome"]),
            (&json!(way), &json!("delivered"))
        );
    }
    let report = stack.verify().await?;
    assert_eq!(report.checked("every emergency_cannot_call"), 2);
    assert_eq!(room.told()?.len(), 1, "two replicas tell it once");
    assert_eq!(stack.mailbox()?.all()?.len(), 1, "nothing goes to the person unasked");
    let logged = stack.log_lines()?;
    for word in [code.as_str(), "Zqman", "07700 900123", "Station Road"] {
        assert!(!logged.contains(word), "{word} is in a log");
    }
    Ok(())
}

#[tokio::test]
async fn staff_may_acknowledge_and_nobody_else_without_the_code() -> Told {
    let stack = Stack::start(&[]).await?;
    let receipt = stack.citizen()?.reports(&cannot_call()).await?;
    let mail = letter(&stack, &receipt, AT_ONCE).await?;
    let message = mail.file.trim_end_matches(".eml");
    let urls = stack.urls()?;
    for (token, status, code) in [
        (None, 401, "unauthenticated"),
        (Some("0000-0000-0000"), 401, "unauthenticated"),
        (Some(urls.get("STAFF_TOKEN_AUDITOR")?), 403, "wrong_role"),
    ] {
        let refused = by_api(&stack, message, token).await?;
        assert_eq!((refused.status, refused.code()), (status, code));
    }
    let triager = urls.get("STAFF_TOKEN_TRIAGER")?;
    let unknown = by_api(&stack, &new_key(), Some(triager)).await?;
    assert_eq!((unknown.status, unknown.code()), (404, "not_found"));
    assert_eq!(by_api(&stack, "x", Some(triager)).await?.status, 404);
    assert!(events(&stack, "emergency.acknowledged").await?.is_empty());

    let first: Value = by_api(&stack, message, Some(triager)).await?.into(200)?;
    assert_eq!(
        (&first["message_id"], &first["reference"]),
        (&json!(message), &json!(receipt.reference))
    );
    assert_ne!(first["acknowledged_by"], "control_room");
    let second: Value = by_api(&stack, message, Some(after(&mail, "Code: ")?)).await?.into(200)?;
    assert_eq!(first, second, "who had it first stands");
    until_acknowledged(&stack).await?;
    stack.verify().await?;

    // What staff see is computed from the log, and computable from it again.
    let seen = contact(&stack, &receipt).await?;
    stack.kill("NOTIFIER")?;
    stack.service("notifier", &["log", "recover"]).await?;
    stack.up().await?;
    assert_eq!(contact(&stack, &receipt).await?, seen);
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn a_control_room_that_fails_and_is_slow_is_told_again_until_it_has_it() -> Told {
    let room = ControlRoom::start(Mode::Answer(500, "no"))?;
    let stack = stack(&room, &[], 1).await?;
    let receipt = stack.citizen()?.reports(&cannot_call()).await?;
    letter(&stack, &receipt, AT_ONCE).await?;
    room.hears(3, LIMIT).await?;
    room.answers(Mode::Silent);
    let silent_from = room.told()?.len();
    room.hears(silent_from + 1, LIMIT).await?;
    room.answers(Mode::Answer(200, r#"{"acknowledged": true}"#));
    until_acknowledged(&stack).await?;
    let told = room.told()?;
    assert!(told.iter().all(|each| each.id == told[0].id && each.body == told[0].body));
    let seen = contact(&stack, &receipt).await?;
    let attempts = &seen["emergencies"][0]["letters"][1]["attempts"];
    assert_eq!(
        (&attempts[0]["outcome"], &attempts[0]["detail"]),
        (&json!("failed"), &json!("500"))
    );
    let outcomes = attempts.as_array().context("no attempts")?;
    let has = |outcome: &str| outcomes.iter().any(|attempt| attempt["outcome"] == outcome);
    assert!(has("in_doubt") && has("delivered"), "{attempts}");
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn what_nobody_acknowledges_is_alarmed_again_and_again() -> Told {
    let room = ControlRoom::start(Mode::Answer(200, "{}"))?;
    let on_call = "first@police.invalid, second@police.invalid";
    let settings = [("CONTROL_ROOM_PATIENCE", "2s"), ("CONTROL_ROOM_ONCALL", on_call)];
    let stack = stack(&room, &settings, 1).await?;
    let receipt = stack.citizen()?.reports(&cannot_call()).await?;
    let mailbox = stack.mailbox()?;
    for person in ["first", "second"] {
        let to = format!("To: {person}@police.invalid");
        let mail = mailbox.gets(&[&to, &receipt.reference], LIMIT).await?;
        let (_, words) = mail.text.split_once("Subject:").context("no subject")?;
        for word in ["Zqman", "Station", "999", "Police", "http"] {
            assert!(!words.contains(word), "{word} is in {words}");
        }
    }
    wait::until("the second alarm and its letters", LIMIT, || async {
        let mails = mailbox.all()?;
        let to_first = mails.iter().filter(|mail| mail.text.contains("To: first@"));
        Ok((to_first.count() >= 2).then_some(()))
    })
    .await?;
    assert!(stack.log_lines()?.contains("alarm: somebody cannot call 999"));
    let url = format!("{}/metrics", stack.urls()?.get("NOTIFIER_ADMIN_URL")?);
    let metrics = http()?.get(url).send().await?.text().await?;
    assert!(metrics.contains("notifier_control_room_alarms"), "{metrics}");

    let mail = letter(&stack, &receipt, LIMIT).await?;
    let message = mail.file.trim_end_matches(".eml");
    assert_eq!(at_page(&stack, message, Some(after(&mail, "Code: ")?)).await?.status, 200);
    stack.verify().await?;
    let alarms = events(&stack, "emergency.alarmed").await?;
    let acknowledged = events(&stack, "emergency.acknowledged").await?;
    assert!(alarms.iter().all(|alarm| alarm.position < acknowledged[0].position));
    assert_eq!(room.told()?.len(), 1, "what was delivered is not told again");
    Ok(())
}

#[tokio::test]
async fn a_notifier_that_dies_while_it_tells_tells_it_again() -> Told {
    let room = ControlRoom::start(Mode::Silent)?;
    let stack = stack(&room, &[], 1).await?;
    let receipt = stack.citizen()?.reports(&cannot_call()).await?;
    room.hears(1, AT_ONCE).await?;
    stack.kill("NOTIFIER")?;
    room.answers(Mode::Answer(200, ""));
    stack.up().await?;
    let told = room.hears(2, LIMIT).await?;
    assert_eq!(told[0].id, told[1].id);
    letter(&stack, &receipt, LIMIT).await?;
    let attempts = wait::until("the outcome of the second attempt", LIMIT, || async {
        let seen = contact(&stack, &receipt).await?;
        let webhook = seen["emergencies"][0]["letters"][1].clone();
        Ok(webhook["delivered_at"].is_string().then_some(webhook["attempts"].clone()))
    })
    .await?;
    assert_eq!(
        (&attempts[0]["outcome"], &attempts[0]["detail"]),
        (&json!("in_doubt"), &json!("untold"))
    );
    assert_eq!(attempts[1]["outcome"], "delivered");
    stack.verify().await?;
    Ok(())
}

#[tokio::test]
async fn without_a_control_room_the_alarm_is_raised_at_once() -> Told {
    let settings = [("CONTROL_ROOM_EMAIL", "off"), ("CONTROL_ROOM_ONCALL", "first@police.invalid")];
    let stack = Stack::start(&settings).await?;
    let citizen = stack.citizen()?;
    // Nobody is offered it, and nobody can send it; what was sent before the room was gone still comes.
    let body = json!({ "kind": "crime", "answers": cannot_call() });
    let refused = citizen.send(Some(&new_key()), &body).await?;
    assert_eq!((refused.status, refused.code()), (422, "answers_wrong"));
    let receipt = citizen.reports(&citizen.answers("crime").await?).await?;
    added::adds(&stack, "In the shed").await?;
    let words = ["To: first@police.invalid", &receipt.reference];
    let mail = stack.mailbox()?.gets(&words, AT_ONCE).await?;
    assert!(mail.text.contains("nobody set up who is told"), "{}", mail.text);
    let seen = contact(&stack, &receipt).await?;
    assert_eq!(seen["emergencies"][0]["alarms"], 1, "{seen}");
    stack.verify().await?;
    Ok(())
}
