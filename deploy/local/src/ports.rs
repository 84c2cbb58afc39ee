//! Addresses: chosen once, kept while anything of the stack runs.
//!
//! A port that is free to bind may still be another stack's, whose service is down for the moment
//! (the fault tests kill them) or not up yet. Stacks of one user therefore keep one register of who
//! has which, and pass over each other's.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::layout::Layout;
use crate::state::State;

/// Ports that nobody need know start here: below those that the kernel gives to outgoing
/// connections, one of which could otherwise sit on the address of a service that is down.
const QUIET_FIRST: u16 = 20_000;
const QUIET_SPREAD: u16 = 10_000;

/// A name that needs a port.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub name: String,
    /// The process that listens there.
    pub process: String,
    /// The port to try first; None for any.
    pub first: Option<u16>,
}

/// Gives each name the port that it had, else a free one.
pub(crate) fn assign(layout: &Layout, state: &mut State, wanted: &[Wanted]) -> Result<()> {
    let is_up = state.is_anything_alive();
    let mut register = Register::open()?;
    for Wanted { name, process, first } in wanted {
        let had = state.ports.get(name).copied();
        if had.is_some() && state.alive(process).is_some() {
            continue;
        }
        if let Some(port) = had {
            if register.is_free(port, layout.dir()) {
                register.take(port, layout.dir());
                continue;
            }
            if is_up {
                bail!(
                    "port {port}, where {name} was, has been taken by another program: end that \
                     one, or stop this stack (`make down`) and start it again on other ports"
                );
            }
            state.ports.remove(name);
        }
        let first = first.unwrap_or_else(|| quiet_port(layout));
        let port = (first..u16::MAX)
            .filter(|port| state.ports.values().all(|taken| taken != port))
            .find(|port| register.is_free(*port, layout.dir()))
            .with_context(|| format!("no free port from {first} on for {name}"))?;
        register.take(port, layout.dir());
        state.ports.insert(name.clone(), port);
    }
    // First the state, then the register: who has no state is taken for gone.
    state.save(layout)?;
    register.save()
}

/// Lets others have this stack's ports.
pub(crate) fn release(layout: &Layout) -> Result<()> {
    let mut register = Register::open()?;
    register.owners.retain(|_, owner| owner != layout.dir());
    register.save()
}

/// Where this stack looks first, so that stacks that start together do not race for one port.
fn quiet_port(layout: &Layout) -> u16 {
    let fingerprint = u64::from_str_radix(&layout.fingerprint(), 16).unwrap_or_default();
    let offset = u16::try_from(fingerprint % u64::from(QUIET_SPREAD)).unwrap_or_default();
    QUIET_FIRST + offset
}

/// Who has which port; locked as long as it is open.
struct Register {
    file: File,
    owners: BTreeMap<u16, PathBuf>,
}

impl Register {
    fn open() -> Result<Self> {
        let path = format!("/tmp/fc-ports-{}", rustix::process::geteuid().as_raw());
        let open = || {
            let mut file = File::options()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(&path)?;
            file.lock()?;
            let mut text = String::new();
            file.read_to_string(&mut text)?;
            Ok::<_, std::io::Error>((file, text))
        };
        let (file, text) = open().with_context(|| format!("the register of ports, {path}"))?;
        let owners = text
            .lines()
            .filter_map(|line| line.split_once(' '))
            .filter_map(|(port, owner)| Some((port.parse().ok()?, PathBuf::from(owner))))
            .filter(|(_, owner)| owner.join("stack.json").exists())
            .collect();
        Ok(Self { file, owners })
    }

    fn is_free(&self, port: u16, for_whom: &Path) -> bool {
        self.owners.get(&port).is_none_or(|owner| owner == for_whom)
            && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
    }

    fn take(&mut self, port: u16, owner: &Path) {
        self.owners.insert(port, owner.to_path_buf());
    }

    fn save(mut self) -> Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        for (port, owner) in &self.owners {
            writeln!(self.file, "{port} {}", owner.display())?;
        }
        Ok(())
    }
}
