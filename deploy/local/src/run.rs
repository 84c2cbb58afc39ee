//! `stack run`: the stack for as long as a person looks at it.

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{Context as _, Result, bail};
use tokio::signal::unix::{SignalKind, signal};

use crate::down::down_locked;
use crate::process::Identity;
use crate::samples;
use crate::state::State;
use crate::up::{Stack, up_locked};
use crate::urls::Urls;

/// How long, and with what.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many of each service; None for as many as there were.
    pub replicas: Option<u8>,
    /// Sends a few reports in.
    pub samples: bool,
    /// Also ends when nobody holds our standard input open any more: a test that dies takes its
    /// stack with it.
    pub until_stdin_closes: bool,
}

/// Starts the stack, calls `when_ready`, stays until it is told to end, and stops everything,
/// whatever came before.
pub fn run(stack: &Stack, options: Options, when_ready: impl FnOnce(&Urls)) -> Result<()> {
    let end = listen_for_the_end(stack.is_ending.clone(), options.until_stdin_closes)?;
    stack.layout.create()?;
    let started = {
        let _lock = stack.lock()?;
        let mut state = State::load(&stack.layout)?;
        state.processes.values().for_each(Identity::settle);
        if state.is_anything_alive() {
            bail!(
                "this stack is up already ({}): `stack down` stops it",
                stack.layout.dir().display()
            );
        }
        up_locked(stack, &mut state, options.replicas)
    };
    let lived = started.map(|urls| {
        if options.samples {
            samples::send(stack);
        }
        when_ready(&urls);
        // An error here says that nobody can tell us to end any more: then this is the end.
        end.recv().ok();
    });
    stack.say("stopping ...");
    let _lock = stack.lock()?;
    let mut state = State::load(&stack.layout)?;
    let stopped = down_locked(stack, &mut state);
    match lived {
        Err(_) if stack.is_ending.load(Ordering::Relaxed) => stopped,
        Err(error) => Err(error),
        Ok(()) => stopped,
    }
}

/// Hears Ctrl-C and its relatives from now on, also while the stack starts. A second one changes
/// nothing: what was started must be stopped.
fn listen_for_the_end(
    is_ending: Arc<AtomicBool>,
    until_stdin_closes: bool,
) -> Result<Receiver<()>> {
    let (sender, receiver) = channel();
    let end = move |sender: &Sender<()>| {
        is_ending.store(true, Ordering::Relaxed);
        sender.send(()).ok();
    };
    if until_stdin_closes {
        let (end, sender) = (end.clone(), sender.clone());
        std::thread::spawn(move || {
            let mut ignored = [0; 1024];
            while std::io::stdin().read(&mut ignored).is_ok_and(|count| count > 0) {}
            end(&sender);
        });
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let [mut interrupt, mut terminate, mut hangup] = {
        let _inside = runtime.enter();
        let signals: Vec<_> = kinds.into_iter().map(signal).collect::<Result<_, _>>()?;
        signals.try_into().ok().context("three signals were asked for")?
    };
    std::thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        });
        end(&sender);
    });
    Ok(receiver)
}
