//! The one statement that appends: it moves the head, writes the events, and what stands beside them.
//!
//! Nothing of it happens unless the head is where the events begin, so it is a transaction by itself
//! for who knows the head already.

use std::sync::{Arc, LazyLock};

use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;
use sqlx::{Arguments as _, AssertSqlSafe, PgConnection};
use uuid::Uuid;

use crate::event_log::{Recorded, to_i64};

/// Rows in a service's own tables that are written by the statement that appends an event.
#[derive(Debug)]
pub struct Beside<C: 'static> {
    /// Common table expressions with a comma before each. They insert what they select from `head`, which
    /// is empty where nothing may be appended, and number their parameters from $1.
    pub inserts: &'static str,
    pub parameters: usize,
    /// Adds the parameters.
    pub bind: Bind<C>,
}

type Bind<C> = fn(&mut PgArguments, &[(&C, &Recorded)]) -> Result<(), BoxDynError>;

impl<C> Beside<C> {
    /// Writes what stands beside `events`, which stand in the log already.
    pub async fn write_again(
        &self,
        conn: &mut PgConnection,
        events: &[(&C, &Recorded)],
    ) -> Result<(), sqlx::Error> {
        let mut arguments = PgArguments::default();
        (self.bind)(&mut arguments, events).map_err(sqlx::Error::Encode)?;
        let statement = format!("with head as (select 1) {} select 1", self.inserts);
        sqlx::query_with(AssertSqlSafe(statement), arguments).execute(conn).await?;
        Ok(())
    }
}

/// The statement's text. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Statement(Arc<str>);

/// Of table `event`, in the order in which [`bind`] has its columns.
const COLUMN_TYPES: [&str; 9] =
    ["bigint", "uuid", "integer", "text", "timestamptz", "bytea", "bytea", "bytea", "bytea"];

/// For events with nothing beside them.
static EVENTS_ALONE: LazyLock<Statement> = LazyLock::new(|| Statement::new("", 0));

impl Statement {
    /// With `inserts` that have the first `parameters`.
    pub(crate) fn new(inserts: &str, parameters: usize) -> Self {
        let [old, old_hash, new, new_hash] = [1, 2, 3, 4].map(|number| parameters + number);
        let columns: Vec<String> = COLUMN_TYPES
            .iter()
            .zip(new_hash + 1..)
            .map(|(of, number)| format!("${number}::{of}[]"))
            .collect();
        Self(
            format!(
                "with head as (
                     update log_head set position = ${new}, hash = ${new_hash}
                     where position = ${old} and hash = ${old_hash} returning position),
                 appended as (
                     insert into event
                         (position, stream, version, kind, recorded_at, meta, body, hash, tag)
                     select new.* from head, unnest({}) as new)
                 {inserts}
                 select pg_notify('log', '') from head",
                columns.join(", ")
            )
            .into(),
        )
    }

    /// Appends `events`, which follow one another; `arguments` has what is beside them. False: the head
    /// is elsewhere, and nothing was written.
    pub(crate) async fn run(
        &self,
        conn: &mut PgConnection,
        mut arguments: PgArguments,
        events: &[&Recorded],
    ) -> Result<bool, sqlx::Error> {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(true) };
        bind(&mut arguments, first, last, events).map_err(sqlx::Error::Encode)?;
        let statement = sqlx::query_with(AssertSqlSafe(Arc::clone(&self.0)), arguments);
        Ok(statement.fetch_optional(conn).await?.is_some())
    }
}

fn bind(
    arguments: &mut PgArguments,
    first: &Recorded,
    last: &Recorded,
    events: &[&Recorded],
) -> Result<(), BoxDynError> {
    let mut columns = Columns::default();
    for event in events {
        columns.push(event);
    }
    arguments.add(to_i64(first.position - 1))?;
    arguments.add(&first.previous)?;
    arguments.add(to_i64(last.position))?;
    arguments.add(&last.hash)?;
    arguments.add(columns.positions)?;
    arguments.add(columns.streams)?;
    arguments.add(columns.versions)?;
    arguments.add(columns.kinds)?;
    arguments.add(columns.recorded_at)?;
    arguments.add(columns.metas)?;
    arguments.add(columns.bodies)?;
    arguments.add(columns.hashes)?;
    arguments.add(columns.tags)
}

#[derive(Default)]
struct Columns<'a> {
    positions: Vec<i64>,
    streams: Vec<Uuid>,
    versions: Vec<i32>,
    kinds: Vec<&'a str>,
    recorded_at: Vec<jiff_sqlx::Timestamp>,
    metas: Vec<&'a [u8]>,
    bodies: Vec<&'a [u8]>,
    hashes: Vec<&'a [u8]>,
    tags: Vec<&'a [u8]>,
}

impl<'a> Columns<'a> {
    fn push(&mut self, event: &'a Recorded) {
        self.positions.push(to_i64(event.position));
        self.streams.push(event.stream);
        self.versions.push(i32::try_from(event.version).unwrap_or(i32::MAX));
        self.kinds.push(&event.kind);
        self.recorded_at.push(jiff_sqlx::ToSqlx::to_sqlx(event.recorded_at));
        self.metas.push(&event.meta);
        self.bodies.push(&event.body);
        self.hashes.push(&event.hash);
        self.tags.push(&event.tag);
    }
}

/// Appends rows as they are, in a transaction that has the head where they begin.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    events: &[&Recorded],
) -> Result<(), sqlx::Error> {
    if EVENTS_ALONE.run(conn, PgArguments::default(), events).await? {
        Ok(())
    } else {
        Err(sqlx::Error::Protocol("the head of the log moved under its lock".to_owned()))
    }
}
