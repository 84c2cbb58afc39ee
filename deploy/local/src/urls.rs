//! `urls.env`: where everything is, for people, scripts and other people's programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::cluster;
use crate::layout::{Layout, write_private};
use crate::nats;
use crate::nats_config::{OBSERVER, OPERATOR};
use crate::postgres;
use crate::secrets;
use crate::services::{Instance, Service};
use crate::state::State;
use crate::tokens;

/// Name and value of each line.
pub type Urls = BTreeMap<String, String>;

/// Reads a file as `up` writes it.
pub fn read(path: &Path) -> Result<Urls> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!("{} cannot be read; is the stack up (`make up`)?", path.display())
    })?;
    Ok(text.lines().filter_map(parse).collect())
}

/// Writes the file. The last act of `up`: who sees it finds everything ready.
///
/// The database addresses are the superuser's, since programs that dump, restore and edit databases
/// are given them; the services themselves never see that account.
pub(crate) fn write(layout: &Layout, state: &State) -> Result<Urls> {
    let urls = collect(layout, state)?;
    let lines: String = urls.iter().map(|(name, value)| line(name, value)).collect();
    write_private(&layout.urls(), &lines)?;
    Ok(urls)
}

fn collect(layout: &Layout, state: &State) -> Result<Urls> {
    let mut urls = Urls::new();
    let pid = |name: &str| {
        let process = state.processes.get(name).with_context(|| format!("{name} has no process"));
        process.map(|process| process.pid.to_string())
    };
    for instance in Instance::all(state.replicas) {
        let label = instance.label();
        let http = |name: &str| state.port(name).map(|port| format!("http://127.0.0.1:{port}"));
        urls.insert(format!("{label}_URL"), http(&instance.name())?);
        urls.insert(format!("{label}_ADMIN_URL"), http(&instance.admin())?);
        urls.insert(format!("PID_{label}"), pid(&instance.name())?);
    }
    for (name, role) in tokens::PEOPLE {
        urls.insert(
            format!("STAFF_TOKEN_{}", name.to_uppercase()),
            tokens::mint(layout, name, role)?,
        );
    }
    for database in Service::ALL.map(Service::name).iter().chain(&["keys"]) {
        urls.insert(
            format!("{}_DATABASE_URL", database.to_uppercase()),
            cluster::url(layout, database, "postgres"),
        );
    }
    urls.extend(
        [
            ("NATS_URL", nats::url_of(layout, state, OBSERVER)?),
            ("NATS_OPERATOR_URL", nats::url_of(layout, state, OPERATOR)?),
            ("OPEN311_KEY", secrets::read(layout, secrets::OPEN311)?),
            ("OUTBOX_DIR", layout.outbox().display().to_string()),
            ("PID_NATS", pid(nats::NAME)?),
            ("PID_POSTGRES", pid(postgres::NAME)?),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    Ok(urls)
}

/// One line that a shell can source. Quoted only where a shell needs it, so that simpler readers
/// have an easier life.
pub(crate) fn line(name: &str, value: &str) -> String {
    let is_plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "/._-:@=?%+,".contains(c));
    let mut line = String::new();
    let written = if is_plain {
        writeln!(line, "{name}={value}")
    } else {
        writeln!(line, "{name}='{}'", value.replace('\'', r"'\''"))
    };
    debug_assert!(written.is_ok(), "writing to a string cannot fail");
    line
}

fn parse(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    let quoted = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
    let value = quoted.map_or_else(|| value.to_owned(), |value| value.replace(r"'\''", "'"));
    Some((name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, written: &str) {
        let line = line("NAME", value);
        assert_eq!(line, format!("NAME={written}\n"));
        assert_eq!(parse(line.trim_end()), Some(("NAME".to_owned(), value.to_owned())));
    }

    #[test]
    fn a_shell_reads_back_what_was_written() {
        check("http://127.0.0.1:8080", "http://127.0.0.1:8080");
        check("postgres:///a?host=/r&user=u", "'postgres:///a?host=/r&user=u'");
        check("/home/o'neill/a b", r"'/home/o'\''neill/a b'");
        check("$HOME `x` \\", "'$HOME `x` \\'");
        check("", "");
    }
}
