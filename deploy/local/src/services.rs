//! Intake, bureau and notifier: what they are told, how their databases are made, how they start.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;

use crate::cluster;
use crate::environment;
use crate::http;
use crate::layout::{Layout, write_private};
use crate::nats;
use crate::process::{Identity, Launch, complete, launch};
use crate::secrets;
use crate::state::State;
use crate::tokens;
use crate::up::Stack;
use crate::urls::line;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Intake,
    Bureau,
    Notifier,
}

impl Service {
    pub(crate) const ALL: [Self; 3] = [Self::Intake, Self::Bureau, Self::Notifier];

    /// Also the name of its database, of its role there and of its user at the broker.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Bureau => "bureau",
            Self::Notifier => "notifier",
        }
    }

    /// What its settings begin with; also the name of its stream.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Intake => "INTAKE",
            Self::Bureau => "BUREAU",
            Self::Notifier => "NOTIFIER",
        }
    }

    /// The address that people expect it at.
    pub(crate) const fn usual_port(self) -> u16 {
        match self {
            Self::Intake => 8080,
            Self::Bureau => 8081,
            Self::Notifier => 8082,
        }
    }
}

/// One process of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instance {
    pub service: Service,
    /// From 1.
    pub number: u8,
}

impl Instance {
    /// All of them, the first of each service first.
    pub(crate) fn all(replicas: u8) -> impl Iterator<Item = Self> {
        (1..=replicas).flat_map(|number| Service::ALL.map(move |service| Self { service, number }))
    }

    /// Also the name of its port.
    pub(crate) fn name(self) -> String {
        match self.number {
            1 => self.service.name().to_owned(),
            number => format!("{}-{number}", self.service.name()),
        }
    }

    /// The name of its port for operators.
    pub(crate) fn admin(self) -> String {
        format!("{}-admin", self.name())
    }

    /// `INTAKE`, `INTAKE_2`: its name in `urls.env`.
    pub(crate) fn label(self) -> String {
        self.name().to_uppercase().replace('-', "_")
    }
}

/// What an instance is told. Addresses, keys and accounts are the stack's; of plain settings
/// (`CONTACT_DEADLINE`, `SMTP_URL`, `RUST_LOG`, ...) the caller's reach it by themselves, and the
/// defaults here stand aside for them.
fn settings(layout: &Layout, state: &State, of: Instance) -> Result<Vec<(String, String)>> {
    let service = of.service;
    let (name, prefix) = (service.name(), service.prefix());
    let address = |name: &str| Ok::<_, anyhow::Error>(format!("127.0.0.1:{}", state.port(name)?));
    let file = |secret: &str| layout.secret(secret).display().to_string();
    let mut settings = vec![
        (format!("{prefix}_LISTEN"), address(&of.name())?),
        (format!("{prefix}_ADMIN_LISTEN"), address(&of.admin())?),
        (format!("{prefix}_DATABASE_URL"), cluster::url(layout, name, name)),
        (format!("{prefix}_NATS_USER"), name.to_owned()),
        (
            format!("{prefix}_NATS_PASSWORD_FILE"),
            secrets::nats_password_file(layout, name).display().to_string(),
        ),
        (format!("{prefix}_LOG_KEY_FILE"), file(&format!("{name}-log.key"))),
    ];
    let mut also = |name: &str, value: String| settings.push((name.to_owned(), value));
    also("KEYS_DATABASE_URL", cluster::url(layout, "keys", name));
    also("NATS_URL", nats::url(state)?);
    also("MASTER_KEY_FILE", file("master.key"));
    if service != Service::Notifier {
        also("EVIDENCE_DIR", layout.evidence().display().to_string());
    }
    match service {
        Service::Intake => {
            also("INTAKE_SECRET_FILE", file("intake.secret"));
            also("RECEIPT_KEY_FILE", file("receipt.key"));
            also("RECEIPT_ISSUER", tokens::ISSUER.to_owned());
            also("INTAKE_PUBLIC_URL", format!("http://{}", address(name)?));
        }
        Service::Bureau | Service::Notifier => {
            also("STAFF_TOKEN_KEY_FILE", file("staff.key"));
            also("STAFF_TOKEN_ISSUER", tokens::ISSUER.to_owned());
        }
    }
    if service == Service::Notifier {
        also("OUTBOX_DIR", layout.outbox().display().to_string());
    }
    for (name, value) in plain(layout, service) {
        also(name, value);
    }
    Ok(settings)
}

/// Who is told here of somebody who cannot call 999; `CONTROL_ROOM_EMAIL=off`: nobody.
const CONTROL_ROOM: &str = "control-room@police.invalid";

/// Settings that the caller may change, with what they are here if the caller does not.
fn plain(layout: &Layout, service: Service) -> Vec<(&'static str, String)> {
    let aside = layout.dir().display().to_string();
    let webhook_secret = layout.secret(secrets::CONTROL_ROOM_WEBHOOK).display().to_string();
    let partners = layout.partners().display().to_string();
    let mut settings = vec![("RECOVER_TAIL_FOLDER", Some(aside.as_str()))];
    if service != Service::Bureau {
        let room = [("CONTROL_ROOM_EMAIL", Some(CONTROL_ROOM)), ("CONTROL_ROOM_WEBHOOK", None)];
        settings.extend(room);
    }
    settings.extend(match service {
        Service::Intake => vec![
            ("RATE_LIMIT_LOOPBACK", Some("off")),
            ("CONTACT_DEADLINE", None),
            ("OPEN311_KEYS_FILE", Some(partners.as_str())),
        ],
        Service::Bureau => vec![],
        Service::Notifier => vec![
            ("NOTIFIER_CHANNEL", Some("folder")),
            ("SMTP_URL", None),
            ("CONTROL_ROOM_WEBHOOK_SECRET_FILE", Some(webhook_secret.as_str())),
            ("CONTROL_ROOM_ONCALL", None),
            ("CONTROL_ROOM_PATIENCE", None),
        ],
    });
    let value =
        |name, default: Option<&str>| environment::text(name).or(default.map(str::to_owned));
    settings.into_iter().filter_map(|(name, default)| Some((name, value(name, default)?))).collect()
}

/// What migrations, `log recover` and their like need besides: the databases as their owner.
fn owner_settings(layout: &Layout, service: Service) -> Vec<(String, String)> {
    let owner = |database: &str| cluster::url(layout, database, "owner");
    let own = (format!("{}_OWNER_DATABASE_URL", service.prefix()), owner(service.name()));
    match service {
        Service::Intake => vec![own, ("KEYS_OWNER_DATABASE_URL".to_owned(), owner("keys"))],
        Service::Bureau | Service::Notifier => vec![own],
    }
}

/// Brings the database of `service` to what its program expects.
pub(crate) fn migrate(stack: &Stack, state: &State, service: Service) -> Result<()> {
    let settings = settings(&stack.layout, state, Instance { service, number: 1 })?;
    let migrated = complete(
        Command::new(stack.service_program(service)?)
            .arg("migrate")
            .envs(settings)
            .envs(owner_settings(&stack.layout, service)),
    );
    migrated.map(drop).with_context(|| format!("migrating the database of {}", service.name()))
}

/// Writes the settings down for commands by hand, such as `log verify`.
pub(crate) fn write_env(layout: &Layout, state: &State, service: Service) -> Result<()> {
    let settings = settings(layout, state, Instance { service, number: 1 })?;
    let lines: String = settings
        .iter()
        .chain(&owner_settings(layout, service))
        .map(|(name, value)| line(name, value))
        .collect();
    write_private(&layout.service_env(service.name()), &lines)
}

/// Starts an instance; `wait_until_ready` waits for it.
pub(crate) fn start(stack: &Stack, state: &mut State, instance: Instance) -> Result<()> {
    let layout = &stack.layout;
    let name = instance.name();
    for port in [state.port(&name)?, state.port(&instance.admin())?] {
        if let Err(error) = std::net::TcpListener::bind(("127.0.0.1", port)) {
            bail!("{name} cannot have its port {port} (something has just taken it): {error}");
        }
    }
    let process = launch(&Launch {
        command: vec![stack.service_program(instance.service)?.into(), "serve".into()],
        env: settings(layout, state, instance)?,
        log: &layout.log(&name),
    })?;
    state.started(layout, &name, process)
}

/// Waits until the instance says on its admin port that it is ready.
pub(crate) fn wait_until_ready(stack: &Stack, state: &State, instance: Instance) -> Result<()> {
    let name = instance.name();
    let port = state.port(&instance.admin())?;
    let process = state.processes.get(&name).context("it was not started")?;
    stack.wait_for(&name, stack.patience, &stack.layout.log(&name), process, || {
        match http::get(port, "/readyz") {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(format!("/readyz says {}: {}", answer.status, answer.body.trim())),
            Err(error) => Err(format!("no answer from its admin port {port}: {error:#}")),
        }
    })
}

/// Asks instances to end, all at once, and kills those that take too long.
pub(crate) fn stop(processes: &[Identity]) {
    for process in processes {
        process.signal(Signal::TERM);
    }
    let until = std::time::Instant::now() + Duration::from_secs(15);
    for process in processes {
        let left = until.saturating_duration_since(std::time::Instant::now());
        if !process.wait_until_ended(left) {
            process.stop(&[]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_are_named_as_urls_env_names_them() {
        let labels: Vec<String> = Instance::all(2).map(Instance::label).collect();
        assert_eq!(labels, ["INTAKE", "BUREAU", "NOTIFIER", "INTAKE_2", "BUREAU_2", "NOTIFIER_2"]);
    }
}
