//! The commands that every service has, and how each of them ends.

use std::collections::HashSet;
use std::io::Write as _;
use std::time::Duration;

use clap::Subcommand;
use sqlx::Connection as _;
use sqlx::PgConnection;
use sqlx::migrate::Migrator;

use crate::config::Faults;
use crate::follower::{Follower, Handled, ReleaseError};
use crate::recover::{self, Witness};
use crate::service::{Ground, Settings};
use crate::{db, parked, problem, relay, verify};

/// How often a lock is asked for that a process may hold which has just ended.
const LOCK_TRIES: usize = 15;

/// What a service is asked to do. Serving is what it does unasked.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Serve until asked to end (what happens without a command)
    Serve,
    /// Bring the database to its newest form; as its owner
    Migrate,
    /// Read the whole log, or make it whole again
    #[command(subcommand)]
    Log(LogCommand),
    /// Make the stream anew
    #[command(subcommand)]
    Stream(StreamCommand),
    /// Messages of other services that could not be handled
    #[command(subcommand)]
    Parked(ParkedCommand),
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum LogCommand {
    /// Check positions, hashes and tags of every event; exit code 3 names what is wrong
    Verify,
    /// After restoring an older copy: take the missing events back from the stream; as the owner,
    /// with the service stopped
    Recover,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum StreamCommand {
    /// Delete the stream and fill it again from the log
    Rebuild,
}

#[derive(Debug, Clone, Subcommand)]
pub enum ParkedCommand {
    /// List them in the order in which they have to be released
    List,
    /// Bring them again; one that still fails keeps later ones of its report. Exit code 3: some did
    Release {
        /// Who releases, for the record
        #[arg(long, default_value = "operator")]
        actor: String,
    },
}

/// A command that did its work and has something to say by its exit code.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NeedsAction(pub String);

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error("the database refused it or is away")]
    Database(#[from] sqlx::Error),
    #[error("the tables could not be brought to their newest form")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error(transparent)]
    Recover(#[from] recover::RecoverError),
    #[error(transparent)]
    Relay(#[from] crate::relay::RelayError),
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(transparent)]
    Start(#[from] crate::service::StartError),
    #[error(transparent)]
    NeedsAction(#[from] NeedsAction),
}

/// Prints a line for the person who ran the command.
pub fn say(line: impl std::fmt::Display) {
    writeln!(std::io::stdout(), "{line}").ok();
}

/// Brings log, parked set and the service's own tables to their newest form, and gives the service's
/// role what it needs.
pub async fn migrate(settings: &Settings, own: &Migrator) -> Result<(), CommandError> {
    let mut conn = db::connect(&db::options(settings.owner_url())?).await?;
    db::MIGRATOR.run(&mut conn).await?;
    own.run(&mut conn).await?;
    db::grant(&mut conn, &role(&settings.database_url)?).await?;
    say("the database is at its newest form");
    Ok(())
}

/// Brings the key database to its newest form: `inserter` issues keys, the others read them.
pub async fn migrate_keys(
    owner_url: &str,
    inserter_url: &str,
    readers: &[String],
) -> Result<(), CommandError> {
    let mut conn = db::connect(&db::options(owner_url)?).await?;
    db::KEYS_MIGRATOR.run(&mut conn).await?;
    db::grant_keys(&mut conn, &role(inserter_url)?, readers).await?;
    Ok(())
}

fn role(url: &str) -> Result<String, sqlx::Error> {
    Ok(db::options(url)?.get_username().to_owned())
}

/// `log verify`
pub async fn log_verify(ground: &Ground) -> Result<(), CommandError> {
    let mut conn = db::connect(&ground.options).await?;
    let verified = verify::verify(&mut conn, &ground.log).await?;
    for fault in &verified.faults {
        say(fault);
    }
    if !verified.faults.is_empty() {
        return Err(NeedsAction(format!("the log of {} is not whole", ground.log.name)).into());
    }
    say(format!("{}: {} events, all whole", ground.log.name, verified.events));
    Ok(())
}

/// `log recover`: the log first, then `rebuild` everything that is computed from it.
pub async fn log_recover<R>(
    ground: &Ground,
    settings: &Settings,
    witnesses: &[Witness],
    rebuild: R,
) -> Result<(), CommandError>
where
    R: AsyncFnOnce(&mut PgConnection) -> Result<(), sqlx::Error>,
{
    let Some(_alone) = alone(ground).await? else {
        let why = format!("a service of {} runs: stop every one of them first", ground.log.name);
        return Err(NeedsAction(why).into());
    };
    let mut conn = db::connect(&db::options(settings.owner_url())?).await?;
    let folder = &settings.tail_folder;
    let done = recover::recover(&mut conn, &ground.log, &ground.broker, witnesses, folder).await?;
    let mut tx = conn.begin().await?;
    rebuild(&mut tx).await?;
    tx.commit().await?;
    say(format!(
        "{}: whole up to {}, {} events taken back, {} moved behind them, {} were there already",
        ground.log.name, done.common, done.taken_back, done.moved, done.known
    ));
    if let Some(file) = done.tail_file {
        say(format!("the events that moved stand as they were in {}", file.display()));
    }
    Ok(())
}

/// The lock that one of the service's processes holds while any of them runs; None where one does.
async fn alone(ground: &Ground) -> Result<Option<PgConnection>, sqlx::Error> {
    let name = relay::lead_name(&ground.log);
    for _ in 0..LOCK_TRIES {
        if let Some(lock) = db::try_lock(&ground.options, &name).await? {
            return Ok(Some(lock));
        }
        // PostgreSQL may still be finding out that a process has ended.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(None)
}

/// `stream rebuild`
pub async fn stream_rebuild(ground: &Ground) -> Result<(), CommandError> {
    let last = ground.relay_parts().rebuild_stream().await?;
    say(format!("{} is filled again up to {last}", ground.log.name));
    Ok(())
}

/// `parked list`
pub async fn parked_list(ground: &Ground) -> Result<(), CommandError> {
    let mut conn = db::connect(&ground.options).await?;
    let parked = parked::list(&mut conn).await?;
    for message in &parked {
        say(format!(
            "{} {} report {} since {}: {}",
            message.stream, message.position, message.report_id, message.parked_at, message.reason
        ));
    }
    say(format!("{} parked", parked.len()));
    Ok(())
}

/// `parked release`: brings each in order to the follower of its stream. One that still fails keeps
/// the later ones of its report, and no others. Storage or a broker that is away ends it.
pub async fn parked_release<S>(
    ground: &Ground,
    followers: &[Follower<S>],
    actor: &str,
) -> Result<(), CommandError>
where
    S: Clone + std::fmt::Debug + Send + Sync + 'static,
{
    let mut conn = db::connect(&ground.options).await?;
    let parked = parked::list(&mut conn).await?;
    let mut failed = 0;
    let mut stuck = HashSet::new();
    for message in &parked {
        let follower = followers.iter().find(|follower| follower.stream == message.stream);
        let how = match follower {
            _ if stuck.contains(&message.report_id) => {
                Err("waits behind an earlier one of its report".to_owned())
            }
            None => Err("is of a stream that is not followed".to_owned()),
            Some(follower) => match follower.release(&mut conn, message.position, actor).await {
                Ok(Handled::Done) => Ok(()),
                Ok(Handled::Park(why)) => Err(format!("still fails: {why}")),
                Ok(Handled::Later(_)) => Err("has to wait".to_owned()),
                Err(ReleaseError::NotThere(_)) => Err("is no longer there".to_owned()),
                Err(away @ (ReleaseError::Broker(_) | ReleaseError::Database(_))) => {
                    return Err(away.into());
                }
            },
        };
        if how.is_err() {
            failed += 1;
            stuck.insert(message.report_id);
        }
        let how = how.err().unwrap_or_else(|| "released".to_owned());
        say(format!("{} {} {how}", message.stream, message.position));
    }
    if failed > 0 {
        return Err(NeedsAction(format!("{failed} of {} are still parked", parked.len())).into());
    }
    Ok(())
}

/// Tells what is wrong with the settings. Exit code 2.
#[must_use]
pub fn refuse(faults: &Faults) -> std::process::ExitCode {
    writeln!(std::io::stderr(), "{faults}").ok();
    std::process::ExitCode::from(2)
}

/// Ends the process as the result says: 0 done, 1 failed, 3 done and somebody has to act.
#[must_use]
pub fn exit_code(result: Result<(), CommandError>) -> std::process::ExitCode {
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            writeln!(std::io::stderr(), "{}", problem::with_causes(&error)).ok();
            let code = if matches!(error, CommandError::NeedsAction(_)) { 3 } else { 1 };
            std::process::ExitCode::from(code)
        }
    }
}
