//! What this program remembers between two calls: `stack.json`.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::layout::{Layout, write_private};
use crate::process::Identity;

/// Addresses and processes by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// How many of each service there are.
    pub replicas: u8,
    pub ports: BTreeMap<String, u16>,
    pub processes: BTreeMap<String, Identity>,
}

impl State {
    /// What was saved; nothing at all if this is the first time.
    pub(crate) fn load(layout: &Layout) -> Result<Self> {
        let path = layout.state();
        match std::fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("{} cannot be read; delete it", path.display())),
        }
    }

    pub(crate) fn save(&self, layout: &Layout) -> Result<()> {
        write_private(&layout.state(), &serde_json::to_string_pretty(self)?)
    }

    /// The process of this name, if it is still the one that we started.
    pub(crate) fn alive(&self, name: &str) -> Option<&Identity> {
        self.processes.get(name).filter(|process| process.is_alive())
    }

    pub(crate) fn is_anything_alive(&self) -> bool {
        self.processes.values().any(Identity::is_alive)
    }

    /// Saved at once: what is started and then forgotten could never be stopped.
    pub(crate) fn started(&mut self, layout: &Layout, name: &str, is: Identity) -> Result<()> {
        self.processes.insert(name.to_owned(), is);
        self.save(layout)
    }

    /// The port that was chosen for `name`.
    pub(crate) fn port(&self, name: &str) -> Result<u16> {
        self.ports.get(name).copied().with_context(|| format!("no port was chosen for {name}"))
    }
}
