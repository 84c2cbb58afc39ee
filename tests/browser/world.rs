//! What all scenarios share: started with the first that needs it, ended when this is dropped.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::{Context as _, Result, anyhow, bail};
use tests::stack::{self, Stack};
use tokio::runtime::Runtime;

use crate::scenarios::{On, Scenario};

/// Where the scripts are.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("browser")
}

#[derive(Debug, Default)]
pub(crate) struct World {
    ground: OnceLock<Result<Ground>>,
}

#[derive(Debug)]
struct Ground {
    // Ended in this order.
    browser: Browser,
    shared: Stack,
    rough: Mutex<Option<Stack>>,
    runtime: Runtime,
}

impl World {
    /// Plays a scenario to its end.
    pub(crate) fn plays(&self, scenario: &Scenario) -> Result<()> {
        let ground = self.ground.get_or_init(Ground::start).as_ref();
        let ground = ground.map_err(|error| anyhow!("{error:#}"))?;
        match scenario.on {
            On::Shared => ground.plays(scenario, &ground.shared),
            On::Rough => {
                let mut rough = ground.rough.lock().unwrap_or_else(PoisonError::into_inner);
                if rough.is_none() {
                    *rough = Some(ground.runtime.block_on(Stack::start(SETTINGS))?);
                }
                ground.plays(scenario, rough.as_ref().context("no stack")?)
            }
        }
    }
}

/// A scenario may be a client with an address of its own, which meets the limits.
const SETTINGS: &[(&str, &str)] =
    &[("TRUSTED_PROXIES", "127.0.0.1"), ("RATE_SUBMISSIONS_PER_HOUR", "1")];

impl Ground {
    fn start() -> Result<Self> {
        let runtime = Runtime::new()?;
        let browser = Browser::start()?;
        let shared = runtime.block_on(Stack::start(SETTINGS))?;
        Ok(Self { browser, shared, rough: Mutex::new(None), runtime })
    }

    fn plays(&self, scenario: &Scenario, stack: &Stack) -> Result<()> {
        let (script, name) = scenario.name.split_once("::").context("a name has two parts")?;
        let urls = stack.urls()?;
        let mut command = tokio::process::Command::new("node");
        command
            .args(["run.mjs", script, name])
            .current_dir(folder())
            .envs(urls.iter())
            .envs(stack.settings())
            .env("BROWSER", &self.browser.address)
            .env("STACK_DIR", stack.dir())
            .env("STACK_PROGRAM", stack::program("stack")?)
            .env("SHOTS_DIR", folder().join("../../target/screenshots"))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let ended = self
            .runtime
            .block_on(async { tokio::time::timeout(scenario.limit, command.output()).await });
        let Ok(ended) = ended else { bail!("not at its end after {:?}", scenario.limit) };
        let ended = ended?;
        let said = String::from_utf8_lossy(&ended.stdout);
        if !ended.status.success() {
            bail!("{said}{}", String::from_utf8_lossy(&ended.stderr));
        }
        // Figures are told whether they are good or not.
        std::io::stdout().write_all(said.as_bytes())?;
        Ok(())
    }
}

/// One Chromium for all scenarios, each with cookies of its own.
#[derive(Debug)]
struct Browser {
    address: String,
    server: Child,
}

impl Browser {
    fn start() -> Result<Self> {
        let mut server = Command::new("node")
            .arg("serve.mjs")
            .current_dir(folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("start node: `make tools` sees to it")?;
        let mut address = String::new();
        let out = server.stdout.take().context("no output")?;
        BufReader::new(out).read_line(&mut address)?;
        if address.is_empty() {
            bail!("no browser: {}. `make tools` sees to it", server.wait()?);
        }
        Ok(Self { address: address.trim().to_owned(), server })
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        drop(self.server.wait());
    }
}
