use serde_json::{Value, json};
use tests::browser::{Browser, Page};
use tests::mailbox::Mail;
use tests::smtp_server::{Mode, SmtpServer};
use tests::stack::Stack;
use tests::wait;

use crate::nothing_personal::found;
use crate::{LIMIT, Told};

const SAVE: &str = "/report/crime/save";
const EMAIL: &str = "zqlink.planted@example.org";
const NUMBER: &str = "07700 900123";
/// By day and by night: the story is told at any hour.
const ALL_DAY: (&str, &str) = ("TEXT_HOURS", "00:00-24:00");

/// Somebody has typed something, and saved it: the page with the code.
async fn saved(stack: &Stack) -> anyhow::Result<(Browser, Page)> {
    let mut browser = Browser::new(stack.urls()?.get("INTAKE_URL")?)?;
    let typed = [("now", "no"), ("typed", "Zqtyped planted"), ("save", "1")];
    let taken = browser.post("/report/crime/now", &typed).await?;
    let page = browser.follow(&taken).await?;
    assert!(page.says("Shall we send you a link to this page’s address?"), "{}", page.html);
    Ok((browser, page))
}

/// Presses "Send the link" on `page`.
async fn asks(browser: &mut Browser, page: &Page, fields: &[(&str, &str)]) -> anyhow::Result<Page> {
    let own = [("token", page.hidden("token")?), ("number", page.hidden("number")?)];
    browser.post(SAVE, &[own.as_slice(), fields].concat()).await
}

fn by_email(address: &str) -> [(&'static str, &str); 3] {
    [("way", "email"), ("email", address), ("private", "yes")]
}

fn by_text() -> [(&'static str, &'static str); 3] {
    [("way", "text"), ("phone", NUMBER), ("private", "yes")]
}

fn is_text(mail: &Mail) -> bool {
    mail.file.ends_with(".sms.txt")
}

#[tokio::test]
async fn who_saved_a_form_is_told_where_it_is_once_each_time_and_never_how_to_open_it() -> Told {
    let stack = Stack::start(&[("RUST_LOG", "debug"), ALL_DAY]).await?;
    let mailbox = stack.mailbox()?;
    let (mut browser, page) = saved(&stack).await?;
    let code = page.between("<p class=\"app-code\">", "<")?.to_owned();

    let first = asks(&mut browser, &page, &by_email(EMAIL)).await?;
    assert_eq!(first.status, 200, "{}", first.html);
    assert!(first.says("We are sending it to your email address"), "{}", first.html);
    let twin = asks(&mut browser, &page, &by_email(EMAIL)).await?;
    assert_eq!((twin.status, twin.says("We are sending it")), (200, true));
    let page = browser.get(SAVE).await?;
    // Twice in the same moment.
    let mut other_hand = browser.clone();
    let (one, other) = (by_text(), by_text());
    let (one, other) =
        tokio::join!(asks(&mut browser, &page, &one), asks(&mut other_hand, &page, &other));
    for texted in [one?, other?] {
        assert!(texted.says("We are sending it to your mobile"), "{}", texted.html);
    }
    mailbox.gets(&["Subject: Your saved form", "leics.police.uk/saved"], LIMIT).await?;
    mailbox.gets(&["Leicestershire Police: your form is saved, not sent."], LIMIT).await?;

    // The same code opens the form elsewhere: it was told to nobody.
    let mut elsewhere = Browser::new(stack.urls()?.get("INTAKE_URL")?)?;
    let opened = elsewhere.post("/saved", &[("code", &code)]).await?;
    assert_eq!((opened.status, opened.location.as_str()), (303, "/report/crime/now"));

    let proven = stack.verify().await?;
    assert_eq!(proven.checked("where a saved form is"), 5);
    let mails = mailbox.all()?;
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert_eq!(mails.iter().filter(|mail| is_text(mail)).count(), 1, "{mails:?}");
    let groups: Vec<&str> = code.split('-').collect();
    let spelt = [code.as_str(), &code.replace('-', ""), &groups[..2].join(""), "Zqtyped", "crime"];
    for mail in &mails {
        for secret in spelt {
            let text = mail.text.to_lowercase();
            assert!(!text.contains(&secret.to_lowercase()), "{secret}: {}", mail.text);
        }
        assert!(mail.text.contains("999") && mail.text.contains("not sent"), "{}", mail.text);
    }

    // No report, no case, nothing for anybody to do.
    let officer = stack.triager()?;
    for list in ["cases", "tasks", "parked"] {
        let list: Value = officer.get(list).await?.into(200)?;
        assert_eq!(list["items"], json!([]));
    }
    let planted = [EMAIL, "+447700900123", "Zqtyped", &code].map(str::to_owned);
    for folder in ["pg", "nats", "log"] {
        let hits = found(&stack.dir().join(folder), &planted);
        assert!(hits.is_empty(), "{}", hits.join("\n"));
    }
    // Computed from the logs again, everything is as it was.
    for service in ["intake", "bureau", "notifier"] {
        stack.kill(&service.to_uppercase())?;
        stack.service(service, &["log", "recover"]).await?;
    }
    stack.up().await?;
    stack.verify().await?;
    assert_eq!(mailbox.all()?, mails);
    Ok(())
}

#[tokio::test]
async fn nothing_is_sent_where_it_is_not_private_not_whole_or_too_often() -> Told {
    let stack = Stack::start(&[ALL_DAY]).await?;
    let (mut browser, page) = saved(&stack).await?;

    let empty = asks(&mut browser, &page, &[]).await?;
    assert_eq!(empty.status, 422);
    for words in [
        "Choose if we shall send the link by email or by text",
        "Tell us if it is private to you",
        "There is a problem",
    ] {
        assert!(empty.says(words), "{}", empty.html);
    }
    let wrong = [("way", "text"), ("phone", "01632 960001"), ("private", "yes")];
    let wrong = asks(&mut browser, &page, &wrong).await?;
    assert_eq!(wrong.status, 422);
    assert!(wrong.says("Enter a mobile number, like 07700 900123, or choose email"));
    assert!(wrong.says("01632 960001"), "what was typed is gone: {}", wrong.html);
    let unsure = [("way", "email"), ("email", EMAIL), ("private", "no")];
    let unsure = asks(&mut browser, &page, &unsure).await?;
    assert_eq!((unsure.status, unsure.says("We will not write there.")), (200, true));
    let strange = [("token", "0"), ("number", "1")];
    let strange = browser.post(SAVE, &[&strange[..], &by_email(EMAIL)].concat()).await?;
    assert_eq!((strange.status, strange.says("Nothing is sent yet")), (422, true));
    // Without the session there is no form whose address could be sent.
    let mut stranger = Browser::new(stack.urls()?.get("INTAKE_URL")?)?;
    let sent = asks(&mut stranger, &page, &by_email(EMAIL)).await?;
    assert_eq!((sent.status, sent.location.as_str()), (303, "/saved"));
    assert_eq!(stack.verify().await?.checked("where a saved form is"), 3);
    assert_eq!(stack.mailbox()?.all()?, []);

    // Pressed from one page, to three addresses and a fourth.
    for number in 1..=3 {
        let sent = asks(&mut browser, &page, &by_email(&format!("a{number}@example.org"))).await?;
        assert_eq!((sent.status, sent.says("We are sending it")), (200, true), "{}", sent.html);
    }
    let fourth = asks(&mut browser, &page, &by_email("a4@example.org")).await?;
    assert_eq!((fourth.status, fourth.says("three times at most")), (429, true));
    assert!(!browser.get(SAVE).await?.says("Send the link"));
    stack.mailbox()?.gets(&["a3@example.org"], LIMIT).await?;
    assert_eq!(stack.verify().await?.checked("where a saved form is"), 6);
    assert_eq!(stack.mailbox()?.all()?.len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_link_counts_as_a_submission() -> Told {
    let stack =
        Stack::start(&[("RATE_LIMIT_LOOPBACK", "on"), ("RATE_SUBMISSIONS_PER_HOUR", "1")]).await?;
    let (mut browser, page) = saved(&stack).await?;
    let first = asks(&mut browser, &page, &by_email(EMAIL)).await?;
    assert_eq!(first.status, 200);
    let page = browser.get(SAVE).await?;
    let second = asks(&mut browser, &page, &by_email("other@example.org")).await?;
    assert_eq!((second.status, second.says("Please wait a moment")), (429, true));
    // What was typed stands in the page: one press sends it again.
    assert!(second.says("other@example.org"), "{}", second.html);
    stack.mailbox()?.gets(&["Your saved form"], LIMIT).await?;
    stack.verify().await?;
    assert_eq!(stack.mailbox()?.all()?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_link_that_cannot_go_in_time_does_not_go_and_nobody_is_asked_for_it() -> Told {
    let server = SmtpServer::start(Mode::Busy).await?;
    let url = server.url();
    let settings = [
        ("NOTIFIER_CHANNEL", "smtp"),
        ("SMTP_URL", url.as_str()),
        ("SAVED_LINK_WITHIN", "2s"),
        ALL_DAY,
    ];
    let stack = Stack::start(&settings).await?;
    let (mut browser, page) = saved(&stack).await?;
    // There is no way for texts here.
    assert_eq!(asks(&mut browser, &page, &by_text()).await?.status, 200);
    assert_eq!(asks(&mut browser, &page, &by_email(EMAIL)).await?.status, 200);
    let urls = stack.urls()?;
    wait::until("the message to be given up", LIMIT, || async {
        let events = tests::verify::read_log(urls.get("NOTIFIER_DATABASE_URL")?).await?;
        Ok(events.iter().any(|event| event.kind == "message.given_up").then_some(()))
    })
    .await?;
    server.answers(Mode::Accept)?;
    stack.verify().await?;
    assert_eq!(server.kept()?.len(), 0);
    let tasks: Value = stack.triager()?.get("tasks").await?.into(200)?;
    assert_eq!(tasks["items"], json!([]));
    Ok(())
}
