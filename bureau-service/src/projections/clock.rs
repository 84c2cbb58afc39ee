//! Where each promise stands, and when something of it is due next.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{known_before, to_i32, unknown};
use crate::codec::{Happened, Seen};
use crate::domain::case::Event;
use crate::domain::promise::{Pending, Promise, Task, Way};
use crate::domain::words::{ContactState, TaskWhy};

/// Brings the clock on; gives the promises that the events are about, as they now stand.
pub async fn apply(
    conn: &mut PgConnection,
    seen: &[Seen],
) -> Result<HashMap<Uuid, Promise>, sqlx::Error> {
    let before = load(conn, &known_before(seen)).await?;
    let mut promises = before.clone();
    for one in seen {
        match &one.happened {
            Happened::Case(Event::Opened(opened)) => {
                promises.insert(one.report_id, Promise::new(opened));
            }
            Happened::Case(event) => {
                if let Some(promise) = promises.get_mut(&one.report_id) {
                    promise.evolve(event);
                }
            }
            Happened::Contact(fact) => {
                if let Some(promise) = promises.get_mut(&one.report_id) {
                    promise.learn(fact);
                }
            }
            Happened::Parking => {}
        }
    }
    let changed = promises.iter().filter(|(id, promise)| before.get(id) != Some(promise));
    store(conn, changed).await?;
    Ok(promises)
}

/// The promises of these reports.
pub async fn load(
    conn: &mut PgConnection,
    reports: &[Uuid],
) -> Result<HashMap<Uuid, Promise>, sqlx::Error> {
    if reports.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query_as!(
        Row,
        "select report_id, way, lasts_us, decide_since, decide_due, tell_since, tell_due, at_risk,
                decisions, contact_state, task_id, task_why, tasks
         from clock where report_id = any($1)",
        reports
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::into_promise).collect()
}

/// The promises of which something is due by `now`, the longest due first.
pub async fn due(
    conn: &mut PgConnection,
    now: Timestamp,
    limit: i64,
) -> Result<HashMap<Uuid, Promise>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        "select report_id, way, lasts_us, decide_since, decide_due, tell_since, tell_due, at_risk,
                decisions, contact_state, task_id, task_why, tasks
         from clock where next_at <= $1 order by next_at limit $2",
        now.to_sqlx() as _,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::into_promise).collect()
}

/// Of how many promises something is due by `now`.
pub async fn due_count(conn: &mut PgConnection, now: Timestamp) -> Result<u64, sqlx::Error> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from clock where next_at <= $1"#,
        now.to_sqlx() as _
    )
    .fetch_one(conn)
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

struct Row {
    report_id: Uuid,
    way: String,
    lasts_us: i64,
    decide_since: Option<jiff_sqlx::Timestamp>,
    decide_due: Option<jiff_sqlx::Timestamp>,
    tell_since: Option<jiff_sqlx::Timestamp>,
    tell_due: Option<jiff_sqlx::Timestamp>,
    at_risk: bool,
    decisions: i32,
    contact_state: String,
    task_id: Option<Uuid>,
    task_why: Option<String>,
    tasks: i32,
}

impl Row {
    fn into_promise(self) -> Result<(Uuid, Promise), sqlx::Error> {
        let promise = Promise {
            way: read_way(&self.way).ok_or_else(|| unknown("clock.way"))?,
            lasts: SignedDuration::from_micros(self.lasts_us),
            decide: pending(self.decide_since, self.decide_due),
            tell: pending(self.tell_since, self.tell_due),
            at_risk: self.at_risk,
            decisions: self.decisions.unsigned_abs(),
            contact: ContactState::parse(&self.contact_state)
                .ok_or_else(|| unknown("clock.contact_state"))?,
            task: open_task(self.task_id, self.task_why)?,
            tasks: self.tasks.unsigned_abs(),
        };
        Ok((self.report_id, promise))
    }
}

fn pending(
    since: Option<jiff_sqlx::Timestamp>,
    due: Option<jiff_sqlx::Timestamp>,
) -> Option<Pending> {
    Some(Pending { since: since?.to_jiff(), due: due?.to_jiff() })
}

fn open_task(id: Option<Uuid>, why: Option<String>) -> Result<Option<Task>, sqlx::Error> {
    let task = id.zip(why).map(|(id, why)| {
        let why = TaskWhy::parse(&why).ok_or_else(|| unknown("clock.task_why"))?;
        Ok(Task { id, why })
    });
    task.transpose()
}

fn write_way(way: Way) -> &'static str {
    match way {
        Way::Message => "message",
        Way::Person(why) => why.as_str(),
        Way::NotOwed => "not_owed",
        Way::Stopped => "stopped",
    }
}

fn read_way(way: &str) -> Option<Way> {
    match way {
        "message" => Some(Way::Message),
        "not_owed" => Some(Way::NotOwed),
        "stopped" => Some(Way::Stopped),
        why => TaskWhy::parse(why).map(Way::Person),
    }
}

type Time = Option<jiff_sqlx::Timestamp>;

#[derive(Default)]
struct Columns {
    report_id: Vec<Uuid>,
    way: Vec<String>,
    lasts_us: Vec<i64>,
    decide_since: Vec<Time>,
    decide_due: Vec<Time>,
    tell_since: Vec<Time>,
    tell_due: Vec<Time>,
    at_risk: Vec<bool>,
    decisions: Vec<i32>,
    contact_state: Vec<String>,
    task_id: Vec<Option<Uuid>>,
    task_why: Vec<Option<String>>,
    tasks: Vec<i32>,
    next_at: Vec<Time>,
}

impl Columns {
    fn push(&mut self, report_id: Uuid, promise: &Promise) {
        self.report_id.push(report_id);
        self.way.push(write_way(promise.way).to_owned());
        self.lasts_us.push(i64::try_from(promise.lasts.as_micros()).unwrap_or(i64::MAX));
        self.decide_since.push(promise.decide.map(|pending| pending.since.to_sqlx()));
        self.decide_due.push(promise.decide.map(|pending| pending.due.to_sqlx()));
        self.tell_since.push(promise.tell.map(|pending| pending.since.to_sqlx()));
        self.tell_due.push(promise.tell.map(|pending| pending.due.to_sqlx()));
        self.at_risk.push(promise.at_risk);
        self.decisions.push(to_i32(promise.decisions));
        self.contact_state.push(promise.contact.as_str().to_owned());
        self.task_id.push(promise.task.map(|task| task.id));
        self.task_why.push(promise.task.map(|task| task.why.as_str().to_owned()));
        self.tasks.push(to_i32(promise.tasks));
        self.next_at.push(promise.next_at().map(jiff_sqlx::ToSqlx::to_sqlx));
    }
}

async fn store(
    conn: &mut PgConnection,
    promises: impl Iterator<Item = (&Uuid, &Promise)>,
) -> Result<(), sqlx::Error> {
    let mut columns = Columns::default();
    promises.for_each(|(id, promise)| columns.push(*id, promise));
    if columns.report_id.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into clock (report_id, way, lasts_us, decide_since, decide_due, tell_since, tell_due,
                            at_risk, decisions, contact_state, task_id, task_why, tasks, next_at)
         select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::timestamptz[],
             $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::boolean[], $9::integer[],
             $10::text[], $11::uuid[], $12::text[], $13::integer[], $14::timestamptz[])
         on conflict (report_id) do update set
             way = excluded.way,
             decide_since = excluded.decide_since, decide_due = excluded.decide_due,
             tell_since = excluded.tell_since, tell_due = excluded.tell_due,
             at_risk = excluded.at_risk, decisions = excluded.decisions,
             contact_state = excluded.contact_state, task_id = excluded.task_id,
             task_why = excluded.task_why, tasks = excluded.tasks, next_at = excluded.next_at",
        &columns.report_id,
        &columns.way,
        &columns.lasts_us,
        &columns.decide_since as _,
        &columns.decide_due as _,
        &columns.tell_since as _,
        &columns.tell_due as _,
        &columns.at_risk,
        &columns.decisions,
        &columns.contact_state,
        &columns.task_id as _,
        &columns.task_why as _,
        &columns.tasks,
        &columns.next_at as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}
