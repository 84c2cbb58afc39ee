//! `stack up`: starts what is dead where it was, leaves the rest, returns when all is ready.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::cluster;
use crate::layout::Layout;
use crate::nats;
use crate::ports::{self, Wanted};
use crate::postgres;
use crate::process::{Identity, last_lines};
use crate::secrets;
use crate::servers;
use crate::services::{self, Instance, Service};
use crate::state::State;
use crate::urls::{self, Urls};

/// What every part of this program is given.
#[derive(Debug, Clone)]
pub struct Stack {
    pub layout: Layout,
    /// The folder that holds the programs of the services.
    pub programs: PathBuf,
    /// How a person is told what takes long.
    pub say: fn(&str),
    /// How long a service may take to be ready.
    pub patience: Duration,
    /// Set when the person has had enough: whoever waits gives up.
    pub is_ending: Arc<AtomicBool>,
}

impl Stack {
    /// A stack in `dir`, with the services' programs beside this program's own.
    pub fn new(dir: &Path, say: fn(&str)) -> Result<Self> {
        let own = std::env::current_exe().context("finding this program's own folder")?;
        let programs = own.parent().context("this program lies in no folder")?.to_path_buf();
        let layout = Layout::new(dir)?;
        let patience = Duration::from_mins(1);
        Ok(Self { layout, programs, say, patience, is_ending: Arc::default() })
    }

    pub(crate) fn say(&self, what: &str) {
        (self.say)(what);
    }

    pub(crate) fn service_program(&self, service: Service) -> Result<PathBuf> {
        let program = self.programs.join(format!("{}-service", service.name()));
        if !program.is_file() {
            bail!("{} is missing: build it (`make up` does)", program.display());
        }
        Ok(program)
    }

    /// One `up`, `run` or `down` at a time works on a folder; others wait here.
    pub(crate) fn lock(&self) -> Result<File> {
        let path = self.layout.lock();
        let lock = File::create(&path).with_context(|| format!("opening {}", path.display()))?;
        if lock.try_lock().is_err() {
            self.say("another program works on this stack; waiting for it ...");
            lock.lock().with_context(|| format!("locking {}", path.display()))?;
        }
        Ok(lock)
    }

    /// Asks `is_ready` until it is content. What it said last is part of the error.
    pub(crate) fn wait_for(
        &self,
        name: &str,
        limit: Duration,
        log: &Path,
        process: &Identity,
        is_ready: impl Fn() -> Result<(), String>,
    ) -> Result<()> {
        let until = Instant::now() + limit;
        loop {
            let is_alive = process.is_alive();
            let Err(why) = is_ready() else { return Ok(()) };
            if self.is_ending.load(Ordering::Relaxed) {
                bail!("interrupted while waiting for {name}");
            }
            if !is_alive {
                bail!("{name} has ended instead of starting; {}", last_lines(log));
            }
            if Instant::now() > until {
                let limit = limit.as_secs();
                bail!("{name} is not ready after {limit} s: {why}\n{}", last_lines(log));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Starts what does not run and returns when all is ready. `replicas`: how many of each service;
/// None for as many as there were.
pub fn up(stack: &Stack, replicas: Option<u8>) -> Result<Urls> {
    stack.layout.create()?;
    let _lock = stack.lock()?;
    let mut state = State::load(&stack.layout)?;
    up_locked(stack, &mut state, replicas)
}

pub(crate) fn up_locked(stack: &Stack, state: &mut State, replicas: Option<u8>) -> Result<Urls> {
    let layout = &stack.layout;
    for service in Service::ALL {
        stack.service_program(service)?;
    }
    state.processes.values().for_each(Identity::settle);
    set_replicas(state, replicas)?;
    secrets::make_missing(layout)?;
    let wanted: Vec<Wanted> = wanted_ports(state.replicas).collect();
    ports::assign(layout, state, &wanted)?;
    postgres::start(stack, state)?;
    nats::start(stack, state)?;
    let instances: Vec<Instance> = Instance::all(state.replicas).collect();
    let dead: Vec<Instance> =
        instances.iter().copied().filter(|is| state.alive(&is.name()).is_none()).collect();
    if !dead.is_empty() {
        cluster::furnish(layout, &servers::postgres(stack)?)?;
    }
    // Intake comes first: it owns the keys, which the others read.
    for service in Service::ALL {
        if dead.iter().any(|instance| instance.service == service) {
            services::write_env(layout, state, service)?;
            services::migrate(stack, state, service)?;
        }
    }
    for instance in dead {
        services::start(stack, state, instance)?;
    }
    let mut ready = Ok(());
    for instance in instances {
        ready = ready.and_then(|()| services::wait_until_ready(stack, state, instance));
    }
    // Also where one is not ready: who looks for the reason, or stops it, has to find it.
    let urls = urls::write(layout, state)?;
    ready.map(|()| urls)
}

fn set_replicas(state: &mut State, replicas: Option<u8>) -> Result<()> {
    let wanted = replicas.unwrap_or(state.replicas).max(1);
    let surplus = Instance::all(state.replicas)
        .find(|instance| instance.number > wanted && state.alive(&instance.name()).is_some());
    if let Some(surplus) = surplus {
        bail!("{} runs: to have fewer replicas, stop the stack first", surplus.name());
    }
    state.replicas = wanted;
    Ok(())
}

/// The broker's port and two for each instance; the first of each service where people expect it.
fn wanted_ports(replicas: u8) -> impl Iterator<Item = Wanted> {
    let nats = Wanted { name: nats::NAME.into(), process: nats::NAME.into(), first: None };
    let services = Instance::all(replicas).flat_map(|instance| {
        let process = instance.name();
        let first = (instance.number == 1).then_some(instance.service.usual_port());
        [
            Wanted { name: process.clone(), process: process.clone(), first },
            Wanted { name: instance.admin(), process, first: None },
        ]
    });
    std::iter::once(nats).chain(services)
}
