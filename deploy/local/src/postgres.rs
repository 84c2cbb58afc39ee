//! PostgreSQL of our own: reachable by a socket in a private folder, and by no port.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;

use crate::account::Account;
use crate::cluster;
use crate::layout::Layout;
use crate::process::{Identity, Launch, launch};
use crate::servers;
use crate::state::State;
use crate::up::Stack;

pub(crate) const NAME: &str = "postgres";

/// Recovery after a crash may replay up to `max_wal_size`.
const READY_LIMIT: Duration = Duration::from_mins(1);

/// Starts the server if it does not run, and waits until it takes connections.
pub(crate) fn start(stack: &Stack, state: &mut State) -> Result<()> {
    let layout = &stack.layout;
    let process = match state.alive(NAME) {
        Some(process) => process.clone(),
        None => launch_anew(stack, state)?,
    };
    let log = layout.log(NAME);
    let programs = servers::postgres(stack)?;
    stack.wait_for("PostgreSQL", READY_LIMIT, &log, &process, || {
        is_ready(layout, &process)?;
        cluster::answers(layout, &programs)
    })?;
    let program = process.program();
    if program != "postgres" {
        bail!("process {} should be postgres and is {program}", process.pid);
    }
    Ok(())
}

fn launch_anew(stack: &Stack, state: &mut State) -> Result<Identity> {
    let layout = &stack.layout;
    let programs = servers::postgres(stack)?;
    let account = Account::choose();
    cluster::make_missing(layout, &programs, account)?;
    cluster::configure(layout, account)?;
    clear_remains(layout)?;
    let mut command = account.command(&programs.server);
    command.extend([OsString::from("-D"), layout.postgres().into_os_string()]);
    let process = launch(&Launch { command, env: vec![], log: &layout.log(NAME) })?;
    state.started(layout, NAME, process.clone())?;
    Ok(process)
}

/// The server says so itself, in the last line of its lock file.
fn is_ready(layout: &Layout, process: &Identity) -> Result<(), String> {
    let lock = fs::read_to_string(layout.postgres().join("postmaster.pid")).unwrap_or_default();
    let mut lines = lock.lines().map(str::trim);
    let is_its_own = lines.next() == Some(&process.pid.to_string());
    if is_its_own && lines.next_back() == Some("ready") {
        Ok(())
    } else {
        Err("not ready yet".to_owned())
    }
}

/// Clears away what a killed server leaves: its children, which hold its shared memory until they
/// notice, and lock files whose number PostgreSQL would take for a living server: by now it may be
/// any other process of ours, or the dead one itself where nobody has collected it yet.
fn clear_remains(layout: &Layout) -> Result<()> {
    let data = layout.postgres();
    for process in servers_in(&data) {
        process.signal(Signal::KILL);
        if !process.wait_until_ended(Duration::from_secs(10)) {
            bail!("process {} of a PostgreSQL that was killed does not end", process.pid);
        }
    }
    for lock in [data.join("postmaster.pid"), layout.socket_dir().join(".s.PGSQL.5432.lock")] {
        match fs::remove_file(&lock) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("removing {}", lock.display()));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// All processes of PostgreSQL that work in this folder.
fn servers_in(data: &Path) -> Vec<Identity> {
    let Ok(data) = data.canonicalize() else { return vec![] };
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid: &u32| {
            fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data)
        })
        .filter_map(Identity::of)
        .filter(|process| process.program() == "postgres")
        .collect()
}

/// Stops the server: fast shutdown first, which ends open transactions and writes everything down.
pub(crate) fn stop(process: &Identity) {
    process.stop(&[(Signal::INT, Duration::from_secs(30)), (Signal::QUIT, Duration::from_secs(5))]);
}
