//! Pools that cannot lose a write, migrations, and one leader among the replicas.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::shutdown::{Tasks, pause};

/// Brings the tables of the log to their newest form.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
/// Brings the table of the report keys to its newest form.
pub static KEYS_MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./keys-migrations");

/// How to reach a database, with the limits that every session gets.
pub fn options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(PgConnectOptions::from_str(url)?.options([
        ("statement_timeout", "30s"),
        ("lock_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("synchronous_commit", "on"),
        // A rollback where nothing is open is the rule in `pool`, not news.
        ("client_min_messages", "error"),
        // Every statement of a service goes by an index. A plan that was made while a table was empty
        // would scan it for as long as the session lasts, however large it has become by then.
        ("enable_seqscan", "off"),
        // Where there is no index, as for the log's head, the plan looks dear and is not worth compiling.
        ("jit", "off"),
    ]))
}

/// A pool that connects when it is asked to, so that a service starts with its database away.
///
/// A request that is cancelled while it begins a transaction can leave that transaction open in the
/// connection (sqlx 0.9.0); whatever the next user writes would then be lost in silence. So each
/// connection is rolled back when it comes home.
#[must_use]
pub fn pool(options: PgConnectOptions, connections_max: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(Duration::from_secs(3))
        .test_before_acquire(false)
        .after_release(|conn, _| {
            // Alone, a rollback of nothing is a warning in the server's log, each time.
            Box::pin(async move { Ok(conn.execute("begin; rollback").await.is_ok()) })
        })
        .connect_lazy_with(options)
}

/// A connection of one's own, for work that no request may cancel.
pub async fn connect(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    match tokio::time::timeout(Duration::from_secs(3), PgConnection::connect_with(options)).await {
        Ok(connected) => connected,
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    }
}

/// Whether the error says that the database was away, rather than that the statement was wrong.
#[must_use]
pub fn is_away(error: &sqlx::Error) -> bool {
    match error.as_database_error() {
        Some(database) => database.code().is_some_and(|code| is_trouble(&code)),
        None => !matches!(
            error,
            sqlx::Error::RowNotFound
                | sqlx::Error::ColumnDecode { .. }
                | sqlx::Error::Decode(_)
                | sqlx::Error::Encode(_)
                | sqlx::Error::ColumnNotFound(_)
                | sqlx::Error::TypeNotFound { .. }
        ),
    }
}

/// Whether PostgreSQL says by this code that it is in trouble, whatever the statement was.
fn is_trouble(code: &str) -> bool {
    // 57: operator intervention, 08: connection, 53: resources, 40: serialization, 55: lock,
    // 58: input and output, 25006: read-only after a failover, 25P03: idle for too long,
    // XX001 and XX002: corrupted. Another fault of classes 25 and XX may be the statement's own.
    ["57", "08", "53", "40", "55", "58", "25006", "25P03", "XX001", "XX002"]
        .iter()
        .any(|class| code.starts_with(class))
}

/// The statements that give a service's role what it needs and no more: it may add to the log, and
/// never change it.
pub async fn grant(conn: &mut PgConnection, role: &str) -> Result<(), sqlx::Error> {
    let owner: String =
        sqlx::query_scalar("select current_user::text").fetch_one(&mut *conn).await?;
    if owner == role {
        return Ok(());
    }
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    let statements = format!(
        "grant usage on schema public to {role};
         grant select, insert, update, delete, truncate on all tables in schema public to {role};
         grant usage on all sequences in schema public to {role};
         revoke update, delete, truncate on event from {role};
         revoke insert, delete, truncate on log_head from {role};"
    );
    conn.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(statements))).await?;
    Ok(())
}

/// Tells whoever waits that the log has grown.
#[derive(Debug, Clone)]
pub struct Wake(watch::Receiver<u64>);

impl Wake {
    /// Listens for the log's NOTIFY for as long as the service runs.
    #[must_use]
    pub fn listen(options: PgConnectOptions, tasks: &Tasks) -> Self {
        let (sender, receiver) = watch::channel(0);
        let token = tasks.token();
        tasks.spawn(async move {
            while !token.is_cancelled() {
                tokio::select! {
                    () = token.cancelled() => return,
                    heard = hear(&options, &sender) => if let Err(error) = heard {
                        tracing::debug!(error = %error, "not listening for now");
                    },
                }
                pause(&token, Duration::from_secs(1)).await;
            }
        });
        Self(receiver)
    }

    /// Returns when the log has grown, and after 250 ms anyway: a NOTIFY is a hint and no delivery.
    pub async fn wait(&mut self) {
        let waited = tokio::time::timeout(Duration::from_millis(250), self.0.changed()).await;
        if let Ok(Err(_)) = waited {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
}

async fn hear(options: &PgConnectOptions, sender: &watch::Sender<u64>) -> Result<(), sqlx::Error> {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen("log").await?;
    while listener.try_recv().await?.is_some() {
        sender.send_modify(|count| *count += 1);
    }
    Ok(())
}

/// Runs `work` on one replica at a time: the one that holds the session lock `name`.
///
/// The lock is a way to save work, never the guard of anything: the positions and expected sequences
/// are. `work` is dropped when the lock's connection is lost, and begun again with the lock.
pub async fn lead<W, F>(
    options: &PgConnectOptions,
    name: &str,
    token: &CancellationToken,
    mut work: W,
) where
    W: FnMut() -> F,
    F: Future<Output = ()>,
{
    while !token.is_cancelled() {
        if let Ok(Some(mut lock)) = try_lock(options, name).await {
            tracing::debug!(lock = name, "leading");
            tokio::select! {
                () = token.cancelled() => return,
                () = lost(&mut lock) => tracing::warn!(lock = name, "the lead is lost"),
                () = work() => {}
            }
        }
        pause(token, Duration::from_millis(500)).await;
    }
}

pub(crate) async fn try_lock(
    options: &PgConnectOptions,
    name: &str,
) -> Result<Option<PgConnection>, sqlx::Error> {
    let mut conn = connect(options).await?;
    let taken = sqlx::query_scalar!(
        r#"select pg_try_advisory_lock(hashtextextended($1, 0)) as "taken!""#,
        name
    )
    .fetch_one(&mut conn)
    .await?;
    Ok(taken.then_some(conn))
}

/// Returns when the connection no longer answers.
async fn lost(conn: &mut PgConnection) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let answered = tokio::time::timeout(Duration::from_secs(5), conn.ping()).await;
        if !matches!(answered, Ok(Ok(()))) {
            return;
        }
    }
}

/// In the key database one role issues keys and the others read them; nobody changes any.
pub async fn grant_keys(
    conn: &mut PgConnection,
    inserter: &str,
    readers: &[String],
) -> Result<(), sqlx::Error> {
    let quoted = |role: &str| format!("\"{}\"", role.replace('"', "\"\""));
    let inserts = format!("grant select, insert on report_key to {}", quoted(inserter));
    conn.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(inserts))).await?;
    for reader in readers {
        let reads = format!("grant select on report_key to {}", quoted(reader));
        conn.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(reads))).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_of_the_storage_is_told_from_a_fault_of_the_statement() {
        for (code, is) in [
            ("08006", true),  // connection failure
            ("25006", true),  // read-only transaction
            ("25P03", true),  // idle in transaction for too long
            ("40001", true),  // serialization failure
            ("40P01", true),  // deadlock
            ("53100", true),  // disk full
            ("53300", true),  // too many connections
            ("55P03", true),  // lock not available
            ("57014", true),  // statement timeout
            ("57P01", true),  // shutdown by an administrator
            ("57P03", true),  // starting up
            ("58030", true),  // input or output
            ("58P01", true),  // a file is missing
            ("XX001", true),  // data corrupted
            ("XX002", true),  // index corrupted
            ("22001", false), // text too long
            ("22P05", false), // a character that cannot be stored
            ("23505", false), // unique
            ("23514", false), // check
            ("25001", false), // a transaction is open
            ("25P02", false), // the transaction has failed
            ("42501", false), // not allowed
            ("42703", false), // no such column
            ("42P01", false), // no such table
            ("54000", false), // too large for the program
            ("P0001", false), // raised by a function
            ("XX000", false), // internal
        ] {
            assert_eq!(is_trouble(code), is, "{code}");
        }
    }

    #[test]
    fn an_error_without_a_code_is_away_unless_it_is_about_values() {
        let broken = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        for (error, is) in [
            (sqlx::Error::Io(broken()), true),
            (sqlx::Error::PoolTimedOut, true),
            (sqlx::Error::PoolClosed, true),
            (sqlx::Error::Protocol("odd".to_owned()), true),
            (sqlx::Error::RowNotFound, false),
            (sqlx::Error::ColumnNotFound("x".to_owned()), false),
            (sqlx::Error::Decode("odd".into()), false),
            (sqlx::Error::Encode("odd".into()), false),
        ] {
            assert_eq!(is_away(&error), is, "{error}");
        }
    }
}
