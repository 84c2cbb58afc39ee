//! Commands, and the events that follow from them.

use jiff::Timestamp;
use uuid::Uuid;

use super::state::{AttemptState, Contact, Event, Kept, Message, Obligation, Outcome, What, Why};
use crate::domain::emergency::{self, Alert, Of, Room};
use crate::domain::plan::{self, Ids, Means, Submission};
use crate::domain::saved_link;

/// What is to be done, or has become known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A report has come in.
    Submit {
        new: Submission,
        ids: Ids,
    },
    /// Somebody wants to be told where a form is that they saved.
    SendLink {
        asked: saved_link::Asked,
        terms: saved_link::Terms,
        id: Uuid,
    },
    /// The reporter has answered or added something.
    Reply {
        at: Timestamp,
        id: Uuid,
        /// With it they said that they cannot call 999.
        alert: Option<Alert>,
    },
    /// Staff have decided, having seen INTAKE up to `seen`.
    Decide {
        what: What,
        at: Timestamp,
        seen: u64,
        ids: Ids,
    },
    /// A person has told the reporter.
    Told {
        at: Timestamp,
        seen: u64,
    },
    Hold {
        at: Timestamp,
    },
    Resume {
        at: Timestamp,
    },
    /// The reporter says that it is no longer safe to contact them, in any way.
    Stop {
        at: Timestamp,
    },
    /// Call the provider for this message. `can_be_asked`: whether it has one may be looked up.
    Intend {
        message: Uuid,
        provider: &'static str,
        can_be_asked: bool,
    },
    /// What came of an attempt. `again`: the id of an obligation that it may open.
    End {
        message: Uuid,
        attempt: u32,
        outcome: Outcome,
        detail: String,
        again: Uuid,
    },
    /// The message cannot be made.
    GiveUp {
        message: Uuid,
        why: String,
    },
    /// Time has passed.
    Review,
    /// About the control room.
    Emergency(emergency::Command),
}

/// What a decision rests on, besides the events.
#[derive(Debug, Clone, Copy)]
pub struct Given {
    pub now: Timestamp,
    pub means: Means,
    pub room: Room,
}

/// Why nothing follows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("no report of this id is known")]
    NotKnown,
    #[error("no such message or attempt is known")]
    NoSuchMessage,
    #[error("the message is not due, or not wanted now")]
    NotDue,
    #[error("the provider has to be asked first what became of the last attempt")]
    AskFirst,
}

/// Answers `command` with the events that follow from it. None follow if it changes nothing.
pub fn decide(contact: &Contact, command: &Command, given: Given) -> Result<Vec<Event>, Rejection> {
    if let Command::Submit { new, ids } = command {
        return Ok(submit(contact, new, *ids, given));
    }
    if let Command::SendLink { asked, terms, id } = command {
        let planned = saved_link::plan(asked, *terms, *id, given.now, given.means);
        return Ok(planned.filter(|_| !contact.is_known()).into_iter().collect());
    }
    if !contact.is_known() {
        return Err(Rejection::NotKnown);
    }
    match command {
        Command::Reply { at, id, alert } => {
            let raised = alert.as_ref().map(|alert| {
                emergency::raise(alert, Of::Details, &contact.reference, *at, given.room)
            });
            let reply = plan::reply(contact, *id, *at, given.means);
            Ok(std::iter::once(reply).chain(raised.map(Event::Emergency)).collect())
        }
        Command::Decide { what, at, seen, ids } => {
            let covered = covered(contact, *seen);
            let mut events = cancel_holding(contact, "decided", *at);
            events.extend(plan::decision(contact, what.clone(), *at, *ids, &covered, given.means));
            Ok(events)
        }
        Command::Told { at, seen } => {
            let mut events = cancel_holding(contact, "told", *at);
            events.extend(covered(contact, *seen).iter().map(|obligation| Event::ObligationKept {
                id: obligation.id,
                how: Kept::ByPerson,
                at: *at,
            }));
            Ok(events)
        }
        Command::Hold { at } if contact.held.is_none() => Ok(vec![Event::SendingHeld { at: *at }]),
        Command::Resume { at } if contact.held.is_some() => {
            Ok(vec![Event::SendingResumed { at: *at }])
        }
        Command::Stop { at } if contact.stopped.is_none() => Ok(stop(contact, *at)),
        Command::Submit { .. }
        | Command::SendLink { .. }
        | Command::Hold { .. }
        | Command::Resume { .. }
        | Command::Stop { .. } => Ok(vec![]),
        Command::Intend { message, provider, can_be_asked } => {
            intend(contact, find(contact, *message)?, provider, *can_be_asked, given.now)
        }
        Command::End { message, attempt, outcome, detail, again } => {
            let message = find(contact, *message)?;
            let ended = Ended { attempt: *attempt, outcome, detail, again: *again };
            end(contact, message, &ended, given.now)
        }
        Command::GiveUp { message, why } => {
            let message = find(contact, *message)?;
            let runs = message
                .open_attempt()
                .is_some_and(|attempt| attempt.state == AttemptState::Intended);
            if !message.is_planned() || runs {
                return Err(Rejection::NotDue);
            }
            if contact.stopped.is_some() {
                return Ok(call_off(contact, message, given.now));
            }
            Ok(give_up(contact, message, why, given.now))
        }
        Command::Review => Ok(review(contact, given.now)),
        Command::Emergency(command) => {
            let events = emergency::decide(&contact.emergencies, command, given.now, given.room)?;
            Ok(events.into_iter().map(Event::Emergency).collect())
        }
    }
}

fn submit(contact: &Contact, new: &Submission, ids: Ids, given: Given) -> Vec<Event> {
    if contact.is_known() {
        return vec![];
    }
    let mut events = plan::submission(new, ids, given.now, given.means);
    let (reference, at) = (&new.reference, new.submitted_at);
    events.extend(new.alert.as_ref().map(|alert| {
        Event::Emergency(emergency::raise(alert, Of::Report, reference, at, given.room))
    }));
    events
}

fn find(contact: &Contact, id: Uuid) -> Result<&Message, Rejection> {
    contact.message(id).ok_or(Rejection::NoSuchMessage)
}

fn open(contact: &Contact) -> impl Iterator<Item = &Obligation> {
    contact.obligations.iter().filter(|obligation| obligation.kept.is_none())
}

/// The open obligations that whoever acted had seen: not a reply that came in meanwhile.
fn covered(contact: &Contact, seen: u64) -> Vec<&Obligation> {
    open(contact)
        .filter(|obligation| {
            obligation.why != Why::Replied
                || obligation.intake_position.is_none_or(|position| position <= seen)
        })
        .collect()
}

fn cancel_holding(contact: &Contact, why: &str, at: Timestamp) -> Vec<Event> {
    contact
        .messages
        .iter()
        .filter(|message| matches!(message.new.what, What::Holding { .. }))
        .filter(|message| message.is_planned() && message.open_attempt().is_none())
        .map(|message| cancelled(message, why, at))
        .collect()
}

/// Nothing that has not left goes any more, and what is decided already stands on the status page. What
/// is with the provider cannot be taken back, and what is in doubt is asked about and not sent again.
fn stop(contact: &Contact, at: Timestamp) -> Vec<Event> {
    let rests = |message: &&Message| message.open_attempt().is_none();
    let waiting = contact.messages.iter().filter(|message| message.is_planned()).filter(rests);
    let called_off = waiting.map(|message| cancelled(message, "stopped", at));
    let is_told = |obligation: &&Obligation| {
        let tells = |message: &Message| {
            let is_next_steps = matches!(message.new.what, What::NextSteps { .. });
            is_next_steps && message.new.keeps.contains(&obligation.id)
        };
        obligation.is_a_persons || contact.messages.iter().filter(rests).any(tells)
    };
    let published = open(contact).filter(is_told).map(|obligation| Event::ObligationKept {
        id: obligation.id,
        how: Kept::Published,
        at,
    });
    std::iter::once(Event::SendingStopped { at }).chain(called_off).chain(published).collect()
}

/// The message does not go. The status page shows already what it would have told.
fn call_off(contact: &Contact, message: &Message, at: Timestamp) -> Vec<Event> {
    let published = match message.new.what {
        What::NextSteps { .. } => kept_by(contact, message, Kept::Published, at),
        What::Acknowledgement | What::Holding { .. } | What::SavedLink { .. } => vec![],
    };
    std::iter::once(cancelled(message, "stopped", at)).chain(published).collect()
}

fn kept_by(contact: &Contact, message: &Message, how: Kept, at: Timestamp) -> Vec<Event> {
    open(contact)
        .filter(|obligation| message.new.keeps.contains(&obligation.id))
        .map(|obligation| Event::ObligationKept { id: obligation.id, how, at })
        .collect()
}

fn cancelled(message: &Message, why: &str, at: Timestamp) -> Event {
    Event::MessageCancelled { id: message.new.id, why: why.to_owned(), at }
}

/// Why a holding message is no longer wanted, if so.
fn is_settled(contact: &Contact) -> Option<&'static str> {
    let decided =
        contact.messages.iter().any(|message| matches!(message.new.what, What::NextSteps { .. }));
    let waits = open(contact).any(|obligation| obligation.why == Why::Submitted);
    match (decided, waits) {
        (true, _) => Some("decided"),
        (false, false) => Some("told"),
        (false, true) => None,
    }
}

fn intend(
    contact: &Contact,
    message: &Message,
    provider: &str,
    can_be_asked: bool,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let is_due = message.next_at.is_some_and(|next_at| next_at <= now);
    if !message.is_planned() || !is_due || contact.held.is_some() {
        return Err(Rejection::NotDue);
    }
    match message.open_attempt() {
        Some(attempt) if attempt.state == AttemptState::Intended => return Err(Rejection::NotDue),
        Some(_) if can_be_asked => return Err(Rejection::AskFirst),
        Some(_) | None if contact.stopped.is_some() => {
            return Ok(call_off(contact, message, now));
        }
        Some(_) if message.was_resent() => {
            return Ok(give_up(contact, message, "in_doubt", now));
        }
        Some(_) => {}
        None => {
            if let (What::Holding { .. }, Some(why)) = (&message.new.what, is_settled(contact)) {
                return Ok(vec![cancelled(message, why, now)]);
            }
            if plan::over_at(message, contact.promise) <= now {
                return Ok(give_up(contact, message, "time_over", now));
            }
        }
    }
    let attempt = message.attempts.iter().map(|attempt| attempt.number).max().unwrap_or(0) + 1;
    let (message, provider) = (message.new.id, provider.to_owned());
    Ok(vec![Event::AttemptIntended { message, attempt, provider, at: now }])
}

struct Ended<'a> {
    attempt: u32,
    outcome: &'a Outcome,
    detail: &'a str,
    again: Uuid,
}

fn end(
    contact: &Contact,
    message: &Message,
    ended: &Ended<'_>,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let attempt = message
        .attempts
        .iter()
        .find(|attempt| attempt.number == ended.attempt)
        .ok_or(Rejection::NoSuchMessage)?;
    let is_open = matches!(attempt.state, AttemptState::Intended | AttemptState::InDoubt);
    let in_doubt_still =
        attempt.state == AttemptState::InDoubt && *ended.outcome == Outcome::InDoubt;
    if !is_open || in_doubt_still {
        return Ok(vec![]); // Somebody else has told it.
    }
    // What certainly did not leave is no resend.
    let left = !matches!(ended.outcome, Outcome::Unavailable | Outcome::NotSent);
    let mut events = vec![Event::AttemptEnded {
        message: message.new.id,
        attempt: ended.attempt,
        outcome: ended.outcome.clone(),
        detail: ended.detail.to_owned(),
        at: now,
        is_resend: attempt.is_resend && left,
    }];
    match ended.outcome {
        Outcome::Accepted { .. } => events.extend(keep(contact, message, ended.again, now)),
        Outcome::InDoubt if !attempt.is_resend => {}
        _ if contact.stopped.is_some() => events.extend(call_off(contact, message, now)),
        Outcome::Refused => events.extend(give_up(contact, message, "refused", now)),
        Outcome::InDoubt => events.extend(give_up(contact, message, "in_doubt", now)),
        Outcome::Unavailable | Outcome::NotSent => {}
    }
    Ok(events)
}

/// What an accepted message ends, or begins.
fn keep(contact: &Contact, message: &Message, again: Uuid, now: Timestamp) -> Vec<Event> {
    match message.new.what {
        What::NextSteps { .. } => kept_by(contact, message, Kept::Delivered, now),
        What::Holding { again_by } if is_settled(contact).is_none() => {
            vec![plan::named(contact, again, now, again_by)]
        }
        What::Acknowledgement | What::Holding { .. } | What::SavedLink { .. } => vec![],
    }
}

/// The message will not arrive, so a person has to take over what it would have told. What is wrong
/// with the address is wrong for everything that is owed; a word that nothing is decided yet that is
/// late or in doubt is not: the next steps are still to come.
fn give_up(contact: &Contact, message: &Message, why: &str, now: Timestamp) -> Vec<Event> {
    let (id, why) = (message.new.id, why.to_owned());
    let is_about_this_one = matches!(why.as_str(), "in_doubt" | "time_over");
    let exhausted = open(contact)
        .filter(|obligation| obligation.owed && obligation.exhausted.is_none())
        // A person who takes over would ring.
        .filter(|_| contact.stopped.is_none())
        .filter(|obligation| !is_about_this_one || message.new.keeps.contains(&obligation.id))
        .map(|obligation| exhausted(obligation, &why, now))
        .collect::<Vec<_>>();
    std::iter::once(Event::MessageGivenUp { id, why, at: now }).chain(exhausted).collect()
}

fn exhausted(obligation: &Obligation, why: &str, at: Timestamp) -> Event {
    let (obligation, due_at) = (obligation.id, obligation.due_at);
    Event::ChannelsExhausted { obligation, due_at, at, why: why.to_owned() }
}

/// Whether the reporter was told since then that nothing is decided: the time that was named is an
/// obligation of its own, with its own clock, for as long as it is open.
fn was_told_undecided(contact: &Contact, obligation: &Obligation) -> bool {
    let waits_for_a_decision = matches!(obligation.why, Why::Submitted | Why::Replied);
    let told =
        |other: &Obligation| other.why == Why::Holding && obligation.opened_at <= other.opened_at;
    waits_for_a_decision && open(contact).any(told)
}

/// When a person has to take over this obligation; None if that is settled.
#[must_use]
pub fn check_at(contact: &Contact, obligation: &Obligation) -> Option<Timestamp> {
    let settled = !obligation.owed
        || contact.stopped.is_some()
        || obligation.kept.is_some()
        || obligation.exhausted.is_some()
        || was_told_undecided(contact, obligation);
    (!settled).then(|| plan::exhausted_at(obligation, contact.promise))
}

fn review(contact: &Contact, now: Timestamp) -> Vec<Event> {
    open(contact)
        .filter(|obligation| check_at(contact, obligation).is_some_and(|at| at <= now))
        .map(|obligation| exhausted(obligation, "time_short", now))
        .collect()
}
