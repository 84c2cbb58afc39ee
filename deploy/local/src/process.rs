//! Processes that outlive the one that starts them, and telling them from strangers.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal};
use serde::{Deserialize, Serialize};

use crate::environment;

/// Closes what the caller left open (a job server of make, a pipe of a test), then becomes the
/// program. A shell does it since code without `unsafe` cannot close a descriptor that it does not
/// own; bash and not sh, since dash cannot name descriptors above 9; -p, so that it reads no
/// start-up file of the caller's.
const CLOSE_AND_EXEC: &str = r#"
for fd in /proc/self/fd/*; do
  fd=${fd##*/}
  if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi
done
exec "$@""#;

/// The kernel's `PF_EXITING`.
const FLAG_EXITING: u32 = 4;

/// A process that cannot be mistaken: numbers are reused, births are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub pid: u32,
    /// Which boot of the machine, and the tick of its clock.
    born: String,
}

impl Identity {
    /// The process that has this number now, unless it has ended.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let stat = Stat::of(pid)?;
        Some(Self { pid, born: format!("{} {}", boot.trim(), stat.started) })
    }

    pub(crate) fn is_alive(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }

    /// A process that was killed a moment ago looks alive a little longer: waits until one that is
    /// ending has ended, and leaves others alone.
    pub(crate) fn settle(&self) {
        let is_ending = Stat::of(self.pid).is_some_and(|stat| stat.is_exiting);
        if self.is_alive() && (is_ending || is_kill_pending(self.pid)) {
            self.wait_until_ended(Duration::from_secs(10));
        }
    }

    /// The name of the program that runs, as the kernel has it.
    pub(crate) fn program(&self) -> String {
        let name = std::fs::read_to_string(format!("/proc/{}/comm", self.pid));
        name.unwrap_or_default().trim().to_owned()
    }

    /// Sends a signal; one that has ended needs none.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid.filter(|_| self.is_alive()) {
            // The only error left is that it has just ended.
            rustix::process::kill_process(pid, signal).ok();
        }
    }

    /// Waits until it has ended, at most this long. False: it has not.
    pub(crate) fn wait_until_ended(&self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        while self.is_alive() {
            if Instant::now() > until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }

    /// Asks it to end with each signal in turn, with its time, and kills it after the last.
    pub(crate) fn stop(&self, asks: &[(Signal, Duration)]) {
        for (signal, limit) in asks {
            self.signal(*signal);
            if self.wait_until_ended(*limit) {
                return;
            }
        }
        self.signal(Signal::KILL);
        self.wait_until_ended(Duration::from_secs(5));
    }
}

/// What the kernel says of a process that has not ended.
struct Stat {
    /// It no longer runs, but may still hold its files and ports.
    is_exiting: bool,
    started: u64,
}

impl Stat {
    /// None for no process, and for one that has ended and waits for its parent to notice.
    fn of(pid: u32) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn parse(stat: &str) -> Option<Self> {
        // The name in parentheses may hold anything, blanks and parentheses included.
        let (_, fields) = stat.rsplit_once(')')?;
        let mut fields = fields.split_ascii_whitespace();
        let state = fields.next()?;
        let flags: u32 = fields.nth(5)?.parse().ok()?;
        let threads: u32 = fields.nth(10)?.parse().ok()?;
        let started = fields.nth(1)?.parse().ok()?;
        // The first thread may be gone before the others: only the last one lets the ports go.
        let has_ended = state == "X" || (state == "Z" && threads <= 1);
        (!has_ended).then_some(Self { is_exiting: flags & FLAG_EXITING != 0, started })
    }
}

/// Whether the process was killed and has not yet been told.
fn is_kill_pending(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kill = 1u64 << (Signal::KILL.as_raw() - 1);
    status
        .lines()
        .filter_map(|line| line.strip_prefix("SigPnd:").or(line.strip_prefix("ShdPnd:")))
        .filter_map(|signals| u64::from_str_radix(signals.trim(), 16).ok())
        .any(|signals| signals & kill != 0)
}

/// What to start.
#[derive(Debug)]
pub(crate) struct Launch<'a> {
    pub command: Vec<OsString>,
    /// On top of the caller's environment.
    pub env: Vec<(String, String)>,
    pub log: &'a Path,
}

/// Starts a process with a session of its own and none of our descriptors; its number is the
/// program's own, since each link of the chain (setsid, bash, the program) replaces the one before.
pub(crate) fn launch(launch: &Launch<'_>) -> Result<Identity> {
    let open = || OpenOptions::new().create(true).append(true).mode(0o600).open(launch.log);
    let log = open().with_context(|| format!("opening {}", launch.log.display()))?;
    let mut command = Command::new("setsid");
    command
        .args(["bash", "-p", "-c", CLOSE_AND_EXEC, "bash"])
        .args(&launch.command)
        .envs(launch.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    for name in environment::postgres_variables() {
        command.env_remove(name);
    }
    let child = command.spawn().context("starting setsid (util-linux) and bash")?;
    Identity::of(child.id())
        .with_context(|| format!("it ended at once, see {}", launch.log.display()))
}

/// Runs a program to its end; what it says is shown only if it fails.
pub(crate) fn complete(command: &mut Command) -> Result<String> {
    for name in environment::postgres_variables() {
        command.env_remove(name);
    }
    let name = command.get_program().to_string_lossy().into_owned();
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("starting {name}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    let complained = String::from_utf8_lossy(&output.stderr);
    anyhow::bail!("{name} failed ({}):\n{said}{complained}", output.status)
}

/// The last lines of a log, for a person who must find out why something does not start.
pub(crate) fn last_lines(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut lines: Vec<&str> = text.lines().rev().take(15).collect();
    lines.reverse();
    format!("last lines of {}:\n  {}", log.display(), lines.join("\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_ended_when_its_last_thread_has() {
        let line = |state: &str, flags: u32, threads: u32| {
            format!("7 (a) b) {state} 1 1 1 0 -1 {flags} 1 0 0 0 1 1 0 0 20 0 {threads} 0 4711 1 1")
        };
        assert_eq!(Stat::parse(&line("S", 0, 1)).unwrap().started, 4711);
        assert!(!Stat::parse(&line("S", 0x40_0000, 1)).unwrap().is_exiting);
        assert!(Stat::parse(&line("Z", 4, 2)).unwrap().is_exiting);
        assert!(Stat::parse(&line("Z", 4, 1)).is_none());
    }

    #[test]
    fn another_process_with_the_same_number_is_not_taken_for_ours() {
        let us = Identity::of(std::process::id()).unwrap();
        assert!(us.is_alive());
        assert!(!Identity { born: "another boot 1".into(), ..us }.is_alive());
    }
}
