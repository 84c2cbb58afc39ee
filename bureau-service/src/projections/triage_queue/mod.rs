//! The list of cases, one row each: what staff see, filter and sort by.

pub mod list; // filters, orders, pages

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{known_before, to_i32, unknown};
use crate::codec::{Happened, Seen};
use crate::domain::case::{Event, Open};
use crate::domain::promise::{Plan, Promise};
use crate::domain::words::{Channel, ContactState, Flag, Grade, Status};

/// A case, as the list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub report_id: Uuid,
    /// How many acts of staff and reporter there were.
    pub version: u32,
    pub open: Open,
    pub contact: ContactState,
    pub at_risk: bool,
    pub rank: Rank,
    pub due_at: Timestamp,
}

/// What comes before what, where the list is sorted by what is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Somebody is in danger, cannot call, and nothing is decided.
    CannotCall,
    /// Somebody is missing, or what police look for is said to be found, and nothing is decided. A
    /// report that was left unfinished stays here.
    LookedFor,
    /// It says of itself that it cannot wait, and is undecided.
    Urgent,
    /// Most of its time is over, and it is undecided.
    AtRisk,
    /// The reporter asks to take it back or tells that it has got worse, and nothing was decided since.
    CameBack,
    Owed,
    /// Nothing is owed at present.
    Settled,
}

impl Rank {
    const ALL: [Self; 7] = [
        Self::CannotCall,
        Self::LookedFor,
        Self::Urgent,
        Self::AtRisk,
        Self::CameBack,
        Self::Owed,
        Self::Settled,
    ];

    fn number(self) -> i16 {
        match self {
            Self::CannotCall => 0,
            Self::LookedFor => 1,
            Self::Urgent => 2,
            Self::AtRisk => 3,
            Self::CameBack => 4,
            Self::Owed => 5,
            Self::Settled => 6,
        }
    }

    fn of(open: &Open, promise: &Promise) -> Self {
        if promise.decide.is_some() && open.flags.contains(&Flag::EmergencyCannotCall) {
            Self::CannotCall
        } else if promise.decide.is_some()
            && (open.is_missing() || (open.found && open.is_looked_for()))
        {
            Self::LookedFor
        } else if promise.decide.is_some() && open.flags.iter().any(|flag| flag.is_urgent()) {
            Self::Urgent
        } else if promise.at_risk {
            Self::AtRisk
        } else if open.withdrawal_asked || open.raised {
            Self::CameBack
        } else if promise.due().is_some() {
            Self::Owed
        } else {
            Self::Settled
        }
    }
}

impl Case {
    fn new(report_id: Uuid, open: Open) -> Self {
        let due_at = open.contact_by;
        let contact = ContactState::Owed;
        Self { report_id, version: 0, open, contact, at_risk: false, rank: Rank::Owed, due_at }
    }

    fn keep(&mut self, promise: &Promise) {
        self.contact = promise.contact;
        self.at_risk = promise.at_risk;
        self.rank = Rank::of(&self.open, promise);
        // A fixed time where nothing is owed, so that it does not matter how events were batched.
        self.due_at = promise.due().unwrap_or(self.open.contact_by);
    }
}

/// Brings the list on. `promises` are those of the events' reports, as they now stand.
pub(super) async fn apply(
    conn: &mut PgConnection,
    seen: &[Seen],
    promises: &HashMap<Uuid, Promise>,
) -> Result<(), sqlx::Error> {
    let before = load(conn, &known_before(seen)).await?;
    let mut cases = before.clone();
    for one in seen {
        match &one.happened {
            Happened::Case(Event::Opened(opened)) => {
                let mut case = Case::new(one.report_id, Open::new(opened));
                case.version = one.version;
                cases.insert(one.report_id, case);
            }
            Happened::Case(event) => {
                if let Some(case) = cases.get_mut(&one.report_id) {
                    case.open.evolve(event);
                    case.version = one.version;
                }
            }
            Happened::Contact(_) | Happened::Parking => {}
        }
    }
    for (id, case) in &mut cases {
        if let Some(promise) = promises.get(id) {
            case.keep(promise);
        }
    }
    let changed = cases.values().filter(|case| before.get(&case.report_id) != Some(case));
    store(conn, changed).await
}

/// The cases of these reports.
pub async fn load(
    conn: &mut PgConnection,
    reports: &[Uuid],
) -> Result<HashMap<Uuid, Case>, sqlx::Error> {
    if reports.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query_as!(
        Row,
        "select report_id, reference, kind, status, grade, claimed_by, version, submitted_at,
                contact_by, contact_state, channel, second_channel, email_is_safe, phone_is_safe,
                post_is_safe, anonymous, flags, assessments, decisions, rounds, held, withdrawal_asked,
                speak_first, raised, contact_stopped_at, still_being_written, found,
                quarantined, at_risk, rank, due_at
         from triage_queue where report_id = any($1)",
        reports
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok((row.report_id, row.into_case()?))).collect()
}

/// The case with this reference.
pub async fn by_reference(
    conn: &mut PgConnection,
    reference: &str,
) -> Result<Option<Case>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "select report_id, reference, kind, status, grade, claimed_by, version, submitted_at,
                contact_by, contact_state, channel, second_channel, email_is_safe, phone_is_safe,
                post_is_safe, anonymous, flags, assessments, decisions, rounds, held, withdrawal_asked,
                speak_first, raised, contact_stopped_at, still_being_written, found,
                quarantined, at_risk, rank, due_at
         from triage_queue where reference = $1",
        reference
    )
    .fetch_optional(conn)
    .await?;
    row.map(Row::into_case).transpose()
}

/// How many cases stand where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    pub status: String,
    pub cases: u64,
    pub at_risk: u64,
    pub overdue: u64,
}

/// Counts by status: all, those at risk, and those of which something was due before `now`.
pub async fn counts(conn: &mut PgConnection, now: Timestamp) -> Result<Vec<Counts>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select status, count(*) as "cases!", count(*) filter (where at_risk) as "at_risk!",
                  count(*) filter (where rank < $2 and due_at < $1) as "overdue!"
           from triage_queue group by status order by status"#,
        now.to_sqlx() as _,
        Rank::Settled.number()
    )
    .fetch_all(conn)
    .await?;
    let unsigned = |count: i64| u64::try_from(count).unwrap_or(0);
    Ok(rows
        .into_iter()
        .map(|row| Counts {
            status: row.status,
            cases: unsigned(row.cases),
            at_risk: unsigned(row.at_risk),
            overdue: unsigned(row.overdue),
        })
        .collect())
}

#[derive(sqlx::FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "a row of the table")]
struct Row {
    report_id: Uuid,
    reference: String,
    kind: String,
    status: String,
    grade: Option<String>,
    claimed_by: Option<String>,
    version: i32,
    submitted_at: jiff_sqlx::Timestamp,
    contact_by: jiff_sqlx::Timestamp,
    contact_state: String,
    channel: Option<String>,
    second_channel: Option<String>,
    email_is_safe: bool,
    phone_is_safe: bool,
    post_is_safe: bool,
    anonymous: bool,
    flags: String,
    assessments: i32,
    decisions: i32,
    rounds: i32,
    held: bool,
    withdrawal_asked: bool,
    speak_first: bool,
    raised: bool,
    contact_stopped_at: Option<jiff_sqlx::Timestamp>,
    still_being_written: bool,
    found: bool,
    quarantined: String,
    at_risk: bool,
    rank: i16,
    due_at: jiff_sqlx::Timestamp,
}

impl Row {
    fn into_case(self) -> Result<Case, sqlx::Error> {
        let channel = |word: Option<String>| match word {
            None => Ok(None),
            Some(word) => Channel::parse(&word).map(Some).ok_or_else(|| unknown("channel")),
        };
        let flag = |word: &str| Flag::parse(word).ok_or_else(|| unknown("flags"));
        let rank = Rank::ALL.into_iter().find(|rank| rank.number() == self.rank);
        let plan = Plan {
            channel: channel(self.channel)?,
            second_channel: channel(self.second_channel)?,
            email_is_safe: self.email_is_safe,
            phone_is_safe: self.phone_is_safe,
            post_is_safe: self.post_is_safe,
            anonymous: self.anonymous,
        };
        let open = Open {
            reference: self.reference,
            kind: self.kind,
            submitted_at: self.submitted_at.to_jiff(),
            contact_by: self.contact_by.to_jiff(),
            plan,
            flags: self.flags.split_whitespace().map(flag).collect::<Result<_, _>>()?,
            status: Status::parse(&self.status).ok_or_else(|| unknown("status"))?,
            grade: match self.grade {
                None => None,
                Some(word) => Some(Grade::parse(&word).ok_or_else(|| unknown("grade"))?),
            },
            claimed_by: self.claimed_by,
            assessments: self.assessments.unsigned_abs(),
            decisions: self.decisions.unsigned_abs(),
            rounds: self.rounds.unsigned_abs(),
            held: self.held,
            withdrawal_asked: self.withdrawal_asked,
            speak_first: self.speak_first,
            raised: self.raised,
            contact_stopped: self.contact_stopped_at.map(jiff_sqlx::Timestamp::to_jiff),
            still_being_written: self.still_being_written,
            found: self.found,
            quarantined: files(&self.quarantined)?,
        };
        Ok(Case {
            report_id: self.report_id,
            version: self.version.unsigned_abs(),
            open,
            contact: ContactState::parse(&self.contact_state)
                .ok_or_else(|| unknown("contact_state"))?,
            at_risk: self.at_risk,
            rank: rank.ok_or_else(|| unknown("rank"))?,
            due_at: self.due_at.to_jiff(),
        })
    }
}

/// As a row keeps ids: with a space between two.
fn files(ids: &str) -> Result<Vec<Uuid>, sqlx::Error> {
    let id = |id: &str| Uuid::try_parse(id).map_err(|_| unknown("quarantined"));
    ids.split_whitespace().map(id).collect()
}

#[derive(Default)]
struct Columns {
    report_id: Vec<Uuid>,
    reference: Vec<String>,
    kind: Vec<String>,
    status: Vec<String>,
    grade: Vec<Option<String>>,
    claimed_by: Vec<Option<String>>,
    version: Vec<i32>,
    submitted_at: Vec<jiff_sqlx::Timestamp>,
    contact_by: Vec<jiff_sqlx::Timestamp>,
    contact_state: Vec<String>,
    channel: Vec<Option<String>>,
    second_channel: Vec<Option<String>>,
    email_is_safe: Vec<bool>,
    phone_is_safe: Vec<bool>,
    post_is_safe: Vec<bool>,
    anonymous: Vec<bool>,
    flags: Vec<String>,
    assessments: Vec<i32>,
    decisions: Vec<i32>,
    rounds: Vec<i32>,
    held: Vec<bool>,
    withdrawal_asked: Vec<bool>,
    speak_first: Vec<bool>,
    raised: Vec<bool>,
    contact_stopped_at: Vec<Option<jiff_sqlx::Timestamp>>,
    still_being_written: Vec<bool>,
    found: Vec<bool>,
    quarantined: Vec<String>,
    at_risk: Vec<bool>,
    rank: Vec<i16>,
    due_at: Vec<jiff_sqlx::Timestamp>,
}

impl Columns {
    fn push(&mut self, case: &Case) {
        let Case { report_id, version, open, contact, at_risk, rank, due_at } = case;
        let word = |channel: Channel| channel.as_str().to_owned();
        let quarantined: Vec<String> = open.quarantined.iter().map(Uuid::to_string).collect();
        let flags: Vec<&str> = open.flags.iter().map(|flag| flag.as_str()).collect();
        self.report_id.push(*report_id);
        self.reference.push(open.reference.clone());
        self.kind.push(open.kind.clone());
        self.status.push(open.status.as_str().to_owned());
        self.grade.push(open.grade.map(|grade| grade.as_str().to_owned()));
        self.claimed_by.push(open.claimed_by.clone());
        self.version.push(to_i32(*version));
        self.submitted_at.push(open.submitted_at.to_sqlx());
        self.contact_by.push(open.contact_by.to_sqlx());
        self.contact_state.push(contact.as_str().to_owned());
        self.channel.push(open.plan.channel.map(word));
        self.second_channel.push(open.plan.second_channel.map(word));
        self.email_is_safe.push(open.plan.email_is_safe);
        self.phone_is_safe.push(open.plan.phone_is_safe);
        self.post_is_safe.push(open.plan.post_is_safe);
        self.anonymous.push(open.plan.anonymous);
        self.flags.push(flags.join(" "));
        self.assessments.push(to_i32(open.assessments));
        self.decisions.push(to_i32(open.decisions));
        self.rounds.push(to_i32(open.rounds));
        self.held.push(open.held);
        self.withdrawal_asked.push(open.withdrawal_asked);
        self.speak_first.push(open.speak_first);
        self.raised.push(open.raised);
        self.contact_stopped_at.push(open.contact_stopped.map(jiff_sqlx::ToSqlx::to_sqlx));
        self.still_being_written.push(open.still_being_written);
        self.found.push(open.found);
        self.quarantined.push(quarantined.join(" "));
        self.at_risk.push(*at_risk);
        self.rank.push(rank.number());
        self.due_at.push(due_at.to_sqlx());
    }
}

async fn store(
    conn: &mut PgConnection,
    cases: impl Iterator<Item = &Case>,
) -> Result<(), sqlx::Error> {
    let mut columns = Columns::default();
    cases.for_each(|case| columns.push(case));
    if columns.report_id.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into triage_queue (report_id, reference, kind, status, grade, claimed_by, version,
             submitted_at, contact_by, contact_state, channel, second_channel, email_is_safe,
             phone_is_safe, post_is_safe, anonymous, flags, assessments, decisions, rounds,
             held, withdrawal_asked, speak_first, raised, contact_stopped_at, still_being_written,
             found, quarantined, at_risk, rank, due_at)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
             $6::text[], $7::integer[], $8::timestamptz[], $9::timestamptz[], $10::text[],
             $11::text[], $12::text[], $13::boolean[], $14::boolean[], $15::boolean[],
             $16::boolean[], $17::text[], $18::integer[], $19::integer[], $20::integer[],
             $21::boolean[], $22::boolean[], $23::boolean[], $24::boolean[], $25::timestamptz[],
             $26::boolean[], $27::boolean[], $28::text[], $29::boolean[], $30::smallint[],
             $31::timestamptz[])
         on conflict (report_id) do update set
             channel = excluded.channel, second_channel = excluded.second_channel,
             email_is_safe = excluded.email_is_safe, phone_is_safe = excluded.phone_is_safe,
             post_is_safe = excluded.post_is_safe, flags = excluded.flags,
             speak_first = excluded.speak_first, raised = excluded.raised,
             contact_stopped_at = excluded.contact_stopped_at,
             still_being_written = excluded.still_being_written, found = excluded.found,
             quarantined = excluded.quarantined,
             status = excluded.status, grade = excluded.grade, claimed_by = excluded.claimed_by,
             version = excluded.version, contact_state = excluded.contact_state,
             assessments = excluded.assessments, decisions = excluded.decisions,
             rounds = excluded.rounds, held = excluded.held,
             withdrawal_asked = excluded.withdrawal_asked, at_risk = excluded.at_risk,
             rank = excluded.rank, due_at = excluded.due_at",
        &columns.report_id,
        &columns.reference,
        &columns.kind,
        &columns.status,
        &columns.grade as _,
        &columns.claimed_by as _,
        &columns.version,
        &columns.submitted_at as _,
        &columns.contact_by as _,
        &columns.contact_state,
        &columns.channel as _,
        &columns.second_channel as _,
        &columns.email_is_safe,
        &columns.phone_is_safe,
        &columns.post_is_safe,
        &columns.anonymous,
        &columns.flags,
        &columns.assessments,
        &columns.decisions,
        &columns.rounds,
        &columns.held,
        &columns.withdrawal_asked,
        &columns.speak_first,
        &columns.raised,
        &columns.contact_stopped_at as _,
        &columns.still_being_written,
        &columns.found,
        &columns.quarantined,
        &columns.at_risk,
        &columns.rank,
        &columns.due_at as _,
    )
    .execute(conn)
    .await?;
    Ok(())
}
