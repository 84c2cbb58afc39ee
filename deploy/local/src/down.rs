//! `stack down`: stops what runs, services first, so that each part can still write to the next.

use anyhow::{Context as _, Result};

use crate::layout::Layout;
use crate::nats;
use crate::ports;
use crate::postgres;
use crate::process::Identity;
use crate::services;
use crate::state::State;
use crate::up::Stack;

/// Stops everything; `clean` also deletes the data, and keeps only what was installed.
pub fn down(stack: &Stack, clean: bool) -> Result<()> {
    if !stack.layout.dir().exists() {
        return Ok(());
    }
    let _lock = stack.lock()?;
    let mut state = State::load(&stack.layout)?;
    down_locked(stack, &mut state)?;
    if clean { delete_data(&stack.layout) } else { Ok(()) }
}

pub(crate) fn down_locked(stack: &Stack, state: &mut State) -> Result<()> {
    let layout = &stack.layout;
    // Gone first: nobody should come to addresses that are about to close.
    if layout.urls().exists() {
        std::fs::remove_file(layout.urls()).context("removing urls.env")?;
    }
    let services: Vec<Identity> = state
        .processes
        .iter()
        .filter(|(name, _)| ![nats::NAME, postgres::NAME].contains(&name.as_str()))
        .map(|(_, process)| process.clone())
        .collect();
    services::stop(&services);
    if let Some(process) = state.alive(nats::NAME) {
        nats::stop(process);
    }
    if let Some(process) = state.alive(postgres::NAME) {
        postgres::stop(process);
    }
    state.processes.clear();
    state.save(layout)?;
    ports::release(layout)
}

/// The lock stays, since others may wait for it; so do the tools, which are no data.
fn delete_data(layout: &Layout) -> Result<()> {
    let kept = [layout.lock(), layout.tools()];
    for entry in std::fs::read_dir(layout.dir())? {
        let path = entry?.path();
        if kept.contains(&path) {
            continue;
        }
        let deleted = if path.is_dir() && !path.is_symlink() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        deleted.with_context(|| format!("deleting {}", path.display()))?;
    }
    let socket_dir = layout.socket_dir();
    if socket_dir.exists() {
        std::fs::remove_dir_all(&socket_dir)
            .with_context(|| format!("deleting {}", socket_dir.display()))?;
    }
    Ok(())
}
