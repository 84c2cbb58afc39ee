//! A whole stack for one test: the program behind `make run`, in a folder of its own.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::Result;
use crate::citizen::Citizen;
use crate::mailbox::Mailbox;
use crate::officer::Officer;
use crate::urls::Urls;
use crate::wait;

const START: Duration = Duration::from_mins(2);

/// Ended with its processes and its data when it is dropped, even by a panic: the supervisor ends
/// when its standard input closes.
#[derive(Debug)]
pub struct Stack {
    dir: PathBuf,
    supervisor: Child,
    settings: Vec<(String, String)>,
    keep: Option<tempfile::TempDir>,
}

impl Stack {
    /// Starts one with these settings, and waits until it is ready.
    pub async fn start(settings: &[(&str, &str)]) -> Result<Self> {
        Self::start_with(settings, 1).await
    }

    /// The same with `replicas` of each service.
    pub async fn start_with(settings: &[(&str, &str)], replicas: u8) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("stack-").tempdir()?;
        let dir = folder.path().to_owned();
        let settings: Vec<(String, String)> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let log = std::fs::File::create(dir.join("supervisor.log"))?;
        let supervisor = Command::new(program("stack")?)
            .args(["run", "--no-samples", "--quiet", "--until-stdin-closes", "--dir"])
            .arg(&dir)
            .args(["--replicas", &replicas.to_string()])
            .envs(settings.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("start the stack")?;
        let mut stack = Self { dir, supervisor, settings, keep: Some(folder) };
        stack.until_up().await?;
        Ok(stack)
    }

    async fn until_up(&mut self) -> Result<()> {
        let ready = self.dir.join("urls.env");
        let ended = wait::until("the stack to be up", START, || {
            let done = match self.supervisor.try_wait() {
                Ok(Some(status)) => Some(Some(status)),
                Ok(None) | Err(_) => ready.exists().then_some(None),
            };
            async move { Ok(done) }
        })
        .await?;
        if let Some(status) = ended {
            let said = std::fs::read_to_string(self.dir.join("supervisor.log"))?;
            bail!("the stack ended with {status}: {said}");
        }
        Ok(())
    }

    pub fn urls(&self) -> Result<Urls> {
        Urls::read(&self.dir.join("urls.env"))
    }

    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What it was started with.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Starts what is dead, as an operator would.
    pub async fn up(&self) -> Result<()> {
        self.command("up", &[]).await.map(|_| ())
    }

    /// The same, but gives up when a service is not ready within so many seconds.
    pub async fn up_within(&self, seconds: u64) -> Result<()> {
        self.command("up", &["--patience", &seconds.to_string()]).await.map(|_| ())
    }

    async fn command(&self, verb: &str, more: &[&str]) -> Result<String> {
        let mut command = Command::new(program("stack")?);
        command.arg(verb).arg("--dir").arg(&self.dir).args(more);
        command.envs(self.settings());
        run(command).await
    }

    /// Runs a service's own command by hand, with the settings that stand in its file.
    pub async fn service(&self, name: &str, arguments: &[&str]) -> Result<String> {
        run(self.service_command(name, arguments)?).await
    }

    /// The same, to be run when it suits the test; its exit code matters there.
    pub fn service_command(&self, name: &str, arguments: &[&str]) -> Result<Command> {
        let settings = Urls::read(&self.dir.join(format!("{name}.env")))?;
        let mut command = Command::new(program(&format!("{name}-service"))?);
        command.args(arguments).current_dir(&self.dir).envs(settings.iter());
        Ok(command)
    }

    /// `kill -9` of the process that `PID_…` names.
    pub fn kill(&self, name: &str) -> Result<()> {
        self.signal(name, "-KILL")
    }

    /// Sends a signal to the process that `PID_…` names.
    pub fn signal(&self, name: &str, signal: &str) -> Result<()> {
        let pid = self.urls()?.pid(&format!("PID_{name}"))?;
        let status = Command::new("kill").args([signal, &pid.to_string()]).status()?;
        if !status.success() {
            bail!("kill {signal} {name} ({pid}) failed");
        }
        Ok(())
    }

    pub fn citizen(&self) -> Result<Citizen> {
        Citizen::new(self.urls()?.get("INTAKE_URL")?)
    }

    pub fn triager(&self) -> Result<Officer> {
        let urls = self.urls()?;
        Officer::new(urls.get("BUREAU_URL")?, urls.get("STAFF_TOKEN_TRIAGER")?)
    }

    pub fn mailbox(&self) -> Result<Mailbox> {
        Ok(Mailbox::new(self.urls()?.get("OUTBOX_DIR")?))
    }

    /// Waits until everything is through, then proves every invariant.
    pub async fn verify(&self) -> Result<crate::verify::Report> {
        crate::verify::all(&self.urls()?, Duration::from_mins(1)).await
    }

    /// Everything that the services wrote to their log files.
    pub fn log_lines(&self) -> Result<String> {
        let mut all = String::new();
        for entry in std::fs::read_dir(self.dir.join("log"))? {
            all.push_str(&String::from_utf8_lossy(&std::fs::read(entry?.path())?));
        }
        Ok(all)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        let ended = self.supervisor.wait();
        if std::thread::panicking()
            && let Some(folder) = self.keep.take()
        {
            // Kept for the person who has to find out.
            let kept = folder.keep();
            writeln!(std::io::stderr(), "the stack's logs are in {}", kept.display()).ok();
        }
        drop(ended);
    }
}

/// A program of this workspace, beside the test's own.
pub fn program(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let found = here.ancestors().skip(1).take(2).map(|dir| dir.join(name)).find(|at| at.exists());
    found.with_context(|| format!("{name} is not built: run the tests through `make test`"))
}

/// Runs a command to its end, off the async threads.
pub async fn run(mut command: Command) -> Result<String> {
    let output =
        tokio::task::spawn_blocking(move || command.stdin(Stdio::null()).output()).await??;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("{}: {said}{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(said)
}
