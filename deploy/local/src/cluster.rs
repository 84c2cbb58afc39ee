//! PostgreSQL's data: made once, with the settings, roles and databases that the services need.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::account::Account;
use crate::layout::{Layout, make_folder, write_private};
use crate::process::complete;
use crate::servers::Postgres;
use crate::services::Service;

/// Makes the cluster if it is not there. Made aside and then renamed, so that one that was
/// interrupted is made again.
pub(crate) fn make_missing(layout: &Layout, programs: &Postgres, account: Account) -> Result<()> {
    let data = layout.postgres();
    if data.join("PG_VERSION").exists() {
        return Ok(());
    }
    let new = layout.dir().join("pg.new");
    if new.exists() {
        std::fs::remove_dir_all(&new)?;
    }
    make_folder(&new, 0o700)?;
    account.give(&new)?;
    let command = account.command(&programs.initdb);
    let [program, arguments @ ..] = command.as_slice() else { bail!("no command for initdb") };
    complete(
        Command::new(program)
            .args(arguments)
            .args(["--username=postgres", "--auth-local=trust", "--auth-host=reject"])
            .args(["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--pgdata"])
            .arg(&new),
    )?;
    std::fs::rename(&new, &data).context("putting PostgreSQL's data in place")
}

/// Writes the settings. Durability is what it is in service: a stack that forgets after a power cut
/// would hide the very faults that it is there to show.
pub(crate) fn configure(layout: &Layout, account: Account) -> Result<()> {
    let socket_dir = layout.socket_dir();
    make_folder(&socket_dir, 0o700)?;
    must_be_private(&socket_dir, account)?;
    account.give(&socket_dir)?;
    let path = layout.postgres().join("postgresql.conf");
    write_private(&path, &settings(&socket_dir))?;
    account.give_file(&path)
}

fn settings(socket_dir: &Path) -> String {
    format!(
        "# Written anew at each start by the local stack.\n\
         listen_addresses = ''\n\
         unix_socket_directories = '{}'\n\
         unix_socket_permissions = 0700\n\
         max_connections = 200\n\
         shared_buffers = 256MB\n\
         min_wal_size = 1GB\n\
         max_wal_size = 2GB\n\
         fsync = on\n\
         full_page_writes = on\n\
         synchronous_commit = on\n\
         log_line_prefix = '%m [%p] %q%u@%d '\n\
         log_timezone = 'UTC'\n\
         timezone = 'UTC'\n",
        socket_dir.display()
    )
}

/// Who may enter the socket's folder is superuser of the database: there is no password.
fn must_be_private(socket_dir: &Path, account: Account) -> Result<()> {
    let is = std::fs::symlink_metadata(socket_dir)?;
    let ours = rustix::process::geteuid().as_raw();
    if !is.is_dir() || ![ours, account.owner(ours)].contains(&is.uid()) {
        bail!("{} belongs to somebody else: remove it", socket_dir.display());
    }
    std::fs::set_permissions(socket_dir, Permissions::from_mode(0o700))
        .with_context(|| format!("making {} private", socket_dir.display()))
}

/// Makes the roles and databases that are missing.
///
/// `owner` owns the databases and migrates them; a service's own role gets what the migrations
/// grant it, so that none of them can change its log's past.
pub(crate) fn furnish(layout: &Layout, programs: &Postgres) -> Result<()> {
    let sql = |command: &str| psql(layout, programs, "postgres", command);
    let roles = sql("select rolname from pg_roles")?;
    let databases = sql("select datname from pg_database")?;
    let services = Service::ALL.map(Service::name);
    for role in ["owner"].iter().chain(&services) {
        if !roles.lines().any(|there| there == *role) {
            sql(&format!("create role \"{role}\" login"))?;
        }
    }
    let mut grants = vec![];
    for database in services.iter().chain(&["keys"]) {
        if !databases.lines().any(|there| there == *database) {
            sql(&format!("create database \"{database}\" owner \"owner\""))?;
        }
        // Only a service's own role comes in; the keys are read by all three.
        let who =
            if *database == "keys" { services.join("\", \"") } else { (*database).to_owned() };
        grants.push(format!(
            "revoke all on database \"{database}\" from public; \
             grant connect on database \"{database}\" to \"{who}\""
        ));
    }
    sql(&grants.join("; ")).map(drop)
}

/// Whether the server takes connections: after one of its processes was killed it recovers, and its
/// lock file goes on saying that it is ready.
pub(crate) fn answers(layout: &Layout, programs: &Postgres) -> Result<(), String> {
    psql(layout, programs, "postgres", "select 1").map(drop).map_err(|error| format!("{error:#}"))
}

fn psql(layout: &Layout, programs: &Postgres, database: &str, command: &str) -> Result<String> {
    complete(
        Command::new(&programs.psql)
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", command])
            .arg(url(layout, database, "postgres")),
    )
}

/// How a client reaches `database` as `user`; libpq and sqlx both take it.
pub(crate) fn url(layout: &Layout, database: &str, user: &str) -> String {
    format!("postgres:///{database}?host={}&user={user}", layout.socket_dir().display())
}
