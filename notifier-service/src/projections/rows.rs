//! State -> rows. A row says what the state says, so writing it again changes nothing.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::codec;
use crate::domain::contact::{
    Attempt, AttemptState, Contact, Event, Message, MessageState, Obligation, What, check_at,
};
use crate::domain::emergency;
use crate::domain::plan::Channel;
use crate::history::{Histories, History};
use crate::projections::emergency_rows;

/// Which rows have to be written anew.
#[derive(Debug, Default)]
pub struct Touched {
    reporters: BTreeSet<Uuid>,
    /// Reports whose obligations have to be.
    obligations: BTreeSet<Uuid>,
    holds: BTreeSet<Uuid>,
    messages: BTreeSet<Uuid>,
    attempts: BTreeSet<(Uuid, u32)>,
    emergencies: BTreeSet<Uuid>,
    emergency_attempts: emergency_rows::Attempts,
}

impl Touched {
    /// Notes what `event` has touched.
    pub fn by(&mut self, report_id: Uuid, event: &Event) {
        match event {
            Event::ObligationOpened { reporter, .. } => {
                self.obligations.insert(report_id);
                if reporter.is_some() {
                    self.reporters.insert(report_id);
                }
            }
            Event::ObligationKept { .. } | Event::ChannelsExhausted { .. } => {
                self.obligations.insert(report_id);
            }
            Event::MessagePlanned(new) => {
                self.messages.insert(new.id);
                if matches!(new.what, What::SavedLink { .. }) {
                    self.reporters.insert(report_id); // Its address comes with it.
                }
            }
            Event::MessageGivenUp { id, .. } | Event::MessageCancelled { id, .. } => {
                self.messages.insert(*id);
            }
            Event::AttemptIntended { message, attempt, .. }
            | Event::AttemptEnded { message, attempt, .. } => {
                self.messages.insert(*message);
                self.attempts.insert((*message, *attempt));
                // A resend ends the doubt about the one before.
                self.attempts.insert((*message, attempt.saturating_sub(1)));
            }
            Event::SendingHeld { .. } | Event::SendingResumed { .. } => {
                self.holds.insert(report_id);
            }
            Event::SendingStopped { .. } => {
                self.reporters.insert(report_id);
                self.obligations.insert(report_id);
            }
            Event::Emergency(event) => self.by_emergency(event),
        }
    }

    fn by_emergency(&mut self, event: &emergency::Event) {
        self.emergencies.insert(event.id());
        match event {
            emergency::Event::Intended(emergency::Intended { id, way, attempt, .. })
            | emergency::Event::Ended { id, way, attempt, .. } => {
                self.emergency_attempts.insert((*id, *way, *attempt));
            }
            emergency::Event::Raised(_)
            | emergency::Event::Acknowledged { .. }
            | emergency::Event::Alarmed { .. } => {}
        }
    }

    /// Everything that `contact` has, for a rebuild.
    pub fn all(&mut self, report_id: Uuid, contact: &Contact) {
        self.reporters.insert(report_id);
        self.obligations.insert(report_id);
        self.holds.insert(report_id);
        for message in &contact.messages {
            self.messages.insert(message.new.id);
            let numbers = message.attempts.iter().map(|attempt| attempt.number);
            self.attempts.extend(numbers.map(|number| (message.new.id, number)));
        }
        for emergency in &contact.emergencies {
            let id = emergency.raised.id;
            self.emergencies.insert(id);
            for letter in &emergency.letters {
                let numbers = letter.attempts.iter().map(|attempt| attempt.number);
                self.emergency_attempts.extend(numbers.map(|number| (id, letter.way, number)));
            }
        }
    }
}

/// Writes the rows that were touched.
pub async fn write(
    conn: &mut PgConnection,
    histories: &Histories,
    touched: &Touched,
) -> Result<(), sqlx::Error> {
    write_reporters(conn, histories, touched).await?;
    write_obligations(conn, histories, touched).await?;
    write_messages(conn, histories, touched).await?;
    write_attempts(conn, histories, touched).await?;
    write_holds(conn, histories, touched).await?;
    write_emergencies(conn, histories, touched).await
}

async fn write_emergencies(
    conn: &mut PgConnection,
    histories: &Histories,
    touched: &Touched,
) -> Result<(), sqlx::Error> {
    let attempts = &touched.emergency_attempts;
    for (report_id, history) in histories {
        for emergency in &history.contact.emergencies {
            let id = emergency.raised.id;
            if touched.emergencies.contains(&id) {
                let traceparent = history.traceparents.get(&id).map_or("", String::as_str);
                emergency_rows::write(conn, *report_id, emergency, traceparent, attempts).await?;
            }
        }
    }
    Ok(())
}

fn time(time: Timestamp) -> jiff_sqlx::Timestamp {
    time.to_sqlx()
}

async fn write_reporters(
    conn: &mut PgConnection,
    histories: &Histories,
    touched: &Touched,
) -> Result<(), sqlx::Error> {
    let (mut ids, mut references, mut contacts) = (vec![], vec![], vec![]);
    let (mut emails, mut phones, mut anonymous) = (vec![], vec![], vec![]);
    let mut stopped = vec![];
    for (report_id, History { contact, .. }) in histories {
        if touched.reporters.contains(report_id) {
            ids.push(*report_id);
            references.push(contact.reference.clone());
            emails.push(contact.wishes.email_is_safe);
            phones.push(contact.wishes.phone_is_safe);
            anonymous.push(contact.wishes.anonymous);
            stopped.push(contact.stopped.map(time));
            contacts.push(contact.contact.as_ref().map(|sealed| sealed.0.clone()));
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into reporter (report_id, reference, email_is_safe, phone_is_safe, anonymous,
                               contact, stopped_at)
         select * from unnest($1::uuid[], $2::text[], $3::boolean[], $4::boolean[], $5::boolean[],
                              $6::bytea[], $7::timestamptz[])
         on conflict (report_id) do update set
             reference = excluded.reference, email_is_safe = excluded.email_is_safe,
             phone_is_safe = excluded.phone_is_safe, anonymous = excluded.anonymous,
             contact = excluded.contact, stopped_at = excluded.stopped_at",
        &ids,
        &references,
        &emails,
        &phones,
        &anonymous,
        &contacts as _,
        &stopped as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(Default)]
struct Obligations {
    ids: Vec<Uuid>,
    reports: Vec<Uuid>,
    whys: Vec<String>,
    opened: Vec<jiff_sqlx::Timestamp>,
    due: Vec<jiff_sqlx::Timestamp>,
    owed: Vec<bool>,
    checks: Vec<Option<jiff_sqlx::Timestamp>>,
    exhausted: Vec<Option<jiff_sqlx::Timestamp>>,
    kept: Vec<Option<String>>,
    kept_at: Vec<Option<jiff_sqlx::Timestamp>>,
}

impl Obligations {
    fn push(&mut self, report_id: Uuid, contact: &Contact, obligation: &Obligation) {
        self.ids.push(obligation.id);
        self.reports.push(report_id);
        self.whys.push(codec::why_opened(obligation.why).to_owned());
        self.opened.push(time(obligation.opened_at));
        self.due.push(time(obligation.due_at));
        self.owed.push(obligation.owed);
        self.checks.push(check_at(contact, obligation).map(time));
        self.exhausted.push(obligation.exhausted.map(time));
        self.kept.push(obligation.kept.map(|(how, _)| codec::kept(how).to_owned()));
        self.kept_at.push(obligation.kept.map(|(_, at)| time(at)));
    }
}

async fn write_obligations(
    conn: &mut PgConnection,
    histories: &Histories,
    touched: &Touched,
) -> Result<(), sqlx::Error> {
    let mut columns = Obligations::default();
    for (report_id, History { contact, .. }) in histories {
        if touched.obligations.contains(report_id) {
            for obligation in &contact.obligations {
                columns.push(*report_id, contact, obligation);
            }
        }
    }
    if columns.ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into obligation (obligation_id, report_id, why, opened_at, due_at, owed, check_at,
                                 exhausted_at, kept, kept_at)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[],
                              $5::timestamptz[], $6::boolean[], $7::timestamptz[],
                              $8::timestamptz[], $9::text[], $10::timestamptz[])
         on conflict (obligation_id) do update set
             check_at = excluded.check_at, exhausted_at = excluded.exhausted_at,
             kept = excluded.kept, kept_at = excluded.kept_at",
        &columns.ids,
        &columns.reports,
        &columns.whys,
        &columns.opened as _,
        &columns.due as _,
        &columns.owed,
        &columns.checks as _,
        &columns.exhausted as _,
        &columns.kept as _,
        &columns.kept_at as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(Default)]
struct Messages {
    ids: Vec<Uuid>,
    reports: Vec<Uuid>,
    whats: Vec<String>,
    channels: Vec<String>,
    first: Vec<jiff_sqlx::Timestamp>,
    due: Vec<jiff_sqlx::Timestamp>,
    again_by: Vec<Option<jiff_sqlx::Timestamp>>,
    decision_numbers: Vec<i32>,
    decisions: Vec<String>,
    words: Vec<Option<Vec<u8>>>,
    states: Vec<String>,
    ended_whys: Vec<String>,
    ended_at: Vec<Option<jiff_sqlx::Timestamp>>,
    next_at: Vec<Option<jiff_sqlx::Timestamp>>,
    traceparents: Vec<String>,
}

impl Messages {
    fn push(&mut self, report_id: Uuid, message: &Message, traceparent: Option<&String>) {
        self.ids.push(message.new.id);
        self.reports.push(report_id);
        self.whats.push(codec::what(&message.new.what).to_owned());
        self.channels.push(channel(message.new.channel).to_owned());
        self.first.push(time(message.new.first_at));
        self.due.push(time(message.new.due_at));
        let (again_by, number, decision, words) = match &message.new.what {
            What::Acknowledgement => (None, 0, "", None),
            What::NextSteps { decision_number, decision, words } => {
                (None, *decision_number, decision.as_str(), words.as_ref())
            }
            What::Holding { again_by } => (Some(*again_by), 0, "", None),
            What::SavedLink { kept_until, .. } => (Some(*kept_until), 0, "", None),
        };
        self.again_by.push(again_by.map(time));
        self.decision_numbers.push(i32::try_from(number).unwrap_or(i32::MAX));
        self.decisions.push(decision.to_owned());
        self.words.push(words.map(|sealed| sealed.0.clone()));
        let (state, why, at) = match &message.state {
            MessageState::Planned => ("planned", "", None),
            MessageState::Accepted(at) => ("accepted", "", Some(*at)),
            MessageState::GivenUp(why, at) => ("given_up", why.as_str(), Some(*at)),
            MessageState::Cancelled(why, at) => ("cancelled", why.as_str(), Some(*at)),
        };
        self.states.push(state.to_owned());
        self.ended_whys.push(why.to_owned());
        self.ended_at.push(at.map(time));
        self.next_at.push(message.next_at.map(time));
        self.traceparents.push(traceparent.cloned().unwrap_or_default());
    }
}

fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "email",
        Channel::Text => "text",
    }
}

async fn write_messages(
    conn: &mut PgConnection,
    histories: &Histories,
    touched: &Touched,
) -> Result<(), sqlx::Error> {
    let mut columns = Messages::default();
    for (report_id, history) in histories {
        for message in &history.contact.messages {
            if touched.messages.contains(&message.new.id) {
                columns.push(*report_id, message, history.traceparents.get(&message.new.id));
            }
        }
    }
    if columns.ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into message (message_id, report_id, what, channel, first_at, due_at, again_by,
                              decision_number, decision, words, state, ended_why, ended_at,
                              next_at, traceparent)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[],
                              $6::timestamptz[], $7::timestamptz[], $8::integer[], $9::text[],
                              $10::bytea[], $11::text[], $12::text[], $13::timestamptz[],
                              $14::timestamptz[], $15::text[])
         on conflict (message_id) do update set
             words = excluded.words, state = excluded.state, ended_why = excluded.ended_why,
             ended_at = excluded.ended_at, next_at = excluded.next_at",
        &columns.ids,
        &columns.reports,
        &columns.whats,
        &columns.channels,
        &columns.first as _,
        &columns.due as _,
        &columns.again_by as _,
        &columns.decision_numbers,
        &columns.decisions,
        &columns.words as _,
        &columns.states,
        &columns.ended_whys,
        &columns.ended_at as _,
        &columns.next_at as _,
        &columns.traceparents
    )
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(Default)]
struct Attempts {
    messages: Vec<Uuid>,
    numbers: Vec<i32>,
    reports: Vec<Uuid>,
    providers: Vec<String>,
    states: Vec<String>,
    details: Vec<String>,
    resends: Vec<bool>,
    intended: Vec<jiff_sqlx::Timestamp>,
    ended: Vec<Option<jiff_sqlx::Timestamp>>,
}

impl Attempts {
    fn push(&mut self, report_id: Uuid, message: Uuid, attempt: &Attempt) {
        self.messages.push(message);
        self.numbers.push(i32::try_from(attempt.number).unwrap_or(i32::MAX));
        self.reports.push(report_id);
        self.providers.push(attempt.provider.clone());
        self.states.push(state(attempt.state).to_owned());
        self.details.push(attempt.detail.clone());
        self.resends.push(attempt.is_resend);
        self.intended.push(time(attempt.intended_at));
        self.ended.push(attempt.ended_at.map(time));
    }
}

fn state(state: AttemptState) -> &'static str {
    match state {
        AttemptState::Intended => "intended",
        AttemptState::InDoubt => "in_doubt",
        AttemptState::Resent => "resent",
        AttemptState::Accepted => "accepted",
        AttemptState::Refused => "refused",
        AttemptState::Unavailable => "unavailable",
        AttemptState::NotSent => "not_sent",
    }
}

/// In the order of the attempts, so that a resend finds the doubt before it ended.
async fn write_attempts(
    conn: &mut PgConnection,
    histories: &Histories,
    touched: &Touched,
) -> Result<(), sqlx::Error> {
    let mut columns = Attempts::default();
    for (report_id, History { contact, .. }) in histories {
        for message in &contact.messages {
            for attempt in &message.attempts {
                if touched.attempts.contains(&(message.new.id, attempt.number)) {
                    columns.push(*report_id, message.new.id, attempt);
                }
            }
        }
    }
    if columns.messages.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into attempt (message_id, attempt, report_id, provider, state, detail, is_resend,
                              intended_at, ended_at)
         select * from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::text[], $5::text[],
                              $6::text[], $7::boolean[], $8::timestamptz[], $9::timestamptz[])
         on conflict (message_id, attempt) do update set
             state = excluded.state, detail = excluded.detail, is_resend = excluded.is_resend,
             ended_at = excluded.ended_at",
        &columns.messages,
        &columns.numbers,
        &columns.reports,
        &columns.providers,
        &columns.states,
        &columns.details,
        &columns.resends,
        &columns.intended as _,
        &columns.ended as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn write_holds(
    conn: &mut PgConnection,
    histories: &Histories,
    touched: &Touched,
) -> Result<(), sqlx::Error> {
    let (mut reports, mut held_at, mut free) = (vec![], vec![], vec![]);
    for report_id in &touched.holds {
        match histories.get(report_id).and_then(|history| history.contact.held) {
            Some(at) => {
                reports.push(*report_id);
                held_at.push(time(at));
            }
            None => free.push(*report_id),
        }
    }
    if !free.is_empty() {
        sqlx::query!("delete from hold where report_id = any($1)", &free)
            .execute(&mut *conn)
            .await?;
    }
    if !reports.is_empty() {
        sqlx::query!(
            "insert into hold (report_id, held_at)
             select * from unnest($1::uuid[], $2::timestamptz[])
             on conflict (report_id) do update set held_at = excluded.held_at",
            &reports,
            &held_at as _
        )
        .execute(conn)
        .await?;
    }
    Ok(())
}
