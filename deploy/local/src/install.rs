//! How a missing server gets here: the distribution's own packages, and nothing left running.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::environment;
use crate::layout::make_folder;
use crate::process::complete;
use crate::up::Stack;

/// Debian's packages ask this program whether they may start their services.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Installs a package for the whole machine; its services stay stopped.
pub(crate) fn with_apt(stack: &Stack, package: &str) -> Result<()> {
    if !environment::is_root() {
        bail!("only root can install {package}");
    }
    if environment::program("apt-get").is_none() {
        bail!("this machine has no apt-get to install {package} with");
    }
    stack.say(&format!("installing {package} (apt-get) ..."));
    let _guard = NothingStarts::set()?;
    // A list that cannot be refreshed may still do.
    let refreshed = apt_get().arg("update").output();
    let installed = complete(apt_get().args(["install", "-y", "--no-install-recommends", package]));
    match (installed, refreshed) {
        (Ok(_), _) => Ok(()),
        (Err(error), Ok(refreshed)) if refreshed.status.success() => Err(error),
        (Err(error), _) => Err(error.context("apt-get update failed as well: no network?")),
    }
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.args(["-q", "-o", "DPkg::Lock::Timeout=300"]).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Unpacks a package into the stack's own folder, which needs no rights.
pub(crate) fn unpacked(stack: &Stack, package: &str) -> Result<()> {
    for tool in ["apt-get", "dpkg"] {
        if environment::program(tool).is_none() {
            bail!("this machine has no {tool} to fetch {package} with");
        }
    }
    let tools = stack.layout.tools();
    make_folder(&tools, 0o755)?;
    stack.say(&format!("fetching {package} into {} ...", tools.display()));
    complete(apt_get().args(["download", package]).current_dir(&tools))?;
    let archive = std::fs::read_dir(&tools)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .with_context(|| format!("apt-get download left no package in {}", tools.display()))?;
    complete(Command::new("dpkg").arg("-x").arg(&archive).arg(&tools))?;
    std::fs::remove_file(&archive)?;
    Ok(())
}

/// While it lives, an installed package starts no service.
struct NothingStarts {
    is_ours: bool,
}

impl NothingStarts {
    fn set() -> Result<Self> {
        let policy = Path::new(POLICY);
        if policy.exists() {
            return Ok(Self { is_ours: false }); // The machine's owner has decided already.
        }
        std::fs::write(policy, "#!/bin/sh\nexit 101\n")
            .and_then(|()| std::fs::set_permissions(policy, Permissions::from_mode(0o755)))
            .with_context(|| format!("writing {POLICY}"))?;
        Ok(Self { is_ours: true })
    }
}

impl Drop for NothingStarts {
    fn drop(&mut self) {
        if self.is_ours {
            std::fs::remove_file(POLICY).ok();
        }
    }
}
