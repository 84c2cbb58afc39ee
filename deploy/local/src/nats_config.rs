//! Who may do what at the broker, and the file that says so.
//!
//! Nothing here needs more than nats-server 2.9.10, and nothing may: the file is loaded by whatever
//! version the machine has.

use anyhow::{Context as _, Result};

use crate::layout::{Layout, write_private};
use crate::secrets;
use crate::services::Service;

/// Reads stream information and messages; what `urls.env` hands out.
pub(crate) const OBSERVER: &str = "observer";

/// May do everything; for tests that publish stray messages and delete streams.
pub(crate) const OPERATOR: &str = "operator";

/// What reading a stream takes: its state, single messages, and a short-lived consumer.
const READ: [&str; 10] = [
    "$JS.API.INFO",
    "$JS.API.STREAM.INFO.*",
    "$JS.API.STREAM.MSG.GET.*",
    "$JS.API.DIRECT.GET.*",
    "$JS.API.DIRECT.GET.*.>",
    "$JS.API.CONSUMER.CREATE.*",
    "$JS.API.CONSUMER.CREATE.*.>",
    "$JS.API.CONSUMER.INFO.>",
    "$JS.API.CONSUMER.MSG.NEXT.>",
    "$JS.API.CONSUMER.DELETE.>",
];

/// What an observer needs besides: lists, and the answers that common clients send by themselves
/// while they read (nothing in this product waits for an acknowledgement).
const OBSERVE: [&str; 6] = [
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.LIST",
    "$JS.API.CONSUMER.NAMES.*",
    "$JS.API.CONSUMER.LIST.*",
    "$JS.ACK.>",
    "$JS.FC.>",
];

/// A service publishes its own subjects, makes and rebuilds its own stream, and reads all three.
fn service_publishes(service: Service) -> Vec<String> {
    let stream = service.prefix();
    let own = ["CREATE", "DELETE"].map(|request| format!("$JS.API.STREAM.{request}.{stream}"));
    let subjects = format!("{}.>", service.name());
    std::iter::once(subjects).chain(own).chain(READ.map(str::to_owned)).collect()
}

fn observer_publishes() -> Vec<String> {
    READ.iter().chain(&OBSERVE).map(|subject| (*subject).to_owned()).collect()
}

/// Writes the file.
pub(crate) fn write(layout: &Layout, port: u16) -> Result<()> {
    let store = layout.nats_store();
    let store = store.to_str().context("the folder of the stack has a name that is no text")?;
    let mut users = vec![];
    for service in Service::ALL {
        let name = service.name();
        let password = secrets::nats_password(layout, name)?;
        let inbox = format!("_INBOX_{name}.>");
        users.push(user(name, &password, &service_publishes(service), &inbox));
    }
    let password = secrets::nats_password(layout, OBSERVER)?;
    users.push(user(OBSERVER, &password, &observer_publishes(), "_INBOX.>"));
    let password = secrets::nats_password(layout, OPERATOR)?;
    users.push(format!("    {{ user: {OPERATOR}, password: \"{password}\" }}"));
    let text = format!(
        "# Written anew at each start by the local stack.\n\
         server_name: {}\n\
         listen: \"127.0.0.1:{port}\"\n\
         max_payload: 1MB\n\
         jetstream {{ store_dir: {} }}\n\
         authorization {{\n  users: [\n{}\n  ]\n}}\n",
        server_name(layout),
        quoted(store),
        users.join("\n"),
    );
    write_private(&layout.nats_config(), &text)
}

/// How the broker calls itself, so that a stranger on its port is not taken for it.
pub(crate) fn server_name(layout: &Layout) -> String {
    format!("local-{}", layout.fingerprint())
}

fn user(name: &str, password: &str, publishes: &[String], inbox: &str) -> String {
    let publishes: Vec<String> = publishes.iter().map(|subject| quoted(subject)).collect();
    format!(
        "    {{ user: {name}, password: \"{password}\", permissions: {{\n        \
         publish: {{ allow: [\n          {}\n        ] }}\n        \
         subscribe: {{ allow: [{}] }}\n    }} }}",
        publishes.join(",\n          "),
        quoted(inbox),
    )
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether one of `allowed` covers `subject`, as the broker decides it.
    fn covers(allowed: &[String], subject: &str) -> bool {
        allowed.iter().any(|pattern| {
            let mut subject = subject.split('.');
            for token in pattern.split('.') {
                match (token, subject.next()) {
                    (">", Some(_)) => return true,
                    ("*", Some(_)) => {}
                    (token, Some(is)) if token == is => {}
                    (_, _) => return false,
                }
            }
            subject.next().is_none()
        })
    }

    #[test]
    fn a_service_writes_its_own_stream_and_no_other() {
        for service in Service::ALL {
            let allowed = service_publishes(service);
            for other in Service::ALL {
                let (name, stream) = (other.name(), other.prefix());
                let writes = [
                    format!("{name}.v1.report.submitted"),
                    format!("$JS.API.STREAM.CREATE.{stream}"),
                    format!("$JS.API.STREAM.DELETE.{stream}"),
                ];
                for subject in writes {
                    assert_eq!(covers(&allowed, &subject), service == other, "{subject}");
                }
                let reads = [
                    format!("$JS.API.STREAM.INFO.{stream}"),
                    format!("$JS.API.STREAM.MSG.GET.{stream}"),
                    format!("$JS.API.DIRECT.GET.{stream}"),
                    format!("$JS.API.CONSUMER.CREATE.{stream}.Xy"),
                    format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.Xy"),
                ];
                for subject in reads {
                    assert!(covers(&allowed, &subject), "{subject}");
                }
            }
        }
    }

    #[test]
    fn nobody_but_the_operator_purges_updates_or_makes_durables() {
        let users = Service::ALL.map(service_publishes).into_iter().chain([observer_publishes()]);
        for allowed in users {
            for request in
                ["STREAM.PURGE.INTAKE", "STREAM.UPDATE.INTAKE", "CONSUMER.DURABLE.CREATE.INTAKE.x"]
            {
                assert!(!covers(&allowed, &format!("$JS.API.{request}")), "{request}");
            }
        }
        assert!(!covers(&observer_publishes(), "intake.v1.report.submitted"));
    }
}
