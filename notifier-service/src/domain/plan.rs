//! Which event owes whom which message, and by when.

use jiff::Timestamp;
use uuid::Uuid;

use super::contact::{
    Contact, Event, Kept, Message, NewMessage, Obligation, PERSON_WISHED, What, Why,
};
use super::times::Promise;

/// When, of 24, a reporter who waits for a decision is told so.
const HOLDING_AT: i32 = 20;
/// When, of 24, a person has to take over what no message could tell.
const EXHAUSTED_AT: i32 = 22;

/// A way to reach a reporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    #[default]
    None,
    Email,
    Text,
    Telephone,
    Post,
}

/// How a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    Email,
    Text,
}

/// How the reporter wishes to be reached. The addresses themselves are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each way is safe or not by itself")]
pub struct Wishes {
    pub first: Way,
    pub second: Way,
    pub email_is_safe: bool,
    pub phone_is_safe: bool,
    pub post_is_safe: bool,
    pub anonymous: bool,
}

impl Wishes {
    /// What is left when no way is safe any more: nobody can make an address of it.
    #[must_use]
    pub fn with_nothing_safe(self) -> Self {
        Self { anonymous: self.anonymous, ..Self::default() }
    }
}

/// What the configured provider can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Means {
    pub email: bool,
    pub text: bool,
}

/// How a reporter can be told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    Message(Channel),
    /// The reporter has chosen to hear from a person.
    Person,
    /// There is a safe way, but no means to use it: a person has to.
    Unable,
    /// Anonymous, nothing safe, or nothing wished: the status page shows the answer.
    Nobody,
}

/// The first way that is wished, safe and possible. A safe way goes before the preferred one.
#[must_use]
pub fn route(wishes: &Wishes, means: Means) -> Route {
    if wishes.anonymous || wishes.first == Way::None {
        return Route::Nobody;
    }
    let mut otherwise = Route::Nobody;
    for way in [wishes.first, wishes.second] {
        match way {
            Way::Email if wishes.email_is_safe && means.email => {
                return Route::Message(Channel::Email);
            }
            Way::Text if wishes.phone_is_safe && means.text => {
                return Route::Message(Channel::Text);
            }
            Way::Email if wishes.email_is_safe => otherwise = Route::Unable,
            Way::Text if wishes.phone_is_safe => otherwise = Route::Unable,
            Way::Telephone if wishes.phone_is_safe && otherwise == Route::Nobody => {
                return Route::Person;
            }
            Way::Post if wishes.post_is_safe && otherwise == Route::Nobody => return Route::Person,
            Way::None | Way::Email | Way::Text | Way::Telephone | Way::Post => {}
        }
    }
    otherwise
}

/// What a submission owes: next steps, and until then a word that the report has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    pub reference: String,
    pub submitted_at: Timestamp,
    pub contact_by: Timestamp,
    pub wishes: Wishes,
    /// An acknowledgement could harm: the confirmation page is the acknowledgement.
    pub is_sensitive: bool,
    /// The reporter asked for one all the same.
    pub acknowledge: bool,
    pub contact: Option<super::contact::Sealed>,
    /// The reporter cannot call 999.
    pub alert: Option<super::emergency::Alert>,
}

/// Ids for what one cause leads to, made of the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ids {
    pub obligation: Uuid,
    pub message: Uuid,
    pub holding: Uuid,
}

pub(super) fn submission(new: &Submission, ids: Ids, now: Timestamp, means: Means) -> Vec<Event> {
    let route = route(&new.wishes, means);
    let opened = Event::ObligationOpened {
        id: ids.obligation,
        reference: new.reference.clone(),
        why: Why::Submitted,
        opened_at: new.submitted_at,
        due_at: new.contact_by,
        owed: route != Route::Nobody,
        reporter: Some((new.wishes, new.contact.clone())),
    };
    match route {
        Route::Message(channel) => {
            let acknowledgement = (!new.is_sensitive || new.acknowledge).then(|| {
                Event::MessagePlanned(NewMessage {
                    id: ids.message,
                    what: What::Acknowledgement,
                    channel,
                    first_at: new.submitted_at,
                    due_at: new.contact_by,
                    keeps: vec![],
                })
            });
            let holding = holding(new, ids, channel);
            [Some(opened), acknowledgement, Some(holding)].into_iter().flatten().collect()
        }
        Route::Unable => vec![
            opened,
            Event::ChannelsExhausted {
                obligation: ids.obligation,
                due_at: new.contact_by,
                at: now,
                why: "no_channel".to_owned(),
            },
        ],
        Route::Person | Route::Nobody => vec![opened],
    }
}

/// Goes unless something is decided before its time. It names the next time that we speak.
fn holding(new: &Submission, ids: Ids, channel: Channel) -> Event {
    let promise = Promise::between(new.submitted_at, new.contact_by);
    Event::MessagePlanned(NewMessage {
        id: ids.holding,
        what: What::Holding { again_by: promise.due(new.contact_by) },
        channel,
        first_at: promise.at(new.submitted_at, HOLDING_AT),
        due_at: new.contact_by,
        keeps: vec![],
    })
}

/// What a decision owes: the next steps, which keep every obligation that was open when it fell.
pub(super) fn decision(
    contact: &Contact,
    what: What,
    at: Timestamp,
    ids: Ids,
    covered: &[&Obligation],
    means: Means,
) -> Vec<Event> {
    let route = route(&contact.wishes, means);
    let mut events = vec![];
    let mut keeps: Vec<(Uuid, Timestamp)> =
        covered.iter().map(|obligation| (obligation.id, obligation.due_at)).collect();
    if keeps.is_empty() {
        let due_at = contact.promise.due(at);
        events.push(opened(contact, ids.obligation, Why::Decided, at, due_at, route));
        keeps.push((ids.obligation, due_at));
    }
    let ids_of = |keeps: &[(Uuid, Timestamp)]| keeps.iter().map(|(id, _)| *id).collect();
    match route {
        Route::Message(channel) => events.push(Event::MessagePlanned(NewMessage {
            id: ids.message,
            what,
            channel,
            first_at: at,
            due_at: keeps.iter().map(|(_, due_at)| *due_at).min().unwrap_or(at),
            keeps: ids_of(&keeps),
        })),
        Route::Person | Route::Unable => events.extend(keeps.iter().map(|(id, due_at)| {
            let why = if route == Route::Person { PERSON_WISHED } else { "no_channel" };
            Event::ChannelsExhausted { obligation: *id, due_at: *due_at, at, why: why.to_owned() }
        })),
        Route::Nobody => events.extend(keeps.iter().map(|(id, _)| Event::ObligationKept {
            id: *id,
            how: Kept::Published,
            at,
        })),
    }
    events
}

/// What a reply by the reporter owes: an answer, due a whole promise after it.
pub(super) fn reply(contact: &Contact, id: Uuid, at: Timestamp, means: Means) -> Event {
    let route = route(&contact.wishes, means);
    opened(contact, id, Why::Replied, at, contact.promise.due(at), route)
}

/// What a holding message owes once it has gone: to speak again by the time that it named.
pub(super) fn named(contact: &Contact, id: Uuid, at: Timestamp, again_by: Timestamp) -> Event {
    let route = if contact.stopped.is_none() { Route::Person } else { Route::Nobody };
    opened(contact, id, Why::Holding, at, again_by, route)
}

fn opened(
    contact: &Contact,
    id: Uuid,
    why: Why,
    opened_at: Timestamp,
    due_at: Timestamp,
    route: Route,
) -> Event {
    let (reference, owed) = (contact.reference.clone(), route != Route::Nobody);
    Event::ObligationOpened { id, reference, why, opened_at, due_at, owed, reporter: None }
}

/// When a person has to take over, if the obligation is still open then.
#[must_use]
pub fn exhausted_at(obligation: &Obligation, promise: Promise) -> Timestamp {
    promise.before(obligation.due_at, 24 - EXHAUSTED_AT)
}

/// When nobody tries to send the message any more. Late next steps are better than none.
#[must_use]
pub fn over_at(message: &Message, promise: Promise) -> Timestamp {
    match message.new.what {
        What::Acknowledgement | What::Holding { .. } | What::SavedLink { .. } => message.new.due_at,
        What::NextSteps { .. } => promise.due(message.new.due_at.max(message.new.first_at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: Means = Means { email: true, text: true };
    const SMTP: Means = Means { email: true, text: false };

    #[track_caller]
    fn check(wishes: Wishes, means: Means, then: Route) {
        assert_eq!(route(&wishes, means), then);
    }

    fn all_safe(first: Way, second: Way) -> Wishes {
        Wishes {
            first,
            second,
            email_is_safe: true,
            phone_is_safe: true,
            post_is_safe: true,
            anonymous: false,
        }
    }

    #[test]
    fn the_preferred_way_is_taken_where_it_is_safe_and_possible() {
        check(all_safe(Way::Email, Way::None), SMTP, Route::Message(Channel::Email));
        check(all_safe(Way::Text, Way::None), FOLDER, Route::Message(Channel::Text));
    }

    #[test]
    fn a_way_that_is_not_safe_is_never_taken() {
        let unsafe_email = Wishes { email_is_safe: false, ..all_safe(Way::Email, Way::None) };
        check(unsafe_email, FOLDER, Route::Nobody);
        let second = Wishes { second: Way::Text, ..unsafe_email };
        check(second, FOLDER, Route::Message(Channel::Text));
        let phone = Wishes { phone_is_safe: false, ..all_safe(Way::Telephone, Way::None) };
        check(phone, FOLDER, Route::Nobody);
        let post = Wishes { post_is_safe: false, ..all_safe(Way::Post, Way::None) };
        check(post, FOLDER, Route::Nobody);
        check(Wishes { second: Way::Email, ..post }, FOLDER, Route::Message(Channel::Email));
    }

    #[test]
    fn a_text_without_means_goes_as_email_or_to_a_person() {
        check(all_safe(Way::Text, Way::None), SMTP, Route::Unable);
        check(all_safe(Way::Text, Way::Email), SMTP, Route::Message(Channel::Email));
        check(all_safe(Way::Text, Way::Telephone), SMTP, Route::Unable);
    }

    #[test]
    fn telephone_and_post_are_for_a_person() {
        check(all_safe(Way::Telephone, Way::Email), FOLDER, Route::Person);
        check(all_safe(Way::Post, Way::None), FOLDER, Route::Person);
    }

    #[test]
    fn nobody_is_told_who_wishes_not_to_be() {
        check(all_safe(Way::None, Way::Email), FOLDER, Route::Nobody);
        let anonymous = Wishes { anonymous: true, ..all_safe(Way::Email, Way::None) };
        check(anonymous, FOLDER, Route::Nobody);
    }
}
