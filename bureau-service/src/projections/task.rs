//! What a person has to do: contact a reporter whom no message has reached, or who wished it so; or
//! find a way that is safe.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::codec::{Happened, Seen};
use crate::domain::promise::Fact;
use crate::domain::words::{Role, TaskWhy};

/// At most so many tasks are listed.
const LIST_MAX: i64 = 1_000;

/// Takes in what the events say of tasks.
pub async fn apply(conn: &mut PgConnection, seen: &[Seen]) -> Result<(), sqlx::Error> {
    open(conn, seen).await?;
    end(conn, seen).await
}

async fn open(conn: &mut PgConnection, seen: &[Seen]) -> Result<(), sqlx::Error> {
    let (mut ids, mut reports, mut whys) = (vec![], vec![], vec![]);
    let (mut due, mut opened) = (vec![], vec![]);
    for one in seen {
        if let Happened::Contact(Fact::TaskOpened { task, why, due: due_at }) = &one.happened {
            ids.push(*task);
            reports.push(one.report_id);
            whys.push(why.as_str().to_owned());
            due.push(due_at.to_sqlx());
            opened.push(one.at.to_sqlx());
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into task (task_id, report_id, why, due_at, opened_at)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[],
                              $5::timestamptz[])
         on conflict (task_id) do nothing",
        &ids,
        &reports,
        &whys,
        &due as _,
        &opened as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn end(conn: &mut PgConnection, seen: &[Seen]) -> Result<(), sqlx::Error> {
    let (mut ids, mut hows, mut done) = (vec![], vec![], vec![]);
    for one in seen {
        if let Happened::Contact(Fact::TaskDone { task, how }) = &one.happened {
            ids.push(*task);
            hows.push(how.as_str().to_owned());
            done.push(one.at.to_sqlx());
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update task set done_at = ended.at, done_how = ended.how
         from unnest($1::uuid[], $2::text[], $3::timestamptz[]) as ended (id, how, at)
         where task.task_id = ended.id and task.done_at is null",
        &ids,
        &hows,
        &done as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A task, as it is listed.
#[derive(Debug, Clone)]
pub struct Task {
    pub task_id: Uuid,
    pub report_id: Uuid,
    pub reference: String,
    pub kind: String,
    pub status: String,
    pub grade: Option<String>,
    pub channel: Option<String>,
    /// Since when no way that was given is safe any more.
    pub contact_stopped_at: Option<Timestamp>,
    pub claimed_by: Option<String>,
    pub version: u32,
    pub why: String,
    pub due_at: Timestamp,
    pub opened_at: Timestamp,
    pub done_at: Option<Timestamp>,
    pub done_how: Option<String>,
}

impl Task {
    /// Whose task it is.
    #[must_use]
    pub fn role(&self) -> &'static str {
        TaskWhy::parse(&self.why).map_or(Role::Supervisor, TaskWhy::role).as_str()
    }
}

struct Row {
    task_id: Uuid,
    report_id: Uuid,
    reference: String,
    kind: String,
    status: String,
    grade: Option<String>,
    channel: Option<String>,
    contact_stopped_at: Option<jiff_sqlx::Timestamp>,
    claimed_by: Option<String>,
    version: i32,
    why: String,
    due_at: jiff_sqlx::Timestamp,
    opened_at: jiff_sqlx::Timestamp,
    done_at: Option<jiff_sqlx::Timestamp>,
    done_how: Option<String>,
}

impl From<Row> for Task {
    fn from(row: Row) -> Self {
        Self {
            task_id: row.task_id,
            report_id: row.report_id,
            reference: row.reference,
            kind: row.kind,
            status: row.status,
            grade: row.grade,
            channel: row.channel,
            contact_stopped_at: row.contact_stopped_at.map(jiff_sqlx::Timestamp::to_jiff),
            claimed_by: row.claimed_by,
            version: row.version.unsigned_abs(),
            why: row.why,
            due_at: row.due_at.to_jiff(),
            opened_at: row.opened_at.to_jiff(),
            done_at: row.done_at.map(jiff_sqlx::Timestamp::to_jiff),
            done_how: row.done_how,
        }
    }
}

/// The open tasks, the one that is due first first.
pub async fn open_by_due(conn: &mut PgConnection) -> Result<Vec<Task>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        "select task.task_id, task.report_id, reference, kind, status, grade, channel, claimed_by,
                contact_stopped_at, version, why, task.due_at, opened_at, done_at, done_how
         from task join triage_queue using (report_id)
         where done_at is null order by task.due_at, task.task_id limit $1",
        LIST_MAX
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Task::from).collect())
}

/// All tasks of one case, the oldest first.
pub async fn of_report(conn: &mut PgConnection, report_id: Uuid) -> Result<Vec<Task>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        "select task.task_id, task.report_id, reference, kind, status, grade, channel, claimed_by,
                contact_stopped_at, version, why, task.due_at, opened_at, done_at, done_how
         from task join triage_queue using (report_id)
         where task.report_id = $1 order by opened_at, task.task_id",
        report_id
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Task::from).collect())
}
