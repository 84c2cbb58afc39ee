use std::process::Command;

use serde_json::Value;
use tests::stack::{Stack, program};
use tests::wait;

use crate::{LIMIT, Told};

const SERVICES: [&str; 3] = ["intake", "bureau", "notifier"];

#[test]
fn every_program_answers_help_with_its_settings() -> Told {
    for service in SERVICES {
        let help = Command::new(program(&format!("{service}-service"))?).arg("--help").output()?;
        let said = String::from_utf8(help.stdout)?;
        assert!(help.status.success());
        for word in ["migrate", "log", "stream", "parked", "serve", "MASTER_KEY_FILE"] {
            assert!(said.contains(word), "{service} --help says nothing of {word}: {said}");
        }
        for command in
            [["log", "verify"], ["log", "recover"], ["stream", "rebuild"], ["parked", "list"]]
        {
            let help = Command::new(program(&format!("{service}-service"))?)
                .args(command)
                .arg("--help")
                .output()?;
            assert!(help.status.success(), "{service} {command:?} --help");
        }
    }
    Ok(())
}

#[test]
fn a_service_without_its_secrets_refuses_and_names_them() -> Told {
    let secrets = [
        ("intake", ["RECEIPT_KEY_FILE", "INTAKE_LOG_KEY_FILE"]),
        ("bureau", ["STAFF_TOKEN_KEY_FILE", "BUREAU_LOG_KEY_FILE"]),
        ("notifier", ["MASTER_KEY_FILE", "NOTIFIER_LOG_KEY_FILE"]),
    ];
    for (service, names) in secrets {
        let run = Command::new(program(&format!("{service}-service"))?).env_clear().output()?;
        let said = String::from_utf8(run.stderr)?;
        assert_eq!(run.status.code(), Some(2), "{said}");
        for name in names {
            assert!(said.contains(name), "{service} does not name {name}: {said}");
        }
    }
    Ok(())
}

#[test]
fn a_live_notifier_refuses_what_is_for_demonstrations() -> Told {
    for channel in ["folder", "blackhole"] {
        let run = Command::new(program("notifier-service")?)
            .env_clear()
            .envs([("FORCE_LIVE", "yes"), ("STAFF_TOKEN_ISSUER", "local-demo")])
            .env("NOTIFIER_CHANNEL", channel)
            .output()?;
        let said = String::from_utf8(run.stderr)?;
        assert_eq!(run.status.code(), Some(2), "{said}");
        for fault in ["STAFF_TOKEN_ISSUER is that of", "NOTIFIER_CHANNEL reaches nobody"] {
            assert!(said.contains(fault), "{channel}: {said}");
        }
    }
    Ok(())
}

#[test]
fn a_live_intake_signs_no_receipt_as_a_demonstration() -> Told {
    let refused = "RECEIPT_ISSUER is that of demonstrations";
    let said = refusal("intake", &[("FORCE_LIVE", "yes"), ("RECEIPT_ISSUER", "local-demo")])?;
    assert!(said.contains(refused), "{said}");
    let said = refusal("intake", &[("FORCE_LIVE", "yes"), ("RECEIPT_ISSUER", "A Force")])?;
    assert!(!said.contains(refused), "{said}");
    Ok(())
}

/// What a service with nothing but `settings` says is wrong with them.
fn refusal(service: &str, settings: &[(&str, &str)]) -> anyhow::Result<String> {
    let mut command = Command::new(program(&format!("{service}-service"))?);
    let run = command.env_clear().envs(settings.iter().copied()).output()?;
    let said = String::from_utf8(run.stderr)?;
    anyhow::ensure!(run.status.code() == Some(2), "{service}: {said}");
    Ok(said)
}

#[test]
fn a_service_is_not_live_before_everything_is_named_by_which_a_force_is_known() -> Told {
    let known = ["FORCE_NAME", "BUREAU_HOURS", "CONTROL_ROOM_EMAIL"];
    let named: [(&str, &[&str]); 3] = [
        ("intake", &["SERVICE_NAME", "FORCE_FILE"]),
        ("bureau", &["BUREAU_NAME"]),
        ("notifier", &["SERVICE_NAME", "REPORT_ADDRESS", "SAVED_ADDRESS", "SMTP_FROM"]),
    ];
    for (service, own) in named {
        let all: Vec<&str> = known.iter().chain(own).copied().collect();
        let told = |name: &str| format!("{name} is not set, and FORCE_LIVE=yes");
        let said = refusal(service, &[("FORCE_LIVE", "yes")])?;
        for name in &all {
            assert!(said.contains(&told(name)), "{service} does not name {name}: {said}");
        }
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/force/leicestershire.toml");
        let value = |name| if name == "FORCE_FILE" { file } else { "a@force.example" };
        let set = all.iter().map(|name| (*name, value(*name)));
        let said = refusal(service, &set.chain([("FORCE_LIVE", "yes")]).collect::<Vec<_>>())?;
        assert!(!said.contains("FORCE_LIVE"), "{service}: {said}");
    }
    Ok(())
}

#[test]
fn a_control_room_that_cannot_be_told_is_refused_and_named() -> Told {
    let webhook = |address| ("CONTROL_ROOM_WEBHOOK", address);
    let secret = ("CONTROL_ROOM_WEBHOOK_SECRET_FILE", "/nowhere/secret");
    let refused: [(&[(&str, &str)], &str); 7] = [
        (&[webhook("https://room.example/")], "CONTROL_ROOM_WEBHOOK_SECRET_FILE is not set"),
        (
            &[webhook("http://127.0.0.1:1/"), secret],
            "CONTROL_ROOM_WEBHOOK_SECRET_FILE: cannot read",
        ),
        (&[webhook("http://room.example/"), secret], "CONTROL_ROOM_WEBHOOK cannot be used"),
        (&[("CONTROL_ROOM_EMAIL", "the control room")], "CONTROL_ROOM_EMAIL has something"),
        (&[("CONTROL_ROOM_ONCALL", "a@b.example, c")], "CONTROL_ROOM_ONCALL has something"),
        (&[("CONTROL_ROOM_PATIENCE", "soon")], "CONTROL_ROOM_PATIENCE is no time"),
        (&[("NOTIFIER_PUBLIC_URL", "notifier")], "NOTIFIER_PUBLIC_URL must be"),
    ];
    for (settings, fault) in refused {
        let said = refusal("notifier", settings)?;
        assert!(said.contains(fault), "{settings:?}: {said}");
        assert!(!said.contains("the control room\n") && !said.contains("a@b.example"), "{said}");
    }
    Ok(())
}

/// What `/readyz` answers: ready or not, and every part's word.
async fn ready(stack: &Stack, service: &str) -> anyhow::Result<(bool, Value)> {
    let url = format!("{}/readyz", stack.urls()?.get(&format!("{service}_ADMIN_URL"))?);
    let response = tests::citizen::http()?.get(url).send().await?;
    let ready = response.status().is_success();
    Ok((ready, response.json().await?))
}

async fn until_not_ready(stack: &Stack, service: &str, says: &str) -> Told {
    wait::until(&format!("{service} to say that {says}"), LIMIT, || async {
        let (ready, parts) = ready(stack, service).await?;
        anyhow::ensure!(!ready && parts.to_string().contains(says), "{parts}");
        Ok(Some(()))
    })
    .await
}

#[tokio::test]
async fn a_service_starts_without_its_servers_and_says_what_is_missing() -> Told {
    let stack = Stack::start(&[]).await?;
    for (server, says) in [("NATS", "broker is away"), ("POSTGRES", "database is away")] {
        stack.kill(server)?;
        let live = async |service: &str| -> Told {
            let url = format!("{}/livez", stack.urls()?.get(&format!("{service}_ADMIN_URL"))?);
            let status = tests::citizen::http()?.get(url).send().await?.status();
            anyhow::ensure!(status.is_success(), "{service} is not live");
            Ok(())
        };
        for service in ["INTAKE", "BUREAU", "NOTIFIER"] {
            until_not_ready(&stack, service, says).await?;
            live(service).await?;
        }
        // A process that starts now waits as one that was there before does.
        let mut child = stack.service_command("intake", &["serve"])?;
        child.env("INTAKE_LISTEN", "127.0.0.1:0").env("INTAKE_ADMIN_LISTEN", "127.0.0.1:0");
        child.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = child.spawn()?;
        let ended =
            wait::until("a starting service to give up", std::time::Duration::from_secs(2), || {
                let ended = child.try_wait();
                async move { Ok(ended?) }
            })
            .await;
        child.kill()?;
        child.wait()?;
        assert!(ended.is_err(), "a service ended because {server} was away");
        stack.up().await?;
    }
    stack.verify().await?;
    Ok(())
}
