//! Where PostgreSQL and nats-server are on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::environment;
use crate::install;
use crate::layout::Layout;
use crate::process::complete;
use crate::up::Stack;

/// Where Debian and its relatives put each major version.
const POSTGRES_VERSIONS: &str = "/usr/lib/postgresql";

/// The oldest broker that numbers messages as we need it.
const NATS_VERSION_MIN: [u32; 3] = [2, 9, 10];

/// PostgreSQL's programs.
#[derive(Debug, Clone)]
pub(crate) struct Postgres {
    pub initdb: PathBuf,
    pub server: PathBuf,
    pub psql: PathBuf,
}

/// Finds PostgreSQL, or installs it.
pub(crate) fn postgres(stack: &Stack) -> Result<Postgres> {
    if let Some(bin) = environment::text("PG_BIN") {
        let found = postgres_in(Path::new(&bin));
        return found.with_context(|| format!("PG_BIN={bin} holds no initdb and postgres"));
    }
    let data_version = data_version(&stack.layout);
    if let Some(found) = installed_postgres(data_version) {
        if environment::is_on_path("psql") {
            return Ok(found);
        }
        // Other people's programs want psql, too.
        if let Err(error) = install::with_apt(stack, "postgresql-client") {
            stack.say(&format!("psql is not on the PATH: {error:#}"));
        }
        return Ok(found);
    }
    if let Some(version) = data_version {
        bail!(
            "the data in {} were made by PostgreSQL {version}, which is not here any more: \
             install it, or delete them with `make down clean=1`",
            stack.layout.postgres().display()
        );
    }
    install::with_apt(stack, "postgresql").context(
        "no PostgreSQL found. Install it (Debian: apt-get install postgresql), \
         or set PG_BIN to the folder that holds initdb and postgres",
    )?;
    installed_postgres(None).context("PostgreSQL was installed, but its programs are not found")
}

/// The newest one, or the one that made the data.
fn installed_postgres(data_version: Option<u32>) -> Option<Postgres> {
    let mut versions: Vec<u32> = std::fs::read_dir(POSTGRES_VERSIONS)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|version| data_version.is_none_or(|data_version| data_version == *version))
        .collect();
    versions.sort_unstable();
    let folders = versions
        .iter()
        .rev()
        .map(|version| PathBuf::from(format!("{POSTGRES_VERSIONS}/{version}/bin")));
    let on_path = environment::program("initdb");
    let on_path = on_path.as_deref().and_then(Path::parent).map(Path::to_path_buf);
    folders.chain(on_path).find_map(|folder| postgres_in(&folder))
}

fn postgres_in(bin: &Path) -> Option<Postgres> {
    let program = |name: &str| Some(bin.join(name)).filter(|program| program.is_file());
    Some(Postgres {
        initdb: program("initdb")?,
        server: program("postgres")?,
        psql: program("psql").unwrap_or_else(|| PathBuf::from("psql")),
    })
}

fn data_version(layout: &Layout) -> Option<u32> {
    let version = std::fs::read_to_string(layout.postgres().join("PG_VERSION")).ok()?;
    version.trim().parse().ok()
}

/// Finds nats-server, or gets it.
pub(crate) fn nats(stack: &Stack) -> Result<PathBuf> {
    if let Some(program) = environment::text("NATS_SERVER_BIN") {
        let program = PathBuf::from(program);
        must_be_new_enough(&program)?;
        return Ok(program);
    }
    // A private copy comes before the installed one only if that is too old.
    let candidates = [environment::program("nats-server"), unpacked_nats(&stack.layout)];
    let mut fault = None;
    for program in candidates.into_iter().flatten() {
        match must_be_new_enough(&program) {
            Ok(()) => return Ok(program),
            Err(error) => fault = Some(error),
        }
    }
    if let Some(fault) = fault {
        return Err(fault.context("set NATS_SERVER_BIN to a newer nats-server"));
    }
    get_nats(stack).context(
        "no nats-server found. Install it (Debian: apt-get install nats-server), \
         or set NATS_SERVER_BIN to the program",
    )
}

fn get_nats(stack: &Stack) -> Result<PathBuf> {
    let program = if environment::is_root() {
        install::with_apt(stack, "nats-server")?;
        environment::program("nats-server")
    } else {
        install::unpacked(stack, "nats-server")?;
        unpacked_nats(&stack.layout)
    };
    let program = program.context("nats-server was installed, but it is not found")?;
    must_be_new_enough(&program)?;
    Ok(program)
}

fn unpacked_nats(layout: &Layout) -> Option<PathBuf> {
    ["nats-server", "usr/sbin/nats-server", "usr/bin/nats-server"]
        .iter()
        .map(|place| layout.tools().join(place))
        .find(|program| program.is_file())
}

fn must_be_new_enough(program: &Path) -> Result<()> {
    let said = complete(Command::new(program).arg("--version"))?;
    let version = version(&said).with_context(|| {
        format!("{} --version says no version: {}", program.display(), said.trim())
    })?;
    if version < NATS_VERSION_MIN {
        let [major, minor, patch] = NATS_VERSION_MIN;
        bail!(
            "{} is {}, at least {major}.{minor}.{patch} is needed",
            program.display(),
            said.trim()
        );
    }
    Ok(())
}

/// `nats-server: v2.9.10` and its like.
fn version(said: &str) -> Option<[u32; 3]> {
    let (_, number) = said.trim().rsplit_once(['v', ' '])?;
    let number = number.split(['-', '+']).next()?;
    let mut parts = number.split('.').map(str::parse);
    Some([parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version("nats-server: v2.9.10\n").unwrap() >= NATS_VERSION_MIN);
        assert!(version("nats-server: v2.10.0-RC.1").unwrap() > NATS_VERSION_MIN);
        assert!(version("nats-server: v2.9.9").unwrap() < NATS_VERSION_MIN);
        assert_eq!(version("no number"), None);
    }
}
